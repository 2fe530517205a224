"""The state of a change of OpenSpec."""

from __future__ import annotations

from planmark.formats.checkbox.deliverables import Lookup, count_built_files, missing_path
from planmark.formats.checkbox.evaluate import (
    TaskDetails,
    evaluate_tasks,
    items,
    next_task,
    plan_state,
    step,
    step_without_task,
)
from planmark.formats.checkbox.lines import subject
from planmark.formats.checkbox.tasks import TaskList
from planmark.formats.openspec.grammar import Tasks, Text
from planmark.formats.openspec.layout import root_of
from planmark.plans.format import PlanInput
from planmark.plans.model import NextStep, PlanState

_KINDS = frozenset({"", "proposal", "change", "change proposal"})
"""Titles that name only the kind of document."""


def tasks_of(given: PlanInput) -> Tasks | None:
    """Return the facts of the tasks file, or None without one."""
    document = given.documents.get(given.site.path)
    return document.facts if document and isinstance(document.facts, Tasks) else None


def lookup_of(given: PlanInput) -> Lookup:
    """Return how to look for the files of a plan."""
    return Lookup(given.exists, given.ignored, given.elsewhere)


def missing_of(given: PlanInput, listed: TaskList) -> dict[int, str]:
    """Return the missing path of each ticked task that was to create it, by position."""
    root, lookup = root_of(given.site.folder), lookup_of(given)
    return {
        at: path
        for at, task in enumerate(listed.tasks)
        if task.creates and task.state == "done" and (path := missing_path(task, root, lookup))
    }


def missing_paths_of(given: PlanInput, listed: TaskList) -> dict[int, str]:
    """Return the missing paths that count: none in the archive, because later changes rename files."""
    return {} if given.site.lifecycle == "archived" else missing_of(given, listed)


def evaluate(given: PlanInput) -> PlanState:
    """Return the state of a change."""
    tasks = tasks_of(given)
    site = given.site
    if tasks is None:
        return plan_state(site, title_of(given), TaskList(), (), (), _without_tasks(given))
    listed = tasks.listed
    archived = site.lifecycle == "archived"
    details = TaskDetails(missing=missing_paths_of(given, listed))
    details = details._replace(
        tool=tasks.counted, built=count_built_files(listed.tasks, root_of(site.folder), lookup_of(given))
    )
    evaluated = evaluate_tasks(listed.tasks, details)
    all_items = items(site.path, listed, evaluated, details)
    if archived:
        following = step("closed", site.path, "The change is archived")
    elif not listed.tasks:
        following = step("write_tasks", site.path, "The tasks file has no checkbox")
    else:
        following = (
            next_task(site.path, all_items, evaluated)
            or step_without_task(site.path, all_items, evaluated)
            or step("verify_and_archive", site.path, "Every required task is done or deferred")
        )
    return plan_state(site, title_of(given), listed, evaluated, all_items, following, (), details)


def title_of(given: PlanInput) -> str:
    """Return the title of a change: that of its proposal, else its name."""
    document = given.documents.get(f"{given.site.folder}/proposal.md")
    title = document.facts.title if document and isinstance(document.facts, Text) else ""
    return subject(title) or (title if title.lower() not in _KINDS else "") or given.site.feature


def _without_tasks(given: PlanInput) -> NextStep:
    site = given.site
    if site.lifecycle == "archived":
        return step("closed", None, "The change is archived")
    return step("write_tasks", None, f"`{site.folder}/tasks.md` does not exist")
