"""The text of a prompt: a Jinja2 template for each step, all of them on one base."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

import jinja2

from planmark.workflow.model import Step

_BLANK_LINES = re.compile(r"\n{3,}")


@functools.cache
def environment() -> jinja2.Environment:
    """The templates of the package: what a template does not know is an error, nothing is escaped."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("planmark", "prompts/templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def render(step: Step, variables: Mapping[str, Any]) -> str:
    """The prompt of `step`, with one newline at its end."""
    return render_template(f"{step}.md.j2", variables)


def render_template(name: str, variables: Mapping[str, Any]) -> str:
    """A template of the package by its path, with one newline at its end and no two blank lines."""
    text = environment().get_template(name).render(variables)
    return _BLANK_LINES.sub("\n\n", text).strip() + "\n"
