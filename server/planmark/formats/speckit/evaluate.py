"""The state of a feature: its tasks, its phases and their order, the next step, and the other ready tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import msgspec

from planmark.formats.checkbox import evaluate as shared
from planmark.formats.checkbox.tasks import NO_POSITION, TaskList
from planmark.formats.speckit.deliverables import MissingFile, missing_files
from planmark.formats.speckit.documents import SpecFacts
from planmark.formats.speckit.layout import place_of
from planmark.formats.speckit.phases import blocking_phases_of, kinds_of
from planmark.formats.speckit.reading import TasksFacts
from planmark.plans.format import FormatDocument, PlanInput
from planmark.plans.model import AchievementState, Built, Count, NextStep, PlanState, Ready
from planmark.text.pluralize import counted_noun

NO_TASKS = TasksFacts()
"""The facts of an empty `tasks.md`."""


class FeatureFiles(NamedTuple):
    """The files that the tasks of a feature are to create.

    `missing_by_task` maps the position of a task to its missing files. `built_files` contains the number of files to
    create, and the number of those that exist.
    """

    missing_by_task: Mapping[int, tuple[MissingFile, ...]]
    built_files: Built


def tasks_path(plan_input: PlanInput) -> str:
    """Return the path of the tasks of a feature, also if the file does not exist."""
    return f"{plan_input.site.folder}/tasks.md"


def tasks_of(plan_input: PlanInput) -> TasksFacts:
    """Return the facts of the tasks of a feature; without a `tasks.md`, the facts of an empty file."""
    document = plan_input.documents.get(tasks_path(plan_input))
    return document.facts if document and isinstance(document.facts, TasksFacts) else NO_TASKS


def spec_of(plan_input: PlanInput) -> SpecFacts | None:
    """Return the facts of the specification of a feature; None without a `spec.md`."""
    document = plan_input.documents.get(f"{plan_input.site.folder}/spec.md")
    return document.facts if document and isinstance(document.facts, SpecFacts) else None


def roots_of(plan_input: PlanInput) -> tuple[str, ...]:
    """Return the folders below which the paths of a task may lie: the project, the workspace, and the feature.

    Each is "" or has a slash at its end.
    """
    place = place_of(f"{plan_input.site.folder}/tasks.md")
    root = place.root if place else ""
    return tuple(dict.fromkeys((root, "", f"{plan_input.site.folder}/")))


def places(document: FormatDocument) -> tuple[str, ...]:
    """Return the possible paths of the files that the tasks of a document are to create. The state of the feature
    depends on their existence.
    """
    facts = document.facts
    if not isinstance(facts, TasksFacts):
        return ()
    folder = document.path.removesuffix("tasks.md")
    place = place_of(document.path)
    roots = dict.fromkeys((place.root if place else "", "", folder))
    created_paths = dict.fromkeys(path for task in facts.task_list.tasks for path in task.creates)
    return tuple(root + path for path in created_paths for root in roots)


def feature_files(plan_input: PlanInput, facts: TasksFacts) -> FeatureFiles:
    """Return which of the files that the tasks are to create exist. The function looks up each path once."""
    roots = roots_of(plan_input)
    missing_by_path: dict[str, tuple[MissingFile, ...]] = {}
    missing_by_task: dict[int, tuple[MissingFile, ...]] = {}
    existing_count = created_count = 0
    for index, task in enumerate(facts.task_list.tasks):
        for path in task.creates:
            if path not in missing_by_path:
                missing_by_path[path] = missing_files(
                    (path,), roots, plan_input.exists, plan_input.is_ignored, plan_input.files_named
                )
                created_count += 1
                existing_count += not missing_by_path[path]
            if missing_by_path[path]:
                missing_by_task[index] = (*missing_by_task.get(index, ()), *missing_by_path[path])
    return FeatureFiles(missing_by_task, Built(created_count, existing_count))


def missing_paths_of(plan_input: PlanInput, _task_list: TaskList) -> dict[int, str]:
    """Return the first missing file of each task, by the position of the task. A moved file is not missing."""
    return _first_missing_paths(feature_files(plan_input, tasks_of(plan_input)))


def _first_missing_paths(files: FeatureFiles) -> dict[int, str]:
    """Return the first missing file of each task, by the position of the task. A moved file is not missing."""
    paths_by_task = (
        (index, [missing_file.path for missing_file in missing_files_of_task if not missing_file.new_path])
        for index, missing_files_of_task in files.missing_by_task.items()
    )
    return {index: paths[0] for index, paths in paths_by_task if paths}


def evaluate(plan_input: PlanInput) -> PlanState:
    """Return the state of a feature."""
    facts = tasks_of(plan_input)
    if facts.template:
        facts = msgspec.structs.replace(facts, task_list=NO_TASKS.task_list, details=(), phases=())
    files = feature_files(plan_input, facts)
    details = shared.TaskDetails(
        missing_paths=_first_missing_paths(files),
        built_files=files.built_files,
        tool_count=Count(facts.ticked_boxes, facts.all_boxes),
    )
    task_list = facts.task_list
    kinds = kinds_of(facts.phases)
    open_tasks_by_phase = _open_tasks_by_phase(facts, shared.evaluate_tasks(task_list.tasks, details))
    blocking_phases = blocking_phases_of(kinds, [bool(tasks) for tasks in open_tasks_by_phase])
    details = details._replace(
        group_blockers={index: phases for index, phases in enumerate(blocking_phases) if phases},
        blockers=_blocking_tasks(facts, blocking_phases, open_tasks_by_phase),
    )
    evaluations = shared.evaluate_tasks(task_list.tasks, details)
    items = shared.items(plan_input.site.path, task_list, evaluations, details)
    next_step = _next_step(plan_input, facts, items, evaluations, files.built_files)
    return shared.plan_state(
        plan_input.site,
        _feature_title(plan_input, facts),
        task_list,
        evaluations,
        items,
        next_step,
        _other_ready_tasks(facts, items, evaluations, next_step),
        details,
    )


def _feature_title(plan_input: PlanInput, facts: TasksFacts) -> str:
    """Return the title of `tasks.md` without its label, else that of `spec.md`, else the name of the feature."""
    spec = spec_of(plan_input)
    title = facts.title if facts.title and not facts.template else spec.title if spec else ""
    for label in ("Tasks:", "Implementation Tasks:", "Feature Specification:"):
        title = title.removeprefix(label).strip()
    return title or plan_input.site.feature


def _open_tasks_by_phase(facts: TasksFacts, evaluations: Sequence[shared.TaskEvaluation]) -> list[list[int]]:
    """Return for each phase the positions of its required leaves that are not settled."""
    open_tasks_by_phase: list[list[int]] = [[] for _ in facts.phases]
    for index, (task, evaluation) in enumerate(zip(facts.task_list.tasks, evaluations, strict=True)):
        if task.group != NO_POSITION and evaluation.is_counted and evaluation.state not in shared.SETTLED_STATES:
            open_tasks_by_phase[task.group].append(index)
    return open_tasks_by_phase


def _blocking_tasks(
    facts: TasksFacts, blocking_phases: Sequence[Sequence[int]], open_tasks_by_phase: Sequence[Sequence[int]]
) -> dict[int, tuple[int, ...]]:
    """Return the first open tasks that a waiting phase waits for, by the position of each task of the phase."""
    blockers_by_phase = [
        tuple(
            islice(
                (index for phase_index in blocking_indexes for index in open_tasks_by_phase[phase_index]),
                shared.MAX_BLOCKERS,
            )
        )
        for blocking_indexes in blocking_phases
    ]
    tasks = facts.task_list.tasks
    return {
        index: blockers_by_phase[task.group]
        for index, task in enumerate(tasks)
        if task.group != NO_POSITION and blockers_by_phase[task.group]
    }


def _next_step(
    plan_input: PlanInput,
    facts: TasksFacts,
    items: tuple[AchievementState, ...],
    evaluations: Sequence[shared.TaskEvaluation],
    built_files: Built,
) -> NextStep:
    """Return the next step of a feature: to write a missing document, to do a task, or to reconcile, wait or close."""
    folder = plan_input.site.folder
    tasks_path, plan_path = f"{folder}/tasks.md", f"{folder}/plan.md"
    if not items:
        if facts.template:
            return shared.step("write_tasks", tasks_path, "tasks.md is the unchanged template: run /speckit.tasks")
        if plan_path not in plan_input.documents and tasks_path not in plan_input.documents:
            return shared.step("write_design", plan_path, "plan.md is missing: run /speckit.plan")
        problem = "has no task" if tasks_path in plan_input.documents else "is missing"
        return shared.step("write_tasks", tasks_path, f"tasks.md {problem}: run /speckit.tasks")
    next_step = shared.step_of_next_task(tasks_path, items, evaluations)
    if next_step and shared.is_built_but_unticked(evaluations, built_files):
        item = next(item for item in items if item.ref == next_step.ref)
        files_text = counted_noun(built_files.creates, "file")
        return shared.step("reconcile", tasks_path, f"No box is ticked, but all {files_text} to create exist", item)
    if next_step:
        return next_step
    if waiting_step := shared.step_if_no_task_is_ready(tasks_path, items, evaluations):
        return waiting_step
    return shared.step(
        "closed", tasks_path, "All tasks are done: /speckit.analyze compares them with the specification"
    )


def _other_ready_tasks(
    facts: TasksFacts,
    items: Sequence[AchievementState],
    evaluations: Sequence[shared.TaskEvaluation],
    next_step: NextStep,
) -> tuple[Ready, ...]:
    """Return the open parallel tasks below the heading of the next task, without the next task."""
    index = next((index for index, item in enumerate(items) if item.ref == next_step.ref), None)
    if index is None:
        return ()
    tasks = facts.task_list.tasks
    phase_and_heading = (tasks[index].group, _heading_line_of(facts, index))
    parallel_indexes = (
        other_index
        for other_index, task in enumerate(tasks)
        if other_index != index
        and task.parallel
        and task.group == phase_and_heading[0]
        and _heading_line_of(facts, other_index) == phase_and_heading[1]
    )
    return shared.ready_tasks(evaluations, items, parallel_indexes)


def _heading_line_of(facts: TasksFacts, index: int) -> int:
    """Return the line of the heading above a task; for a task that is a heading, the line of its phase."""
    task = facts.task_list.tasks[index]
    if facts.details[index].heading:
        return facts.task_list.groups[task.group].line if task.group != NO_POSITION else 0
    return facts.details[index].section
