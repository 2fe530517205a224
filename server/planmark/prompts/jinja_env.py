"""The Jinja environment of templates.

Only code that renders imports this module, because importing Jinja takes longer than evaluating states.
"""

from __future__ import annotations

import functools
from typing import Any

import jinja2

from planmark.plans.registry import methodology_part
from planmark.text.pluralize import line_range

SHARED_TEMPLATES_FOLDER = "prompts/templates"
"""The folder of the templates that all formats share, relative to the package."""
BUILT_IN_PREFIX = "built_in"
"""The prefix by which a template of a workspace can extend the built-in template of the same name."""
JINJA_OPTIONS: dict[str, Any] = {
    "undefined": jinja2.StrictUndefined,
    "autoescape": False,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": False,
}
"""The options of the Jinja environment. An unknown variable is an error, and values are not escaped."""


def add_filters(environment: jinja2.Environment) -> jinja2.Environment:
    """Add the filter `lines_to` to an environment, and return the environment. `12|lines_to(40)` is `lines 12-40`."""
    environment.filters["lines_to"] = line_range
    return environment


def built_in_loader() -> jinja2.BaseLoader:
    """Return the loader of the built-in templates. It searches in SHARED, then in the templates of the methodology."""
    folders = (SHARED_TEMPLATES_FOLDER, methodology_part("templates"))
    return jinja2.ChoiceLoader([jinja2.PackageLoader("planmark", folder) for folder in folders])


@functools.cache
def environment() -> jinja2.Environment:
    """Return the environment of the built-in templates."""
    return add_filters(jinja2.Environment(loader=built_in_loader(), **JINJA_OPTIONS))
