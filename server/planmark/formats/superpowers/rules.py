"""The rules that find diagnostics in a superpowers plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from planmark.formats.checkbox.deliverables import instead
from planmark.formats.checkbox.evaluate import TICKED_STATES, evaluate_tasks, is_untouched
from planmark.formats.checkbox.rules import CheckedTasks, empty_boxes, merge_conflicts, unknown_markers
from planmark.formats.checkbox.tasks import NO_POSITION
from planmark.formats.superpowers.evaluate import facts_of, file_places, newer_version
from planmark.formats.superpowers.grammar import STATES
from planmark.plans.diagnostic import Diagnostic, TextFix
from planmark.plans.format import PlanInput
from planmark.plans.model import PlanState
from planmark.text.pluralize import counted


class CheckedPlanDocument(CheckedTasks):
    """A plan with its facts and its state, for the rules. The states follow from the boxes, without a ledger."""

    def __init__(self, given: PlanInput, state: PlanState) -> None:
        self.facts = facts_of(given)
        self.state = state
        super().__init__(given, self.facts.listed, evaluate_tasks(self.facts.listed.tasks))


def check(given: PlanInput, state: PlanState) -> Iterable[Diagnostic]:
    """Yield the diagnostics of a plan."""
    checked = CheckedPlanDocument(given, state)
    for rule in RULES:
        yield from rule(checked)


def _no_tasks(checked: CheckedPlanDocument) -> Iterator[Diagnostic]:
    if not checked.tasks:
        yield checked.diagnostic(
            1, "hint", "plan-no-tasks", "No task heading and no box: this is a document, not a plan"
        )


def _superseded(checked: CheckedPlanDocument) -> Iterator[Diagnostic]:
    if newer := newer_version(checked.given):
        message = f"Superseded by {newer.rpartition('/')[2]} beside it: open that plan"
        yield checked.diagnostic(1, "information", "plan-superseded", message)


def _untouched(checked: CheckedPlanDocument) -> Iterator[Diagnostic]:
    built = checked.state.built
    if built and is_untouched(checked.evaluated, built):
        message = f"No step is ticked, but {built.exist} of {built.creates} files to create exist: reconcile the boxes"
        yield checked.diagnostic(1, "information", "boxes-untouched", message)


def _fenced(checked: CheckedPlanDocument) -> Iterator[Diagnostic]:
    unclosed = checked.facts.unclosed
    for line, number in Counter(fence for fence, _ in unclosed).items():
        message = f"This code block has no end, so readers and tools miss {counted(number, 'step')} behind it: close the block"
        yield checked.diagnostic(line, "warning", "step-inside-code-fence", message)
    reported = {step for _, step in unclosed}
    for line in checked.facts.fenced:
        if line in reported:
            continue
        message = "This step lies inside a code block: readers and tools miss it; write four backticks around the block"
        yield checked.diagnostic(line, "warning", "step-inside-code-fence", message)


def _earlier_open(checked: CheckedPlanDocument) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each task without any tick before a later task that has ticks."""
    begun = [evaluation.state in TICKED_STATES or evaluation.state == "in_progress" for evaluation in checked.evaluated]
    tops = [at for at, task in enumerate(checked.tasks) if task.parent == NO_POSITION and task.kind == "task"]
    last = max((at for at in tops if begun[at]), default=NO_POSITION)
    for at in tops:
        if at < last and not begun[at] and not checked.tasks[at].optional and checked.evaluated[at].state != "deferred":
            message = f"No step of {_task(checked, at)} is ticked, but {_task(checked, last)} (line {checked.tasks[last].line}) has ticks"
            yield checked.diagnostic(checked.tasks[at].line, "hint", "earlier-task-open", message)


def _task(checked: CheckedPlanDocument, at: int) -> str:
    task = checked.tasks[at]
    return f"Task {task.id}" if task.id else "this task"


def _no_boxes(checked: CheckedPlanDocument) -> Iterator[Diagnostic]:
    bold_steps = dict(checked.facts.bold_steps)
    for at, task in enumerate(checked.tasks):
        if task.marker or task.kind != "task" or checked.children[at]:
            continue
        fix = None
        line = bold_steps.get(task.line)
        if line:
            text = checked.lines[line - 1]
            start = len(text) - len(text.lstrip())
            fix = TextFix("Insert a box before the step", line, start, start, "- [ ] ")
        message = f"{_task(checked, at)} has no step with a box: its state cannot be recorded"
        yield checked.diagnostic(task.line, "information", "checkbox-missing", message, fix)


def _bold_tasks(checked: CheckedPlanDocument) -> Iterator[Diagnostic]:
    for line in checked.facts.bold_tasks:
        message = "This reads like a task, but superpowers finds only headings such as `### Task 1: …`"
        yield checked.diagnostic(line, "hint", "task-not-heading", message)


def _ids(checked: CheckedPlanDocument) -> Iterator[Diagnostic]:
    first: dict[str, int] = {}
    for at, task in enumerate(checked.tasks):
        if task.kind != "task" or not task.id:
            continue
        line = first.setdefault(task.id, task.line)
        if line != task.line:
            message = f"Task {task.id} is used twice (line {line}): write a different number"
            yield checked.diagnostic(task.line, "warning", "task-id-duplicate", message, first=line)
        if not task.id.isdigit() and not task.marker:
            message = f"SDD finds only `Task <number>`: {_task(checked, at)} cannot be dispatched by its id"
            yield checked.diagnostic(task.line, "information", "task-heading-not-found-by-sdd", message)


def _repeated(checked: CheckedPlanDocument) -> Iterator[Diagnostic]:
    for line in checked.facts.repeated:
        message = "This task has the number of the step twice: number the steps by their order"
        yield checked.diagnostic(line, "warning", "duplicate-step-number", message)


def _claims(checked: CheckedPlanDocument) -> Iterator[Diagnostic]:
    progress = checked.state.progress
    if not progress or not progress.total or progress.done * 2 >= progress.total:
        return
    for line in checked.facts.claims[:1]:
        message = f"This line says that the work is done, but {progress.done} of {progress.total} steps are ticked"
        yield checked.diagnostic(line, "information", "status-contradicts-boxes", message)


def _deliverables(checked: CheckedPlanDocument) -> Iterator[Diagnostic]:
    places = file_places(checked.given, checked.facts)
    for at, task in enumerate(checked.tasks):
        if checked.evaluated[at].state not in TICKED_STATES:
            continue
        for path in task.creates:
            if not places[path]:
                other = instead(path, checked.given.elsewhere)
                message = f"{_task(checked, at)} is ticked, but `{path}` does not exist{other}: untick it, or correct the path"
                yield checked.diagnostic(task.line, "warning", "deliverable-missing", message)


def _placeholders(checked: CheckedPlanDocument) -> Iterator[Diagnostic]:
    for line in checked.facts.placeholders:
        message = "A placeholder: writing-plans wants the exact step here"
        yield checked.diagnostic(line, "hint", "placeholder-left", message)


RULES: tuple[Callable[[CheckedPlanDocument], Iterator[Diagnostic]], ...] = (
    *(
        _no_tasks,
        _superseded,
        merge_conflicts,
        _untouched,
        _fenced,
        _earlier_open,
        _no_boxes,
        _bold_tasks,
        _ids,
        _repeated,
    ),
    empty_boxes,
    unknown_markers(STATES, "is no mark of superpowers, so the step counts as open: write [ ] or [x]"),
    *(_claims, _deliverables, _placeholders),
)
