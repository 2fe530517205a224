"""The state of a spec of Kiro."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from planmark.formats.checkbox.deliverables import Lookup, count_built_files, missing_path
from planmark.formats.checkbox.evaluate import (
    MAX_BLOCKERS,
    SETTLED_STATES,
    TaskDetails,
    TaskEvaluation,
    evaluate_tasks,
    items,
    next_task,
    plan_state,
    positions_of,
    ready,
    refs,
    step,
    step_without_task,
)
from planmark.formats.checkbox.lines import subject
from planmark.formats.checkbox.tasks import NO_POSITION, Task, TaskList
from planmark.formats.kiro.grammar import Approvals, Tasks
from planmark.formats.kiro.layout import root_of
from planmark.plans.format import PlanInput
from planmark.plans.model import AchievementState, NextStep, PlanState, Ready


def tasks_of(given: PlanInput) -> Tasks | None:
    """Return the facts of the tasks file, or None without one."""
    document = given.documents.get(given.site.path)
    return document.facts if document and isinstance(document.facts, Tasks) else None


def missing_of(given: PlanInput, listed: TaskList) -> dict[int, str]:
    """Return the missing path of each ticked task that was to create it, by position."""
    root, lookup = root_of(given.site.folder), Lookup(given.exists, given.ignored, given.elsewhere)
    return {
        at: path
        for at, task in enumerate(listed.tasks)
        if task.creates and task.state == "done" and (path := missing_path(task, root, lookup))
    }


def evaluate(given: PlanInput) -> PlanState:
    """Return the state of a spec."""
    site, tasks = given.site, tasks_of(given)
    if tasks is None or not tasks.listed.tasks:
        return plan_state(site, site.feature, TaskList(), (), (), _next_document_step(given, tasks is not None))
    listed = tasks.listed
    waves = waves_of(listed.tasks, tasks.waves)
    missing = missing_of(given, listed)
    evaluated = evaluate_tasks(listed.tasks, TaskDetails(missing))
    blockers, current = _blockers(listed.tasks, waves, evaluated)
    lookup = Lookup(given.exists, given.ignored, given.elsewhere)
    details = TaskDetails(missing, blockers, built=count_built_files(listed.tasks, root_of(site.folder), lookup))
    if blockers:
        evaluated = evaluate_tasks(listed.tasks, details)
    all_items = items(site.path, listed, evaluated, details)
    following = (
        next_task(site.path, all_items, evaluated)
        or step_without_task(site.path, all_items, evaluated)
        or step("closed", site.path, "Every required task is done or deferred")
    )
    following = _with_approval(given, following)
    also = _other_ready_tasks(listed.tasks, evaluated, all_items, following, current)
    return plan_state(
        site, subject(tasks.title) or site.feature, listed, evaluated, all_items, following, also, details
    )


def waves_of(tasks: Sequence[Task], waves: Sequence[Sequence[str]]) -> list[list[int]]:
    """Return the positions of the tasks of each wave. A task that no wave names belongs to the wave of its parent."""
    by_id = positions_of(tasks)
    number_of: dict[int, int] = {}
    for number, wave in enumerate(waves):
        for named in wave:
            if named in by_id:
                number_of.setdefault(by_id[named], number)
    for at, task in enumerate(tasks):
        if task.parent in number_of:
            number_of.setdefault(at, number_of[task.parent])
    result: list[list[int]] = [[] for _ in waves]
    for at in sorted(number_of):
        result[number_of[at]].append(at)
    return result


def _blockers(
    tasks: Sequence[Task], waves: Sequence[Sequence[int]], evaluated: Sequence[TaskEvaluation]
) -> tuple[Mapping[int, Sequence[int]], Sequence[int]]:
    """Return what the earlier waves block, and the first wave with an open required task."""
    blockers: dict[int, Sequence[int]] = {}
    open_ones: list[int] = []
    current: Sequence[int] = ()
    for wave in waves:
        if open_ones:
            blockers.update(dict.fromkeys(wave, open_ones[:MAX_BLOCKERS]))
        own = [at for at in wave if evaluated[at].counts and evaluated[at].state not in SETTLED_STATES]
        if own and not open_ones:
            current = wave
        open_ones += own[: MAX_BLOCKERS - len(open_ones)] if len(open_ones) < MAX_BLOCKERS else []
    return {
        at: [one for one in ones if one != at and one != tasks[at].parent] for at, ones in blockers.items()
    }, current


def _other_ready_tasks(
    tasks: Sequence[Task],
    evaluated: Sequence[TaskEvaluation],
    all_items: Sequence[AchievementState],
    following: NextStep,
    current: Sequence[int],
) -> tuple[Ready, ...]:
    """Return the other open tasks of the current wave, or the neighbours of the next task that may run beside it."""
    if following.ref is None or following.step not in ("implement_task", "continue_task"):
        return ()
    at = refs(tasks).index(following.ref)
    if at in current or (current and not tasks[at].parallel):
        return ready(evaluated, all_items, [other for other in current if other != at])
    if not tasks[at].parallel:
        return ()
    parent, group = tasks[at].parent, tasks[at].group
    same = (
        other
        for other, task in enumerate(tasks)
        if task.parallel and other != at and task.parent == parent and (parent != NO_POSITION or task.group == group)
    )
    return ready(evaluated, all_items, same)


def _with_approval(given: PlanInput, following: NextStep) -> NextStep:
    """Return a step that says so if the tasks are not approved, because cc-sdd then refuses to implement them."""
    document = given.documents.get(f"{given.site.folder}/spec.json")
    facts = document.facts if document else None
    if not isinstance(facts, Approvals) or facts.tasks_approved is not False or following.step != "implement_task":
        return following
    reason = f"{following.reason}; `spec.json` says that the tasks are not approved"
    return msgspec.structs.replace(following, reason=reason)


def _next_document_step(given: PlanInput, has_tasks: bool) -> NextStep:
    """Return the step that writes the next document of a spec."""
    site = given.site
    tasks = f"{site.folder}/tasks.md"
    if has_tasks:
        return step("write_tasks", tasks, "`tasks.md` has no task yet")
    if not {f"{site.folder}/requirements.md", f"{site.folder}/bugfix.md"} & set(site.documents):
        return step("write_requirements", None, f"`{site.folder}/requirements.md` does not exist")
    if f"{site.folder}/design.md" not in site.documents:
        return step("write_design", None, f"`{site.folder}/design.md` does not exist")
    return step("write_tasks", None, f"`{tasks}` does not exist")
