"""The state of a superpowers plan: strictly one step after the other, with files as evidence beside the boxes."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from planmark.formats.checkbox import evaluate as shared
from planmark.formats.checkbox.tasks import NONE, TaskList
from planmark.formats.superpowers.ledger import LedgerFacts
from planmark.formats.superpowers.reading import PlanFacts
from planmark.plans.format import FormatDocument, PlanInput
from planmark.plans.model import AchievementState, Built, Evidence, NextStep, PlanState
from planmark.text.pluralize import counted

NO_FACTS = PlanFacts()
LEDGER_SAYS = "complete"
"""What the evidence of a ledger says."""
LEAST_FILES = 3
"""Minimum number of files to create that must all exist before an unticked plan is compared with them."""


def facts_of(given: PlanInput) -> PlanFacts:
    """Return the facts of a plan; those of an empty file if it cannot be read."""
    document = given.documents.get(given.site.path)
    return document.facts if document and isinstance(document.facts, PlanFacts) else NO_FACTS


def root_of(path: str) -> str:
    """Return the folder of the project, "" or with a slash at its end."""
    at = path.lower().rfind("docs/")
    return path[:at] if at > 0 else ""


def places(document: FormatDocument) -> tuple[str, ...]:
    """Return the paths whose existence the facts of a document depend on."""
    if not isinstance(document.facts, PlanFacts):
        return ()
    root = root_of(document.path)
    created = dict.fromkeys(path for task in document.facts.listed.tasks for path in task.creates)
    return tuple(dict.fromkeys(place for path in created for place in (root + path, path)))


def missing_files(given: PlanInput, facts: PlanFacts) -> Mapping[str, bool]:
    """Return for each file to create whether it is nowhere. A file that git ignores is not missing."""
    root = root_of(given.site.path)
    created = dict.fromkeys(path for task in facts.listed.tasks for path in task.creates)
    return {
        path: not (
            any(given.exists(place) or given.ignored(place) for place in dict.fromkeys((root + path, path)))
            or given.elsewhere(path.rpartition("/")[2])
        )
        for path in created
    }


def lost_of(given: PlanInput, listed: TaskList) -> dict[int, str]:
    """Return for each task (by position) the first of its files that is nowhere."""
    gone = missing_files(given, facts_of(given))
    lost = ((at, [path for path in task.creates if gone.get(path)]) for at, task in enumerate(listed.tasks))
    return {at: paths[0] for at, paths in lost if paths}


def evaluate(given: PlanInput) -> PlanState:
    """Return the state of a plan."""
    facts = facts_of(given)
    gone = missing_files(given, facts)
    built = Built(len(gone), sum(not is_missing for is_missing in gone.values())) if gone else None
    found = shared.TaskDetails(missing=lost_of(given, facts.listed), built=built)
    completed = _completed(given, facts.listed)
    listed = _with_done(facts.listed, completed)
    evaluated = shared.evaluate_tasks(listed.tasks, found)
    items = tuple(
        msgspec.structs.replace(item, evidence=_with_ledger(item, completed[at])) if at in completed else item
        for at, item in enumerate(shared.items(given.site.path, listed, evaluated, found))
    )
    following = _next(given, items, evaluated, built)
    return shared.plan_state(
        given.site, facts.title or given.site.feature, listed, evaluated, items, following, (), found
    )


def _completed(given: PlanInput, listed: TaskList) -> dict[int, Evidence]:
    """Return the tasks and steps (by position) that the ledger of this plan says are complete."""
    said: dict[str, Evidence] = {}
    for path, document in given.documents.items():
        facts = document.facts
        if isinstance(facts, LedgerFacts) and facts.plan.endswith(given.site.path.rpartition("/")[2]):
            said |= {one.id: Evidence(path, one.line, LEDGER_SAYS) for one in facts.completed}
    found: dict[int, Evidence] = {}
    for at, task in enumerate(listed.tasks) if said else ():
        if task.kind == "task" and task.id in said:
            found[at] = said[task.id]
        elif task.parent != NONE and task.parent in found:
            found[at] = found[task.parent]
    return found


def _with_ledger(item: AchievementState, said: Evidence) -> tuple[Evidence, ...]:
    """Return the evidence of an item with what the ledger says. A missing file comes first."""
    return (*item.evidence, said) if item.state == "unsupported" else (said, *item.evidence)


def _with_done(listed: TaskList, completed: Mapping[int, Evidence]) -> TaskList:
    if not completed:
        return listed
    tasks = (
        msgspec.structs.replace(task, state="done") if at in completed and task.state == "open" else task
        for at, task in enumerate(listed.tasks)
    )
    return msgspec.structs.replace(listed, tasks=tuple(tasks))


def is_untouched(evaluated: list[shared.TaskEvaluation], built: Built | None) -> bool:
    """Tell whether no step is ticked although every file to create exists."""
    has_files = built is not None and LEAST_FILES <= built.creates == built.exist
    return has_files and bool(evaluated) and all(known.state in ("open", "deferred") for known in evaluated)


def _next(
    given: PlanInput, items: tuple[AchievementState, ...], evaluated: list[shared.TaskEvaluation], built: Built | None
) -> NextStep:
    path = given.site.path
    following = shared.next_task(path, items, evaluated)
    if following and built and is_untouched(evaluated, built):
        item = next(item for item in items if item.ref == following.ref)
        files = counted(built.creates, "file")
        return shared.step("reconcile", path, f"No step is ticked, but all {files} to create exist", item)
    if following:
        return following
    if not items:
        return shared.step("write_tasks", path, "The document has no tasks")
    if waiting := shared.unfinished(path, items, evaluated):
        return waiting
    return shared.step("closed", path, "All steps are done: use superpowers:finishing-a-development-branch")
