"""The diagnostics of a feature."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from planmark.formats.checkbox.deliverables import replacement_note
from planmark.formats.checkbox.rules import (
    RuleInput,
    duplicate_ids,
    merge_conflicts,
    unknown_dependencies,
    unknown_markers,
)
from planmark.formats.checkbox.tasks import NO_POSITION, Task
from planmark.formats.speckit.documents import ChecklistFacts
from planmark.formats.speckit.evaluate import feature_files, tasks_of, tasks_path
from planmark.formats.speckit.grammar import STATES_BY_MARKER
from planmark.formats.speckit.layout import place_of
from planmark.formats.speckit.phases import blocking_phases_of, kinds_of
from planmark.plans.diagnostic import Diagnostic, LineEdit, LinesFix, TextFix
from planmark.plans.format import PlanInput
from planmark.plans.model import PlanState
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lines import line_end_counts
from planmark.text.pluralize import counted_noun

_PLAIN_ID = lazy_pattern(r"([A-Z])(\d{1,9})$")
"""Pattern for an id that is a letter and a number."""
MAIN_DOCUMENTS = ("tasks.md", "spec.md", "plan.md")
"""Names of the main documents of a feature. Each feature has at least one of these documents."""


class FeatureRuleInput(RuleInput):
    """The tasks of a feature, with their facts and files, for the rules."""

    def __init__(self, plan_input: PlanInput, state: PlanState) -> None:
        self.facts = tasks_of(plan_input)
        super().__init__(plan_input, self.facts.task_list, [], tasks_path(plan_input))
        self.state = state
        self.files = feature_files(plan_input, self.facts)

    def text(self, line: int) -> str:
        """Return the text of a 1-based line; "" for a line after the end of the document."""
        return self.lines[line - 1] if line <= len(self.lines) else ""


def check(plan_input: PlanInput, state: PlanState) -> Iterable[Diagnostic]:
    """Yield the diagnostics of a feature."""
    yield from _check_feature_number(plan_input)
    if tasks_path(plan_input) not in plan_input.documents:
        return
    feature = FeatureRuleInput(plan_input, state)
    if feature.facts.template:
        yield feature.diagnostic(
            feature.facts.title_line,
            "information",
            "template-unchanged",
            "This is the unchanged template of spec-kit: run /speckit.tasks to write the tasks",
        )
        return
    for rule in RULES:
        yield from rule(feature)


def _task_name(task: Task) -> str:
    """Return the id of a task, else words for the beginning of a message."""
    return task.id or "This task"


def _check_feature_number(plan_input: PlanInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic if an earlier folder of the project has the same feature number."""
    folder = plan_input.site.folder
    feature_place = place_of(f"{folder}/tasks.md")
    path = next((f"{folder}/{name}" for name in MAIN_DOCUMENTS if f"{folder}/{name}" in plan_input.documents), None)
    if not feature_place or not path:
        return
    path_prefix = f"{feature_place.root}specs/{feature_place.number}-"
    feature_folders = {
        f"{same_name_path.rpartition('/')[0]}/"
        for name in MAIN_DOCUMENTS
        for same_name_path in plan_input.files_named(name)
        if same_name_path.startswith(path_prefix) and same_name_path.count("/") == path.count("/")
    }
    earlier_folders = sorted(feature_folder for feature_folder in feature_folders if feature_folder < f"{folder}/")
    if earlier_folders:
        earlier_folder = earlier_folders[0].rstrip("/")
        message = f"The number {feature_place.number} is used by {earlier_folder.rpartition('/')[2]} too: name the feature by its folder"
        yield Diagnostic(path, 1, "hint", "feature-number-duplicate", message)


def _check_tasks_exist(feature: FeatureRuleInput) -> Iterator[Diagnostic]:
    if not feature.facts.task_list.tasks:
        yield feature.diagnostic(
            1, "information", "tasks-missing", "tasks.md has no task: run /speckit.tasks to write them"
        )


def _check_plan_exists(feature: FeatureRuleInput) -> Iterator[Diagnostic]:
    if f"{feature.plan_input.site.folder}/plan.md" not in feature.plan_input.documents:
        message = "plan.md is missing: the scripts of spec-kit refuse this feature; run /speckit.plan"
        yield feature.diagnostic(1, "information", "plan-md-missing", message)


def _check_ids_exist(feature: FeatureRuleInput) -> Iterator[Diagnostic]:
    tasks = feature.facts.task_list.tasks
    if tasks and not any(task.id for task in tasks):
        message = "No task of this file has an id: spec-kit's own commands find none; write T001, T002, … in file order"
        boxed_tasks = [task for task in tasks if task.marker]
        edits = tuple(
            LineEdit(task.line, task.box[1], task.box[1], f" T{index:03}") for index, task in enumerate(boxed_tasks, 1)
        )
        fix = LinesFix("Number the tasks in file order", edits) if len(boxed_tasks) == len(tasks) else None
        yield feature.diagnostic(tasks[0].line, "hint", "task-id-missing", message, fix)


def _check_id_order(feature: FeatureRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each id with a lower number than the last id before it with the same letter.

    Repeated ids, inserted ids such as T012b, and skipped tasks are ignored.
    """
    checked_ids: set[str] = set()
    last_task_by_letter: dict[str, Task] = {}
    for task in feature.tasks:
        match = _PLAIN_ID.match(task.id)
        if not match or task.state == "deferred" or task.id in checked_ids:
            continue
        checked_ids.add(task.id)
        last_task = last_task_by_letter.get(match[1])
        if last_task and int(match[2]) < int(last_task.id[1:]):
            message = f"{task.id} stands after {last_task.id}: ids follow the order of the work"
            yield feature.diagnostic(task.line, "hint", "task-id-order", message)
        last_task_by_letter[match[1]] = task


def _check_glued_ids(feature: FeatureRuleInput) -> Iterator[Diagnostic]:
    for task, detail in zip(feature.tasks, feature.facts.details, strict=True):
        if detail.glued:
            yield _glued_id_diagnostic(feature, task)


def _glued_id_diagnostic(feature: FeatureRuleInput, task: Task) -> Diagnostic:
    """Return the diagnostic for a task without a space after its id."""
    start = feature.text(task.line).find(task.id, task.box[1])
    end = start + len(task.id)
    fix = TextFix(f"Insert a space after {task.id}", task.line, end, end, " ", is_safe=True) if start >= 0 else None
    return feature.diagnostic(
        task.line, "warning", "task-id-glued", f"A space is missing after {task.id}: insert one", fix
    )


def _check_boxes(feature: FeatureRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each task with two boxes, and for each heading task without a box below it."""
    tasks, details = feature.facts.task_list.tasks, feature.facts.details
    parents = {task.parent for task in tasks}
    for index, (task, detail) in enumerate(zip(tasks, details, strict=True)):
        if detail.second_box:
            start, end = detail.second_box
            fix = TextFix("Remove the second box", task.line, start, end, "")
            message = f"{_task_name(task)} has two boxes, and the second decides nothing: remove one"
            yield feature.diagnostic(task.line, "warning", "double-checkbox", message, fix)
        elif detail.heading and index not in parents and not detail.acceptance:
            yield _no_box_diagnostic(feature, task)


def _no_box_diagnostic(feature: FeatureRuleInput, task: Task) -> Diagnostic:
    """Return the diagnostic for a heading task without a box below it, with a fix that inserts a box."""
    heading_text, document_text = feature.text(task.line), feature.plan_input.text(feature.path)
    end_of_line = next(
        iter(sorted(line_end_counts(document_text), key=lambda line_end: -line_end_counts(document_text)[line_end])),
        "\n",
    )
    box_text = f"{end_of_line}{end_of_line}- [ ] {task.id} {task.title}".rstrip()
    fix = TextFix("Insert a box below the heading", task.line, len(heading_text), len(heading_text), box_text)
    message = f"{task.id} has no box: its state cannot be recorded; write `- [ ] {task.id} …` below the heading"
    return feature.diagnostic(task.line, "warning", "checkbox-missing", message, fix)


def _check_phase_order(feature: FeatureRuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each phase with open tasks that blocks a phase in which work has begun."""
    groups = feature.state.groups
    blocking_phases = blocking_phases_of(kinds_of(feature.facts.phases), [group.done < group.total for group in groups])
    begun_index_by_blocking_index: dict[int, int] = {}
    for index, group in enumerate(groups):
        if group.done and blocking_phases[index]:
            begun_index_by_blocking_index.setdefault(blocking_phases[index][0], index)
    first_open_line_by_group: dict[str | None, int] = {}
    for item in feature.state.achievements:
        if item.leaf and item.state == "open":
            first_open_line_by_group.setdefault(item.group, item.line)
    for index, later_index in begun_index_by_blocking_index.items():
        group = groups[index]
        open_tasks_text = counted_noun(group.total - group.done, "open task")
        message = f"This phase has {open_tasks_text} and blocks line {groups[later_index].line}, where work has begun: finish this one first"
        yield feature.diagnostic(
            group.line, "hint", "earlier-phase-open", message, reason_line=first_open_line_by_group.get(group.id)
        )


def _check_skipped_tasks(feature: FeatureRuleInput) -> Iterator[Diagnostic]:
    for task in feature.facts.task_list.tasks:
        if task.state == "deferred" and STATES_BY_MARKER.get(task.marker) == "done":
            message = f"{_task_name(task)} is ticked, but its text says that it is skipped: it counts as skipped"
            yield feature.diagnostic(task.line, "hint", "task-says-deferred", message)


def _check_deliverables(feature: FeatureRuleInput) -> Iterator[Diagnostic]:
    tasks = feature.facts.task_list.tasks
    for index, missing_files in feature.files.missing_by_task.items():
        task = tasks[index]
        if task.state != "done":
            continue
        for missing_file in missing_files:
            if missing_file.new_path:
                message = f"{_task_name(task)} is ticked; `{missing_file.path}` does not exist, but `{missing_file.new_path}` does: correct the path"
                yield feature.diagnostic(task.line, "hint", "deliverable-moved", message)
                continue
            fix = TextFix("Untick the task", task.line, task.box[0], task.box[1], "[ ]") if task.marker else None
            note = replacement_note(missing_file.path, feature.plan_input.files_named)
            message = f"{_task_name(task)} is ticked, but `{missing_file.path}` does not exist{note}: untick it, or correct the path"
            yield feature.diagnostic(task.line, "warning", "deliverable-missing", message, fix)


def _check_story_labels(feature: FeatureRuleInput) -> Iterator[Diagnostic]:
    facts = feature.facts
    for task, detail in zip(facts.task_list.tasks, facts.details, strict=True):
        phase = facts.phases[task.group] if task.group != NO_POSITION else None
        if (
            not phase
            or len(phase.stories) != 1
            or detail.stories
            or task.parent != NO_POSITION
            or detail.heading
            or not task.id
        ):
            continue
        label = f"[US{phase.stories[0]}]"
        message = f"{task.id} stands in the phase of a story without its label: write {label} behind the id"
        fix = _label_fix(feature.text(task.line), task, label)
        yield feature.diagnostic(task.line, "hint", "story-label-missing", message, fix)


def _label_fix(line_text: str, task: Task, label: str) -> TextFix | None:
    """Return the fix that inserts the label of a story behind the id and the mark `[P]`; None without the id."""
    start = line_text.find(task.id, task.box[1])
    if start < 0:
        return None
    label_start = start + len(task.id)
    parallel_match = re.compile(r"[*:`\]_]*\s*\[P\]").match(line_text, label_start) or re.compile(r"[*:`\]_]*").match(
        line_text, label_start
    )
    label_start = parallel_match.end() if parallel_match else label_start
    return TextFix(f"Insert {label}", task.line, label_start, label_start, f" {label}")


def _check_checklists(feature: FeatureRuleInput) -> Iterator[Diagnostic]:
    if feature.state.state in ("complete", "no_achievements"):
        return
    for path, document in feature.plan_input.documents.items():
        facts = document.facts
        if isinstance(facts, ChecklistFacts) and facts.done_count < facts.total:
            name = path.removeprefix(f"{feature.plan_input.site.folder}/")
            message = f"/speckit.implement will stop and ask: {name} has {facts.total - facts.done_count} of {facts.total} open"
            yield Diagnostic(path, facts.open_line, "information", "checklist-open", message)


RULES: tuple[Callable[[FeatureRuleInput], Iterator[Diagnostic]], ...] = (
    *(
        _check_tasks_exist,
        _check_plan_exists,
        merge_conflicts,
        _check_ids_exist,
        duplicate_ids,
        _check_id_order,
        _check_glued_ids,
        _check_boxes,
    ),
    unknown_markers(STATES_BY_MARKER, "is no mark of spec-kit, so the task counts as open: write [ ] or [X]"),
    *(
        unknown_dependencies,
        _check_phase_order,
        _check_skipped_tasks,
        _check_deliverables,
        _check_story_labels,
        _check_checklists,
    ),
)
