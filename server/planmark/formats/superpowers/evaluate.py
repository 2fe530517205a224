"""The state of a superpowers plan.

Steps are done strictly in order. Files are evidence in addition to the boxes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from planmark.formats.checkbox import evaluate as shared
from planmark.formats.checkbox.tasks import NO_POSITION, TaskList
from planmark.formats.superpowers.ledger import LedgerFacts
from planmark.formats.superpowers.reading import PlanFacts
from planmark.formats.superpowers.work import evidence_of, existing_place, places_of
from planmark.plans.format import FormatDocument, PlanInput
from planmark.plans.history import NO_HISTORY, History
from planmark.plans.model import AchievementState, Built, Evidence, NextStep, PlanState
from planmark.text.pluralize import counted

NO_FACTS = PlanFacts()
LEDGER_SAYS = "complete"
"""Text of the evidence that comes from a ledger."""


def facts_of(given: PlanInput) -> PlanFacts:
    """Return the facts of a plan; if the plan cannot be read, the facts of an empty file."""
    document = given.documents.get(given.site.path)
    return document.facts if document and isinstance(document.facts, PlanFacts) else NO_FACTS


def newer_version(given: PlanInput) -> str:
    """Return the path of the plan that replaces this one, by its name or by its own statement; "" if none does."""
    path = given.site.path
    if given.site.lifecycle == "archived":
        return f"{path.removesuffix('-original.md')}.md"
    name, own = _file_name(path), facts_of(given).supersedes
    return next(
        (
            other
            for other, document in given.documents.items()
            # Two plans that replace each other are in doubt, so both stay.
            if isinstance(document.facts, PlanFacts)
            and name in document.facts.supersedes
            and _file_name(other) not in (name, *own)
        ),
        "",
    )


def _file_name(path: str) -> str:
    return path.rpartition("/")[2].lower()


def places(document: FormatDocument) -> tuple[str, ...]:
    """Return the paths whose existence the facts of a document depend on."""
    if not isinstance(document.facts, PlanFacts):
        return ()
    facts = document.facts
    named = [path for task in facts.listed.tasks for path in task.creates]
    named += [part.path for one in facts.work for part in one.ranges]
    return tuple(dict.fromkeys(place for path in dict.fromkeys(named) for place in places_of(document.path, path)))


def file_places(given: PlanInput, facts: PlanFacts) -> Mapping[str, str]:
    """Map each file to create to the path where it exists, "" if it does not exist.

    A file that git ignores counts as existing.
    """
    created = dict.fromkeys(path for task in facts.listed.tasks for path in task.creates)
    return {path: _place_of(given, path) for path in created}


def _place_of(given: PlanInput, path: str) -> str:
    if there := existing_place(given, path):
        return there
    if any(given.ignored(place) for place in places_of(given.site.path, path)):
        return path
    return next(iter(given.elsewhere(path.rpartition("/")[2])), "")


def lost_of(given: PlanInput, listed: TaskList) -> dict[int, str]:
    """Map the position of each task to the first of its files to create that does not exist."""
    places = file_places(given, facts_of(given))
    lost = ((at, [path for path in task.creates if not places.get(path)]) for at, task in enumerate(listed.tasks))
    return {at: paths[0] for at, paths in lost if paths}


def evaluate(given: PlanInput) -> PlanState:
    """Return the state of a plan."""
    facts = facts_of(given)
    places = file_places(given, facts)
    built = Built(len(places), sum(bool(place) for place in places.values())) if places else None
    details = shared.TaskDetails(missing=lost_of(given, facts.listed), built=built)
    completed = _completed(given, facts.listed)
    listed = _with_done(facts.listed, completed)
    evaluated = shared.evaluate_tasks(listed.tasks, details)
    history = _history(given, evaluated)
    left = evidence_of(given, facts, places, history) if given.site.lifecycle == "active" else {}
    items = tuple(
        msgspec.structs.replace(item, evidence=_evidence(item, completed.get(at), left.get(at, ())))
        if at in completed or at in left
        else item
        for at, item in enumerate(shared.items(given.site.path, listed, evaluated, details))
    )
    following = _next_step(given, items, evaluated, built)
    state = shared.plan_state(
        given.site, facts.title or given.site.feature, listed, evaluated, items, following, (), details
    )
    if newer_version(given):
        state = msgspec.structs.replace(state, lifecycle="archived")
    notes = (f"commits that name its tasks: {history.unknown}",) if history.unknown else ()
    return msgspec.structs.replace(state, notes=notes)


def _history(given: PlanInput, evaluated: Sequence[shared.TaskEvaluation]) -> History:
    """Return the commits of the repository if a task is open; else no commits, without asking git."""
    is_open = any(evaluation.counts and evaluation.state not in shared.SETTLED_STATES for evaluation in evaluated)
    return given.history() if is_open and given.site.lifecycle == "active" else NO_HISTORY


def _evidence(item: AchievementState, said: Evidence | None, left: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return the evidence of an item: a missing file, the statement of the ledger, the box, then traces of the work."""
    own = item.evidence
    if said:
        own = (*own, said) if item.state == "unsupported" else (said, *own)
    missing = own[0].path if item.state == "unsupported" else None
    return (*own, *(one for one in left if one.path != missing))


def _completed(given: PlanInput, listed: TaskList) -> dict[int, Evidence]:
    """Map the positions of the tasks and steps that the ledger of this plan calls complete to the evidence."""
    said: dict[str, Evidence] = {}
    for path, document in given.documents.items():
        facts = document.facts
        if isinstance(facts, LedgerFacts) and facts.plan.endswith(given.site.path.rpartition("/")[2]):
            said |= {one.id: Evidence(path, one.line, LEDGER_SAYS) for one in facts.completed}
    result: dict[int, Evidence] = {}
    for at, task in enumerate(listed.tasks) if said else ():
        if task.kind == "task" and task.id in said:
            result[at] = said[task.id]
        elif task.parent != NO_POSITION and task.parent in result:
            result[at] = result[task.parent]
    return result


def _with_done(listed: TaskList, completed: Mapping[int, Evidence]) -> TaskList:
    if not completed:
        return listed
    tasks = (
        msgspec.structs.replace(task, state="done") if at in completed and task.state == "open" else task
        for at, task in enumerate(listed.tasks)
    )
    return msgspec.structs.replace(listed, tasks=tuple(tasks))


def _next_step(
    given: PlanInput, items: tuple[AchievementState, ...], evaluated: list[shared.TaskEvaluation], built: Built | None
) -> NextStep:
    path = given.site.path
    following = shared.next_task(path, items, evaluated)
    if following and built and shared.is_untouched(evaluated, built):
        item = next(item for item in items if item.ref == following.ref)
        files = counted(built.creates, "file")
        return shared.step("reconcile", path, f"No step is ticked, but all {files} to create exist", item)
    if following:
        return following
    if not items:
        return shared.step("write_tasks", path, "The document has no tasks")
    if waiting := shared.step_without_task(path, items, evaluated):
        return waiting
    return shared.step("closed", path, "All steps are done: use superpowers:finishing-a-development-branch")
