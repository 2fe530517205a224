"""The text of a prompt: a Jinja2 template for each step, all of them on one base."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from planmark.text.visible import in_prose
from planmark.workflow.model import Step

_BLANK_LINES = re.compile(r"\n{3,}")


class Rendered(NamedTuple):
    """A prompt; `note` says why a workspace's template was not used, or is ""; `own` are those that it is made from, by path."""

    text: str
    note: str
    own: tuple[str, ...] = ()


class Renderer(NamedTuple):
    """What makes the text of a step from its variables; `digest` is another one where the templates are.

    `is_trusted` says that all templates are those of the package; others are given no credential, which they could spell in
    another way.
    """

    digest: str
    render: Callable[[Step, Mapping[str, Any]], Rendered]
    is_trusted: bool = True


def render(step: Step, variables: Mapping[str, Any]) -> Rendered:
    """The prompt of `step` by the package's own templates."""
    return Rendered(render_template(f"{step}.md.j2", variables), "")


BUILT_IN = Renderer("", render)


def render_template(name: str, variables: Mapping[str, Any]) -> str:
    """A template of the package by its path, with one newline at its end and no two blank lines."""
    from planmark.prompts.environment import environment

    return tidy(environment().get_template(name).render(variables))


def tidy(text: str) -> str:
    """Return a rendered text with one newline at its end and no two blank lines.

    Only a line feed ends a line, so that no quotation can be left, and nothing in it controls what shows it.
    """
    return _BLANK_LINES.sub("\n\n", in_prose(text)).strip() + "\n"


def payload(name: str, templates: Mapping[str, str], variables: Mapping[str, Any]) -> str:
    """What the worker reads: see `worker.py`."""
    return json.dumps({"name": name, "templates": dict(templates), "variables": _plain(variables)})


def _plain(value: Any) -> Any:
    """Structs and named tuples as objects, other sequences as lists."""
    if isinstance(value, msgspec.Struct):
        return {field.name: _plain(getattr(value, field.name)) for field in msgspec.structs.fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value
