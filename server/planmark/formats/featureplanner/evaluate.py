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
"""Extension → the extension that a file may have instead."""


class FoundFile(NamedTuple):
    """The search result for a file of a task: at its path, moved to a different place, or nowhere."""

    where: Literal["there", "moved", "nowhere"]
    place: str = ""


def facts_of(plan_input: PlanInput) -> PhasedPlanFacts:
    """Return the facts of a plan; if the plan cannot be read, the facts of an empty file."""
    document = plan_input.documents.get(plan_input.site.path)
    return document.facts if document and isinstance(document.facts, PhasedPlanFacts) else NO_FACTS


def places(document: FormatDocument) -> tuple[str, ...]:
    """Return the paths that change the facts of a document when they appear or disappear."""
    facts = document.facts
    if not isinstance(facts, PhasedPlanFacts) or not facts.is_plan:
        return ()
    root = root_of(document.path)
    created_paths = dict.fromkeys(path for task in facts.task_list.tasks for path in task.creates)
    return tuple(dict.fromkeys(place for path in created_paths for place in (root + path, path)))


def files_of(plan_input: PlanInput, facts: PhasedPlanFacts) -> Mapping[str, FoundFile]:
    """Map the path of each file that a task creates to where the file is. An ignored file counts as existing."""
    root = root_of(plan_input.site.path)
    created_paths = dict.fromkeys(path for task in facts.task_list.tasks for path in task.creates)
    return {path: _find(plan_input, root, path) for path in created_paths}


def _find(plan_input: PlanInput, root: str, path: str) -> FoundFile:
    if any(plan_input.exists(place) or plan_input.is_ignored(place) for place in dict.fromkeys((root + path, path))):
        return FoundFile("there")
    name = path.rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    names = (
        (name, stem + ALTERNATIVE_EXTENSIONS[dot + extension]) if dot + extension in ALTERNATIVE_EXTENSIONS else (name,)
    )
    for other_name in names:
        if other_paths := plan_input.files_named(other_name):
            return FoundFile("moved", other_paths[0])
    return FoundFile("nowhere")


def missing_paths_of(plan_input: PlanInput, task_list: TaskList) -> dict[int, str]:
    """Map the position of each task to the first of its files that does not exist anywhere."""
    files_by_path = files_of(plan_input, facts_of(plan_input))
    paths_by_task = (
        (index, [path for path in task.creates if path in files_by_path and files_by_path[path].where == "nowhere"])
        for index, task in enumerate(task_list.tasks)
    )
    return {index: paths[0] for index, paths in paths_by_task if paths}


def evaluate(plan_input: PlanInput) -> PlanState:
    """Return the state of a plan."""
    facts = facts_of(plan_input)
    task_list = facts.task_list
    files = files_of(plan_input, facts)
    built_files = (
        Built(len(files), sum(found_file.where == "there" for found_file in files.values())) if files else None
    )
    details = shared.TaskDetails(missing_paths=missing_paths_of(plan_input, task_list), built_files=built_files)
    evaluated = evaluate_phases(facts, details)
    items = _with_phases(facts, shared.items(plan_input.site.path, task_list, evaluated, details))
    next_step = _next_step(plan_input, facts, items, evaluated)
    state = shared.plan_state(plan_input.site, facts.title, task_list, evaluated, items, next_step, (), details)
    condition = state.state if any(task.kind != "phase" for task in task_list.tasks) else "no_achievements"
    return msgspec.structs.replace(state, state=condition, groups=_groups(facts, items, evaluated))


def evaluate_phases(
    facts: PhasedPlanFacts, details: shared.TaskDetails = shared.NO_DETAILS
) -> list[shared.TaskEvaluation]:
    """Return the state of each item.

    A phase itself is never counted. The first unfinished required phase blocks all later phases.
    """
    tasks = facts.task_list.tasks
    first_unfinished = _first_unfinished_phase(tasks)
    blockers = {
        phase.index: (first_unfinished,) for phase in facts.phases if NO_POSITION < first_unfinished < phase.index
    }
    evaluated = shared.evaluate_tasks(tasks, details._replace(blockers=blockers))
    for phase in facts.phases:
        evaluation = evaluated[phase.index]
        if evaluation.is_leaf:
            claimed_status = phase.status.state if phase.status else facts.status.state if facts.status else ""
            state: State = "done" if claimed_status == "done" else "open"
            evaluated[phase.index] = evaluation._replace(state=state, is_leaf=False, is_counted=False, blocked_by=())
    return evaluated


def _first_unfinished_phase(tasks: Sequence[Task]) -> int:
    """Return the position of the first required phase with a required task that is not ticked, or `NO_POSITION`."""
    phase = NO_POSITION
    for index, task in enumerate(tasks):
        if task.kind == "phase":
            phase = index
        elif task.state not in shared.SETTLED_STATES and not task.optional and not tasks[phase].optional:
            return phase
    return NO_POSITION


def _phase_group_ids(facts: PhasedPlanFacts) -> list[str]:
    """Return an id for each phase as a group."""
    tasks = facts.task_list.tasks
    return shared.group_ids(
        TaskList(
            groups=tuple(
                TaskGroup(tasks[gated_phase.index].line, 0, tasks[gated_phase.index].id, "")
                for gated_phase in facts.phases
            )
        )
    )


def _with_phases(facts: PhasedPlanFacts, items: tuple[AchievementState, ...]) -> tuple[AchievementState, ...]:
    """Return the items. The group of each item below a phase is the phase."""
    starts = {phase.index: name for phase, name in zip(facts.phases, _phase_group_ids(facts), strict=True)}
    result: list[AchievementState] = []
    group: str | None = None
    for index, item in enumerate(items):
        group = starts.get(index, group)
        result.append(item if index in starts else msgspec.structs.replace(item, group=group))
    return tuple(result)


def _groups(
    facts: PhasedPlanFacts, items: Sequence[AchievementState], evaluated: Sequence[shared.TaskEvaluation]
) -> tuple[Group, ...]:
    """Return the phases as groups, with the counts of their tasks and of their gate items."""
    tasks = facts.task_list.tasks
    phase_of_item: list[int] = []
    for index, task in enumerate(tasks):
        phase_of_item.append(index if task.parent == NO_POSITION else phase_of_item[task.parent])
    done_by_group: dict[int, int] = {}
    total_by_group: dict[int, int] = {}
    for index, evaluation in enumerate(evaluated):
        if evaluation.is_counted:
            total_by_group[phase_of_item[index]] = total_by_group.get(phase_of_item[index], 0) + 1
            done_by_group[phase_of_item[index]] = done_by_group.get(phase_of_item[index], 0) + (
                evaluation.state in shared.TICKED_STATES
            )
    return tuple(
        Group(
            id=name,
            title=tasks[phase.index].title,
            line=tasks[phase.index].line,
            state=items[phase.index].state,
            done=done_by_group.get(phase.index, 0),
            total=total_by_group.get(phase.index, 0),
            blocked_by=items[phase.index].blocked_by,
            gate=f"{phase.gate_done}/{phase.gate_total}" if phase.gate_total else "",
        )
        for name, phase in zip(_phase_group_ids(facts), facts.phases, strict=True)
    )


def phase_above(facts: PhasedPlanFacts, line: int) -> int:
    """Return the position in `phases` of the phase that contains a line, or `NO_POSITION`."""
    tasks = facts.task_list.tasks
    return next(
        (number for number in range(len(facts.phases) - 1, -1, -1) if tasks[facts.phases[number].index].line <= line),
        NO_POSITION,
    )


def _next_step(
    plan_input: PlanInput,
    facts: PhasedPlanFacts,
    items: tuple[AchievementState, ...],
    evaluated: list[shared.TaskEvaluation],
) -> NextStep:
    path = plan_input.site.path
    if not any(item.kind != "phase" for item in items):
        return shared.step("write_tasks", path, "No phase has a task")
    next_step = shared.next_task(path, items, evaluated)
    if next_step:
        item = next(item for item in items if item.ref == next_step.ref)
        phase_index = phase_above(facts, item.line)
        phase_status = facts.phases[phase_index].status if phase_index != NO_POSITION else None
        if phase_status and phase_status.state == "done":
            return shared.step("reconcile", path, f"Line {phase_status.line} says that its phase is complete", item)
        if facts.status and facts.status.state == "done":
            return shared.step("reconcile", path, f"Line {facts.status.line} says that the plan is complete", item)
        return next_step
    waiting_step = shared.step_without_task(path, items, evaluated)
    return waiting_step or shared.step("closed", path, "All tasks are done: go through the final checklist")
