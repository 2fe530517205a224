"""The rules that find diagnostics in a superpowers plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from planmark.formats.checkbox.deliverables import replacement_note
from planmark.formats.checkbox.evaluate import TICKED_STATES, evaluate_tasks, is_built_but_unticked
from planmark.formats.checkbox.rules import RuleInput, empty_boxes, merge_conflicts, unknown_markers
from planmark.formats.checkbox.tasks import NO_POSITION
from planmark.formats.superpowers.evaluate import existing_paths_of_created_files, facts_of, newer_version_path
from planmark.formats.superpowers.grammar import STATES_BY_MARKER
from planmark.plans.diagnostic import Diagnostic, TextFix
from planmark.plans.format import PlanInput
from planmark.plans.model import PlanState
from planmark.text.pluralize import counted_noun


class PlanRuleInput(RuleInput):
    """The input of the rules: a plan with its facts and its state. The states of its tasks come from the boxes alone,
    and not from the ledger of superpowers.
    """

    def __init__(self, plan_input: PlanInput, state: PlanState) -> None:
        self.facts = facts_of(plan_input)
        self.state = state
        super().__init__(plan_input, self.facts.task_list, evaluate_tasks(self.facts.task_list.tasks))


def check(plan_input: PlanInput, state: PlanState) -> Iterable[Diagnostic]:
    """Yield the diagnostics of a plan."""
    rule_input = PlanRuleInput(plan_input, state)
    for rule in RULES:
        yield from rule(rule_input)


def _check_tasks_exist(rule_input: PlanRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for a document without a task."""
    if not rule_input.tasks:
        yield rule_input.diagnostic(
            1, "hint", "plan-no-tasks", "No task heading and no box: this is a document, not a plan"
        )


def _check_superseded_plan(rule_input: PlanRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for a plan that a newer plan replaces."""
    if newer_path := newer_version_path(rule_input.plan_input):
        message = f"Superseded by {newer_path.rpartition('/')[2]} beside it: open that plan"
        yield rule_input.diagnostic(1, "information", "plan-superseded", message)


def _check_untouched_plan(rule_input: PlanRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for a plan in which no box is ticked although all files to create exist."""
    built_files = rule_input.state.built_files
    if built_files and is_built_but_unticked(rule_input.evaluated, built_files):
        message = f"No step is ticked, but {built_files.exist} of {built_files.creates} files to create exist: reconcile the boxes"
        yield rule_input.diagnostic(1, "information", "boxes-untouched", message)


def _check_fenced_steps(rule_input: PlanRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each unclosed code block that contains steps, and for each step in a closed code block."""
    unclosed_blocks = rule_input.facts.unclosed
    for line, step_count in Counter(fence for fence, _ in unclosed_blocks).items():
        message = f"This code block has no end, so readers and tools miss {counted_noun(step_count, 'step')} behind it: close the block"
        yield rule_input.diagnostic(line, "warning", "step-inside-code-fence", message)
    reported_lines = {step for _, step in unclosed_blocks}
    for line in rule_input.facts.fenced:
        if line in reported_lines:
            continue
        message = "This step lies inside a code block: readers and tools miss it; write four backticks around the block"
        yield rule_input.diagnostic(line, "warning", "step-inside-code-fence", message)


def _check_task_order(rule_input: PlanRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each task that has no tick although a later task has ticks."""
    begun_flags = [
        evaluation.state in TICKED_STATES or evaluation.state == "in_progress" for evaluation in rule_input.evaluated
    ]
    top_indexes = [
        index for index, task in enumerate(rule_input.tasks) if task.parent == NO_POSITION and task.kind == "task"
    ]
    last_begun = max((index for index in top_indexes if begun_flags[index]), default=NO_POSITION)
    for index in top_indexes:
        if (
            index < last_begun
            and not begun_flags[index]
            and not rule_input.tasks[index].optional
            and rule_input.evaluated[index].state != "deferred"
        ):
            message = f"No step of {_task_name(rule_input, index)} is ticked, but {_task_name(rule_input, last_begun)} (line {rule_input.tasks[last_begun].line}) has ticks"
            yield rule_input.diagnostic(rule_input.tasks[index].line, "hint", "earlier-task-open", message)


def _task_name(rule_input: PlanRuleInput, index: int) -> str:
    """Return the name of the task at position `index` for a message."""
    task = rule_input.tasks[index]
    return f"Task {task.id}" if task.id else "this task"


def _check_boxes_exist(rule_input: PlanRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each task that has no step with a box."""
    bold_steps = dict(rule_input.facts.bold_steps)
    for index, task in enumerate(rule_input.tasks):
        if task.marker or task.kind != "task" or rule_input.children[index]:
            continue
        fix = None
        line = bold_steps.get(task.line)
        if line:
            text = rule_input.lines[line - 1]
            start = len(text) - len(text.lstrip())
            fix = TextFix("Insert a box before the step", line, start, start, "- [ ] ")
        message = f"{_task_name(rule_input, index)} has no step with a box: its state cannot be recorded"
        yield rule_input.diagnostic(task.line, "information", "checkbox-missing", message, fix)


def _check_bold_tasks(rule_input: PlanRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each bold paragraph that reads like a task heading."""
    for line in rule_input.facts.bold_tasks:
        message = "This reads like a task, but superpowers finds only headings such as `### Task 1: …`"
        yield rule_input.diagnostic(line, "hint", "task-not-heading", message)


def _check_task_ids(rule_input: PlanRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each repeated task id, and for each task id that superpowers does not find."""
    first_lines: dict[str, int] = {}
    for index, task in enumerate(rule_input.tasks):
        if task.kind != "task" or not task.id:
            continue
        line = first_lines.setdefault(task.id, task.line)
        if line != task.line:
            message = f"Task {task.id} is used twice (line {line}): write a different number"
            yield rule_input.diagnostic(task.line, "warning", "task-id-duplicate", message, reason_line=line)
        if not task.id.isdigit() and not task.marker:
            message = f"SDD finds only `Task <number>`: {_task_name(rule_input, index)} cannot be dispatched by its id"
            yield rule_input.diagnostic(task.line, "information", "task-heading-not-found-by-sdd", message)


def _check_repeated_step_numbers(rule_input: PlanRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each step whose number occurs twice in its task."""
    for line in rule_input.facts.repeated:
        message = "The number of this step occurs twice in its task: number the steps in order"
        yield rule_input.diagnostic(line, "warning", "duplicate-step-number", message)


def _check_claims(rule_input: PlanRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for the first line that says that the work is done, if more than half of the steps are open."""
    progress = rule_input.state.progress
    if not progress or not progress.total or progress.done * 2 >= progress.total:
        return
    for line in rule_input.facts.claims[:1]:
        message = f"This line says that the work is done, but {progress.done} of {progress.total} steps are ticked"
        yield rule_input.diagnostic(line, "information", "status-contradicts-boxes", message)


def _check_deliverables(rule_input: PlanRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each file that a ticked task should have created, and that does not exist."""
    places = existing_paths_of_created_files(rule_input.plan_input, rule_input.facts)
    for index, task in enumerate(rule_input.tasks):
        if rule_input.evaluated[index].state not in TICKED_STATES:
            continue
        for path in task.creates:
            if not places[path]:
                note = replacement_note(path, rule_input.plan_input.files_named)
                message = f"{_task_name(rule_input, index)} is ticked, but `{path}` does not exist{note}: untick it, or correct the path"
                yield rule_input.diagnostic(task.line, "warning", "deliverable-missing", message)


def _check_placeholders(rule_input: PlanRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each line with a placeholder."""
    for line in rule_input.facts.placeholders:
        message = "A placeholder: writing-plans wants the exact step here"
        yield rule_input.diagnostic(line, "hint", "placeholder-left", message)


RULES: tuple[Callable[[PlanRuleInput], Iterator[Diagnostic]], ...] = (
    *(
        _check_tasks_exist,
        _check_superseded_plan,
        merge_conflicts,
        _check_untouched_plan,
        _check_fenced_steps,
        _check_task_order,
        _check_boxes_exist,
        _check_bold_tasks,
        _check_task_ids,
        _check_repeated_step_numbers,
    ),
    empty_boxes,
    unknown_markers(STATES_BY_MARKER, "is no mark of superpowers, so the step counts as open: write [ ] or [x]"),
    *(_check_claims, _check_deliverables, _check_placeholders),
)
"""The rules of a superpowers plan, in the order in which they run."""
