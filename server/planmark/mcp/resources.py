"""The resources: the status of the workspace, of a plan and of an achievement, as text."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

STATUS_URI = "planmark:///status"
_PLAN_URI = re.compile(r"planmark:///plans/(?P<feature>[^/?#]+)(?:/(?P<achievement>[^/?#]+))?")


class UriTemplate(NamedTuple):
    """A template of URIs, with its name and what its resources hold."""

    uri: str
    name: str
    description: str


TEMPLATES = (
    UriTemplate("planmark:///plans/{feature}", "plan", "The achievements of a plan, with their states and evidence"),
    UriTemplate("planmark:///plans/{feature}/{achievement}", "achievement", "Why an achievement is in its state"),
)


def resource_arguments(uri: str) -> dict[str, str] | None:
    """Return the arguments of `status` that give the text of a resource; None if there is no such resource."""
    if uri == STATUS_URI:
        return {}
    match = _PLAN_URI.fullmatch(uri)
    return {name: unquote(value) for name, value in match.groupdict().items() if value} if match else None
