"""The names in a feature-planner plan that lead to a line or a file: labels of tasks, phases, and paths."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planmark.formats.checkbox.links import finder, links_of, paths_finder, task_targets
from planmark.formats.featureplanner.evaluate import facts_of
from planmark.formats.featureplanner.layout import root_of
from planmark.plans.format import PlanInput, TextLink

_TASK_MENTION = re.compile(r"(?<!\w)(?P<name>(?P<id>(?:Test|Task|Review) \d{1,6}(?:\.\d{1,6}){0,4}))(?![\w.]*\w)")
_PHASE_MENTION = re.compile(r"(?<!\w)(?P<name>Phase (?P<id>\d{1,6}(?:\.\d{1,6}){0,2}))(?![\w.]*\w)")


def links(plan: PlanInput, path: str, only_line: int | None = None) -> Sequence[TextLink]:
    """Return the links of a document of a plan. With `only_line` (1-based), return those of that line."""
    targets = task_targets(plan.site.path, facts_of(plan).task_list.tasks)
    root = root_of(plan.site.path).rstrip("/")
    return links_of(
        plan,
        path,
        (
            finder(_TASK_MENTION, lambda match: targets.get(match["id"])),
            finder(_PHASE_MENTION, lambda match: targets.get(f"P{match['id']}")),
            paths_finder(plan, path, root),
        ),
        only_line,
    )
