"""The names in a feature-planner plan that lead to a line or a file: labels of tasks, phases, and paths."""

from __future__ import annotations

from collections.abc import Sequence

from planmark.formats.checkbox.links import finder, links_of, paths_finder, task_targets
from planmark.formats.featureplanner.evaluate import facts_of
from planmark.formats.featureplanner.layout import root_of
from planmark.plans.format import PlanInput, TextLink
from planmark.text.lazy_pattern import lazy_pattern

_TASK_MENTION = lazy_pattern(r"(?<!\w)(?P<name>(?P<id>(?:Test|Task|Review) \d{1,6}(?:\.\d{1,6}){0,4}))(?![\w.]*\w)")
_PHASE_MENTION = lazy_pattern(r"(?<!\w)(?P<name>Phase (?P<id>\d{1,6}(?:\.\d{1,6}){0,2}))(?![\w.]*\w)")


def links(plan_input: PlanInput, path: str, only_line: int | None = None) -> Sequence[TextLink]:
    """Return the links of a document of a plan. With `only_line` (1-based), return those of that line."""
    target_by_id = task_targets(plan_input.site.path, facts_of(plan_input).task_list.tasks)
    project_folder = root_of(plan_input.site.path).rstrip("/")
    return links_of(
        plan_input,
        path,
        (
            finder(_TASK_MENTION, lambda match: target_by_id.get(match["id"])),
            finder(_PHASE_MENTION, lambda match: target_by_id.get(f"P{match['id']}")),
            paths_finder(plan_input, path, project_folder),
        ),
        only_line,
    )
