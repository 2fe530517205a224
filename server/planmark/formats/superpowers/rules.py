"""The rules that find diagnostics in a superpowers plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from planmark.formats.checkbox.deliverables import replacement_note
from planmark.formats.checkbox.evaluate import TICKED_STATES, evaluate_tasks, is_built_but_unticked
from planmark.formats.checkbox.rules import RuleInput, empty_boxes, merge_conflicts, unknown_markers
from planmark.formats.checkbox.tasks import NO_POSITION
from planmark.formats.superpowers.evaluate import facts_of, file_places, newer_version
from planmark.formats.superpowers.grammar import STATES
from planmark.plans.diagnostic import Diagnostic, TextFix
from planmark.plans.format import PlanInput
from planmark.plans.model import PlanState
from planmark.text.pluralize import counted_noun


class CheckedPlanDocument(RuleInput):
    """A plan with its facts and its state, for the rules. The states follow from the boxes, without a ledger."""

    def __init__(self, plan_input: PlanInput, state: PlanState) -> None:
        self.facts = facts_of(plan_input)
        self.state = state
        super().__init__(plan_input, self.facts.task_list, evaluate_tasks(self.facts.task_list.tasks))


def check(plan_input: PlanInput, state: PlanState) -> Iterable[Diagnostic]:
    """Yield the diagnostics of a plan."""
    checked_plan_document = CheckedPlanDocument(plan_input, state)
    for rule in RULES:
        yield from rule(checked_plan_document)


def _no_tasks(checked_plan_document: CheckedPlanDocument) -> Iterator[Diagnostic]:
    if not checked_plan_document.tasks:
        yield checked_plan_document.diagnostic(
            1, "hint", "plan-no-tasks", "No task heading and no box: this is a document, not a plan"
        )


def _check_superseded_plan(checked_plan_document: CheckedPlanDocument) -> Iterator[Diagnostic]:
    if newer_path := newer_version(checked_plan_document.plan_input):
        message = f"Superseded by {newer_path.rpartition('/')[2]} beside it: open that plan"
        yield checked_plan_document.diagnostic(1, "information", "plan-superseded", message)


def _check_untouched_plan(checked_plan_document: CheckedPlanDocument) -> Iterator[Diagnostic]:
    built_files = checked_plan_document.state.built_files
    if built_files and is_built_but_unticked(checked_plan_document.evaluated, built_files):
        message = f"No step is ticked, but {built_files.exist} of {built_files.creates} files to create exist: reconcile the boxes"
        yield checked_plan_document.diagnostic(1, "information", "boxes-untouched", message)


def _check_fenced_tasks(checked_plan_document: CheckedPlanDocument) -> Iterator[Diagnostic]:
    unclosed_spans = checked_plan_document.facts.unclosed
    for line, number in Counter(fence for fence, _ in unclosed_spans).items():
        message = f"This code block has no end, so readers and tools miss {counted_noun(number, 'step')} behind it: close the block"
        yield checked_plan_document.diagnostic(line, "warning", "step-inside-code-fence", message)
    reported = {step for _, step in unclosed_spans}
    for line in checked_plan_document.facts.fenced:
        if line in reported:
            continue
        message = "This step lies inside a code block: readers and tools miss it; write four backticks around the block"
        yield checked_plan_document.diagnostic(line, "warning", "step-inside-code-fence", message)


def _earlier_open(checked_plan_document: CheckedPlanDocument) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each task without any tick before a later task that has ticks."""
    begun_flags = [
        evaluation.state in TICKED_STATES or evaluation.state == "in_progress"
        for evaluation in checked_plan_document.evaluated
    ]
    tops = [
        index
        for index, task in enumerate(checked_plan_document.tasks)
        if task.parent == NO_POSITION and task.kind == "task"
    ]
    last = max((index for index in tops if begun_flags[index]), default=NO_POSITION)
    for index in tops:
        if (
            index < last
            and not begun_flags[index]
            and not checked_plan_document.tasks[index].optional
            and checked_plan_document.evaluated[index].state != "deferred"
        ):
            message = f"No step of {_task(checked_plan_document, index)} is ticked, but {_task(checked_plan_document, last)} (line {checked_plan_document.tasks[last].line}) has ticks"
            yield checked_plan_document.diagnostic(
                checked_plan_document.tasks[index].line, "hint", "earlier-task-open", message
            )


def _task(checked_plan_document: CheckedPlanDocument, index: int) -> str:
    task = checked_plan_document.tasks[index]
    return f"Task {task.id}" if task.id else "this task"


def _no_boxes(checked_plan_document: CheckedPlanDocument) -> Iterator[Diagnostic]:
    bold_steps = dict(checked_plan_document.facts.bold_steps)
    for index, task in enumerate(checked_plan_document.tasks):
        if task.marker or task.kind != "task" or checked_plan_document.children[index]:
            continue
        fix = None
        line = bold_steps.get(task.line)
        if line:
            text = checked_plan_document.lines[line - 1]
            start = len(text) - len(text.lstrip())
            fix = TextFix("Insert a box before the step", line, start, start, "- [ ] ")
        message = f"{_task(checked_plan_document, index)} has no step with a box: its state cannot be recorded"
        yield checked_plan_document.diagnostic(task.line, "information", "checkbox-missing", message, fix)


def _bold_tasks(checked_plan_document: CheckedPlanDocument) -> Iterator[Diagnostic]:
    for line in checked_plan_document.facts.bold_tasks:
        message = "This reads like a task, but superpowers finds only headings such as `### Task 1: …`"
        yield checked_plan_document.diagnostic(line, "hint", "task-not-heading", message)


def _ids(checked_plan_document: CheckedPlanDocument) -> Iterator[Diagnostic]:
    first: dict[str, int] = {}
    for index, task in enumerate(checked_plan_document.tasks):
        if task.kind != "task" or not task.id:
            continue
        line = first.setdefault(task.id, task.line)
        if line != task.line:
            message = f"Task {task.id} is used twice (line {line}): write a different number"
            yield checked_plan_document.diagnostic(task.line, "warning", "task-id-duplicate", message, reason_line=line)
        if not task.id.isdigit() and not task.marker:
            message = (
                f"SDD finds only `Task <number>`: {_task(checked_plan_document, index)} cannot be dispatched by its id"
            )
            yield checked_plan_document.diagnostic(task.line, "information", "task-heading-not-found-by-sdd", message)


def _check_repeated_numbers(checked_plan_document: CheckedPlanDocument) -> Iterator[Diagnostic]:
    for line in checked_plan_document.facts.repeated:
        message = "This task has the number of the step twice: number the steps by their order"
        yield checked_plan_document.diagnostic(line, "warning", "duplicate-step-number", message)


def _claims(checked_plan_document: CheckedPlanDocument) -> Iterator[Diagnostic]:
    progress = checked_plan_document.state.progress
    if not progress or not progress.total or progress.done * 2 >= progress.total:
        return
    for line in checked_plan_document.facts.claims[:1]:
        message = f"This line says that the work is done, but {progress.done} of {progress.total} steps are ticked"
        yield checked_plan_document.diagnostic(line, "information", "status-contradicts-boxes", message)


def _deliverables(checked_plan_document: CheckedPlanDocument) -> Iterator[Diagnostic]:
    places = file_places(checked_plan_document.plan_input, checked_plan_document.facts)
    for index, task in enumerate(checked_plan_document.tasks):
        if checked_plan_document.evaluated[index].state not in TICKED_STATES:
            continue
        for path in task.creates:
            if not places[path]:
                other = replacement_note(path, checked_plan_document.plan_input.elsewhere)
                message = f"{_task(checked_plan_document, index)} is ticked, but `{path}` does not exist{other}: untick it, or correct the path"
                yield checked_plan_document.diagnostic(task.line, "warning", "deliverable-missing", message)


def _placeholders(checked_plan_document: CheckedPlanDocument) -> Iterator[Diagnostic]:
    for line in checked_plan_document.facts.placeholders:
        message = "A placeholder: writing-plans wants the exact step here"
        yield checked_plan_document.diagnostic(line, "hint", "placeholder-left", message)


RULES: tuple[Callable[[CheckedPlanDocument], Iterator[Diagnostic]], ...] = (
    *(
        _no_tasks,
        _check_superseded_plan,
        merge_conflicts,
        _check_untouched_plan,
        _check_fenced_tasks,
        _earlier_open,
        _no_boxes,
        _bold_tasks,
        _ids,
        _check_repeated_numbers,
    ),
    empty_boxes,
    unknown_markers(STATES, "is no mark of superpowers, so the step counts as open: write [ ] or [x]"),
    *(_claims, _deliverables, _placeholders),
)
