"""The diagnostics of a spec of Kiro."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from planmark.formats.checkbox.evaluate import SETTLED_STATES
from planmark.formats.checkbox.lines import full_width_to_ascii
from planmark.formats.checkbox.rules import (
    Rule,
    RuleInput,
    duplicate_ids,
    merge_conflicts,
    missing_deliverables,
    parents_not_ticked,
    parents_ticked_early,
    tasks_missing,
    ticked_though_not_done,
    unknown_dependencies,
    unknown_markers,
)
from planmark.formats.kiro.evaluate import missing_paths_of, task_positions_by_wave, tasks_of
from planmark.formats.kiro.grammar import Tasks
from planmark.formats.kiro.requirements import Requirements, valid_requirement_ids
from planmark.plans.diagnostic import Diagnostic, TextFix
from planmark.plans.format import PlanInput
from planmark.plans.model import PlanState


def check(plan_input: PlanInput, _state: PlanState) -> Iterator[Diagnostic]:
    """Yield the diagnostics of a spec."""
    tasks = tasks_of(plan_input)
    if tasks is None:
        yield from tasks_missing(plan_input, "`tasks.md` does not exist yet: the spec is still being written")
        return
    rule_input = RuleInput(plan_input, tasks.task_list)
    rules: tuple[Rule, ...] = (
        merge_conflicts,
        duplicate_ids,
        unknown_markers((" ", "-", "~", "x", "X"), "is not one of `[ ]`, `[-]`, `[~]`, `[x]`: write `[ ]`"),
        _check_queued_boxes,
        _check_escaped_boxes,
        _check_id_forms,
        _check_major_headings,
        parents_ticked_early,
        parents_not_ticked,
        _check_subtask_numbers,
        ticked_though_not_done("task-says-deferred"),
        missing_deliverables(missing_paths_of(plan_input, tasks.task_list)),
        unknown_dependencies,
        _check_dependency_order,
    )
    for rule in rules:
        yield from rule(rule_input)
    yield from _check_requirement_numbers(rule_input, tasks)
    yield from _check_waves(rule_input, tasks)


def _check_queued_boxes(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each box `[~]`, which means “queued” in Kiro."""
    for task in rule_input.tasks:
        if task.marker == "~":
            message = "`[~]` means “queued” in Kiro. If no run of Kiro is waiting, write `[ ]`"
            yield rule_input.diagnostic(
                task.line, "hint", "task-queued", message, rule_input.box_fix(task, "[ ]", "Write `[ ]`")
            )


def _check_escaped_boxes(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each optional task whose mark `*` is written `\\*`, because a formatter escaped it."""
    for task in rule_input.tasks:
        if task.optional and rule_input.lines[task.line - 1].startswith("\\*", task.box[1]):
            fix = TextFix("Write `*`", task.line, task.box[1], task.box[1] + 2, "*", is_safe=True)
            message = "A formatter wrote `\\*`, but Kiro reads `*`: list tasks.md in .prettierignore"
            yield rule_input.diagnostic(task.line, "warning", "task-optional-escaped", message, fix)


def _check_id_forms(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each id with full-width characters, which Kiro does not recognise."""
    for task in rule_input.tasks:
        if not task.id:
            continue
        rest = rule_input.lines[task.line - 1][task.box[1] :]
        if rest.isascii():
            continue
        start = full_width_to_ascii(rest).find(task.id)
        id_text = rest[start : start + len(task.id) + 1].rstrip()
        if start >= 0 and not id_text.isascii() and (id_text != full_width_to_ascii(id_text) or id_text.endswith("、")):
            column = task.box[1] + start
            plain_id = full_width_to_ascii(id_text).replace(":", ".").replace("、", ".")
            fix = TextFix(f"Write {plain_id}", task.line, column, column + len(id_text), plain_id)
            message = f"Kiro does not recognise the number {id_text}: write {plain_id} with ASCII characters"
            yield rule_input.diagnostic(task.line, "warning", "task-id-form", message, fix, target=id_text)


def _check_major_headings(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each heading in place of a major task: Kiro can start only tasks with a box."""
    task_ids = {task.id for task in rule_input.tasks}
    reported_groups: set[int] = set()
    for task in rule_input.tasks:
        if task.parent >= 0 or task.group < 0 or task.group in reported_groups or "." not in task.id:
            continue
        group = rule_input.task_list.groups[task.group]
        major_id = task.id.rpartition(".")[0]
        if group.id.rpartition(" ")[2] != major_id or major_id in task_ids:
            continue
        reported_groups.add(task.group)
        line = rule_input.lines[group.line - 1]
        fix = TextFix("Insert the major task", group.line, len(line), len(line), f"\n\n- [ ] {major_id}. {group.title}")
        message = f"Kiro offers no “Start task” here: {task.id} needs `- [ ] {major_id}. …` above it, not a heading"
        yield rule_input.diagnostic(group.line, "warning", "task-not-startable", message, fix)


def _check_subtask_numbers(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each sub-task whose number does not begin with the number of its parent."""
    for task in rule_input.tasks:
        if task.parent < 0 or "." not in task.id:
            continue
        parent = rule_input.tasks[task.parent]
        if parent.id and not task.id.startswith(f"{parent.id}."):
            fix = rule_input.id_fix(task, rule_input.free_id(f"{parent.id}."))
            message = f"{task.id} stands below {parent.id} (line {parent.line}): give it a number that begins with `{parent.id}.`, or move it"
            yield rule_input.diagnostic(task.line, "warning", "task-number-group", message, fix, parent.line, task.id)


def _check_dependency_order(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each done task that depends on an open required task."""
    first_by_id = {task.id: index for index, task in reversed(list(enumerate(rule_input.tasks))) if task.id}
    for index, task in enumerate(rule_input.tasks):
        if rule_input.evaluated[index].state != "done":
            continue
        for needed_id in task.depends_on:
            needed_index = first_by_id.get(needed_id, index)
            evaluation = rule_input.evaluated[needed_index]
            if (
                needed_index != index
                and evaluation.is_leaf
                and evaluation.state not in SETTLED_STATES
                and not rule_input.tasks[needed_index].optional
            ):
                message = f"{rule_input.name(index)} is done, but it depends on {needed_id} (line {rule_input.tasks[needed_index].line}), which is not"
                yield rule_input.diagnostic(
                    task.line, "hint", "done-before-dependency", message, None, rule_input.tasks[needed_index].line
                )


def _check_requirement_numbers(rule_input: RuleInput, tasks: Tasks) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each requirement number in a task that the spec does not have.

    If most numbers are unknown, yield no diagnostic.
    """
    documents = rule_input.plan_input.documents.values()
    requirement_files = [document.facts for document in documents if isinstance(document.facts, Requirements)]
    requirement_ids = valid_requirement_ids(requirement_files)
    if not requirement_ids:
        return
    complete_ids = {
        requirement.id
        for facts in requirement_files
        for requirement in facts.requirements
        if requirement.is_numbered_without_gap
    }
    withdrawn_ids = {
        requirement.id for facts in requirement_files for requirement in facts.requirements if requirement.withdrawn
    }
    named_numbers = {use.id.partition(".")[0] for use in tasks.uses}
    if len(named_numbers) > 3 and 2 * len(named_numbers - requirement_ids - withdrawn_ids) > len(named_numbers):
        # If most numbers are unknown, the document numbers its requirements in a form that Planmark does not read.
        return
    for use in tasks.uses:
        requirement_number = use.id.partition(".")[0]
        if use.id not in requirement_ids and (
            requirement_number not in requirement_ids or requirement_number in complete_ids
        ):
            message = f"The requirements of this spec have no {use.id}: correct the number"
            if requirement_number in withdrawn_ids:
                message = f"Requirement {requirement_number} is withdrawn: remove {use.id}, or name the requirement that replaces it"
            yield rule_input.diagnostic(use.line, "warning", "requirement-unknown", message, target=use.id)


def _check_waves(rule_input: RuleInput, tasks: Tasks) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each difference between the dependency graph and the tasks."""
    if not tasks.waves:
        return
    counts = Counter(task.id for task in rule_input.tasks)
    for task_id in dict.fromkeys(task_id for wave in tasks.waves for task_id in wave):
        if task_id not in counts:
            yield rule_input.diagnostic(
                tasks.graph, "warning", "wave-task-unknown", f"The graph names {task_id}, but no task has this number"
            )
    indexes_in_waves = {index for wave in task_positions_by_wave(rule_input.tasks, tasks.waves) for index in wave}
    for index, task in enumerate(rule_input.tasks):
        evaluation = rule_input.evaluated[index]
        if (
            index not in indexes_in_waves
            and "." in task.id
            and evaluation.is_counted
            and evaluation.state not in SETTLED_STATES
        ):
            message = f"{task.id} is in no wave of the dependency graph (line {tasks.graph})"
            yield rule_input.diagnostic(task.line, "hint", "wave-task-missing", message, None, tasks.graph)
