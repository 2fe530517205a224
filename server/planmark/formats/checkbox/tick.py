"""The edits that tick a task.

The edits change only the text in the box of the task and, in some formats, in the boxes of its parents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from planmark.formats.checkbox.tasks import Task, TaskList
from planmark.plans.format import PlanInput, TickEdit, TickOutcome
from planmark.plans.model import AchievementState, PlanState

OPEN_MARKER = " "
"""The text in a box that is not ticked."""
SETTLED_STATES = ("done", "unsupported", "deferred")
"""States of a task that does not keep its parent open."""


def tick_function(
    done_mark: str, *, with_parents: bool
) -> Callable[[PlanInput, PlanState, AchievementState, bool], TickOutcome]:
    """Return the `tick` function of a format that writes `done_mark` into a box.

    If `with_parents`, the function also ticks each parent whose last open child it ticks. An undo then also removes the
    ticks of the parents, up to the first parent without a tick.
    """

    def tick(plan: PlanInput, state: PlanState, item: AchievementState, undo: bool) -> TickOutcome:
        document = plan.documents.get(item.path)
        task_list: TaskList = document.facts.task_list if document else TaskList()
        index = next((index for index, task in enumerate(task_list.tasks) if task.line == item.line), None)
        if index is None:
            return TickOutcome(refused=f"line {item.line} of {item.path} holds no task")
        if task_list.conflicts:
            line = task_list.conflicts[0]
            return TickOutcome(
                refused=f"{item.path} has an unresolved merge conflict in line {line}: resolve it", waits=True
            )
        return _tick_result(
            state, task_list.tasks, index, item, OPEN_MARKER if undo else done_mark, with_parents=with_parents
        )

    return tick


def _tick_result(
    state: PlanState, tasks: Sequence[Task], index: int, item: AchievementState, mark: str, *, with_parents: bool
) -> TickOutcome:
    """Return the edits that write `mark` into the box of the task at position `index`, or the reason to refuse.

    `item` is the item of the plan for this task. If `with_parents`, the result may contain edits of parents.
    """
    task = tasks[index]
    items_by_line = {other_item.line: other_item for other_item in state.achievements if other_item.path == item.path}
    if not task.marker:
        return TickOutcome(refused=f"line {task.line} has no box: write `- [ ] …` there first, then tick it")
    if _has_equivalent_mark(task, mark):
        return TickOutcome()
    if mark != OPEN_MARKER and (open_task := _first_open_task_below(tasks, index, items_by_line)):
        child_name = f"{open_task.id or f'line {open_task.line}'} (line {open_task.line})"
        return TickOutcome(
            refused=f"{item.id or item.ref} has an open sub-task: {child_name}. Tick it first", waits=True
        )
    edits = [_tick_edit(item.path, task, mark)]
    child_index, parent_index = index, task.parent
    while (
        with_parents
        and parent_index >= 0
        and tasks[parent_index].marker
        and not _has_equivalent_mark(tasks[parent_index], mark)
    ):
        sibling_indexes = [
            sibling_index
            for sibling_index, other in enumerate(tasks)
            if other.parent == parent_index and sibling_index != child_index
        ]
        if mark != OPEN_MARKER and not all(
            _is_settled(tasks[sibling_index], items_by_line) for sibling_index in sibling_indexes
        ):
            break
        edits.append(_tick_edit(item.path, tasks[parent_index], mark))
        child_index, parent_index = parent_index, tasks[parent_index].parent
    return TickOutcome(tuple(edits))


def _has_equivalent_mark(task: Task, mark: str) -> bool:
    """Tell whether the box of a task needs no edit, because its text means the same as `mark`.

    All marks of a done task mean the same.
    """
    return task.marker.strip() == "" if mark == OPEN_MARKER else task.state == "done"


def _first_open_task_below(
    tasks: Sequence[Task], index: int, items_by_line: dict[int, AchievementState]
) -> Task | None:
    """Return the first required task below the task at position `index` that is not done, or None.

    `items_by_line` are the items of the document by their 1-based line.
    """
    indexes_below = {index}
    for other_index in range(index + 1, len(tasks)):
        if tasks[other_index].parent in indexes_below:
            indexes_below.add(other_index)
            if not tasks[other_index].optional and not _is_settled(tasks[other_index], items_by_line):
                return tasks[other_index]
    return None


def _is_settled(task: Task, items_by_line: dict[int, AchievementState]) -> bool:
    """Tell whether a task is optional, or its item is done, unsupported or deferred."""
    item = items_by_line.get(task.line)
    return task.optional or (item is not None and item.state in SETTLED_STATES)


def _tick_edit(path: str, task: Task, mark: str) -> TickEdit:
    """Return the edit that writes `mark` into the box of a task."""
    start, end = task.box
    return TickEdit(path, task.line, start + 1, end - 1, mark)
