"""The diagnostics of a feature-planner plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from planmark.formats.checkbox.deliverables import replacement_note
from planmark.formats.checkbox.evaluate import SETTLED_STATES, TICKED_STATES
from planmark.formats.checkbox.rules import (
    RuleInput,
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
from planmark.text.pluralize import counted_noun
from planmark.text.shorten import shorten

MAX_STATUS_IN_MESSAGE = 28
"""Maximum number of characters of a status in a message."""
MAX_PATH = 50
"""Maximum number of characters of a path in a message."""


class CheckedPhases(RuleInput):
    """A plan with its facts and its state, for the rules. The states here are those of the boxes."""

    def __init__(self, plan_input: PlanInput, state: PlanState) -> None:
        self.facts = facts_of(plan_input)
        self.state = state
        self._groups = {group.line: group for group in state.groups}
        super().__init__(plan_input, self.facts.task_list, evaluate_phases(self.facts))

    def required(self, phase: GatedPhase) -> tuple[int, int]:
        """Return how many required leaves of a phase are ticked, and how many there are."""
        group = self._groups[self.tasks[phase.index].line]
        return group.done, group.total

    def status_fix(self, status: HeaderStatus, text: str) -> TextFix | None:
        """Return a fix that writes a different status."""
        line = self.lines[status.line - 1] if status.line <= len(self.lines) else ""
        start = line.rfind(status.text)
        return TextFix(f"Write {text}", status.line, start, start + len(status.text), text) if start >= 0 else None


def check(plan_input: PlanInput, state: PlanState) -> Iterable[Diagnostic]:
    """Yield the diagnostics of a plan."""
    checked_phases = CheckedPhases(plan_input, state)
    for rule in RULES:
        yield from rule(checked_phases)


def _tasks_missing(checked_phases: CheckedPhases) -> Iterator[Diagnostic]:
    if not any(task.kind != "phase" for task in checked_phases.tasks):
        yield checked_phases.diagnostic(
            1, "information", "tasks-missing", "No phase has a task with a box: write the tasks first"
        )


def _status(checked_phases: CheckedPhases) -> Iterator[Diagnostic]:
    """Check that the status of the plan and of each phase does not say done where tasks are open."""
    progress = checked_phases.state.progress
    if progress and checked_phases.facts.status:
        yield from _claim(checked_phases, checked_phases.facts.status, progress.done, progress.total)
    for phase in checked_phases.facts.phases:
        if phase.status:
            yield from _claim(checked_phases, phase.status, *checked_phases.required(phase))


def _claim(checked_phases: CheckedPhases, status: HeaderStatus, done_count: int, total: int) -> Iterator[Diagnostic]:
    if status.state != "done" or done_count == total:
        return
    message = f"The status says “{shorten(status.text, MAX_STATUS_IN_MESSAGE)}”, but {done_count} of {counted_noun(total, 'task')} {'is' if total == 1 else 'are'} ticked"
    fix = checked_phases.status_fix(status, "🔄 In Progress" if done_count else "⏳ Pending")
    yield checked_phases.diagnostic(status.line, "information", "status-contradicts-boxes", message, fix)


def _footer(checked_phases: CheckedPhases) -> Iterator[Diagnostic]:
    header, footer = checked_phases.facts.status, checked_phases.facts.footer
    if header and footer and header.state and footer.state and header.state != footer.state:
        message = f"The plan status says “{shorten(footer.text, MAX_STATUS_IN_MESSAGE)}”, the header “{shorten(header.text, MAX_STATUS_IN_MESSAGE)}” (line {header.line})"
        fix = checked_phases.status_fix(footer, header.text)
        yield checked_phases.diagnostic(footer.line, "hint", "footer-contradicts-header", message, fix, header.line)


def _gates(checked_phases: CheckedPhases) -> Iterator[Diagnostic]:
    """Check the gate of each phase that is finished, or that says that it is."""
    for phase in checked_phases.facts.phases:
        done_count, total = checked_phases.required(phase)
        is_finished = done_count == total > 0 or (phase.status is not None and phase.status.state == "done")
        waiting = phase.gate_total - phase.gate_done
        if is_finished and waiting:
            name = checked_phases.tasks[phase.index].id
            message = f"{name} is complete, but {waiting} of {counted_noun(phase.gate_total, 'gate item')} {'is' if waiting == 1 else 'are'} open (line {phase.first})"
            line = phase.status.line if phase.status else checked_phases.tasks[phase.index].line
            yield checked_phases.diagnostic(line, "information", "gate-open", message, None, phase.first)


def _check_skipped(checked_phases: CheckedPhases) -> Iterator[Diagnostic]:
    """Check that no required phase is unfinished before a finished one."""
    states = [checked_phases.required(phase) for phase in checked_phases.facts.phases]
    last = max((number for number, (done_count, total) in enumerate(states) if done_count == total > 0), default=-1)
    for number, phase in enumerate(checked_phases.facts.phases[: max(last, 0)]):
        done_count, total = states[number]
        task = checked_phases.tasks[phase.index]
        if done_count < total and not task.optional:
            later_task = checked_phases.tasks[checked_phases.facts.phases[last].index]
            message = f"{task.id} has {counted_noun(total - done_count, 'open task')}, but {later_task.id} (line {later_task.line}) is finished"
            yield checked_phases.diagnostic(task.line, "hint", "phase-skipped", message, None, later_task.line)


def _ids(checked_phases: CheckedPhases) -> Iterator[Diagnostic]:
    """Check the written ids: those of phases, and the printed labels of tasks."""
    phase_lines = {*checked_phases.facts.labelled, *(phase.index for phase in checked_phases.facts.phases)}
    first: dict[str, int] = {}
    for index, task in enumerate(checked_phases.tasks):
        line = first.setdefault(task.id, task.line) if index in phase_lines else task.line
        if line == task.line:
            continue
        prefix, number = split_id(task.id)
        fix = checked_phases.id_fix(task, checked_phases.free_id(prefix)) if number and task.marker else None
        message = f"{task.id} is used twice (line {line}): write a different number"
        yield checked_phases.diagnostic(
            task.line, "warning", "task-id-duplicate", message, fix, line, task.id if task.marker else ""
        )


def _deliverables(checked_phases: CheckedPhases) -> Iterator[Diagnostic]:
    """Check that the files of each ticked task exist, also in a different place."""
    files = files_of(checked_phases.plan_input, checked_phases.facts)
    for index, task in enumerate(checked_phases.tasks):
        if checked_phases.evaluated[index].state not in TICKED_STATES:
            continue
        for path in task.creates:
            where, place = files[path]
            shown_text = shorten(path, MAX_PATH)
            if where == "nowhere":
                other = replacement_note(path, checked_phases.plan_input.elsewhere)
                message = (
                    f"{task.id} is ticked, but `{shown_text}` does not exist{other}: untick it, or correct the path"
                )
                yield checked_phases.diagnostic(task.line, "warning", "deliverable-missing", message)
            elif where == "moved":
                message = f"`{shown_text}` is at `{shorten(place, MAX_PATH)}`: correct the path"
                yield checked_phases.diagnostic(task.line, "hint", "deliverable-moved", message)


def _runs(checked_phases: CheckedPhases) -> Iterator[Diagnostic]:
    if not checked_phases.facts.status or checked_phases.facts.status.state != "done":
        return
    for line, says in checked_phases.facts.skipped:
        message = f"The plan says that it is done, but a recorded test run has {says}"
        yield checked_phases.diagnostic(line, "warning", "skipped-tests-in-done-plan", message)


def _check_glued_labels(checked_phases: CheckedPhases) -> Iterator[Diagnostic]:
    for line, column in checked_phases.facts.glued:
        fix = TextFix("Insert a space", line, column, column, " ", is_safe=True)
        message = "No space behind the box: Markdown viewers do not show it as a box"
        yield checked_phases.diagnostic(line, "hint", "no-space-after-box", message, fix)


def _not_ticked(checked_phases: CheckedPhases) -> Iterator[Diagnostic]:
    """Check that a task is ticked when all of its sub-tasks are."""
    for index, task in enumerate(checked_phases.tasks):
        below = [child for child in checked_phases.children[index] if not checked_phases.tasks[child].optional]
        if not task.marker or task.state != "open" or not below:
            continue
        if all(checked_phases.evaluated[child].state in SETTLED_STATES for child in below):
            message = f"Every sub-task of {checked_phases.name(index)} is done, but its box is not ticked"
            fix = checked_phases.box_fix(task, "[x]", "Tick it")
            yield checked_phases.diagnostic(task.line, "hint", "parent-not-ticked", message, fix)


RULES: tuple[Callable[[CheckedPhases], Iterator[Diagnostic]], ...] = (
    *(
        _tasks_missing,
        merge_conflicts,
        _status,
        _footer,
        _gates,
        _check_skipped,
        _ids,
        parents_ticked_early,
        _not_ticked,
    ),
    empty_boxes,
    unknown_markers(STATES, "is no mark of feature-planner, so the task counts as open: write [ ] or [x]"),
    *(_deliverables, _runs, _check_glued_labels),
)
