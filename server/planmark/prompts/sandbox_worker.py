"""A process that renders one template of a workspace in a sandbox, with limited time and memory.

Standard input has the JSON `{"templates": {name: text}, "name": …, "variables": {…}}`. Standard output gets the JSON
`{"text": …, "used": [names of the used templates of the workspace]}`. After an error, standard error gets one line, and
the exit code is 1.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import NoReturn

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from planmark.prompts.jinja_env import BUILT_IN_PREFIX, JINJA_OPTIONS, add_filters, built_in_loader

MAX_CPU_SECONDS = 2
MAX_MEMORY_MEGABYTES = 256
"""The limits of this process: seconds of processor time, and megabytes of memory."""


def main() -> None:
    """Read the input, render the template and write the output."""
    worker_input = json.loads(sys.stdin.read())
    _limit_resources()
    used_names: list[str] = []
    try:
        text = (
            sandbox_environment(worker_input["templates"], used_names)
            .get_template(worker_input["name"])
            .render(worker_input["variables"])
        )
    except jinja2.TemplateSyntaxError as error:
        _fail(f"{error.name or worker_input['name']} line {error.lineno}: {error.message}")
    except jinja2.TemplateNotFound as error:
        _fail(f"there is no template {error.name}")
    except jinja2.TemplateError as error:
        _fail(f"{type(error).__name__}: {error.message}")
    except (RecursionError, MemoryError) as error:
        _fail(f"{type(error).__name__}: it loops or grows without an end")
    except Exception as error:
        _fail(f"{type(error).__name__}: {error}")
    sys.stdout.buffer.write(json.dumps({"text": text, "used": used_names}).encode())


def sandbox_environment(templates: Mapping[str, str], used_names: list[str]) -> jinja2.Environment:
    """Return the Jinja environment that finds a template by its name, first in `templates`, then in the package.

    The name `built_in/NAME` always means the template of the package. The environment appends the name of each loaded
    template in `templates` to `used_names`.
    """

    def load(name: str) -> str | None:
        if name in templates:
            used_names.append(name)
        return templates.get(name)

    package = built_in_loader()
    loaders = [jinja2.FunctionLoader(load), package, jinja2.PrefixLoader({BUILT_IN_PREFIX: package})]
    return add_filters(ImmutableSandboxedEnvironment(loader=jinja2.ChoiceLoader(loaders), **JINJA_OPTIONS))


def _limit_resources() -> None:
    """Limit the processor time and the memory of this process, if the system supports limits. On every system, the
    parent process also ends this process after a time limit.
    """
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_MEGABYTES << 20, MAX_MEMORY_MEGABYTES << 20))


def _fail(message: str) -> NoReturn:
    """End this process with exit code 1. Write `message` to standard error as one line."""
    sys.exit(" ".join(message.split())[:500])


if __name__ == "__main__":
    main()
