"""The resources of the server: the status of the workspace, of each plan and of each achievement, as text."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

from planmark.text.lazy_pattern import lazy_pattern

STATUS_URI = "planmark:///status"
_PLAN_OR_ACHIEVEMENT_URI = lazy_pattern(r"planmark:///plans/(?P<feature>[^/?#]+)(?:/(?P<achievement>[^/?#]+))?")


class UriTemplate(NamedTuple):
    """A template for the URIs of all resources of one kind, with the name and a description of this kind."""

    uri: str
    name: str
    description: str


URI_TEMPLATES = (
    UriTemplate("planmark:///plans/{feature}", "plan", "The achievements of a plan, with their states and evidence"),
    UriTemplate("planmark:///plans/{feature}/{achievement}", "achievement", "Why an achievement is in its state"),
)


def status_arguments(uri: str) -> dict[str, str] | None:
    """Return the arguments with which the tool `status` gives the text of the resource `uri`.

    Return None if there is no such resource.
    """
    if uri == STATUS_URI:
        return {}
    match = _PLAN_OR_ACHIEVEMENT_URI.fullmatch(uri)
    return {name: unquote(value) for name, value in match.groupdict().items() if value} if match else None
