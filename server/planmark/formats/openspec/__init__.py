"""OpenSpec: changes in `openspec/changes/`, each with a proposal, a design, spec deltas and tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from planmark.formats.checkbox.explain import explain_function
from planmark.formats.checkbox.tick import tick_function
from planmark.formats.checkbox.work_scopes import task_scopes
from planmark.formats.openspec.evaluate import evaluate, missing_paths_of, tasks_of
from planmark.formats.openspec.grammar import OpenSpecFacts, Tasks, parse
from planmark.formats.openspec.layout import CONFIG_PATHS, NAME, SPECS_FOLDER, discover, role_of, root_of
from planmark.formats.openspec.links import links
from planmark.formats.openspec.passages import details
from planmark.formats.openspec.prompts import COMMAND_REPLACEMENTS, prompt
from planmark.formats.openspec.rules import check
from planmark.formats.openspec.strays import misplaced_change_diagnostics
from planmark.plans.format import Format, FormatDocument, PlanInput
from planmark.plans.work_scope import WorkScope


def places(document: FormatDocument) -> Iterable[str]:
    """Return the paths whose existence affects the plan, if the document is a list of tasks. These paths are the files
    to create, the files of CONFIG_PATHS, and the folder of the specs of the project.
    """
    if not isinstance(document.facts, Tasks):
        return ()
    root = root_of(document.path)
    created_paths = {path for task in document.facts.task_list.tasks for path in task.creates}
    paths_below_root = created_paths | {*CONFIG_PATHS, SPECS_FOLDER}
    return sorted(created_paths | {f"{root}/{path}" if root else path for path in paths_below_root})


def scopes(plan_input: PlanInput) -> Mapping[str, WorkScope]:
    """Return a mapping from the ref of each task to the scope of the work on the task."""
    tasks = tasks_of(plan_input)
    return task_scopes(tasks.task_list.tasks, root_of(plan_input.site.folder)) if tasks else {}


FORMAT = Format(
    name=NAME,
    title="OpenSpec",
    role_of=role_of,
    parse=parse,
    facts=OpenSpecFacts,
    places=places,
    discover=discover,
    evaluate=evaluate,
    check=check,
    strays=misplaced_change_diagnostics,
    explain=explain_function(missing_paths_of),
    prompt=prompt,
    details=details,
    links=links,
    tick=tick_function("x", with_parents=False),
    commands=COMMAND_REPLACEMENTS,
    scopes=scopes,
    types={"delta": ("delta", "spec")},
)
