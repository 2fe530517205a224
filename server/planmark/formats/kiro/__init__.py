"""Kiro and cc-sdd: specs in `.kiro/specs/`, each with requirements, a design and tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from planmark.formats.checkbox.explain import explain_function
from planmark.formats.checkbox.tick import tick_function
from planmark.formats.checkbox.work_scopes import task_scopes
from planmark.formats.kiro.evaluate import evaluate, missing_paths_of, task_positions_by_wave, tasks_of
from planmark.formats.kiro.grammar import KiroFacts, Tasks, parse
from planmark.formats.kiro.layout import NAME, discover, role_of, root_of
from planmark.formats.kiro.links import links
from planmark.formats.kiro.names import names
from planmark.formats.kiro.passages import details
from planmark.formats.kiro.prompts import COMMAND_REPLACEMENTS, prompt
from planmark.formats.kiro.rules import check
from planmark.formats.kiro.strays import backup_diagnostics
from planmark.plans.format import Format, FormatDocument, PlanInput
from planmark.plans.work_scope import WorkScope


def places(document: FormatDocument) -> Iterable[str]:
    """Return the paths whose existence affects the states of a document: the files that its tasks should create."""
    if not isinstance(document.facts, Tasks):
        return ()
    root = root_of(document.path)
    created_paths = {path for task in document.facts.task_list.tasks for path in task.creates}
    return sorted(created_paths | {f"{root}/{path}" for path in created_paths if root})


def scopes(plan_input: PlanInput) -> Mapping[str, WorkScope]:
    """Return a mapping from the ref of each task to the scope of the work on the task.

    The waves are those of the dependency graph in `tasks.md`.
    """
    tasks = tasks_of(plan_input)
    if tasks is None:
        return {}
    listed_tasks = tasks.task_list.tasks
    return task_scopes(listed_tasks, root_of(plan_input.site.folder), task_positions_by_wave(listed_tasks, tasks.waves))


FORMAT = Format(
    name=NAME,
    title="Kiro",
    role_of=role_of,
    parse=parse,
    facts=KiroFacts,
    places=places,
    discover=discover,
    evaluate=evaluate,
    check=check,
    strays=backup_diagnostics,
    explain=explain_function(missing_paths_of),
    prompt=prompt,
    details=details,
    links=links,
    names=names,
    tick=tick_function("x", with_parents=True),
    commands=COMMAND_REPLACEMENTS,
    scopes=scopes,
    types={"copy": ("copy", "tasks"), "bugfix": ("bugfix", "requirements")},
)
