"""What templates are rendered in. Jinja takes longer to load than all that tells states, so only who renders imports this."""

from __future__ import annotations

import functools
from typing import Any

import jinja2

FOLDER = "prompts/templates"
BUILT_IN = "built_in"
"""What stands before the name of a built-in template that has been replaced."""
OPTIONS: dict[str, Any] = {
    "undefined": jinja2.StrictUndefined,
    "autoescape": False,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": False,
}
"""What a template does not know is an error, nothing is escaped."""


@functools.cache
def environment() -> jinja2.Environment:
    """The templates of the package."""
    return jinja2.Environment(loader=jinja2.PackageLoader("planmark", FOLDER), **OPTIONS)
