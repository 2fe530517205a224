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
from planmark.formats.featureplanner.evaluate import evaluate_tasks_and_phases, facts_of, locations_of_created_files
from planmark.formats.featureplanner.grammar import STATES_BY_MARKER
from planmark.formats.featureplanner.reading import GatedPhase, HeaderStatus
from planmark.plans.diagnostic import Diagnostic, TextFix
from planmark.plans.format import PlanInput
from planmark.plans.model import PlanState
from planmark.text.pluralize import counted_noun
from planmark.text.shorten import shorten

MAX_STATUS_LENGTH_IN_MESSAGE = 28
"""Maximum number of characters of a status in a message."""
MAX_PATH_LENGTH_IN_MESSAGE = 50
"""Maximum number of characters of a path in a message."""


class PhaseRuleInput(RuleInput):
    """A plan with its facts and its state, for the rules. The states of its tasks follow from their boxes."""

    def __init__(self, plan_input: PlanInput, state: PlanState) -> None:
        self.facts = facts_of(plan_input)
        self.state = state
        self._group_by_line = {group.line: group for group in state.groups}
        super().__init__(plan_input, self.facts.task_list, evaluate_tasks_and_phases(self.facts))

    def required_counts(self, phase: GatedPhase) -> tuple[int, int]:
        """Return the number of ticked required leaves of a phase, and the number of all its required leaves."""
        group = self._group_by_line[self.tasks[phase.index].line]
        return group.done, group.total

    def status_fix(self, status: HeaderStatus, new_text: str) -> TextFix | None:
        """Return a fix that replaces the text of a status by `new_text`; None if its line does not contain the text."""
        line = self.lines[status.line - 1] if status.line <= len(self.lines) else ""
        start = line.rfind(status.text)
        return (
            TextFix(f"Write {new_text}", status.line, start, start + len(status.text), new_text) if start >= 0 else None
        )


def check(plan_input: PlanInput, state: PlanState) -> Iterable[Diagnostic]:
    """Yield the diagnostics of a plan."""
    rule_input = PhaseRuleInput(plan_input, state)
    for rule in RULES:
        yield from rule(rule_input)


def _check_tasks_exist(rule_input: PhaseRuleInput) -> Iterator[Diagnostic]:
    if not any(task.kind != "phase" for task in rule_input.tasks):
        yield rule_input.diagnostic(
            1, "information", "tasks-missing", "No phase has a task with a box: write the tasks first"
        )


def _check_statuses(rule_input: PhaseRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each status of the plan or of a phase that says done although tasks are open."""
    progress = rule_input.state.progress
    if progress and rule_input.facts.status:
        yield from _check_status(rule_input, rule_input.facts.status, progress.done, progress.total)
    for phase in rule_input.facts.phases:
        if phase.status:
            yield from _check_status(rule_input, phase.status, *rule_input.required_counts(phase))


def _check_status(
    rule_input: PhaseRuleInput, status: HeaderStatus, done_count: int, total: int
) -> Iterator[Diagnostic]:
    """Yield a diagnostic if a status says done, but only `done_count` of `total` required tasks are ticked."""
    if status.state != "done" or done_count == total:
        return
    message = f"The status says “{shorten(status.text, MAX_STATUS_LENGTH_IN_MESSAGE)}”, but {done_count} of {counted_noun(total, 'task')} {'is' if total == 1 else 'are'} ticked"
    fix = rule_input.status_fix(status, "🔄 In Progress" if done_count else "⏳ Pending")
    yield rule_input.diagnostic(status.line, "information", "status-contradicts-boxes", message, fix)


def _check_footer(rule_input: PhaseRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic if the statuses at the beginning and at the end of the plan name different states."""
    header_status, footer_status = rule_input.facts.status, rule_input.facts.footer
    if (
        header_status
        and footer_status
        and header_status.state
        and footer_status.state
        and header_status.state != footer_status.state
    ):
        message = f"The plan status says “{shorten(footer_status.text, MAX_STATUS_LENGTH_IN_MESSAGE)}”, the header “{shorten(header_status.text, MAX_STATUS_LENGTH_IN_MESSAGE)}” (line {header_status.line})"
        fix = rule_input.status_fix(footer_status, header_status.text)
        yield rule_input.diagnostic(
            footer_status.line, "hint", "footer-contradicts-header", message, fix, header_status.line
        )


def _check_gates(rule_input: PhaseRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each gate with open items whose phase is finished, or has a status that says so."""
    for phase in rule_input.facts.phases:
        done_count, total = rule_input.required_counts(phase)
        is_finished = done_count == total > 0 or (phase.status is not None and phase.status.state == "done")
        open_count = phase.gate_total - phase.gate_done
        if is_finished and open_count:
            phase_id = rule_input.tasks[phase.index].id
            message = f"{phase_id} is complete, but {open_count} of {counted_noun(phase.gate_total, 'gate item')} {'is' if open_count == 1 else 'are'} open (line {phase.first})"
            line = phase.status.line if phase.status else rule_input.tasks[phase.index].line
            yield rule_input.diagnostic(line, "information", "gate-open", message, None, phase.first)


def _check_skipped_phases(rule_input: PhaseRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each unfinished required phase before a finished phase."""
    counts_by_phase = [rule_input.required_counts(phase) for phase in rule_input.facts.phases]
    last_finished_index = max(
        (phase_index for phase_index, (done_count, total) in enumerate(counts_by_phase) if done_count == total > 0),
        default=-1,
    )
    for phase_index, phase in enumerate(rule_input.facts.phases[: max(last_finished_index, 0)]):
        done_count, total = counts_by_phase[phase_index]
        task = rule_input.tasks[phase.index]
        if done_count < total and not task.optional:
            later_task = rule_input.tasks[rule_input.facts.phases[last_finished_index].index]
            message = f"{task.id} has {counted_noun(total - done_count, 'open task')}, but {later_task.id} (line {later_task.line}) is finished"
            yield rule_input.diagnostic(task.line, "hint", "phase-skipped", message, None, later_task.line)


def _check_ids(rule_input: PhaseRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each repeated id of a phase, and each repeated label of a task."""
    indexes_with_id = {*rule_input.facts.labelled, *(phase.index for phase in rule_input.facts.phases)}
    first_lines: dict[str, int] = {}
    for index, task in enumerate(rule_input.tasks):
        first_line = first_lines.setdefault(task.id, task.line) if index in indexes_with_id else task.line
        if first_line == task.line:
            continue
        prefix, number = split_id(task.id)
        fix = rule_input.id_fix(task, rule_input.free_id(prefix)) if number and task.marker else None
        message = f"{task.id} is used twice (line {first_line}): write a different number"
        yield rule_input.diagnostic(
            task.line, "warning", "task-id-duplicate", message, fix, first_line, task.id if task.marker else ""
        )


def _check_deliverables(rule_input: PhaseRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each file that a ticked task was to create, and that is missing or at a different path."""
    files = locations_of_created_files(rule_input.plan_input, rule_input.facts)
    for index, task in enumerate(rule_input.tasks):
        if rule_input.evaluated[index].state not in TICKED_STATES:
            continue
        for path in task.creates:
            file_status, new_path = files[path]
            short_path = shorten(path, MAX_PATH_LENGTH_IN_MESSAGE)
            if file_status == "nowhere":
                note = replacement_note(path, rule_input.plan_input.files_named)
                message = (
                    f"{task.id} is ticked, but `{short_path}` does not exist{note}: untick it, or correct the path"
                )
                yield rule_input.diagnostic(task.line, "warning", "deliverable-missing", message)
            elif file_status == "moved":
                message = f"`{short_path}` is at `{shorten(new_path, MAX_PATH_LENGTH_IN_MESSAGE)}`: correct the path"
                yield rule_input.diagnostic(task.line, "hint", "deliverable-moved", message)


def _check_test_runs(rule_input: PhaseRuleInput) -> Iterator[Diagnostic]:
    if not rule_input.facts.status or rule_input.facts.status.state != "done":
        return
    for line, counts_text in rule_input.facts.skipped:
        message = f"The plan says that it is done, but a recorded test run has {counts_text}"
        yield rule_input.diagnostic(line, "warning", "skipped-tests-in-done-plan", message)


def _check_space_after_boxes(rule_input: PhaseRuleInput) -> Iterator[Diagnostic]:
    for line, column in rule_input.facts.glued:
        fix = TextFix("Insert a space", line, column, column, " ", is_safe=True)
        message = "No space behind the box: Markdown viewers do not show it as a box"
        yield rule_input.diagnostic(line, "hint", "no-space-after-box", message, fix)


def _check_unticked_parents(rule_input: PhaseRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each open task whose required sub-tasks are all done or deferred."""
    for index, task in enumerate(rule_input.tasks):
        required_children = [child for child in rule_input.children[index] if not rule_input.tasks[child].optional]
        if not task.marker or task.state != "open" or not required_children:
            continue
        if all(rule_input.evaluated[child].state in SETTLED_STATES for child in required_children):
            message = f"Every sub-task of {rule_input.name(index)} is done, but its box is not ticked"
            fix = rule_input.box_fix(task, "[x]", "Tick it")
            yield rule_input.diagnostic(task.line, "hint", "parent-not-ticked", message, fix)


RULES: tuple[Callable[[PhaseRuleInput], Iterator[Diagnostic]], ...] = (
    *(
        _check_tasks_exist,
        merge_conflicts,
        _check_statuses,
        _check_footer,
        _check_gates,
        _check_skipped_phases,
        _check_ids,
        parents_ticked_early,
        _check_unticked_parents,
    ),
    empty_boxes,
    unknown_markers(STATES_BY_MARKER, "is no mark of feature-planner, so the task counts as open: write [ ] or [x]"),
    *(_check_deliverables, _check_test_runs, _check_space_after_boxes),
)
