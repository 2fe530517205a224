"""Links from names in a superpowers plan to their targets: tasks and paths."""

from __future__ import annotations

from collections.abc import Sequence

from planmark.formats.checkbox.links import finder, links_of, paths_finder, task_targets
from planmark.formats.superpowers.evaluate import facts_of
from planmark.formats.superpowers.layout import CANDIDATE, PLAN, role_of, root_of
from planmark.plans.format import PlanInput, TextLink
from planmark.text.lazy_pattern import lazy_pattern

_TASK_MENTION = lazy_pattern(
    r"(?<!\w)(?P<name>(?:Task|Tarea|Tarefa|Aufgabe|任务|任務|タスク)\s{0,2}(?P<id>[A-Z]?\d{1,4}(?:\.\d{1,4}){0,4}[A-Za-z]?|[A-Z]))(?!\w)"
)


def links(plan: PlanInput, path: str, only_line: int | None = None) -> Sequence[TextLink]:
    """Return the links in a document of a plan. With `only_line` (1-based), return only the links of this line.

    If `path` is a newer version of the plan, return no links, because its names refer to the tasks
    of that version.
    """
    if path != plan.site.path and role_of(path) in (PLAN, CANDIDATE):
        return ()
    tasks = task_targets(plan.site.path, (task for task in facts_of(plan).task_list.tasks if task.kind == "task"))
    root = root_of(plan.site.path).rstrip("/")
    return links_of(
        plan,
        path,
        (finder(_TASK_MENTION, lambda match: tasks.get(match["id"])), paths_finder(plan, path, root)),
        only_line,
    )
