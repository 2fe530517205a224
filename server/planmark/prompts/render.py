"""The text of a prompt, from a Jinja2 template for each step. All templates share one base."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from planmark.plans.model import Step
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.visible import visible_in_prose

_BLANK_LINES = lazy_pattern(r"\n{3,}")


class RenderedPrompt(NamedTuple):
    """The rendered text of a prompt.

    `note` is the reason why a template of the workspace was not used, or "". `own_template_paths` are the paths of the
    templates of the workspace that were used.
    """

    text: str
    note: str
    own_template_paths: tuple[str, ...] = ()


class Renderer(NamedTuple):
    """A renderer of prompts. Its function takes a step and the variables of the template, and returns the prompt.

    `digest` identifies the templates of the renderer. `is_trusted` tells whether all templates are built in. A template
    of a workspace gets no credentials, because its output could change a credential so that masking does not find it.
    """

    digest: str
    render: Callable[[Step, Mapping[str, Any]], RenderedPrompt]
    is_trusted: bool = True


def render(step: Step, variables: Mapping[str, Any]) -> RenderedPrompt:
    """Return the prompt of `step` from the built-in templates."""
    return RenderedPrompt(render_template(f"{step}.md.j2", variables), "")


BUILT_IN_RENDERER = Renderer("", render)


def render_template(name: str, variables: Mapping[str, Any]) -> str:
    """Return the text of the built-in template `name`, rendered with `variables` and tidied; see `tidy`."""
    from planmark.prompts.jinja_env import environment

    return tidy(environment().get_template(name).render(variables))


def tidy(text: str) -> str:
    """Return a rendered text with one line feed at its end and no two blank lines in a row.

    In the result, only a line feed ends a line. So no other character of a quoted text can end the line and with it the
    quotation. Control characters that change a terminal are made visible.
    """
    return _BLANK_LINES.sub("\n\n", visible_in_prose(text)).strip() + "\n"


def worker_input(name: str, templates: Mapping[str, str], variables: Mapping[str, Any]) -> str:
    """Return the JSON that `sandbox_worker.py` reads from standard input. `name` is the template to render."""
    return json.dumps({"name": name, "templates": dict(templates), "variables": _to_plain_data(variables)})


def _to_plain_data(value: Any) -> Any:
    """Return a value as plain data for JSON: structs and named tuples as dictionaries, other sequences as lists."""
    if isinstance(value, msgspec.Struct):
        return {field.name: _to_plain_data(getattr(value, field.name)) for field in msgspec.structs.fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _to_plain_data(value._asdict())
    if isinstance(value, Mapping):
        return {str(key): _to_plain_data(item) for key, item in value.items()}
    return [_to_plain_data(item) for item in value] if isinstance(value, (tuple, list)) else value
