"""The state of a feature: its tasks, its phases and their order, the next step, and what can be done beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import msgspec

from planmark.formats.checkbox import evaluate as shared
from planmark.formats.checkbox.tasks import NO_POSITION, TaskList
from planmark.formats.speckit.deliverables import MissingFile, missing
from planmark.formats.speckit.documents import SpecFacts
from planmark.formats.speckit.layout import place_of
from planmark.formats.speckit.phases import PhaseKind, kinds_of, waits_for
from planmark.formats.speckit.reading import TasksFacts
from planmark.plans.format import FormatDocument, PlanInput
from planmark.plans.model import AchievementState, Built, Count, NextStep, PlanState, Ready
from planmark.text.pluralize import counted_noun

NO_TASKS = TasksFacts()


class FeatureFiles(NamedTuple):
    """The files of a feature: for each task (by position) those that are missing, and how many it creates and has."""

    missing: Mapping[int, tuple[MissingFile, ...]]
    built: Built


def tasks_path(plan_input: PlanInput) -> str:
    """Return the path of the tasks of a feature, also if the file does not exist."""
    return f"{plan_input.site.folder}/tasks.md"


def tasks_of(plan_input: PlanInput) -> TasksFacts:
    """Return the facts of the tasks of a feature. Without a `tasks.md`, they are those of an empty file."""
    document = plan_input.documents.get(tasks_path(plan_input))
    return document.facts if document and isinstance(document.facts, TasksFacts) else NO_TASKS


def spec_of(plan_input: PlanInput) -> SpecFacts | None:
    """Return the facts of the specification of a feature, or None."""
    document = plan_input.documents.get(f"{plan_input.site.folder}/spec.md")
    return document.facts if document and isinstance(document.facts, SpecFacts) else None


def roots_of(plan_input: PlanInput) -> tuple[str, ...]:
    """Return the folders below which the paths of a task may lie: the project, the workspace, and the feature."""
    place = place_of(f"{plan_input.site.folder}/tasks.md")
    root = place.root if place else ""
    return tuple(dict.fromkeys((root, "", f"{plan_input.site.folder}/")))


def places(document: FormatDocument) -> tuple[str, ...]:
    """Return the paths whose existence the facts of a document depend on."""
    facts = document.facts
    if not isinstance(facts, TasksFacts):
        return ()
    folder = document.path.removesuffix("tasks.md")
    place = place_of(document.path)
    roots = dict.fromkeys((place.root if place else "", "", folder))
    created_paths = dict.fromkeys(path for task in facts.task_list.tasks for path in task.creates)
    return tuple(root + path for path in created_paths for root in roots)


def files_of(plan_input: PlanInput, facts: TasksFacts) -> FeatureFiles:
    """Return which files of the tasks exist. Each path is looked up once."""
    roots = roots_of(plan_input)
    missing_by_phase: dict[str, tuple[MissingFile, ...]] = {}
    missing_by_task: dict[int, tuple[MissingFile, ...]] = {}
    exist = creates = 0
    for index, task in enumerate(facts.task_list.tasks):
        for path in task.creates:
            if path not in missing_by_phase:
                missing_by_phase[path] = missing(
                    (path,), roots, plan_input.exists, plan_input.ignored, plan_input.elsewhere
                )
                creates += 1
                exist += not missing_by_phase[path]
            if missing_by_phase[path]:
                missing_by_task[index] = (*missing_by_task.get(index, ()), *missing_by_phase[path])
    return FeatureFiles(missing_by_task, Built(creates, exist))


def lost_of(plan_input: PlanInput, _task_list: TaskList) -> dict[int, str]:
    """Return for each task (by position) the first of its files that is nowhere."""
    return _first_missing_paths(files_of(plan_input, tasks_of(plan_input)))


def _first_missing_paths(files: FeatureFiles) -> dict[int, str]:
    lost_by_task = (
        (index, [missing_file.path for missing_file in all_lost if not missing_file.new_path])
        for index, all_lost in files.missing.items()
    )
    return {index: paths[0] for index, paths in lost_by_task if paths}


def evaluate(plan_input: PlanInput) -> PlanState:
    """Return the state of a feature."""
    facts = tasks_of(plan_input)
    if facts.template:
        facts = msgspec.structs.replace(facts, task_list=NO_TASKS.task_list, details=(), phases=())
    files = files_of(plan_input, facts)
    details = shared.TaskDetails(
        missing_paths=_first_missing_paths(files),
        built_files=files.built,
        tool_count=Count(facts.ticked_boxes, facts.all_boxes),
    )
    task_list = facts.task_list
    kinds = kinds_of(facts.phases)
    open_tasks = _open_tasks(facts, shared.evaluate_tasks(task_list.tasks, details))
    waits = waits_for(kinds, [bool(tasks) for tasks in open_tasks])
    details = details._replace(
        group_blockers={index: phases for index, phases in enumerate(waits) if phases},
        blockers=_blockers(facts, waits, open_tasks),
    )
    evaluated = shared.evaluate_tasks(task_list.tasks, details)
    items = shared.items(plan_input.site.path, task_list, evaluated, details)
    next_step = _next_step(plan_input, facts, items, evaluated, files.built)
    return shared.plan_state(
        plan_input.site,
        _title(plan_input, facts),
        task_list,
        evaluated,
        items,
        next_step,
        _other_ready_tasks(facts, items, evaluated, next_step),
        details,
    )


def _title(plan_input: PlanInput, facts: TasksFacts) -> str:
    spec = spec_of(plan_input)
    title = facts.title if facts.title and not facts.template else spec.title if spec else ""
    for lead in ("Tasks:", "Implementation Tasks:", "Feature Specification:"):
        title = title.removeprefix(lead).strip()
    return title or plan_input.site.feature


def _open_tasks(facts: TasksFacts, evaluated: Sequence[shared.TaskEvaluation]) -> list[list[int]]:
    """Return for each phase the positions of its required leaves that are not settled."""
    result: list[list[int]] = [[] for _ in facts.phases]
    for index, (task, evaluation) in enumerate(zip(facts.task_list.tasks, evaluated, strict=True)):
        if task.group != NO_POSITION and evaluation.is_counted and evaluation.state not in shared.SETTLED_STATES:
            result[task.group].append(index)
    return result


def _blockers(
    facts: TasksFacts, waits: Sequence[Sequence[int]], open_tasks: Sequence[Sequence[int]]
) -> dict[int, tuple[int, ...]]:
    """Return for each task of a waiting phase the first open tasks that the phase waits for."""
    first = [
        tuple(islice((index for other in phases for index in open_tasks[other]), shared.MAX_BLOCKERS))
        for phases in waits
    ]
    tasks = facts.task_list.tasks
    return {
        index: first[task.group] for index, task in enumerate(tasks) if task.group != NO_POSITION and first[task.group]
    }


def _next_step(
    plan_input: PlanInput,
    facts: TasksFacts,
    items: tuple[AchievementState, ...],
    evaluated: Sequence[shared.TaskEvaluation],
    built_files: Built,
) -> NextStep:
    folder = plan_input.site.folder
    tasks, plan = f"{folder}/tasks.md", f"{folder}/plan.md"
    if not items:
        if facts.template:
            return shared.step("write_tasks", tasks, "tasks.md is the unchanged template: run /speckit.tasks")
        if plan not in plan_input.documents and tasks not in plan_input.documents:
            return shared.step("write_design", plan, "plan.md is missing: run /speckit.plan")
        why = "has no task" if tasks in plan_input.documents else "is missing"
        return shared.step("write_tasks", tasks, f"tasks.md {why}: run /speckit.tasks")
    next_step = shared.next_task(tasks, items, evaluated)
    if next_step and shared.is_built_but_unticked(evaluated, built_files):
        item = next(item for item in items if item.ref == next_step.ref)
        all_files = counted_noun(built_files.creates, "file")
        return shared.step("reconcile", tasks, f"No box is ticked, but all {all_files} to create exist", item)
    if next_step:
        return next_step
    if waiting := shared.step_without_task(tasks, items, evaluated):
        return waiting
    return shared.step("closed", tasks, "All tasks are done: /speckit.analyze compares them with the specification")


def _other_ready_tasks(
    facts: TasksFacts,
    items: Sequence[AchievementState],
    evaluated: Sequence[shared.TaskEvaluation],
    next_step: NextStep,
) -> tuple[Ready, ...]:
    """Return the other open parallel tasks below the heading of the next task."""
    index = next((index for index, item in enumerate(items) if item.ref == next_step.ref), None)
    if index is None:
        return ()
    tasks, _details = facts.task_list.tasks, facts.details
    here = (tasks[index].group, _section(facts, index))
    beside = (
        other
        for other, task in enumerate(tasks)
        if other != index and task.parallel and task.group == here[0] and _section(facts, other) == here[1]
    )
    return shared.ready_tasks(evaluated, items, beside)


def _section(facts: TasksFacts, index: int) -> int:
    """Return the line of the heading above a task; for a heading task, that of its phase."""
    task = facts.task_list.tasks[index]
    if facts.details[index].heading:
        return facts.task_list.groups[task.group].line if task.group != NO_POSITION else 0
    return facts.details[index].section


def kind_of(facts: TasksFacts, index: int) -> PhaseKind | None:
    """Return the kind of the phase of a task, or None if it is in no phase."""
    group = facts.task_list.tasks[index].group
    return kinds_of(facts.phases)[group] if group != NO_POSITION else None
