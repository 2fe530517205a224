"""The files of feature-planner: one document in `docs/plans/` is one plan."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planmark.formats.checkbox.places import is_in_excluded_folder
from planmark.plans.format import PlanSite

NAME = "featureplanner"
PLAN = "plan"
_PLAN_PATH = re.compile(r"^(?P<root>(?:.*/)?)docs/plans/PLAN_(?P<name>[\w.-]+)\.md$")


def role_of(path: str) -> str | None:
    """Return the role of the file at a path, or None. The content of the file decides whether it is such a plan."""
    match = _PLAN_PATH.match(path)
    if match and match["name"].lower() == "template":
        return None
    return PLAN if match and not is_in_excluded_folder(match["root"].split("/")[:-1]) else None


def discover(paths: Sequence[str]) -> tuple[PlanSite, ...]:
    """Return the plans among the sorted paths."""
    return tuple(
        PlanSite(NAME, path, path.rpartition("/")[0], match["name"], "active", (path,))
        for path in paths
        if role_of(path) and (match := _PLAN_PATH.match(path))
    )


def root_of(path: str) -> str:
    """Return the folder of the project: "", or a path with a slash at its end."""
    match = _PLAN_PATH.match(path)
    return match["root"] if match else ""
