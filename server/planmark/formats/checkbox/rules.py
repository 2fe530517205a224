"""Rules that several checkbox formats share. Each rule yields the diagnostics of one document of tasks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property

from planmark.formats.checkbox.deferral import done_says_deferred
from planmark.formats.checkbox.deliverables import MAX_PLACE, instead
from planmark.formats.checkbox.evaluate import SETTLED_STATES, TICKED_STATES, TaskEvaluation, evaluate_tasks, refs
from planmark.formats.checkbox.lines import narrow, split_lines
from planmark.formats.checkbox.tasks import Task, TaskList
from planmark.plans.diagnostic import Diagnostic, LinesFix, RelatedPlace, Severity, TextFix
from planmark.plans.format import PlanInput
from planmark.text.shorten import shorten

MAX_NAMED = 28
"""Maximum number of characters of a title in a message; more are cut off."""


class CheckedTasks:
    """The input of the rules: one document of tasks with its evaluation."""

    def __init__(
        self, given: PlanInput, listed: TaskList, evaluated: list[TaskEvaluation] | None = None, path: str | None = None
    ) -> None:
        self.given = given
        self.path = path or given.site.path
        self.listed = listed
        self.tasks = listed.tasks
        self.refs = refs(listed.tasks)
        self.evaluated = evaluate_tasks(listed.tasks) if evaluated is None else evaluated

    @cached_property
    def lines(self) -> list[str]:
        """Return the lines of the document."""
        return split_lines(self.given.text(self.path))

    @cached_property
    def children(self) -> list[list[int]]:
        """Return the positions of the children of each task."""
        below: list[list[int]] = [[] for _ in self.tasks]
        for at, task in enumerate(self.tasks):
            if task.parent >= 0:
                below[task.parent].append(at)
        return below

    def name(self, at: int) -> str:
        """Return the id of a task, or its title in quotation marks."""
        task = self.tasks[at]
        return task.id or f"“{shorten(task.title, MAX_NAMED)}”"

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
        related = (RelatedPlace(self.path, first, "because of this line"),) if first is not None else ()
        return Diagnostic(self.path, line, severity, code, message, related, target, fix=fix)

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
        last, width = self._last.get(prefix, (0, 0))
        self._last[prefix] = (last + 1, width)
        return f"{prefix}{last + 1:0{width}d}"

    @cached_property
    def _last(self) -> dict[str, tuple[int, int]]:
        """Prefix of ids → (highest number, number of digits to which zeros fill the numbers)."""
        result: dict[str, tuple[int, int]] = {}
        for task in self.tasks:
            prefix, number = split_id(task.id)
            if number:
                last, width = result.get(prefix, (0, 0))
                filled = len(number) if number.startswith("0") and number != "0" else 0
                result[prefix] = (max(last, int(number)), max(width, filled))
        return result


Rule = Callable[[CheckedTasks], Iterator[Diagnostic]]


def split_id(identity: str) -> tuple[str, str]:
    """Return the prefix and the final number of an id; the number is "" if the id does not end with a number."""
    head = identity.rstrip("0123456789")
    number = identity[len(head) :]
    return (head, number) if number.isascii() and len(number) <= 9 else (identity, "")


def duplicate_ids(checked: CheckedTasks) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each repeated use of an id."""
    first: dict[str, Task] = {}
    for task in checked.tasks:
        if not task.id:
            continue
        earlier = first.setdefault(task.id, task)
        if earlier is task:
            continue
        prefix, number = split_id(task.id)
        fix = checked.id_fix(task, checked.free_id(prefix)) if number else None
        message = f"{task.id} is used twice (line {earlier.line}): write a different id"
        yield checked.diagnostic(task.line, "warning", "task-id-duplicate", message, fix, earlier.line, task.id)


def unknown_markers(markers: Collection[str], advice: str) -> Rule:
    """Return the rule for boxes with an unknown mark. `advice` follows the mark in the message."""

    def rule(checked: CheckedTasks) -> Iterator[Diagnostic]:
        for task in checked.tasks:
            if task.marker and task.marker not in markers:
                fix = checked.box_fix(task, "[ ]", "Write `[ ]`")
                box = f"[{task.marker}]"
                yield checked.diagnostic(
                    task.line, "warning", "task-marker-unknown", f"`{box}` {advice}", fix, target=box
                )

    return rule


def empty_boxes(checked: CheckedTasks) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each task with `[]`, which is no box for Markdown."""
    for task in checked.tasks:
        if not task.marker and task.box[1] > task.box[0]:
            fix = TextFix("Write `[ ]`", task.line, *task.box, "[ ]")
            message = "`[]` is no box, so this counts as open: write [ ] or [x]"
            yield checked.diagnostic(task.line, "warning", "checkbox-missing", message, fix, target="[]")


def parents_ticked_early(checked: CheckedTasks) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each ticked parent with a required task below it that is not done."""
    unfinished = _parents_of_open_leaves(checked)
    for at, task in enumerate(checked.tasks):
        if checked.evaluated[at].leaf or task.state != "done" or not unfinished[at]:
            continue
        required = [child for child in checked.children[at] if not checked.tasks[child].optional]
        open_ones = [child for child in required if not _is_settled(checked, child) or unfinished[child]]
        first = open_ones[0]
        message = (
            f"{checked.name(at)} is ticked, but {len(open_ones)} of its {len(required)} sub-tasks "
            f"{'is' if len(open_ones) == 1 else 'are'} open ({checked.name(first)}, line {checked.tasks[first].line})"
        )
        fix = checked.box_fix(task, "[ ]", "Remove the tick")
        line = checked.tasks[first].line
        yield checked.diagnostic(task.line, "warning", "parent-ticked-early", message, fix, line)


def parents_not_ticked(checked: CheckedTasks) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each open parent whose required sub-tasks are all done.

    A parent whose box is marked as in progress gets no diagnostic.
    """
    unfinished = _parents_of_open_leaves(checked)
    for at, task in enumerate(checked.tasks):
        if checked.evaluated[at].state != "in_progress" or not task.marker or task.state != "open" or unfinished[at]:
            continue
        message = f"Every required sub-task of {checked.name(at)} is done, but its box is not ticked"
        fix = checked.box_fix(task, "[x]", "Tick it")
        yield checked.diagnostic(task.line, "hint", "parent-not-ticked", message, fix)


def _is_settled(checked: CheckedTasks, at: int) -> bool:
    return not checked.evaluated[at].leaf or checked.evaluated[at].state in SETTLED_STATES


def _parents_of_open_leaves(checked: CheckedTasks) -> list[bool]:
    """Return, for each task, whether a required leaf below it is not settled."""
    unfinished = [False] * len(checked.tasks)
    for at in range(len(checked.tasks) - 1, -1, -1):
        task = checked.tasks[at]
        if task.parent >= 0 and not task.optional and task.state != "deferred":
            unfinished[task.parent] |= unfinished[at] or not _is_settled(checked, at)
    return unfinished


def merge_conflicts(checked: CheckedTasks) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each unresolved merge conflict."""
    for line in checked.listed.conflicts:
        message = "Unresolved merge conflict: both versions of the tasks are read. Resolve it first"
        yield checked.diagnostic(line, "error", "merge-conflict", message)


def deferred_though_done(code: str) -> Rule:
    """Return the rule for ticked tasks whose text says that they were not done."""

    def rule(checked: CheckedTasks) -> Iterator[Diagnostic]:
        for task in checked.tasks:
            if task.state in TICKED_STATES and done_says_deferred(task.title):
                message = f"Ticked, but the text says that it was not done: “{shorten(task.title, MAX_NAMED)}”"
                yield checked.diagnostic(task.line, "hint", code, message)

    return rule


def missing_deliverables(missing: Mapping[int, str], severity: Severity = "warning") -> Rule:
    """Return the rule for ticked tasks that should have created a file that does not exist."""

    def rule(checked: CheckedTasks) -> Iterator[Diagnostic]:
        for at, path in missing.items():
            message = (
                f"Ticked, but `{shorten(path, MAX_PLACE)}` is neither in the workspace nor ignored by git"
                f"{instead(path, checked.given.elsewhere)}"
            )
            yield checked.diagnostic(checked.tasks[at].line, severity, "deliverable-missing", message)

    return rule


def tasks_missing(given: PlanInput, message: str, severity: Severity = "information") -> Iterator[Diagnostic]:
    """Yield a diagnostic for a plan without a document that lists tasks, at the plan's first document."""
    if given.site.documents:
        yield Diagnostic(given.site.documents[0], 1, severity, "tasks-missing", message)


def unknown_dependencies(checked: CheckedTasks) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each dependency on a task that does not exist."""
    task_ids = {task.id for task in checked.tasks}
    for task in checked.tasks:
        for wanted in task.depends_on:
            if wanted not in task_ids:
                message = f"It depends on {wanted}, but this file has no task {wanted}"
                yield checked.diagnostic(task.line, "warning", "dependency-unknown", message, target=wanted)
