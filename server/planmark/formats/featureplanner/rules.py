"""The diagnostics of a feature-planner plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from planmark.formats.checkbox.deliverables import instead
from planmark.formats.checkbox.evaluate import SETTLED_STATES, TICKED_STATES
from planmark.formats.checkbox.rules import (
    CheckedTasks,
    empty_boxes,
    merge_conflicts,
    parents_ticked_early,
    split_id,
    unknown_markers,
)
from planmark.formats.featureplanner.evaluate import evaluate_phases, facts_of, files_of
from planmark.formats.featureplanner.grammar import STATES
from planmark.formats.featureplanner.reading import GatedPhase, HeaderStatus
from planmark.plans.diagnostic import Diagnostic, TextFix
from planmark.plans.format import PlanInput
from planmark.plans.model import PlanState
from planmark.text.pluralize import counted
from planmark.text.shorten import shorten

MAX_STATUS = 28
"""Maximum number of characters of a status in a message."""
MAX_PATH = 50
"""Maximum number of characters of a path in a message."""


class CheckedPhases(CheckedTasks):
    """A plan with its facts and its state, for the rules. The states here are those of the boxes."""

    def __init__(self, given: PlanInput, state: PlanState) -> None:
        self.facts = facts_of(given)
        self.state = state
        self._groups = {group.line: group for group in state.groups}
        super().__init__(given, self.facts.listed, evaluate_phases(self.facts))

    def required(self, phase: GatedPhase) -> tuple[int, int]:
        """Return how many required leaves of a phase are ticked, and how many there are."""
        group = self._groups[self.tasks[phase.at].line]
        return group.done, group.total

    def status_fix(self, status: HeaderStatus, text: str) -> TextFix | None:
        """Return a fix that writes a different status."""
        line = self.lines[status.line - 1] if status.line <= len(self.lines) else ""
        start = line.rfind(status.text)
        return TextFix(f"Write {text}", status.line, start, start + len(status.text), text) if start >= 0 else None


def check(given: PlanInput, state: PlanState) -> Iterable[Diagnostic]:
    """Yield the diagnostics of a plan."""
    checked = CheckedPhases(given, state)
    for rule in RULES:
        yield from rule(checked)


def _tasks_missing(checked: CheckedPhases) -> Iterator[Diagnostic]:
    if not any(task.kind != "phase" for task in checked.tasks):
        yield checked.diagnostic(
            1, "information", "tasks-missing", "No phase has a task with a box: write the tasks first"
        )


def _status(checked: CheckedPhases) -> Iterator[Diagnostic]:
    """Check that the status of the plan and of each phase does not say done where tasks are open."""
    progress = checked.state.progress
    if progress and checked.facts.status:
        yield from _claim(checked, checked.facts.status, progress.done, progress.total)
    for phase in checked.facts.phases:
        if phase.status:
            yield from _claim(checked, phase.status, *checked.required(phase))


def _claim(checked: CheckedPhases, status: HeaderStatus, done: int, total: int) -> Iterator[Diagnostic]:
    if status.state != "done" or done == total:
        return
    message = f"The status says “{shorten(status.text, MAX_STATUS)}”, but {done} of {counted(total, 'task')} {'is' if total == 1 else 'are'} ticked"
    fix = checked.status_fix(status, "🔄 In Progress" if done else "⏳ Pending")
    yield checked.diagnostic(status.line, "information", "status-contradicts-boxes", message, fix)


def _footer(checked: CheckedPhases) -> Iterator[Diagnostic]:
    header, footer = checked.facts.status, checked.facts.footer
    if header and footer and header.state and footer.state and header.state != footer.state:
        message = f"The plan status says “{shorten(footer.text, MAX_STATUS)}”, the header “{shorten(header.text, MAX_STATUS)}” (line {header.line})"
        fix = checked.status_fix(footer, header.text)
        yield checked.diagnostic(footer.line, "hint", "footer-contradicts-header", message, fix, header.line)


def _gates(checked: CheckedPhases) -> Iterator[Diagnostic]:
    """Check the gate of each phase that is finished, or that says that it is."""
    for phase in checked.facts.phases:
        done, total = checked.required(phase)
        is_finished = done == total > 0 or (phase.status is not None and phase.status.state == "done")
        waiting = phase.gate_total - phase.gate_done
        if is_finished and waiting:
            name = checked.tasks[phase.at].id
            message = f"{name} is complete, but {waiting} of {counted(phase.gate_total, 'gate item')} {'is' if waiting == 1 else 'are'} open (line {phase.first})"
            line = phase.status.line if phase.status else checked.tasks[phase.at].line
            yield checked.diagnostic(line, "information", "gate-open", message, None, phase.first)


def _skipped(checked: CheckedPhases) -> Iterator[Diagnostic]:
    """Check that no required phase is unfinished before a finished one."""
    states = [checked.required(phase) for phase in checked.facts.phases]
    last = max((number for number, (done, total) in enumerate(states) if done == total > 0), default=-1)
    for number, phase in enumerate(checked.facts.phases[: max(last, 0)]):
        done, total = states[number]
        task = checked.tasks[phase.at]
        if done < total and not task.optional:
            later = checked.tasks[checked.facts.phases[last].at]
            message = (
                f"{task.id} has {counted(total - done, 'open task')}, but {later.id} (line {later.line}) is finished"
            )
            yield checked.diagnostic(task.line, "hint", "phase-skipped", message, None, later.line)


def _ids(checked: CheckedPhases) -> Iterator[Diagnostic]:
    """Check the written ids: those of phases, and the printed labels of tasks."""
    written = {*checked.facts.labelled, *(phase.at for phase in checked.facts.phases)}
    first: dict[str, int] = {}
    for at, task in enumerate(checked.tasks):
        line = first.setdefault(task.id, task.line) if at in written else task.line
        if line == task.line:
            continue
        prefix, number = split_id(task.id)
        fix = checked.id_fix(task, checked.free_id(prefix)) if number and task.marker else None
        message = f"{task.id} is used twice (line {line}): write a different number"
        yield checked.diagnostic(
            task.line, "warning", "task-id-duplicate", message, fix, line, task.id if task.marker else ""
        )


def _deliverables(checked: CheckedPhases) -> Iterator[Diagnostic]:
    """Check that the files of each ticked task exist, also in a different place."""
    files = files_of(checked.given, checked.facts)
    for at, task in enumerate(checked.tasks):
        if checked.evaluated[at].state not in TICKED_STATES:
            continue
        for path in task.creates:
            where, place = files[path]
            shown = shorten(path, MAX_PATH)
            if where == "nowhere":
                other = instead(path, checked.given.elsewhere)
                message = f"{task.id} is ticked, but `{shown}` does not exist{other}: untick it, or correct the path"
                yield checked.diagnostic(task.line, "warning", "deliverable-missing", message)
            elif where == "moved":
                message = f"`{shown}` is at `{shorten(place, MAX_PATH)}`: correct the path"
                yield checked.diagnostic(task.line, "hint", "deliverable-moved", message)


def _runs(checked: CheckedPhases) -> Iterator[Diagnostic]:
    if not checked.facts.status or checked.facts.status.state != "done":
        return
    for line, says in checked.facts.skipped:
        message = f"The plan says that it is done, but a recorded test run has {says}"
        yield checked.diagnostic(line, "warning", "skipped-tests-in-done-plan", message)


def _glued(checked: CheckedPhases) -> Iterator[Diagnostic]:
    for line, column in checked.facts.glued:
        fix = TextFix("Insert a space", line, column, column, " ", is_safe=True)
        message = "No space behind the box: Markdown viewers do not show it as a box"
        yield checked.diagnostic(line, "hint", "no-space-after-box", message, fix)


def _not_ticked(checked: CheckedPhases) -> Iterator[Diagnostic]:
    """Check that a task is ticked when all of its sub-tasks are."""
    for at, task in enumerate(checked.tasks):
        below = [child for child in checked.children[at] if not checked.tasks[child].optional]
        if not task.marker or task.state != "open" or not below:
            continue
        if all(checked.evaluated[child].state in SETTLED_STATES for child in below):
            message = f"Every sub-task of {checked.name(at)} is done, but its box is not ticked"
            fix = checked.box_fix(task, "[x]", "Tick it")
            yield checked.diagnostic(task.line, "hint", "parent-not-ticked", message, fix)


RULES: tuple[Callable[[CheckedPhases], Iterator[Diagnostic]], ...] = (
    *(_tasks_missing, merge_conflicts, _status, _footer, _gates, _skipped, _ids, parents_ticked_early, _not_ticked),
    empty_boxes,
    unknown_markers(STATES, "is no mark of feature-planner, so the task counts as open: write [ ] or [x]"),
    *(_deliverables, _runs, _glued),
)
