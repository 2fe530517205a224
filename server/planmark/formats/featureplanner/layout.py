"""The files of feature-planner: one document in `docs/plans/` is one plan."""

from __future__ import annotations

from collections.abc import Sequence

from planmark.formats.checkbox.places import is_in_excluded_folder
from planmark.plans.format import PlanSite
from planmark.text.lazy_pattern import lazy_pattern

NAME = "featureplanner"
PLAN = "plan"
"""The role of the one document of a plan."""
_PLAN_PATH = lazy_pattern(r"^(?P<root>(?:.*/)?)docs/plans/PLAN_(?P<name>[\w.-]+)\.md$")


def role_of(path: str) -> str | None:
    """Return the role of the file at a path, or None.

    The path alone does not decide: a file with this role is a plan only if it has the content of a plan.
    """
    match = _PLAN_PATH.match(path)
    if match and match["name"].lower() == "template":
        return None
    return PLAN if match and not is_in_excluded_folder(match["root"].split("/")[:-1]) else None


def discover(paths: Sequence[str]) -> tuple[PlanSite, ...]:
    """Return the plans at the sorted paths."""
    return tuple(
        PlanSite(NAME, path, path.rpartition("/")[0], match["name"], "active", (path,))
        for path in paths
        if role_of(path) and (match := _PLAN_PATH.match(path))
    )


def root_of(path: str) -> str:
    """Return the folder of the project that contains the plan at `path`: "", or a folder with a slash at its end."""
    match = _PLAN_PATH.match(path)
    return match["root"] if match else ""
