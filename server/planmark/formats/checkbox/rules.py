"""Rules that several checkbox formats share. Each rule yields the diagnostics of one document of tasks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property

from planmark.formats.checkbox.deferral import done_says_deferred
from planmark.formats.checkbox.deliverables import MAX_PATH_IN_MESSAGE, replacement_note
from planmark.formats.checkbox.evaluate import SETTLED_STATES, TICKED_STATES, TaskEvaluation, evaluate_tasks, refs
from planmark.formats.checkbox.lines import narrow, split_lines
from planmark.formats.checkbox.tasks import Task, TaskList
from planmark.plans.diagnostic import Diagnostic, LinesFix, RelatedPlace, Severity, TextFix
from planmark.plans.format import PlanInput
from planmark.text.shorten import shorten

MAX_TITLE_IN_MESSAGE = 28
"""Maximum number of characters of a title in a message; more are cut off."""


class CheckedTasks:
    """The input of the rules: one document of tasks with its evaluation."""

    def __init__(
        self,
        plan_input: PlanInput,
        task_list: TaskList,
        evaluated: list[TaskEvaluation] | None = None,
        path: str | None = None,
    ) -> None:
        self.plan_input = plan_input
        self.path = path or plan_input.site.path
        self.task_list = task_list
        self.tasks = task_list.tasks
        self.refs = refs(task_list.tasks)
        self.evaluated = evaluate_tasks(task_list.tasks) if evaluated is None else evaluated

    @cached_property
    def lines(self) -> list[str]:
        """Return the lines of the document."""
        return split_lines(self.plan_input.text(self.path))

    @cached_property
    def children(self) -> list[list[int]]:
        """Return the positions of the children of each task."""
        below: list[list[int]] = [[] for _ in self.tasks]
        for index, task in enumerate(self.tasks):
            if task.parent >= 0:
                below[task.parent].append(index)
        return below

    def name(self, index: int) -> str:
        """Return the id of a task, or its title in quotation marks."""
        task = self.tasks[index]
        return task.id or f"“{shorten(task.title, MAX_TITLE_IN_MESSAGE)}”"

    def diagnostic(
        self,
        line: int,
        severity: Severity,
        code: str,
        message: str,
        fix: TextFix | LinesFix | None = None,
        first: int | None = None,
        target: str = "",
    ) -> Diagnostic:
        """Return a diagnostic of the document.

        `first` is a line that is the reason, `target` the words that the diagnostic marks.
        """
        related_places = (RelatedPlace(self.path, first, "because of this line"),) if first is not None else ()
        return Diagnostic(self.path, line, severity, code, message, related_places, target, fix=fix)

    def box_fix(self, task: Task, text: str, title: str, *, is_safe: bool = False) -> TextFix | None:
        """Return a fix that writes `text` into the box of a task; None if the task has no box."""
        return TextFix(title, task.line, *task.box, text, is_safe) if task.marker else None

    def id_fix(self, task: Task, identity: str) -> TextFix | None:
        """Return a fix that replaces the id of a task; None if the line does not contain the id."""
        line = self.lines[task.line - 1] if task.line <= len(self.lines) else ""
        start = narrow(line).find(task.id, task.box[1])
        if start < 0:
            return None
        return TextFix(f"Write {identity}", task.line, start, start + len(task.id), identity)

    def free_id(self, prefix: str) -> str:
        """Return the next free id with a prefix such as `2.` or `T`. Each call returns a different id."""
        last, width = self._highest_numbers.get(prefix, (0, 0))
        self._highest_numbers[prefix] = (last + 1, width)
        return f"{prefix}{last + 1:0{width}d}"

    @cached_property
    def _highest_numbers(self) -> dict[str, tuple[int, int]]:
        """Prefix of ids → (highest number, number of digits to which zeros fill the numbers)."""
        result: dict[str, tuple[int, int]] = {}
        for task in self.tasks:
            prefix, number = split_id(task.id)
            if number:
                last, width = result.get(prefix, (0, 0))
                zeros = len(number) if number.startswith("0") and number != "0" else 0
                result[prefix] = (max(last, int(number)), max(width, zeros))
        return result


Rule = Callable[[CheckedTasks], Iterator[Diagnostic]]


def split_id(identity: str) -> tuple[str, str]:
    """Return the prefix and the final number of an id; the number is "" if the id does not end with a number."""
    head = identity.rstrip("0123456789")
    number = identity[len(head) :]
    return (head, number) if number.isascii() and len(number) <= 9 else (identity, "")


def duplicate_ids(checked_tasks: CheckedTasks) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each repeated use of an id."""
    first: dict[str, Task] = {}
    for task in checked_tasks.tasks:
        if not task.id:
            continue
        earlier_task = first.setdefault(task.id, task)
        if earlier_task is task:
            continue
        prefix, number = split_id(task.id)
        fix = checked_tasks.id_fix(task, checked_tasks.free_id(prefix)) if number else None
        message = f"{task.id} is used twice (line {earlier_task.line}): write a different id"
        yield checked_tasks.diagnostic(
            task.line, "warning", "task-id-duplicate", message, fix, earlier_task.line, task.id
        )


def unknown_markers(markers: Collection[str], advice: str) -> Rule:
    """Return the rule for boxes with an unknown mark. `advice` follows the mark in the message."""

    def rule(checked_tasks: CheckedTasks) -> Iterator[Diagnostic]:
        for task in checked_tasks.tasks:
            if task.marker and task.marker not in markers:
                fix = checked_tasks.box_fix(task, "[ ]", "Write `[ ]`")
                box = f"[{task.marker}]"
                yield checked_tasks.diagnostic(
                    task.line, "warning", "task-marker-unknown", f"`{box}` {advice}", fix, target=box
                )

    return rule


def empty_boxes(checked_tasks: CheckedTasks) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each task with `[]`, which is no box for Markdown."""
    for task in checked_tasks.tasks:
        if not task.marker and task.box[1] > task.box[0]:
            fix = TextFix("Write `[ ]`", task.line, *task.box, "[ ]")
            message = "`[]` is no box, so this counts as open: write [ ] or [x]"
            yield checked_tasks.diagnostic(task.line, "warning", "checkbox-missing", message, fix, target="[]")


def parents_ticked_early(checked_tasks: CheckedTasks) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each ticked parent with a required task below it that is not done."""
    unfinished_flags = _parents_of_open_leaves(checked_tasks)
    for index, task in enumerate(checked_tasks.tasks):
        if checked_tasks.evaluated[index].leaf or task.state != "done" or not unfinished_flags[index]:
            continue
        required = [child for child in checked_tasks.children[index] if not checked_tasks.tasks[child].optional]
        open_ones = [child for child in required if not _is_settled(checked_tasks, child) or unfinished_flags[child]]
        first = open_ones[0]
        message = (
            f"{checked_tasks.name(index)} is ticked, but {len(open_ones)} of its {len(required)} sub-tasks "
            f"{'is' if len(open_ones) == 1 else 'are'} open ({checked_tasks.name(first)}, line {checked_tasks.tasks[first].line})"
        )
        fix = checked_tasks.box_fix(task, "[ ]", "Remove the tick")
        line = checked_tasks.tasks[first].line
        yield checked_tasks.diagnostic(task.line, "warning", "parent-ticked-early", message, fix, line)


def parents_not_ticked(checked_tasks: CheckedTasks) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each open parent whose required sub-tasks are all done.

    A parent whose box is marked as in progress gets no diagnostic.
    """
    unfinished_flags = _parents_of_open_leaves(checked_tasks)
    for index, task in enumerate(checked_tasks.tasks):
        if (
            checked_tasks.evaluated[index].state != "in_progress"
            or not task.marker
            or task.state != "open"
            or unfinished_flags[index]
        ):
            continue
        message = f"Every required sub-task of {checked_tasks.name(index)} is done, but its box is not ticked"
        fix = checked_tasks.box_fix(task, "[x]", "Tick it")
        yield checked_tasks.diagnostic(task.line, "hint", "parent-not-ticked", message, fix)


def _is_settled(checked_tasks: CheckedTasks, index: int) -> bool:
    return not checked_tasks.evaluated[index].leaf or checked_tasks.evaluated[index].state in SETTLED_STATES


def _parents_of_open_leaves(checked_tasks: CheckedTasks) -> list[bool]:
    """Return, for each task, whether a required leaf below it is not settled."""
    unfinished_flags = [False] * len(checked_tasks.tasks)
    for index in range(len(checked_tasks.tasks) - 1, -1, -1):
        task = checked_tasks.tasks[index]
        if task.parent >= 0 and not task.optional and task.state != "deferred":
            unfinished_flags[task.parent] |= unfinished_flags[index] or not _is_settled(checked_tasks, index)
    return unfinished_flags


def merge_conflicts(checked_tasks: CheckedTasks) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each unresolved merge conflict."""
    for line in checked_tasks.task_list.conflicts:
        message = "Unresolved merge conflict: both versions of the tasks are read. Resolve it first"
        yield checked_tasks.diagnostic(line, "error", "merge-conflict", message)


def deferred_though_done(code: str) -> Rule:
    """Return the rule for ticked tasks whose text says that they were not done."""

    def rule(checked_tasks: CheckedTasks) -> Iterator[Diagnostic]:
        for task in checked_tasks.tasks:
            if task.state in TICKED_STATES and done_says_deferred(task.title):
                message = (
                    f"Ticked, but the text says that it was not done: “{shorten(task.title, MAX_TITLE_IN_MESSAGE)}”"
                )
                yield checked_tasks.diagnostic(task.line, "hint", code, message)

    return rule


def missing_deliverables(missing_paths: Mapping[int, str], severity: Severity = "warning") -> Rule:
    """Return the rule for ticked tasks that should have created a file that does not exist."""

    def rule(checked_tasks: CheckedTasks) -> Iterator[Diagnostic]:
        for index, path in missing_paths.items():
            message = (
                f"Ticked, but `{shorten(path, MAX_PATH_IN_MESSAGE)}` is neither in the workspace nor ignored by git"
                f"{replacement_note(path, checked_tasks.plan_input.elsewhere)}"
            )
            yield checked_tasks.diagnostic(checked_tasks.tasks[index].line, severity, "deliverable-missing", message)

    return rule


def tasks_missing(plan_input: PlanInput, message: str, severity: Severity = "information") -> Iterator[Diagnostic]:
    """Yield a diagnostic for a plan without a document that lists tasks, at the plan's first document."""
    if plan_input.site.documents:
        yield Diagnostic(plan_input.site.documents[0], 1, severity, "tasks-missing", message)


def unknown_dependencies(checked_tasks: CheckedTasks) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each dependency on a task that does not exist."""
    task_ids = {task.id for task in checked_tasks.tasks}
    for task in checked_tasks.tasks:
        for needed_id in task.depends_on:
            if needed_id not in task_ids:
                message = f"It depends on {needed_id}, but this file has no task {needed_id}"
                yield checked_tasks.diagnostic(task.line, "warning", "dependency-unknown", message, target=needed_id)
