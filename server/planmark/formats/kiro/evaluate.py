"""The state of a spec of Kiro."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from planmark.formats.checkbox.deliverables import FileLookup, count_built_files, missing_path
from planmark.formats.checkbox.evaluate import (
    MAX_BLOCKERS,
    SETTLED_STATES,
    TaskDetails,
    TaskEvaluation,
    evaluate_tasks,
    items,
    plan_state,
    positions_by_id,
    ready_tasks,
    refs,
    step,
    step_if_no_task_is_ready,
    step_of_next_task,
)
from planmark.formats.checkbox.lines import subject_of_title
from planmark.formats.checkbox.tasks import NO_POSITION, Task, TaskList
from planmark.formats.kiro.grammar import Approvals, Tasks
from planmark.formats.kiro.layout import root_of
from planmark.plans.format import PlanInput
from planmark.plans.model import AchievementState, NextStep, PlanState, Ready


def tasks_of(plan_input: PlanInput) -> Tasks | None:
    """Return the facts of the tasks file of a spec; None if there is no such file."""
    document = plan_input.documents.get(plan_input.site.path)
    return document.facts if document and isinstance(document.facts, Tasks) else None


def missing_paths_of(plan_input: PlanInput, task_list: TaskList) -> dict[int, str]:
    """Return a mapping from the position of a ticked task to the path of the missing file that it should create."""
    root, lookup = (
        root_of(plan_input.site.folder),
        FileLookup(plan_input.exists, plan_input.is_ignored, plan_input.files_named),
    )
    return {
        index: path
        for index, task in enumerate(task_list.tasks)
        if task.creates and task.state == "done" and (path := missing_path(task, root, lookup))
    }


def evaluate(plan_input: PlanInput) -> PlanState:
    """Return the state of a spec."""
    site, tasks = plan_input.site, tasks_of(plan_input)
    if tasks is None or not tasks.task_list.tasks:
        return plan_state(site, site.feature, TaskList(), (), (), _next_document_step(plan_input, tasks is not None))
    task_list = tasks.task_list
    waves = task_positions_by_wave(task_list.tasks, tasks.waves)
    missing_paths = missing_paths_of(plan_input, task_list)
    evaluated = evaluate_tasks(task_list.tasks, TaskDetails(missing_paths))
    blockers, current_wave = _blockers_and_current_wave(task_list.tasks, waves, evaluated)
    lookup = FileLookup(plan_input.exists, plan_input.is_ignored, plan_input.files_named)
    details = TaskDetails(
        missing_paths, blockers, built_files=count_built_files(task_list.tasks, root_of(site.folder), lookup)
    )
    if blockers:
        evaluated = evaluate_tasks(task_list.tasks, details)
    all_items = items(site.path, task_list, evaluated, details)
    next_step = (
        step_of_next_task(site.path, all_items, evaluated)
        or step_if_no_task_is_ready(site.path, all_items, evaluated)
        or step("closed", site.path, "Every required task is done or deferred")
    )
    next_step = _with_missing_approval(plan_input, next_step)
    ready_items = _other_ready_tasks(task_list.tasks, evaluated, all_items, next_step, current_wave)
    return plan_state(
        site,
        subject_of_title(tasks.title) or site.feature,
        task_list,
        evaluated,
        all_items,
        next_step,
        ready_items,
        details,
    )


def task_positions_by_wave(tasks: Sequence[Task], waves: Sequence[Sequence[str]]) -> list[list[int]]:
    """Return the positions of the tasks of each wave.

    `waves` are the ids of the tasks in each wave of the dependency graph. A task that no wave names belongs to the wave
    of its parent.
    """
    index_by_id = positions_by_id(tasks)
    wave_by_index: dict[int, int] = {}
    for number, wave in enumerate(waves):
        for task_id in wave:
            if task_id in index_by_id:
                wave_by_index.setdefault(index_by_id[task_id], number)
    for index, task in enumerate(tasks):
        if task.parent in wave_by_index:
            wave_by_index.setdefault(index, wave_by_index[task.parent])
    result: list[list[int]] = [[] for _ in waves]
    for index in sorted(wave_by_index):
        result[wave_by_index[index]].append(index)
    return result


def _blockers_and_current_wave(
    tasks: Sequence[Task], waves: Sequence[Sequence[int]], evaluated: Sequence[TaskEvaluation]
) -> tuple[Mapping[int, Sequence[int]], Sequence[int]]:
    """Return two values: the blockers of tasks, and the first wave with an open required task.

    The blockers are a mapping from the position of a task to the positions of open tasks of earlier waves. Each of
    `waves` contains the positions of its tasks.
    """
    blockers: dict[int, Sequence[int]] = {}
    open_indexes: list[int] = []
    current_wave: Sequence[int] = ()
    for wave in waves:
        if open_indexes:
            blockers.update(dict.fromkeys(wave, open_indexes[:MAX_BLOCKERS]))
        open_in_wave = [
            index for index in wave if evaluated[index].is_counted and evaluated[index].state not in SETTLED_STATES
        ]
        if open_in_wave and not open_indexes:
            current_wave = wave
        open_indexes += open_in_wave[: MAX_BLOCKERS - len(open_indexes)] if len(open_indexes) < MAX_BLOCKERS else []
    return {
        index: [blocker for blocker in blocking_indexes if blocker != index and blocker != tasks[index].parent]
        for index, blocking_indexes in blockers.items()
    }, current_wave


def _other_ready_tasks(
    tasks: Sequence[Task],
    evaluated: Sequence[TaskEvaluation],
    all_items: Sequence[AchievementState],
    next_step: NextStep,
    current_wave: Sequence[int],
) -> tuple[Ready, ...]:
    """Return the tasks that are ready in addition to the next task.

    If the plan has waves, they are the other open tasks of the current wave. Else they are the parallel tasks with the
    same parent as the next task, if the next task is parallel, too.
    """
    if next_step.ref is None or next_step.step not in ("implement_task", "continue_task"):
        return ()
    index = refs(tasks).index(next_step.ref)
    if index in current_wave or (current_wave and not tasks[index].parallel):
        return ready_tasks(evaluated, all_items, [other for other in current_wave if other != index])
    if not tasks[index].parallel:
        return ()
    parent, group = tasks[index].parent, tasks[index].group
    parallel_indexes = (
        other
        for other, task in enumerate(tasks)
        if task.parallel and other != index and task.parent == parent and (parent != NO_POSITION or task.group == group)
    )
    return ready_tasks(evaluated, all_items, parallel_indexes)


def _with_missing_approval(plan_input: PlanInput, next_step: NextStep) -> NextStep:
    """Return `next_step`. If the tasks are not approved, add this fact to the reason of the step.

    cc-sdd refuses to implement tasks that are not approved.
    """
    document = plan_input.documents.get(f"{plan_input.site.folder}/spec.json")
    facts = document.facts if document else None
    if not isinstance(facts, Approvals) or facts.tasks_approved is not False or next_step.step != "implement_task":
        return next_step
    reason = f"{next_step.reason}; `spec.json` says that the tasks are not approved"
    return msgspec.structs.replace(next_step, reason=reason)


def _next_document_step(plan_input: PlanInput, has_tasks_file: bool) -> NextStep:
    """Return the step that writes the next document of a spec. `has_tasks_file` tells whether a tasks file exists."""
    site = plan_input.site
    tasks_path = f"{site.folder}/tasks.md"
    if has_tasks_file:
        return step("write_tasks", tasks_path, "`tasks.md` has no task yet")
    if not {f"{site.folder}/requirements.md", f"{site.folder}/bugfix.md"} & set(site.documents):
        return step("write_requirements", None, f"`{site.folder}/requirements.md` does not exist")
    if f"{site.folder}/design.md" not in site.documents:
        return step("write_design", None, f"`{site.folder}/design.md` does not exist")
    return step("write_tasks", None, f"`{tasks_path}` does not exist")
