"""A process that renders one template of a workspace, with limited time and memory and in a sandbox.

Standard input holds `{"templates": {name: text}, "name": …, "variables": {…}}` as JSON. Standard output gets
`{"text": …, "used": [names of the templates that took part]}`. An error is one line on standard error, with exit code 1.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import NoReturn

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from planmark.prompts.jinja_env import BUILT_IN, OPTIONS, built_in_loader, with_filters

SECONDS = 2
MEGABYTES = 256


def main() -> None:
    """Read the input, render the template and write the output."""
    data = json.loads(sys.stdin.read())
    _limit_resources()
    used_names: list[str] = []
    try:
        text = sandbox(data["templates"], used_names).get_template(data["name"]).render(data["variables"])
    except jinja2.TemplateSyntaxError as error:
        _fail(f"{error.name or data['name']} line {error.lineno}: {error.message}")
    except jinja2.TemplateNotFound as error:
        _fail(f"there is no template {error.name}")
    except jinja2.TemplateError as error:
        _fail(f"{type(error).__name__}: {error.message}")
    except (RecursionError, MemoryError) as error:
        _fail(f"{type(error).__name__}: it loops or grows without an end")
    except Exception as error:
        _fail(f"{type(error).__name__}: {error}")
    sys.stdout.buffer.write(json.dumps({"text": text, "used": used_names}).encode())


def sandbox(templates: Mapping[str, str], used_names: list[str]) -> jinja2.Environment:
    """Return the environment that loads a workspace's templates by name.

    A template can load only templates of the workspace and built-in templates. A built-in template that the workspace
    replaces has the name `built_in/NAME`. The environment appends the name of each loaded template to `used_names`.
    """

    def load(name: str) -> str | None:
        if name in templates:
            used_names.append(name)
        return templates.get(name)

    package = built_in_loader()
    loaders = [jinja2.FunctionLoader(load), package, jinja2.PrefixLoader({BUILT_IN: package})]
    return with_filters(ImmutableSandboxedEnvironment(loader=jinja2.ChoiceLoader(loaders), **OPTIONS))


def _limit_resources() -> None:
    """Limit CPU time and memory of this process, if the system can. Otherwise the parent process ends this process."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))


def _fail(message: str) -> NoReturn:
    sys.exit(" ".join(message.split())[:500])


if __name__ == "__main__":
    main()
