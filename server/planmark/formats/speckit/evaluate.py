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
from planmark.text.pluralize import counted

NO_TASKS = TasksFacts()


class FeatureFiles(NamedTuple):
    """The files of a feature: for each task (by position) those that are missing, and how many it creates and has."""

    missing: Mapping[int, tuple[MissingFile, ...]]
    built: Built


def tasks_path(given: PlanInput) -> str:
    """Return the path of the tasks of a feature, also if the file does not exist."""
    return f"{given.site.folder}/tasks.md"


def tasks_of(given: PlanInput) -> TasksFacts:
    """Return the facts of the tasks of a feature. Without a `tasks.md`, they are those of an empty file."""
    document = given.documents.get(tasks_path(given))
    return document.facts if document and isinstance(document.facts, TasksFacts) else NO_TASKS


def spec_of(given: PlanInput) -> SpecFacts | None:
    """Return the facts of the specification of a feature, or None."""
    document = given.documents.get(f"{given.site.folder}/spec.md")
    return document.facts if document and isinstance(document.facts, SpecFacts) else None


def roots_of(given: PlanInput) -> tuple[str, ...]:
    """Return the folders below which the paths of a task may lie: the project, the workspace, and the feature."""
    place = place_of(f"{given.site.folder}/tasks.md")
    root = place.root if place else ""
    return tuple(dict.fromkeys((root, "", f"{given.site.folder}/")))


def places(document: FormatDocument) -> tuple[str, ...]:
    """Return the paths whose existence the facts of a document depend on."""
    facts = document.facts
    if not isinstance(facts, TasksFacts):
        return ()
    folder = document.path.removesuffix("tasks.md")
    place = place_of(document.path)
    roots = dict.fromkeys((place.root if place else "", "", folder))
    created = dict.fromkeys(path for task in facts.listed.tasks for path in task.creates)
    return tuple(root + path for path in created for root in roots)


def files_of(given: PlanInput, facts: TasksFacts) -> FeatureFiles:
    """Return which files of the tasks exist. Each path is looked up once."""
    roots = roots_of(given)
    found: dict[str, tuple[MissingFile, ...]] = {}
    lost: dict[int, tuple[MissingFile, ...]] = {}
    exist = creates = 0
    for at, task in enumerate(facts.listed.tasks):
        for path in task.creates:
            if path not in found:
                found[path] = missing((path,), roots, given.exists, given.ignored, given.elsewhere)
                creates += 1
                exist += not found[path]
            if found[path]:
                lost[at] = (*lost.get(at, ()), *found[path])
    return FeatureFiles(lost, Built(creates, exist))


def lost_of(given: PlanInput, _listed: TaskList) -> dict[int, str]:
    """Return for each task (by position) the first of its files that is nowhere."""
    return _first_missing_paths(files_of(given, tasks_of(given)))


def _first_missing_paths(files: FeatureFiles) -> dict[int, str]:
    lost = ((at, [one.path for one in all_lost if not one.moved]) for at, all_lost in files.missing.items())
    return {at: paths[0] for at, paths in lost if paths}


def evaluate(given: PlanInput) -> PlanState:
    """Return the state of a feature."""
    facts = tasks_of(given)
    if facts.template:
        facts = msgspec.structs.replace(facts, listed=NO_TASKS.listed, details=(), phases=())
    files = files_of(given, facts)
    details = shared.TaskDetails(
        missing=_first_missing_paths(files),
        built=files.built,
        tool=Count(facts.ticked_boxes, facts.all_boxes),
    )
    listed = facts.listed
    kinds = kinds_of(facts.phases)
    open_tasks = _open_tasks(facts, shared.evaluate_tasks(listed.tasks, details))
    waits = waits_for(kinds, [bool(tasks) for tasks in open_tasks])
    details = details._replace(
        group_blockers={at: phases for at, phases in enumerate(waits) if phases},
        blockers=_blockers(facts, waits, open_tasks),
    )
    evaluated = shared.evaluate_tasks(listed.tasks, details)
    items = shared.items(given.site.path, listed, evaluated, details)
    following = _next_step(given, facts, items, evaluated, files.built)
    return shared.plan_state(
        given.site,
        _title(given, facts),
        listed,
        evaluated,
        items,
        following,
        _other_ready_tasks(facts, items, evaluated, following),
        details,
    )


def _title(given: PlanInput, facts: TasksFacts) -> str:
    spec = spec_of(given)
    title = facts.title if facts.title and not facts.template else spec.title if spec else ""
    for lead in ("Tasks:", "Implementation Tasks:", "Feature Specification:"):
        title = title.removeprefix(lead).strip()
    return title or given.site.feature


def _open_tasks(facts: TasksFacts, evaluated: Sequence[shared.TaskEvaluation]) -> list[list[int]]:
    """Return for each phase the positions of its required leaves that are not settled."""
    result: list[list[int]] = [[] for _ in facts.phases]
    for at, (task, evaluation) in enumerate(zip(facts.listed.tasks, evaluated, strict=True)):
        if task.group != NO_POSITION and evaluation.counts and evaluation.state not in shared.SETTLED_STATES:
            result[task.group].append(at)
    return result


def _blockers(
    facts: TasksFacts, waits: Sequence[Sequence[int]], open_tasks: Sequence[Sequence[int]]
) -> dict[int, tuple[int, ...]]:
    """Return for each task of a waiting phase the first open tasks that the phase waits for."""
    first = [
        tuple(islice((at for other in phases for at in open_tasks[other]), shared.MAX_BLOCKERS)) for phases in waits
    ]
    tasks = facts.listed.tasks
    return {at: first[task.group] for at, task in enumerate(tasks) if task.group != NO_POSITION and first[task.group]}


def _next_step(
    given: PlanInput,
    facts: TasksFacts,
    items: tuple[AchievementState, ...],
    evaluated: Sequence[shared.TaskEvaluation],
    built: Built,
) -> NextStep:
    folder = given.site.folder
    tasks, plan = f"{folder}/tasks.md", f"{folder}/plan.md"
    if not items:
        if facts.template:
            return shared.step("write_tasks", tasks, "tasks.md is the unchanged template: run /speckit.tasks")
        if plan not in given.documents and tasks not in given.documents:
            return shared.step("write_design", plan, "plan.md is missing: run /speckit.plan")
        why = "has no task" if tasks in given.documents else "is missing"
        return shared.step("write_tasks", tasks, f"tasks.md {why}: run /speckit.tasks")
    following = shared.next_task(tasks, items, evaluated)
    if following and shared.is_untouched(evaluated, built):
        item = next(item for item in items if item.ref == following.ref)
        all_files = counted(built.creates, "file")
        return shared.step("reconcile", tasks, f"No box is ticked, but all {all_files} to create exist", item)
    if following:
        return following
    if waiting := shared.step_without_task(tasks, items, evaluated):
        return waiting
    return shared.step("closed", tasks, "All tasks are done: /speckit.analyze compares them with the specification")


def _other_ready_tasks(
    facts: TasksFacts,
    items: Sequence[AchievementState],
    evaluated: Sequence[shared.TaskEvaluation],
    following: NextStep,
) -> tuple[Ready, ...]:
    """Return the other open parallel tasks below the heading of the next task."""
    at = next((at for at, item in enumerate(items) if item.ref == following.ref), None)
    if at is None:
        return ()
    tasks, _details = facts.listed.tasks, facts.details
    here = (tasks[at].group, _section(facts, at))
    beside = (
        other
        for other, task in enumerate(tasks)
        if other != at and task.parallel and task.group == here[0] and _section(facts, other) == here[1]
    )
    return shared.ready(evaluated, items, beside)


def _section(facts: TasksFacts, at: int) -> int:
    """Return the line of the heading above a task; for a heading task, that of its phase."""
    task = facts.listed.tasks[at]
    if facts.details[at].heading:
        return facts.listed.groups[task.group].line if task.group != NO_POSITION else 0
    return facts.details[at].section


def kind_of(facts: TasksFacts, at: int) -> PhaseKind | None:
    """Return the kind of the phase of a task, or None if it is in no phase."""
    group = facts.listed.tasks[at].group
    return kinds_of(facts.phases)[group] if group != NO_POSITION else None
