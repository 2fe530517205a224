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
from planmark.formats.superpowers.work import first_existing_path, possible_paths_of, work_evidence_by_task
from planmark.plans.format import FormatDocument, PlanInput
from planmark.plans.history import NO_HISTORY, History
from planmark.plans.model import AchievementState, Built, Evidence, NextStep, PlanState
from planmark.text.pluralize import counted_noun

NO_FACTS = PlanFacts()
"""The facts of an empty file."""
LEDGER_EVIDENCE_TEXT = "complete"
"""The text of the evidence that a ledger calls a task complete."""


def facts_of(plan_input: PlanInput) -> PlanFacts:
    """Return the facts of a plan. If the plan cannot be read, return the facts of an empty file."""
    document = plan_input.documents.get(plan_input.site.path)
    return document.facts if document and isinstance(document.facts, PlanFacts) else NO_FACTS


def newer_version_path(plan_input: PlanInput) -> str:
    """Return the path of the newer plan that replaces this plan; "" if no plan does.

    A plan `NAME-original.md` is replaced by `NAME.md`. Any other plan is replaced by a plan whose header says so.
    """
    path = plan_input.site.path
    if plan_input.site.lifecycle == "archived":
        return f"{path.removesuffix('-original.md')}.md"
    name, superseded_names = _file_name(path), facts_of(plan_input).supersedes
    return next(
        (
            other_path
            for other_path, document in plan_input.documents.items()
            # If each of two plans says that it replaces the other plan, neither plan is replaced.
            if isinstance(document.facts, PlanFacts)
            and name in document.facts.supersedes
            and _file_name(other_path) not in (name, *superseded_names)
        ),
        "",
    )


def _file_name(path: str) -> str:
    """Return the file name of a path in lower case."""
    return path.rpartition("/")[2].lower()


def places(document: FormatDocument) -> tuple[str, ...]:
    """Return the paths whose existence affects the state of a plan.

    They are the possible paths of the files that the plan creates, and of the files in which the plan changes lines.
    """
    if not isinstance(document.facts, PlanFacts):
        return ()
    facts = document.facts
    created_paths = [path for task in facts.task_list.tasks for path in task.creates]
    created_paths += [part.path for task_work in facts.work for part in task_work.ranges]
    return tuple(
        dict.fromkeys(
            place for path in dict.fromkeys(created_paths) for place in possible_paths_of(document.path, path)
        )
    )


def existing_paths_of_created_files(plan_input: PlanInput, facts: PlanFacts) -> Mapping[str, str]:
    """Return the path at which each file to create exists, by the path that the plan names. The value is "" if the file
    does not exist. A file that git ignores counts as existing.
    """
    created_paths = dict.fromkeys(path for task in facts.task_list.tasks for path in task.creates)
    return {path: _existing_path_of(plan_input, path) for path in created_paths}


def _existing_path_of(plan_input: PlanInput, path: str) -> str:
    """Return the path where a file to create exists; "" if it does not exist.

    If git ignores the file, return `path`. A file of the same name in any other folder counts as this file.
    """
    if existing_path := first_existing_path(plan_input, path):
        return existing_path
    if any(plan_input.is_ignored(place) for place in possible_paths_of(plan_input.site.path, path)):
        return path
    return next(iter(plan_input.files_named(path.rpartition("/")[2])), "")


def missing_paths_of(plan_input: PlanInput, task_list: TaskList) -> dict[int, str]:
    """Return the path of the first missing file of each task that has one, by the position of the task."""
    places = existing_paths_of_created_files(plan_input, facts_of(plan_input))
    paths_by_task = (
        (index, [path for path in task.creates if not places.get(path)]) for index, task in enumerate(task_list.tasks)
    )
    return {index: paths[0] for index, paths in paths_by_task if paths}


def evaluate(plan_input: PlanInput) -> PlanState:
    """Return the state of a plan."""
    facts = facts_of(plan_input)
    places = existing_paths_of_created_files(plan_input, facts)
    built_files = Built(len(places), sum(bool(place) for place in places.values())) if places else None
    details = shared.TaskDetails(missing_paths=missing_paths_of(plan_input, facts.task_list), built_files=built_files)
    completed = _ledger_evidence_by_position(plan_input, facts.task_list)
    task_list = _with_completed_tasks(facts.task_list, completed)
    evaluated = shared.evaluate_tasks(task_list.tasks, details)
    history = _history(plan_input, evaluated)
    traces = work_evidence_by_task(plan_input, facts, places, history) if plan_input.site.lifecycle == "active" else {}
    items = tuple(
        msgspec.structs.replace(item, evidence=_evidence(item, completed.get(index), traces.get(index, ())))
        if index in completed or index in traces
        else item
        for index, item in enumerate(shared.items(plan_input.site.path, task_list, evaluated, details))
    )
    next_step = _next_step(plan_input, items, evaluated, built_files)
    state = shared.plan_state(
        plan_input.site, facts.title or plan_input.site.feature, task_list, evaluated, items, next_step, (), details
    )
    if newer_version_path(plan_input):
        state = msgspec.structs.replace(state, lifecycle="archived")
    notes = (f"commits that name its tasks: {history.problem}",) if history.problem else ()
    return msgspec.structs.replace(state, notes=notes)


def _history(plan_input: PlanInput, evaluated: Sequence[shared.TaskEvaluation]) -> History:
    """Return the commits of the repository if the plan is active and a required task is open.

    Else return no commits, without a call of git.
    """
    is_open = any(evaluation.is_counted and evaluation.state not in shared.SETTLED_STATES for evaluation in evaluated)
    return plan_input.history() if is_open and plan_input.site.lifecycle == "active" else NO_HISTORY


def _evidence(
    item: AchievementState, ledger_evidence: Evidence | None, traces: Sequence[Evidence]
) -> tuple[Evidence, ...]:
    """Return the evidence of an item in order: a missing file, the statement of the ledger, the box, and `traces`."""
    shown_evidence = item.evidence
    if ledger_evidence:
        shown_evidence = (
            (*shown_evidence, ledger_evidence) if item.state == "unsupported" else (ledger_evidence, *shown_evidence)
        )
    missing_path = shown_evidence[0].path if item.state == "unsupported" else None
    return (*shown_evidence, *(trace for trace in traces if trace.path != missing_path))


def _ledger_evidence_by_position(plan_input: PlanInput, task_list: TaskList) -> dict[int, Evidence]:
    """Return the line of the ledger about each task or step that the ledger calls complete, by the position of the task
    or step.

    If the ledger calls a task complete, its steps are also complete.
    """
    evidence_by_id: dict[str, Evidence] = {}
    for path, document in plan_input.documents.items():
        facts = document.facts
        if isinstance(facts, LedgerFacts) and facts.plan.endswith(plan_input.site.path.rpartition("/")[2]):
            evidence_by_id |= {
                completed.id: Evidence(path, completed.line, LEDGER_EVIDENCE_TEXT) for completed in facts.completed
            }
    result: dict[int, Evidence] = {}
    for index, task in enumerate(task_list.tasks) if evidence_by_id else ():
        if task.kind == "task" and task.id in evidence_by_id:
            result[index] = evidence_by_id[task.id]
        elif task.parent != NO_POSITION and task.parent in result:
            result[index] = result[task.parent]
    return result


def _with_completed_tasks(task_list: TaskList, completed: Mapping[int, Evidence]) -> TaskList:
    """Return the task list in which each open task in `completed` has the state done.

    `completed` is the result of `_ledger_evidence_by_position`.
    """
    if not completed:
        return task_list
    tasks = (
        msgspec.structs.replace(task, state="done") if index in completed and task.state == "open" else task
        for index, task in enumerate(task_list.tasks)
    )
    return msgspec.structs.replace(task_list, tasks=tuple(tasks))


def _next_step(
    plan_input: PlanInput,
    items: tuple[AchievementState, ...],
    evaluated: list[shared.TaskEvaluation],
    built_files: Built | None,
) -> NextStep:
    """Return the next step of a plan.

    The step is `reconcile` if no box is ticked although all files to create exist.
    """
    path = plan_input.site.path
    next_step = shared.step_of_next_task(path, items, evaluated)
    if next_step and built_files and shared.is_built_but_unticked(evaluated, built_files):
        item = next(item for item in items if item.ref == next_step.ref)
        files_text = counted_noun(built_files.creates, "file")
        return shared.step("reconcile", path, f"No step is ticked, but all {files_text} to create exist", item)
    if next_step:
        return next_step
    if not items:
        return shared.step("write_tasks", path, "The document has no tasks")
    if waiting_step := shared.step_if_no_task_is_ready(path, items, evaluated):
        return waiting_step
    return shared.step("closed", path, "All steps are done: use superpowers:finishing-a-development-branch")
