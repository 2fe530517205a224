"""The decision table of the checkbox formats. The first row that matches decides the state of a task."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from planmark.formats.checkbox.evaluate import SETTLED_STATES, TICKED_STATES
from planmark.formats.checkbox.tasks import Task, TaskList
from planmark.plans.format import AppliedRow, PlanInput
from planmark.plans.model import AchievementState, Evidence, PlanState, State
from planmark.plans.phrases import state_sentence


class RelatedTask(NamedTuple):
    """A task that affects the state of a different task: its name for a sentence, its 1-based line, and its state."""

    name: str
    line: int
    state: State


class TaskCase(NamedTuple):
    """The facts that decide the state of one task.

    `children` are the required sub-tasks of the task. `missing_path` is a file that the task should have created and
    that does not exist. `blockers` are the tasks that must be done first and are not done.
    """

    task: Task
    children: tuple[RelatedTask, ...] = ()
    missing_path: str | None = None
    blockers: tuple[RelatedTask, ...] = ()

    @property
    def is_ticked(self) -> bool:
        """True if the box of the task is ticked, or every box below a task that is a heading."""
        return self.task.state in TICKED_STATES

    @property
    def is_finished(self) -> bool:
        """True if all required sub-tasks are done, unsupported or deferred."""
        return all(child.state in SETTLED_STATES for child in self.children)


class StateRow(NamedTuple):
    """A row of the decision table: its letter, the state that follows, a description of its condition, and its test.

    `related_tasks` returns tasks whose states are evidence, in addition to the box of the task.
    """

    letter: str
    state: State
    description: str
    test: Callable[[TaskCase], bool]
    related_tasks: Callable[[TaskCase], Iterable[RelatedTask]] = lambda _case: ()


def _begun_subtasks(case: TaskCase) -> tuple[RelatedTask, ...]:
    """Return the required sub-tasks that are ticked or in progress."""
    return tuple(child for child in case.children if child.state in TICKED_STATES or child.state == "in_progress")


def _unfinished_subtasks(case: TaskCase) -> tuple[RelatedTask, ...]:
    """Return the required sub-tasks that still need work."""
    return tuple(child for child in case.children if child.state not in SETTLED_STATES)


STATE_TABLE: tuple[StateRow, ...] = (
    StateRow(
        *("A", "deferred", "its text, or its heading, says “deferred”"),
        lambda case: case.task.state == "deferred",
    ),
    StateRow(
        *("B", "unsupported", "ticked, but a file to create is missing"),
        lambda case: case.is_ticked and case.is_finished and case.missing_path is not None,
    ),
    StateRow(
        *("C", "done", "ticked, and no required sub-task is open"),
        lambda case: case.is_ticked and case.is_finished,
    ),
    StateRow(
        *("D", "done", "no box, and no required sub-task is open"),
        lambda case: bool(case.children) and not case.task.marker and case.is_finished,
    ),
    StateRow(
        *("E", "in_progress", "ticked, but a required sub-task is open"),
        lambda case: case.is_ticked,
        _unfinished_subtasks,
    ),
    StateRow(
        *("F", "in_progress", "its box says that it is in progress"),
        lambda case: case.task.state == "in_progress",
    ),
    StateRow(
        *("G", "in_progress", "a required sub-task is done or begun"),
        lambda case: bool(_begun_subtasks(case)),
        _begun_subtasks,
    ),
    StateRow(
        *("H", "blocked", "a task that must come first is open"),
        lambda case: not case.children and bool(case.blockers),
        lambda case: case.blockers,
    ),
    StateRow(*("I", "open", "not ticked, and nothing blocks it"), lambda _case: True),
)
"""The rows in the order of their tests. The last row matches every task."""
MAX_EVIDENCE_TASKS = 3
"""Maximum number of related tasks per row that are shown as evidence."""


def deciding_row(case: TaskCase) -> StateRow:
    """Return the first row of the table whose test a task passes."""
    return next(row for row in STATE_TABLE if row.test(case))


def outcomes(path: str, case: TaskCase) -> list[AppliedRow]:
    """Return every row of the table with its result and evidence; `path` is the document with the task."""
    chosen_row = deciding_row(case)
    return [
        AppliedRow(row.letter, row.state, row.description, row is chosen_row, _evidence(path, case, row))
        for row in STATE_TABLE
    ]


def _evidence(path: str, case: TaskCase, row: StateRow) -> tuple[Evidence, ...]:
    """Return the evidence of a row: the missing file, the box, and the related tasks. Return () if the test of the row
    fails.
    """
    if not row.test(case):
        return ()
    box = f"[{case.task.marker}]" if case.task.marker else "no box"
    missing_evidence = (
        (Evidence(case.missing_path, 1, "is missing"),) if case.missing_path and row.state == "unsupported" else ()
    )
    related_evidence = tuple(
        Evidence(path, related_task.line, state_sentence(related_task.name, related_task.state))
        for related_task in list(row.related_tasks(case))[:MAX_EVIDENCE_TASKS]
    )
    return (*missing_evidence, Evidence(path, case.task.line, box), *related_evidence)


FindMissingFiles = Callable[[PlanInput, TaskList], Mapping[int, str]]
"""A function that returns a mapping from the position of a ticked task to the path of its missing file."""


def explain_function(
    find_missing: FindMissingFiles,
) -> Callable[[PlanInput, PlanState, AchievementState], Sequence[AppliedRow]]:
    """Return the `explain` function of a format, which returns the rows of the decision table for an item.

    `find_missing` is the function of the format that returns the missing files of ticked tasks.
    """

    def explain(plan: PlanInput, state: PlanState, item: AchievementState) -> Sequence[AppliedRow]:
        document = plan.documents.get(item.path)
        task_list: TaskList = document.facts.task_list if document else TaskList()
        index = next((index for index, task in enumerate(task_list.tasks) if task.line == item.line), None)
        return (
            []
            if index is None
            else outcomes(item.path, case_of(state, item, task_list.tasks[index], find_missing(plan, task_list), index))
        )

    return explain


def case_of(
    state: PlanState, item: AchievementState, task: Task, missing_paths: Mapping[int, str], task_index: int
) -> TaskCase:
    """Return the facts that decide the state of an item.

    `task` is the task on the line of the item, and `task_index` is the position of the task in the list.
    `missing_paths` is a mapping from the position of a task to the path of its missing file. An optional sub-task is
    required only for an optional task.
    """
    blocking_refs = set(item.blocked_by)
    items_below = [other_item for other_item in state.achievements if other_item.parent == item.ref]
    return TaskCase(
        task,
        tuple(_related_task(other_item) for other_item in items_below if item.optional or not other_item.optional),
        missing_paths.get(task_index),
        tuple(_related_task(other_item) for other_item in state.achievements if other_item.ref in blocking_refs),
    )


def _related_task(item: AchievementState) -> RelatedTask:
    """Return the name, the line and the state of an item."""
    return RelatedTask(item.id or f"line {item.line}", item.line, item.state)
