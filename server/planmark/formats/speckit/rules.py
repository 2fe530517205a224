"""The diagnostics of a feature."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from planmark.formats.checkbox.evaluate import positions_of
from planmark.formats.checkbox.tasks import NONE, Task
from planmark.formats.speckit.documents import ChecklistFacts
from planmark.formats.speckit.evaluate import Findings, files_of, tasks_of
from planmark.formats.speckit.grammar import STATES
from planmark.formats.speckit.layout import place_of
from planmark.formats.speckit.phases import kinds_of, waits_for
from planmark.formats.speckit.reading import TasksFacts
from planmark.plans.diagnostic import Diagnostic, Related, Severity, TextFix
from planmark.plans.format import PlanInput
from planmark.plans.model import PlanState
from planmark.text.lines import line_ends, line_index
from planmark.text.pluralize import counted

_PLAIN_ID = re.compile(r"([TP])(\d{3,})$")
_LETTERED_ID = re.compile(r"([A-Z])(\d+)$")
MAIN_DOCUMENTS = ("tasks.md", "spec.md", "plan.md")
"""The documents of which a feature has at least one."""


class Checked(NamedTuple):
    """What every rule reads: the feature, its state, the facts of its tasks, and its files."""

    given: PlanInput
    state: PlanState
    facts: TasksFacts
    files: Findings
    path: str

    def found(
        self,
        line: int,
        severity: Severity,
        code: str,
        message: str,
        fix: TextFix | None = None,
        related: tuple[Related, ...] = (),
    ) -> Diagnostic:
        """Return a diagnostic about a line of `tasks.md`."""
        return Diagnostic(self.path, line, severity, code, message, related, fix=fix)

    def text(self, line: int) -> str:
        """Return the text of a 1-based line of `tasks.md`, "" if the facts are older than the text."""
        index = line_index(self.given.text(self.path))
        return index.line(line - 1) if 0 < line <= len(index) else ""

    def name(self, task: Task) -> str:
        """Return the id of a task, or its line."""
        return task.id or f"line {task.line}"


def check(given: PlanInput, state: PlanState) -> Iterable[Diagnostic]:
    """Yield the diagnostics of a feature."""
    yield from _number_duplicate(given)
    path = f"{given.site.folder}/tasks.md"
    if path not in given.documents:
        return
    facts = tasks_of(given)
    checked = Checked(given, state, facts, files_of(given, facts), path)
    if facts.template:
        yield checked.found(
            facts.title_line,
            "information",
            "template-unchanged",
            "This is the unchanged template of spec-kit: run /speckit.tasks to write the tasks",
        )
        return
    for rule in RULES:
        yield from rule(checked)


def _number_duplicate(given: PlanInput) -> Iterator[Diagnostic]:
    folder = given.site.folder
    place = place_of(f"{folder}/tasks.md")
    path = next((f"{folder}/{name}" for name in MAIN_DOCUMENTS if f"{folder}/{name}" in given.documents), None)
    if not place or not path:
        return
    lead = f"{place.root}specs/{place.number}-"
    others = {
        f"{other.rpartition('/')[0]}/"
        for name in MAIN_DOCUMENTS
        for other in given.elsewhere(name)
        if other.startswith(lead) and other.count("/") == path.count("/")
    }
    earlier = sorted(other for other in others if other < f"{folder}/")
    if earlier:
        other = earlier[0].rstrip("/")
        message = f"The number {place.number} is used by {other.rpartition('/')[2]} too: name the feature by its folder"
        yield Diagnostic(path, 1, "hint", "feature-number-duplicate", message)


def _tasks_missing(checked: Checked) -> Iterator[Diagnostic]:
    if not checked.facts.listed.tasks:
        yield checked.found(1, "information", "tasks-missing", "tasks.md has no task: run /speckit.tasks to write them")


def _plan_missing(checked: Checked) -> Iterator[Diagnostic]:
    if f"{checked.given.site.folder}/plan.md" not in checked.given.documents:
        message = "plan.md is missing: the scripts of spec-kit refuse this feature; run /speckit.plan"
        yield checked.found(1, "information", "plan-md-missing", message)


def _conflicts(checked: Checked) -> Iterator[Diagnostic]:
    for line in checked.facts.listed.conflicts:
        message = "A merge conflict begins here: resolve it before anyone reads or ticks these tasks"
        yield checked.found(line, "error", "merge-conflict", message)


def _ids_missing(checked: Checked) -> Iterator[Diagnostic]:
    tasks = checked.facts.listed.tasks
    if tasks and not any(task.id for task in tasks):
        message = "No task of this file has an id: spec-kit's own commands find none; write T001, T002, … in file order"
        yield checked.found(tasks[0].line, "hint", "task-id-missing", message)


def _ids(checked: Checked) -> Iterator[Diagnostic]:
    """Check each id against those before it: used twice, out of order, or glued to the title."""
    tasks, details = checked.facts.listed.tasks, checked.facts.details
    first: dict[str, Task] = {}
    free = _next_number(tasks)
    before: dict[str, tuple[int, Task]] = {}
    for task, detail in zip(tasks, details, strict=True):
        if not task.id:
            continue
        if other := first.get(task.id):
            fix = _rename(checked.text(task.line), task, f"T{free:03d}" if free else "")
            free += bool(fix)
            message = f"{task.id} is used twice (line {other.line}): give this task the next free number"
            related = (Related(checked.path, other.line, "the first use"),)
            yield checked.found(task.line, "warning", "task-id-duplicate", message, fix, related)
            continue
        first[task.id] = task
        if detail.glued:
            yield _glued(checked, task)
        match = _PLAIN_ID.match(task.id) or _LETTERED_ID.match(task.id)
        if not match or task.state == "deferred":
            continue
        number, letter = int(match[2]), match[1]
        if letter in before and number < before[letter][0]:
            message = f"{task.id} stands after {before[letter][1].id}: ids follow the order of the work"
            yield checked.found(task.line, "hint", "task-id-order", message)
        before[letter] = (number, task)


def _next_number(tasks: Sequence[Task]) -> int:
    """Return the number behind the highest one, or 0 if the file numbers its tasks otherwise."""
    numbers = [int(match[2]) for task in tasks if (match := _PLAIN_ID.match(task.id)) and match[1] == "T"]
    return max(numbers) + 1 if numbers else 0


def _rename(text: str, task: Task, name: str) -> TextFix | None:
    start = text.find(task.id, task.box[1])
    if not name or start < 0:
        return None
    return TextFix(f"Rename this {task.id} to {name}", task.line, start, start + len(task.id), name)


def _glued(checked: Checked, task: Task) -> Diagnostic:
    start = checked.text(task.line).find(task.id, task.box[1])
    end = start + len(task.id)
    fix = TextFix(f"Insert a space after {task.id}", task.line, end, end, " ", is_safe=True) if start >= 0 else None
    return checked.found(task.line, "warning", "task-id-glued", f"A space is missing after {task.id}: insert one", fix)


def _boxes(checked: Checked) -> Iterator[Diagnostic]:
    """Check the box of each task: a second one, an unknown mark, or none below a heading."""
    tasks, details = checked.facts.listed.tasks, checked.facts.details
    parents = {task.parent for task in tasks}
    for at, (task, detail) in enumerate(zip(tasks, details, strict=True)):
        if detail.second_box:
            start, end = detail.second_box
            fix = TextFix("Remove the second box", task.line, start, end, "")
            message = f"{checked.name(task)} has two boxes, and the second decides nothing: remove one"
            yield checked.found(task.line, "warning", "double-checkbox", message, fix)
        elif not detail.heading and task.marker not in STATES:
            fix = TextFix("Make the box open", task.line, task.box[0], task.box[1], "[ ]")
            message = (
                f"`[{task.marker}]` is no mark of spec-kit, so {checked.name(task)} counts as open: write [ ] or [X]"
            )
            yield checked.found(task.line, "warning", "task-marker-unknown", message, fix)
        elif detail.heading and at not in parents and not detail.acceptance:
            yield _no_box(checked, task)


def _no_box(checked: Checked, task: Task) -> Diagnostic:
    text, whole = checked.text(task.line), checked.given.text(checked.path)
    end = next(iter(sorted(line_ends(whole), key=lambda one: -line_ends(whole)[one])), "\n")
    box = f"{end}{end}- [ ] {task.id} {task.title}".rstrip()
    fix = TextFix("Insert a box below the heading", task.line, len(text), len(text), box)
    message = f"{task.id} has no box: its state cannot be recorded; write `- [ ] {task.id} …` below the heading"
    return checked.found(task.line, "warning", "checkbox-missing", message, fix)


def _dependencies(checked: Checked) -> Iterator[Diagnostic]:
    tasks = checked.facts.listed.tasks
    known = positions_of(tasks)
    for task in tasks:
        for name in task.depends_on:
            if name not in known:
                message = f"{checked.name(task)} depends on {name}, which is not in this file: correct the id"
                yield checked.found(task.line, "warning", "dependency-unknown", message)


def _order(checked: Checked) -> Iterator[Diagnostic]:
    """Check that no phase was begun while an earlier one that it waits for has open tasks."""
    groups = checked.state.groups
    waits = waits_for(kinds_of(checked.facts.phases), [group.done < group.total for group in groups])
    begun: dict[int, int] = {}
    for at, group in enumerate(groups):
        if group.done and waits[at]:
            begun.setdefault(waits[at][0], at)
    first_open: dict[str | None, int] = {}
    for item in checked.state.achievements:
        if item.leaf and item.state == "open":
            first_open.setdefault(item.group, item.line)
    for at, later in begun.items():
        group = groups[at]
        left = counted(group.total - group.done, "open task")
        message = (
            f"This phase has {left} and blocks line {groups[later].line}, where work has begun: finish this one first"
        )
        line = first_open.get(group.id)
        related = (Related(checked.path, line, "the first open task"),) if line else ()
        yield checked.found(group.line, "hint", "earlier-phase-open", message, related=related)


def _skipped(checked: Checked) -> Iterator[Diagnostic]:
    for task in checked.facts.listed.tasks:
        if task.state == "deferred" and STATES.get(task.marker) == "done":
            message = f"{checked.name(task)} is ticked, but its text says that it is skipped: it counts as skipped"
            yield checked.found(task.line, "hint", "task-says-deferred", message)


def _deliverables(checked: Checked) -> Iterator[Diagnostic]:
    tasks = checked.facts.listed.tasks
    for at, lost in checked.files.missing.items():
        task = tasks[at]
        if task.state != "done":
            continue
        for one in lost:
            if one.moved:
                message = f"{checked.name(task)} is ticked; `{one.path}` does not exist, but `{one.moved}` does: correct the path"
                yield checked.found(task.line, "hint", "deliverable-moved", message)
                continue
            fix = TextFix("Untick the task", task.line, task.box[0], task.box[1], "[ ]") if task.marker else None
            message = f"{checked.name(task)} is ticked, but `{one.path}` does not exist: untick it, or correct the path"
            yield checked.found(task.line, "warning", "deliverable-missing", message, fix)


def _stories(checked: Checked) -> Iterator[Diagnostic]:
    facts = checked.facts
    for task, detail in zip(facts.listed.tasks, facts.details, strict=True):
        phase = facts.phases[task.group] if task.group != NONE else None
        if (
            not phase
            or len(phase.stories) != 1
            or detail.stories
            or task.parent != NONE
            or detail.heading
            or not task.id
        ):
            continue
        label = f"[US{phase.stories[0]}]"
        message = f"{task.id} stands in the phase of a story without its label: write {label} behind the id"
        fix = _label(checked.text(task.line), task, label)
        yield checked.found(task.line, "hint", "story-label-missing", message, fix)


def _label(text: str, task: Task, label: str) -> TextFix | None:
    start = text.find(task.id, task.box[1])
    if start < 0:
        return None
    at = start + len(task.id)
    parallel = re.compile(r"[*:`\]_]*\s*\[P\]").match(text, at) or re.compile(r"[*:`\]_]*").match(text, at)
    at = parallel.end() if parallel else at
    return TextFix(f"Insert {label}", task.line, at, at, f" {label}")


def _checklists(checked: Checked) -> Iterator[Diagnostic]:
    if checked.state.state in ("complete", "no_achievements"):
        return
    for path, document in checked.given.documents.items():
        facts = document.facts
        if isinstance(facts, ChecklistFacts) and facts.done < facts.total:
            name = path.removeprefix(f"{checked.given.site.folder}/")
            message = (
                f"/speckit.implement will stop and ask: {name} has {facts.total - facts.done} of {facts.total} open"
            )
            yield Diagnostic(path, facts.open_line, "information", "checklist-open", message)


RULES: tuple[Callable[[Checked], Iterator[Diagnostic]], ...] = (
    *(_tasks_missing, _plan_missing, _conflicts, _ids_missing, _ids, _boxes, _dependencies, _order),
    *(_skipped, _deliverables, _stories, _checklists),
)
