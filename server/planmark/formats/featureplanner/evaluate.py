"""The state of a feature-planner plan: the boxes decide it, phase by phase. Written statuses are only claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from planmark.formats.checkbox import evaluate as shared
from planmark.formats.checkbox.tasks import NO_POSITION, Task, TaskGroup, TaskList
from planmark.formats.featureplanner.layout import root_of
from planmark.formats.featureplanner.reading import PhasedPlanFacts
from planmark.plans.format import FormatDocument, PlanInput
from planmark.plans.model import AchievementState, Built, Group, NextStep, PlanState, State

NO_FACTS = PhasedPlanFacts()
ALTERNATIVE_EXTENSIONS = {".ts": ".tsx", ".tsx": ".ts", ".js": ".jsx", ".jsx": ".js"}
"""Extension of a file that a task is to create → the extension that the file may have instead."""


class FileLocation(NamedTuple):
    """The place of a file that a task is to create: there, at its path; moved to a different path; or nowhere.

    `new_path` is the path of a moved file, else "".
    """

    status: Literal["there", "moved", "nowhere"]
    new_path: str = ""


def facts_of(plan_input: PlanInput) -> PhasedPlanFacts:
    """Return the facts of a plan; if the plan cannot be read, the facts of an empty file."""
    document = plan_input.documents.get(plan_input.site.path)
    return document.facts if document and isinstance(document.facts, PhasedPlanFacts) else NO_FACTS


def places(document: FormatDocument) -> tuple[str, ...]:
    """Return the paths whose existence decides the state of the files that the tasks of a document are to create."""
    facts = document.facts
    if not isinstance(facts, PhasedPlanFacts) or not facts.is_plan:
        return ()
    project_folder = root_of(document.path)
    created_paths = dict.fromkeys(path for task in facts.task_list.tasks for path in task.creates)
    return tuple(
        dict.fromkeys(possible_path for path in created_paths for possible_path in (project_folder + path, path))
    )


def locations_of_created_files(plan_input: PlanInput, facts: PhasedPlanFacts) -> Mapping[str, FileLocation]:
    """Return a mapping from the path of each file that a task is to create to the location of the file.

    An ignored file counts as existing.
    """
    project_folder = root_of(plan_input.site.path)
    created_paths = dict.fromkeys(path for task in facts.task_list.tasks for path in task.creates)
    return {path: _location_of_file(plan_input, project_folder, path) for path in created_paths}


def _location_of_file(plan_input: PlanInput, project_folder: str, path: str) -> FileLocation:
    """Return the location of a file. `path` may be relative to the folder of the project or to the workspace."""
    possible_paths = dict.fromkeys((project_folder + path, path))
    if any(
        plan_input.exists(possible_path) or plan_input.is_ignored(possible_path) for possible_path in possible_paths
    ):
        return FileLocation("there")
    name = path.rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    possible_names = (
        (name, stem + ALTERNATIVE_EXTENSIONS[dot + extension]) if dot + extension in ALTERNATIVE_EXTENSIONS else (name,)
    )
    for possible_name in possible_names:
        if paths := plan_input.files_named(possible_name):
            return FileLocation("moved", paths[0])
    return FileLocation("nowhere")


def missing_paths_of(plan_input: PlanInput, task_list: TaskList) -> dict[int, str]:
    """Return the first missing file of each task, by the position of the task. A moved file is not missing."""
    files_by_path = locations_of_created_files(plan_input, facts_of(plan_input))
    paths_by_task = (
        (index, [path for path in task.creates if path in files_by_path and files_by_path[path].status == "nowhere"])
        for index, task in enumerate(task_list.tasks)
    )
    return {index: paths[0] for index, paths in paths_by_task if paths}


def evaluate(plan_input: PlanInput) -> PlanState:
    """Return the state of a plan."""
    facts = facts_of(plan_input)
    task_list = facts.task_list
    files = locations_of_created_files(plan_input, facts)
    built_files = (
        Built(len(files), sum(found_file.status == "there" for found_file in files.values())) if files else None
    )
    details = shared.TaskDetails(missing_paths=missing_paths_of(plan_input, task_list), built_files=built_files)
    evaluations = evaluate_tasks_and_phases(facts, details)
    items = _with_phase_groups(facts, shared.items(plan_input.site.path, task_list, evaluations, details))
    next_step = _next_step(plan_input, facts, items, evaluations)
    state = shared.plan_state(plan_input.site, facts.title, task_list, evaluations, items, next_step, (), details)
    condition = state.state if any(task.kind != "phase" for task in task_list.tasks) else "no_achievements"
    return msgspec.structs.replace(state, state=condition, groups=_groups(facts, items, evaluations))


def evaluate_tasks_and_phases(
    facts: PhasedPlanFacts, details: shared.TaskDetails = shared.NO_DETAILS
) -> list[shared.TaskEvaluation]:
    """Return the evaluation of each phase and task, in the order of the task list.

    A phase itself is never counted. The first unfinished required phase blocks all later phases.
    """
    tasks = facts.task_list.tasks
    unfinished_index = _first_unfinished_phase(tasks)
    blockers = {
        phase.index: (unfinished_index,) for phase in facts.phases if NO_POSITION < unfinished_index < phase.index
    }
    evaluations = shared.evaluate_tasks(tasks, details._replace(blockers=blockers))
    for phase in facts.phases:
        evaluation = evaluations[phase.index]
        if evaluation.is_leaf:
            claimed_status = phase.status.state if phase.status else facts.status.state if facts.status else ""
            state: State = "done" if claimed_status == "done" else "open"
            evaluations[phase.index] = evaluation._replace(state=state, is_leaf=False, is_counted=False, blocked_by=())
    return evaluations


def _first_unfinished_phase(tasks: Sequence[Task]) -> int:
    """Return the position of the first required phase with a required task that is not settled, or `NO_POSITION`."""
    phase_index = NO_POSITION
    for index, task in enumerate(tasks):
        if task.kind == "phase":
            phase_index = index
        elif task.state not in shared.SETTLED_STATES and not task.optional and not tasks[phase_index].optional:
            return phase_index
    return NO_POSITION


def _phase_group_ids(facts: PhasedPlanFacts) -> list[str]:
    """Return the id of the group of each phase, in the order of the phases. The ids are unique."""
    tasks = facts.task_list.tasks
    return shared.group_ids(
        TaskList(
            groups=tuple(
                TaskGroup(tasks[gated_phase.index].line, 0, tasks[gated_phase.index].id, "")
                for gated_phase in facts.phases
            )
        )
    )


def _with_phase_groups(facts: PhasedPlanFacts, items: tuple[AchievementState, ...]) -> tuple[AchievementState, ...]:
    """Return the items, each task with the id of the group of its phase. Items of phases stay unchanged."""
    group_id_by_index = {
        phase.index: group_id for phase, group_id in zip(facts.phases, _phase_group_ids(facts), strict=True)
    }
    result: list[AchievementState] = []
    current_group: str | None = None
    for index, item in enumerate(items):
        current_group = group_id_by_index.get(index, current_group)
        result.append(item if index in group_id_by_index else msgspec.structs.replace(item, group=current_group))
    return tuple(result)


def _groups(
    facts: PhasedPlanFacts, items: Sequence[AchievementState], evaluations: Sequence[shared.TaskEvaluation]
) -> tuple[Group, ...]:
    """Return the phases as groups, with the counts of their tasks and of their gate items."""
    tasks = facts.task_list.tasks
    phase_index_of_task: list[int] = []
    for index, task in enumerate(tasks):
        phase_index_of_task.append(index if task.parent == NO_POSITION else phase_index_of_task[task.parent])
    done_by_group: dict[int, int] = {}
    total_by_group: dict[int, int] = {}
    for index, evaluation in enumerate(evaluations):
        if evaluation.is_counted:
            total_by_group[phase_index_of_task[index]] = total_by_group.get(phase_index_of_task[index], 0) + 1
            done_by_group[phase_index_of_task[index]] = done_by_group.get(phase_index_of_task[index], 0) + (
                evaluation.state in shared.TICKED_STATES
            )
    return tuple(
        Group(
            id=group_id,
            title=tasks[phase.index].title,
            line=tasks[phase.index].line,
            state=items[phase.index].state,
            done=done_by_group.get(phase.index, 0),
            total=total_by_group.get(phase.index, 0),
            blocked_by=items[phase.index].blocked_by,
            gate=f"{phase.gate_done}/{phase.gate_total}" if phase.gate_total else "",
        )
        for group_id, phase in zip(_phase_group_ids(facts), facts.phases, strict=True)
    )


def phase_position_at(facts: PhasedPlanFacts, line: int) -> int:
    """Return the position in `phases` of the phase that contains a line, or `NO_POSITION`."""
    tasks = facts.task_list.tasks
    return next(
        (
            position
            for position in range(len(facts.phases) - 1, -1, -1)
            if tasks[facts.phases[position].index].line <= line
        ),
        NO_POSITION,
    )


def _next_step(
    plan_input: PlanInput,
    facts: PhasedPlanFacts,
    items: tuple[AchievementState, ...],
    evaluations: list[shared.TaskEvaluation],
) -> NextStep:
    """Return the next step of a plan.

    If a status says that the plan or the phase of the next task is complete, the step is to reconcile the boxes.
    """
    path = plan_input.site.path
    if not any(item.kind != "phase" for item in items):
        return shared.step("write_tasks", path, "No phase has a task")
    next_step = shared.step_of_next_task(path, items, evaluations)
    if next_step:
        item = next(item for item in items if item.ref == next_step.ref)
        phase_index = phase_position_at(facts, item.line)
        phase_status = facts.phases[phase_index].status if phase_index != NO_POSITION else None
        if phase_status and phase_status.state == "done":
            return shared.step("reconcile", path, f"Line {phase_status.line} says that its phase is complete", item)
        if facts.status and facts.status.state == "done":
            return shared.step("reconcile", path, f"Line {facts.status.line} says that the plan is complete", item)
        return next_step
    waiting_step = shared.step_if_no_task_is_ready(path, items, evaluations)
    return waiting_step or shared.step("closed", path, "All tasks are done: go through the final checklist")
