"""The states of tasks, the counts, the groups and the next task of a checkbox plan.

A leaf is a task without a required child. The counts contain a leaf only if the leaf and all tasks above it are
required.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from planmark.formats.checkbox.tasks import NO_POSITION, Task, TaskList
from planmark.plans.format import PlanSite
from planmark.plans.model import (
    AchievementState,
    Built,
    Count,
    Evidence,
    Group,
    NextStep,
    PlanCondition,
    PlanState,
    Progress,
    Ready,
    Role,
    State,
    Step,
)

SETTLED_STATES: frozenset[State] = frozenset({"done", "unsupported", "deferred"})
"""States of a task that needs no more work and blocks no other task."""
TICKED_STATES: frozenset[State] = frozenset({"done", "unsupported"})
"""States of a task whose box is ticked."""
STEP_DUTIES: Mapping[Step, tuple[Role, int]] = {
    "implement_task": ("executor", 2),
    "continue_task": ("executor", 2),
    "reconcile": ("executor", 1),
    "confirm_state": ("planner", 1),
    "write_requirements": ("designer", 2),
    "write_design": ("designer", 2),
    "write_tasks": ("designer", 2),
    "verify_and_archive": ("reviewer", 2),
    "wait": ("planner", 1),
    "closed": ("planner", 1),
}
"""Mapping from a step to the role and the tier that carry out the step."""
MAX_READY_TASKS = 10
"""Maximum number of tasks per plan that are listed as ready in addition to the next task."""
MIN_BUILT_FILES = 3
"""Minimum number of files to create in an unticked plan before Planmark reports that all of them exist."""
MAX_BLOCKERS = 10
"""Maximum number of tasks that are listed as blocking one task. A format may stop its search at this number."""


class TaskEvaluation(NamedTuple):
    """The state of one task.

    `is_leaf` tells whether the task has no required sub-task. `is_counted` is True for a required leaf: only required
    leaves are in the counts of a plan. `blocked_by` are the refs of the open tasks that block the task.
    """

    state: State
    is_leaf: bool
    is_counted: bool
    blocked_by: tuple[str, ...]


class TaskDetails(NamedTuple):
    """Facts about the tasks of a list that are not written in their lines.

    The keys of each mapping are positions in the list of tasks or groups. `missing_paths` has the path of the missing
    file of a ticked task. `blockers` are the positions of the tasks that block a task, in addition to its written
    dependencies. `group_blockers` are the positions of the groups that block a group. `tool_count` is the count that
    the format's own tool shows. `built_files` has the number of files to create, and of those that exist.
    """

    missing_paths: Mapping[int, str] = {}
    blockers: Mapping[int, Sequence[int]] = {}
    group_blockers: Mapping[int, Sequence[int]] = {}
    tool_count: Count | None = None
    built_files: Built | None = None


NO_DETAILS = TaskDetails()
"""The details of a format that adds no facts to the lines of tasks."""


def refs(tasks: Sequence[Task]) -> list[str]:
    """Return the ref of each task: its written id if no other task has the id, else `:LINE-DIGEST`."""
    uses = Counter(task.id for task in tasks)
    return [task.id if task.id and uses[task.id] == 1 else f":{task.line}-{task.digest}" for task in tasks]


def group_ids(task_list: TaskList) -> list[str]:
    """Return an id for each group: its number, else its title. If several groups share the id, add the line to it."""
    names = [group.id or group.title or f":{group.line}" for group in task_list.groups]
    uses = Counter(names)
    return [
        name if uses[name] == 1 else f"{name}:{group.line}" for name, group in zip(names, task_list.groups, strict=True)
    ]


def positions_by_id(tasks: Sequence[Task]) -> dict[str, int]:
    """Return a mapping from each written id to the position of the first task with this id."""
    result: dict[str, int] = {}
    for index, task in enumerate(tasks):
        if task.id:
            result.setdefault(task.id, index)
    return result


def evaluate_tasks(tasks: Sequence[Task], details: TaskDetails = NO_DETAILS) -> list[TaskEvaluation]:
    """Return the evaluation of each task, in the order of the tasks. A parent always precedes its children."""
    task_refs = refs(tasks)
    leaf_flags, counted_flags = _leaf_and_required_flags(tasks)
    states = _states_of_tasks(tasks, leaf_flags, details.missing_paths)
    settled_flags = _settled_flags(tasks, leaf_flags, states)
    index_by_id = positions_by_id(tasks)
    blockers_by_task: list[tuple[int, ...]] = []
    evaluations: list[TaskEvaluation] = []
    for index, task in enumerate(tasks):
        needed_indexes = [index_by_id[needed_id] for needed_id in task.depends_on if needed_id in index_by_id]
        inherited_blockers = blockers_by_task[task.parent] if task.parent >= 0 else ()
        possible_blockers = (*inherited_blockers, *needed_indexes, *details.blockers.get(index, ()))
        all_open_blockers = (
            blocker
            for blocker in dict.fromkeys(possible_blockers)
            if blocker not in (index, task.parent) and not settled_flags[blocker] and not tasks[blocker].optional
        )
        # Most tasks of a long list wait for no blocker task.
        open_blockers = tuple(islice(all_open_blockers, MAX_BLOCKERS)) if possible_blockers else ()
        blockers_by_task.append(open_blockers)
        state = states[index]
        if state == "open" and leaf_flags[index] and open_blockers:
            state = "blocked"
        evaluations.append(
            TaskEvaluation(
                state,
                leaf_flags[index],
                leaf_flags[index] and counted_flags[index],
                tuple(task_refs[blocker] for blocker in open_blockers),
            )
        )
    return evaluations


def _leaf_and_required_flags(tasks: Sequence[Task]) -> tuple[list[bool], list[bool]]:
    """Return two lists with a value for each task.

    The first list tells whether the task is a leaf. The second list tells whether the task and all tasks above it are
    required.
    """
    leaf_flags, counted_flags = [True] * len(tasks), [True] * len(tasks)
    for index, task in enumerate(tasks):
        counted_flags[index] = not task.optional and (task.parent == NO_POSITION or counted_flags[task.parent])
        if _is_required_for_parent(tasks, task):
            leaf_flags[task.parent] = False
    return leaf_flags, counted_flags


def _is_required_for_parent(tasks: Sequence[Task], task: Task) -> bool:
    """Tell whether a task is required for its parent. An optional task is required only for an optional parent."""
    return task.parent >= 0 and (not task.optional or tasks[task.parent].optional)


def _states_of_tasks(
    tasks: Sequence[Task], leaf_flags: Sequence[bool], missing_paths: Mapping[int, str]
) -> list[State]:
    """Return the states of all tasks.

    `missing_paths` is a mapping from the position of a ticked task to the path of its missing file. The state of a
    parent depends on its required children, which follow the parent in the list. Therefore, the last task is evaluated
    first.
    """
    states: list[State] = [
        "unsupported" if index in missing_paths and task.state == "done" else task.state
        for index, task in enumerate(tasks)
    ]
    child_states: list[list[State]] = [[] for _ in tasks]
    for index in range(len(tasks) - 1, -1, -1):
        task = tasks[index]
        if not leaf_flags[index] and task.state != "deferred":
            states[index] = _state_of_task_with_children(task, child_states[index], states[index])
        if _is_required_for_parent(tasks, task):
            child_states[task.parent].append(states[index])
    return states


def _state_of_task_with_children(task: Task, child_states: Sequence[State], own_state: State) -> State:
    """Return the state of a task with required children.

    `child_states` are the states of these children, and `own_state` is the state of the task by its own box.
    """
    is_ticked = own_state in TICKED_STATES
    if all(state in SETTLED_STATES for state in child_states) and (is_ticked or not task.marker):
        return own_state if is_ticked else "done"
    has_begun = (
        is_ticked
        or own_state == "in_progress"
        or any(state in TICKED_STATES or state == "in_progress" for state in child_states)
    )
    return "in_progress" if has_begun else "open"


def _settled_flags(tasks: Sequence[Task], leaf_flags: Sequence[bool], states: Sequence[State]) -> list[bool]:
    """Return, for each task, whether the task is settled: it blocks no other task.

    For a leaf, its own state decides. For a parent, the states of its required leaves decide.
    """
    settled_flags = [states[index] in SETTLED_STATES if leaf_flags[index] else True for index in range(len(tasks))]
    for index in range(len(tasks) - 1, -1, -1):
        parent = tasks[index].parent
        if parent >= 0 and not tasks[index].optional and not settled_flags[index]:
            settled_flags[parent] = states[parent] == "deferred"
    return settled_flags


def items(
    path: str, task_list: TaskList, evaluated: Sequence[TaskEvaluation], details: TaskDetails = NO_DETAILS
) -> tuple[AchievementState, ...]:
    """Return the tasks as items of the plan.

    `path` is the document that lists the tasks. `evaluated` are the evaluations of the tasks, in the order of the
    tasks.
    """
    task_refs, groups = refs(task_list.tasks), group_ids(task_list)
    return tuple(
        AchievementState(
            id=task.id,
            title=task.title,
            priority="",
            state=evaluation.state,
            step="continue_task" if evaluation.state == "in_progress" else "implement_task",
            path=path,
            line=task.line,
            subplan=None,
            executions=(),
            verdict=None,
            depends_on=task.depends_on,
            blocked_by=evaluation.blocked_by,
            evidence=_evidence(path, task, evaluation.state, details.missing_paths.get(index)),
            ref=task_refs[index],
            parent=task_refs[task.parent] if task.parent >= 0 else None,
            level=task.level,
            kind=task.kind,
            group=groups[task.group] if task.group >= 0 else None,
            optional=task.optional,
            parallel=task.parallel,
            leaf=evaluation.is_leaf,
            marker=task.marker,
        )
        for index, (task, evaluation) in enumerate(zip(task_list.tasks, evaluated, strict=True))
    )


def _evidence(path: str, task: Task, state: State, missing_path: str | None) -> tuple[Evidence, ...]:
    """Return the evidence of a task's state: its box. The missing file of an unsupported task comes first."""
    box = Evidence(path, task.line, f"[{task.marker}]" if task.marker else "no box")
    if state == "unsupported" and missing_path is not None:
        return (Evidence(missing_path, 1, "is missing"), box)
    return (box,)


def counts_of(evaluated: Iterable[TaskEvaluation]) -> dict[State, int]:
    """Return a mapping from each state to the number of required leaves in this state."""
    counts: dict[State, int] = {}
    for evaluation in evaluated:
        if evaluation.is_counted:
            counts[evaluation.state] = counts.get(evaluation.state, 0) + 1
    return counts


def progress_of(evaluated: Sequence[TaskEvaluation], tool_count: Count | None = None) -> Progress:
    """Return the progress of the required leaves. The total excludes deferred leaves.

    `tool_count` is the count that the format's own tool shows. It becomes part of the progress only if it differs from
    Planmark's own count.
    """
    counts = counts_of(evaluated)
    deferred_count = counts.get("deferred", 0)
    done_count = counts.get("done", 0) + counts.get("unsupported", 0)
    total = sum(counts.values()) - deferred_count
    optional_count = sum(1 for evaluation in evaluated if evaluation.is_leaf) - sum(counts.values())
    has_different_tool_count = tool_count is not None and tool_count != Count(done_count, total)
    return Progress(done_count, total, optional_count, deferred_count, tool_count if has_different_tool_count else None)


def groups_of(
    task_list: TaskList, evaluated: Sequence[TaskEvaluation], details: TaskDetails = NO_DETAILS
) -> tuple[Group, ...]:
    """Return the groups, each with its counts of required leaves and its state."""
    ids = group_ids(task_list)
    states_by_group: list[list[State]] = [[] for _ in task_list.groups]
    for task, evaluation in zip(task_list.tasks, evaluated, strict=True):
        if task.group >= 0 and evaluation.is_counted:
            states_by_group[task.group].append(evaluation.state)
    return tuple(
        Group(
            id=ids[index],
            title=group.title,
            line=group.line,
            state=_state_of_group(states_by_group[index]),
            done=sum(1 for state in states_by_group[index] if state in TICKED_STATES),
            total=sum(1 for state in states_by_group[index] if state != "deferred"),
            blocked_by=tuple(ids[blocking_index] for blocking_index in details.group_blockers.get(index, ())),
        )
        for index, group in enumerate(task_list.groups)
    )


def _state_of_group(states: Sequence[State]) -> State:
    """Return the state of a group from the states of its required leaves."""
    if all(state in SETTLED_STATES for state in states):
        return "deferred" if states and all(state == "deferred" for state in states) else "done"
    if any(state in TICKED_STATES or state == "in_progress" for state in states):
        return "in_progress"
    return "blocked" if all(state in ("blocked", "deferred") for state in states) else "open"


def is_built_but_unticked(evaluated: Iterable[TaskEvaluation], built_files: Built | None) -> bool:
    """Tell whether no box is ticked although every file to create exists. Then an open box proves nothing.

    The result is False for a plan with fewer than MIN_BUILT_FILES files to create.
    """
    has_files = built_files is not None and MIN_BUILT_FILES <= built_files.creates == built_files.exist
    return has_files and all(evaluation.state in ("open", "blocked", "deferred") for evaluation in evaluated)


def step(
    name: Step, file: str | None, reason: str, item: AchievementState | None = None, group: str | None = None
) -> NextStep:
    """Return a next step with its role and tier.

    `file` is the document of the step, `reason` a sentence for the user, and `group` the id of the group of the step.
    """
    role, tier = STEP_DUTIES[name]
    identity = (item.id or None) if item else None
    return NextStep(name, identity, role, tier, file, reason, item.ref if item else None, group)


def step_of_next_task(
    path: str, all_items: Sequence[AchievementState], evaluated: Sequence[TaskEvaluation]
) -> NextStep | None:
    """Return the step of the first leaf that is open or in progress; None if there is no such leaf.

    `path` is the document that lists the tasks.
    """
    index = next(
        (index for index in _deciding_leaves(evaluated) if evaluated[index].state in ("open", "in_progress")),
        None,
    )
    if index is None:
        return None
    item = all_items[index]
    if item.state == "in_progress":
        return step("continue_task", path, f"Line {item.line} is marked as in progress", item)
    return step("implement_task", path, f"Line {item.line} is the first open task that nothing blocks", item)


def _deciding_leaves(evaluated: Sequence[TaskEvaluation]) -> Sequence[int]:
    """Return the positions of the leaves that decide whether a plan is complete: the required leaves.

    If no leaf is required, return the positions of all leaves. Otherwise a plan with only optional tasks would be
    complete before its first task is done.
    """
    required_leaves = [index for index, evaluation in enumerate(evaluated) if evaluation.is_counted]
    return required_leaves or [index for index, evaluation in enumerate(evaluated) if evaluation.is_leaf]


def step_if_no_task_is_ready(
    path: str, all_items: Sequence[AchievementState], evaluated: Sequence[TaskEvaluation]
) -> NextStep | None:
    """Return the step for a plan in which no task can be worked on.

    The step is about the first task that waits, or about the first ticked task whose file is missing. Return None if
    there is no such task.
    """
    for item in (all_items[index] for index in _deciding_leaves(evaluated)):
        if item.state == "blocked":
            return step("wait", path, f"Every open task waits; line {item.line} waits for {item.blocked_by[0]}", item)
    for item in all_items:
        if item.state == "unsupported":
            missing_path = item.evidence[0].path
            return step("confirm_state", path, f"Line {item.line} is ticked, but `{missing_path}` does not exist", item)
    return None


def ready_tasks(
    evaluated: Sequence[TaskEvaluation], all_items: Sequence[AchievementState], indexes: Iterable[int]
) -> tuple[Ready, ...]:
    """Return at most MAX_READY_TASKS open required leaves as ready tasks. `indexes` are the positions to consider."""
    open_items = [
        all_items[index] for index in indexes if evaluated[index].is_counted and evaluated[index].state == "open"
    ]
    return tuple(Ready(item.ref, "implement_task", "executor", "stated") for item in open_items[:MAX_READY_TASKS])


def condition_of_plan(
    evaluated: Sequence[TaskEvaluation], next_step: NextStep, *, has_error: bool = False
) -> PlanCondition:
    """Return the condition of a plan from its tasks and its next step.

    `has_error` tells whether the document has an error, such as a merge conflict.
    """
    if not evaluated:
        return "no_achievements"
    states = [evaluation.state for evaluation in evaluated]
    if has_error or "unsupported" in states or next_step.step == "confirm_state":
        return "needs_attention"
    if all(states[index] in SETTLED_STATES for index in _deciding_leaves(evaluated)):
        return "complete"
    return "in_progress" if any(state in TICKED_STATES or state == "in_progress" for state in states) else "planned"


def plan_state(
    site: PlanSite,
    title: str,
    task_list: TaskList,
    evaluated: Sequence[TaskEvaluation],
    all_items: tuple[AchievementState, ...],
    next_step: NextStep,
    also_ready: tuple[Ready, ...] = (),
    details: TaskDetails = NO_DETAILS,
) -> PlanState:
    """Return the state of a plan from its parts.

    `evaluated` are the evaluations of the tasks, and `all_items` the tasks as items.
    """
    return PlanState(
        path=site.path,
        feature=site.feature,
        title=title,
        lifecycle=site.lifecycle,
        lifecycle_by="folder",
        lifecycle_evidence=None,
        legacy=False,
        state=condition_of_plan(evaluated, next_step, has_error=bool(task_list.conflicts)),
        counts=counts_of(evaluated),
        next=next_step,
        also_ready=also_ready,
        claims=(),
        open_effort=None,
        priority=None,
        dependencies=(),
        achievements=all_items,
        format=site.format,
        groups=groups_of(task_list, evaluated, details),
        progress=progress_of(evaluated, details.tool_count),
        built_files=details.built_files,
    )
