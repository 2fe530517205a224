"""Rules that several checkbox formats share. Each rule yields the diagnostics of one document that lists tasks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property

from planmark.formats.checkbox.deferral import ticked_text_says_not_done
from planmark.formats.checkbox.deliverables import MAX_PATH_LENGTH_IN_MESSAGE, replacement_note
from planmark.formats.checkbox.evaluate import SETTLED_STATES, TICKED_STATES, TaskEvaluation, evaluate_tasks, refs
from planmark.formats.checkbox.lines import full_width_to_ascii, split_lines
from planmark.formats.checkbox.tasks import Task, TaskList
from planmark.plans.diagnostic import Diagnostic, LinesFix, RelatedPlace, Severity, TextFix
from planmark.plans.format import PlanInput
from planmark.text.shorten import shorten

MAX_TITLE_LENGTH_IN_MESSAGE = 28
"""Maximum number of characters of a title in a message. A longer title is cut."""


class RuleInput:
    """The input of the rules: one document that lists tasks, and the states of these tasks.

    `evaluated` are the evaluations of the tasks, in the order of `tasks`. `refs` are the refs of the tasks, in the same
    order.
    """

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
        children: list[list[int]] = [[] for _ in self.tasks]
        for index, task in enumerate(self.tasks):
            if task.parent >= 0:
                children[task.parent].append(index)
        return children

    def name(self, index: int) -> str:
        """Return the name of the task at position `index` for a message: its id, else its title in quotation marks."""
        task = self.tasks[index]
        return task.id or f"“{shorten(task.title, MAX_TITLE_LENGTH_IN_MESSAGE)}”"

    def diagnostic(
        self,
        line: int,
        severity: Severity,
        code: str,
        message: str,
        fix: TextFix | LinesFix | None = None,
        reason_line: int | None = None,
        target: str = "",
    ) -> Diagnostic:
        """Return a diagnostic at a 1-based line of the document.

        `reason_line` is a line that explains the diagnostic. `target` is the text in the line that the diagnostic
        marks.
        """
        related_places = (
            (RelatedPlace(self.path, reason_line, "because of this line"),) if reason_line is not None else ()
        )
        return Diagnostic(self.path, line, severity, code, message, related_places, target, fix=fix)

    def box_fix(self, task: Task, text: str, title: str, *, is_safe: bool = False) -> TextFix | None:
        """Return a fix that writes `text` in place of the box of a task; None if the task has no box.

        `title` is the title of the fix.
        """
        return TextFix(title, task.line, *task.box, text, is_safe) if task.marker else None

    def id_fix(self, task: Task, identity: str) -> TextFix | None:
        """Return a fix that replaces the id of a task by `identity`; None if the line does not contain the id."""
        line = self.lines[task.line - 1] if task.line <= len(self.lines) else ""
        start = full_width_to_ascii(line).find(task.id, task.box[1])
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
        """Mapping from a prefix of ids to two values: the highest number, and the number of digits for new numbers.

        A number with fewer digits gets leading zeros.
        """
        result: dict[str, tuple[int, int]] = {}
        for task in self.tasks:
            prefix, number = split_id(task.id)
            if number:
                last, width = result.get(prefix, (0, 0))
                zeros = len(number) if number.startswith("0") and number != "0" else 0
                result[prefix] = (max(last, int(number)), max(width, zeros))
        return result


Rule = Callable[[RuleInput], Iterator[Diagnostic]]
"""A function that yields the diagnostics of one kind."""


def split_id(identity: str) -> tuple[str, str]:
    """Split an id into two texts: the text before its final number, and this number.

    If the id does not end with a number, return the whole id and "".
    """
    prefix = identity.rstrip("0123456789")
    number = identity[len(prefix) :]
    return (prefix, number) if number.isascii() and len(number) <= 9 else (identity, "")


def duplicate_ids(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each repeated use of an id."""
    first_tasks: dict[str, Task] = {}
    for task in rule_input.tasks:
        if not task.id:
            continue
        earlier_task = first_tasks.setdefault(task.id, task)
        if earlier_task is task:
            continue
        prefix, number = split_id(task.id)
        fix = rule_input.id_fix(task, rule_input.free_id(prefix)) if number else None
        message = f"{task.id} is used twice (line {earlier_task.line}): write a different id"
        yield rule_input.diagnostic(task.line, "warning", "task-id-duplicate", message, fix, earlier_task.line, task.id)


def unknown_markers(known_markers: Collection[str], advice: str) -> Rule:
    """Return the rule for boxes with a mark that is not in `known_markers`.

    `advice` is the part of the message after the box.
    """

    def rule(rule_input: RuleInput) -> Iterator[Diagnostic]:
        for task in rule_input.tasks:
            if task.marker and task.marker not in known_markers:
                fix = rule_input.box_fix(task, "[ ]", "Write `[ ]`")
                box = f"[{task.marker}]"
                yield rule_input.diagnostic(
                    task.line, "warning", "task-marker-unknown", f"`{box}` {advice}", fix, target=box
                )

    return rule


def empty_boxes(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each task with `[]`, which Markdown does not read as a box."""
    for task in rule_input.tasks:
        if not task.marker and task.box[1] > task.box[0]:
            fix = TextFix("Write `[ ]`", task.line, *task.box, "[ ]")
            message = "`[]` is no box, so this counts as open: write [ ] or [x]"
            yield rule_input.diagnostic(task.line, "warning", "checkbox-missing", message, fix, target="[]")


def parents_ticked_early(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each ticked parent with a required task below it that is not done."""
    unfinished_flags = _unfinished_flags(rule_input)
    for index, task in enumerate(rule_input.tasks):
        if rule_input.evaluated[index].is_leaf or task.state != "done" or not unfinished_flags[index]:
            continue
        required_children = [child for child in rule_input.children[index] if not rule_input.tasks[child].optional]
        open_children = [
            child
            for child in required_children
            if not _is_parent_or_settled(rule_input, child) or unfinished_flags[child]
        ]
        first_open = open_children[0]
        message = (
            f"{rule_input.name(index)} is ticked, but {len(open_children)} of its {len(required_children)} sub-tasks "
            f"{'is' if len(open_children) == 1 else 'are'} open ({rule_input.name(first_open)}, line {rule_input.tasks[first_open].line})"
        )
        fix = rule_input.box_fix(task, "[ ]", "Remove the tick")
        line = rule_input.tasks[first_open].line
        yield rule_input.diagnostic(task.line, "warning", "parent-ticked-early", message, fix, line)


def parents_not_ticked(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each open parent whose required sub-tasks are all done.

    A parent whose box is marked as in progress gets no diagnostic.
    """
    unfinished_flags = _unfinished_flags(rule_input)
    for index, task in enumerate(rule_input.tasks):
        if (
            rule_input.evaluated[index].state != "in_progress"
            or not task.marker
            or task.state != "open"
            or unfinished_flags[index]
        ):
            continue
        message = f"Every required sub-task of {rule_input.name(index)} is done, but its box is not ticked"
        fix = rule_input.box_fix(task, "[x]", "Tick it")
        yield rule_input.diagnostic(task.line, "hint", "parent-not-ticked", message, fix)


def _is_parent_or_settled(rule_input: RuleInput, index: int) -> bool:
    """Tell whether the task at position `index` is a parent, or is done, unsupported or deferred."""
    return not rule_input.evaluated[index].is_leaf or rule_input.evaluated[index].state in SETTLED_STATES


def _unfinished_flags(rule_input: RuleInput) -> list[bool]:
    """Return, for each task, whether a required leaf below the task still needs work."""
    unfinished_flags = [False] * len(rule_input.tasks)
    for index in range(len(rule_input.tasks) - 1, -1, -1):
        task = rule_input.tasks[index]
        if task.parent >= 0 and not task.optional and task.state != "deferred":
            unfinished_flags[task.parent] |= unfinished_flags[index] or not _is_parent_or_settled(rule_input, index)
    return unfinished_flags


def merge_conflicts(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each unresolved merge conflict."""
    for line in rule_input.task_list.conflicts:
        message = "Unresolved merge conflict: both versions of the tasks are read. Resolve it first"
        yield rule_input.diagnostic(line, "error", "merge-conflict", message)


def ticked_though_not_done(code: str) -> Rule:
    """Return the rule for ticked tasks whose text says that they were not done.

    Its diagnostics have the code `code`.
    """

    def rule(rule_input: RuleInput) -> Iterator[Diagnostic]:
        for task in rule_input.tasks:
            if task.state in TICKED_STATES and ticked_text_says_not_done(task.title):
                message = f"Ticked, but the text says that it was not done: “{shorten(task.title, MAX_TITLE_LENGTH_IN_MESSAGE)}”"
                yield rule_input.diagnostic(task.line, "hint", code, message)

    return rule


def missing_deliverables(missing_paths: Mapping[int, str], severity: Severity = "warning") -> Rule:
    """Return the rule for ticked tasks that should have created a file that does not exist.

    `missing_paths` is a mapping from the position of each of these tasks to the missing path.
    """

    def rule(rule_input: RuleInput) -> Iterator[Diagnostic]:
        for index, path in missing_paths.items():
            message = (
                f"Ticked, but `{shorten(path, MAX_PATH_LENGTH_IN_MESSAGE)}` is neither in the workspace nor ignored by git"
                f"{replacement_note(path, rule_input.plan_input.files_named)}"
            )
            yield rule_input.diagnostic(rule_input.tasks[index].line, severity, "deliverable-missing", message)

    return rule


def tasks_missing(plan_input: PlanInput, message: str, severity: Severity = "information") -> Iterator[Diagnostic]:
    """Yield a diagnostic at the first document of a plan that has no document with tasks."""
    if plan_input.site.documents:
        yield Diagnostic(plan_input.site.documents[0], 1, severity, "tasks-missing", message)


def unknown_dependencies(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each dependency on a task that does not exist in the same document."""
    task_ids = {task.id for task in rule_input.tasks}
    for task in rule_input.tasks:
        for needed_id in task.depends_on:
            if needed_id not in task_ids:
                message = f"It depends on {needed_id}, but this file has no task {needed_id}"
                yield rule_input.diagnostic(task.line, "warning", "dependency-unknown", message, target=needed_id)
