"""The text of a prompt, from a Jinja2 template for each step. All templates share one base."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from planmark.plans.model import Step
from planmark.text.visible import visible_in_prose

_BLANK_LINES = re.compile(r"\n{3,}")


class RenderedPrompt(NamedTuple):
    """A rendered prompt.

    `note` is the reason why a workspace's template was not used, or "". `own_template_paths` are the paths of the
    workspace's templates that the prompt is made from.
    """

    text: str
    note: str
    own_template_paths: tuple[str, ...] = ()


class Renderer(NamedTuple):
    """A function that renders the text of a step from its variables.

    Renderers with different templates have different digests.

    `is_trusted` tells whether all templates belong to the package. Other templates receive no credentials, because
    their output could hide a credential from the masking.
    """

    digest: str
    render: Callable[[Step, Mapping[str, Any]], RenderedPrompt]
    is_trusted: bool = True


def render(step: Step, variables: Mapping[str, Any]) -> RenderedPrompt:
    """Return the prompt of `step` from the package's own templates."""
    return RenderedPrompt(render_template(f"{step}.md.j2", variables), "")


BUILT_IN = Renderer("", render)


def render_template(name: str, variables: Mapping[str, Any]) -> str:
    """Render a template of the package by its path, with one newline at the end and no two blank lines in a row."""
    from planmark.prompts.jinja_env import environment

    return tidy(environment().get_template(name).render(variables))


def tidy(text: str) -> str:
    """Return a rendered text with one newline at its end and no two blank lines in a row.

    Only a line feed ends a line, so that a quoted text cannot end its quotation. The result contains no control
    characters that change a terminal.
    """
    return _BLANK_LINES.sub("\n\n", visible_in_prose(text)).strip() + "\n"


def payload(name: str, templates: Mapping[str, str], variables: Mapping[str, Any]) -> str:
    """Return the JSON that the sandbox worker reads from standard input: see `sandbox_worker.py`."""
    return json.dumps({"name": name, "templates": dict(templates), "variables": _to_plain_data(variables)})


def _to_plain_data(value: Any) -> Any:
    """Convert structs and named tuples to objects, and other sequences to lists."""
    if isinstance(value, msgspec.Struct):
        return {field.name: _to_plain_data(getattr(value, field.name)) for field in msgspec.structs.fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _to_plain_data(value._asdict())
    if isinstance(value, Mapping):
        return {str(key): _to_plain_data(item) for key, item in value.items()}
    return [_to_plain_data(item) for item in value] if isinstance(value, (tuple, list)) else value
