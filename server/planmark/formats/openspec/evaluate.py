"""The state of a change of OpenSpec."""

from __future__ import annotations

from planmark.formats.checkbox.deliverables import FileLookup, count_built_files, missing_path
from planmark.formats.checkbox.evaluate import (
    TaskDetails,
    evaluate_tasks,
    items,
    plan_state,
    step,
    step_if_no_task_is_ready,
    step_of_next_task,
)
from planmark.formats.checkbox.lines import subject_of_title
from planmark.formats.checkbox.tasks import TaskList
from planmark.formats.openspec.grammar import Tasks, Text
from planmark.formats.openspec.layout import root_of
from planmark.plans.format import PlanInput
from planmark.plans.model import NextStep, PlanState

_KIND_TITLES = frozenset({"", "proposal", "change", "change proposal"})
"""Titles that name only the kind of document."""


def tasks_of(plan_input: PlanInput) -> Tasks | None:
    """Return the facts of the tasks file of a change; None if there is no such file."""
    document = plan_input.documents.get(plan_input.site.path)
    return document.facts if document and isinstance(document.facts, Tasks) else None


def lookup_of(plan_input: PlanInput) -> FileLookup:
    """Return the functions for the search of the files of a plan."""
    return FileLookup(plan_input.exists, plan_input.is_ignored, plan_input.files_named)


def all_missing_paths(plan_input: PlanInput, task_list: TaskList) -> dict[int, str]:
    """Return a mapping from the position of a ticked task to the path of the missing file that it should create."""
    root, lookup = root_of(plan_input.site.folder), lookup_of(plan_input)
    return {
        index: path
        for index, task in enumerate(task_list.tasks)
        if task.creates and task.state == "done" and (path := missing_path(task, root, lookup))
    }


def missing_paths_of(plan_input: PlanInput, task_list: TaskList) -> dict[int, str]:
    """Return a mapping from the position of a ticked task of an active change to the path of its missing file.

    For an archived change, the mapping is empty, because later changes rename files.
    """
    return {} if plan_input.site.lifecycle == "archived" else all_missing_paths(plan_input, task_list)


def evaluate(plan_input: PlanInput) -> PlanState:
    """Return the state of a change."""
    tasks = tasks_of(plan_input)
    site = plan_input.site
    if tasks is None:
        return plan_state(site, title_of(plan_input), TaskList(), (), (), _step_without_tasks(plan_input))
    task_list = tasks.task_list
    is_archived = site.lifecycle == "archived"
    details = TaskDetails(missing_paths=missing_paths_of(plan_input, task_list))
    details = details._replace(
        tool_count=tasks.counted,
        built_files=count_built_files(task_list.tasks, root_of(site.folder), lookup_of(plan_input)),
    )
    evaluated = evaluate_tasks(task_list.tasks, details)
    all_items = items(site.path, task_list, evaluated, details)
    if is_archived:
        next_step = step("closed", site.path, "The change is archived")
    elif not task_list.tasks:
        next_step = step("write_tasks", site.path, "The tasks file has no checkbox")
    else:
        next_step = (
            step_of_next_task(site.path, all_items, evaluated)
            or step_if_no_task_is_ready(site.path, all_items, evaluated)
            or step("verify_and_archive", site.path, "Every required task is done or deferred")
        )
    return plan_state(site, title_of(plan_input), task_list, evaluated, all_items, next_step, (), details)


def title_of(plan_input: PlanInput) -> str:
    """Return the title of a change: the title of its proposal, else the name of the change."""
    document = plan_input.documents.get(f"{plan_input.site.folder}/proposal.md")
    title = document.facts.title if document and isinstance(document.facts, Text) else ""
    return subject_of_title(title) or (title if title.lower() not in _KIND_TITLES else "") or plan_input.site.feature


def _step_without_tasks(plan_input: PlanInput) -> NextStep:
    """Return the next step of a change that has no tasks file."""
    site = plan_input.site
    if site.lifecycle == "archived":
        return step("closed", None, "The change is archived")
    return step("write_tasks", None, f"`{site.folder}/tasks.md` does not exist")
