"""The plan and the achievement that a user means by a name, or by the path of a document or a folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from planmark.plans.format import PlanSite
from planmark.plans.model import AchievementState
from planmark.plans.registry import format_named
from planmark.queries.lookup import NoAnswerError, achievement_named, looks_like_path, plan_at, plan_named
from planmark.queries.plan_answers import answer_functions
from planmark.queries.workspace_view import AnyPlan, View
from planmark.storage.paths import parent
from planmark.workspace.snapshot import PlanDocuments, WorkPlan


class NamedPlan(NamedTuple):
    """A plan that a user named.

    `document` is the path of the document by which the user named the plan; "" if the user wrote a name or a folder.
    """

    plan: AnyPlan
    document: str = ""


def methodology_plan(plan: AnyPlan, command: str) -> PlanDocuments:
    """Return `plan` if it is a plan of the methodology. Otherwise raise NoAnswerError.

    `command` is the command that the user called, such as `next --batch`. The message says what to do instead in the
    format of the plan, if the format knows it.
    """
    if isinstance(plan, WorkPlan):
        return plan
    plan_format = format_named(plan.format)
    alternative = plan_format.commands.get(command, "")
    raise NoAnswerError(
        f"`planmark {command}` is for PLANs, and @{plan.feature} is a plan of {plan_format.title}"
        + (f": {alternative}" if alternative else ""),
        "usage",
    )


LocatePath = Callable[[str], str | None]
"""A function that takes a path as the user wrote it.

It returns the path relative to the workspace; None if the path does not exist or is outside the workspace.
"""


def resolve_plan(view: View, name: str, locate: LocatePath) -> NamedPlan:
    """Return the plan that the user means by `name`: `@FEATURE`, the name of a plan, or a path.

    Only `locate` reads the disk. Raises NoAnswerError if `name` means no plan, or several plans.
    """
    bare_name = name.removeprefix("@")
    if any(site.path == bare_name for site in view.snapshot.sites):
        # The path of a plan may be a folder name without a slash, such as `.planning`.
        return NamedPlan(plan_at(view, bare_name), bare_name)
    if not looks_like_path(bare_name):
        return plan_meant_by_name(view, name)
    path = locate(bare_name)
    if path is not None:
        return plan_meant_by_path(view, path)
    if "/" in bare_name or "\\" in bare_name:
        raise NoAnswerError(f"no file or folder {bare_name}, either here or in {view.snapshot.root}", "unreadable")
    return plan_meant_by_name(view, name)


def plan_meant_by_name(view: View, name: str) -> NamedPlan:
    """Return the plan that the user means by `name`: `@FEATURE`, a part of a feature, or the file name of a document.

    Raises NoAnswerError if `name` means no plan, or several plans.
    """
    plan = plan_named(view, name)
    bare_name = name.removeprefix("@")
    paths = view.snapshot.names.get(bare_name if bare_name.endswith(".md") else f"{bare_name}.md", ())
    paths_of_plan = [path for path in paths if view.any_plan_of(path) is plan]
    return NamedPlan(plan, paths_of_plan[0] if len(paths_of_plan) == 1 else "")


def plan_meant_by_path(view: View, path: str) -> NamedPlan:
    """Return the plan that the user means by `path`, the path of a document or a folder relative to the workspace.

    For a document, return its plan. For a folder, return the plan in the folder, else a plan below the folder, else a
    plan above the folder. Raises NoAnswerError if there is no such plan, or if there are several.
    """
    snapshot = view.snapshot
    folder = path.strip("/")
    folder = "" if folder == "." else folder
    if snapshot.has(path) or view.any_plan_of(path) or path.endswith((".md", ".json")):
        return NamedPlan(plan_at(view, path), path)
    tests: tuple[Callable[[AnyPlan], bool], ...] = (
        lambda plan: folder in (plan.folder, parent(plan.path)),
        lambda plan: _is_below(plan.path, folder),
        lambda plan: _is_below(folder, plan.folder) or _is_below(folder, parent(plan.path)),
    )
    for test in tests:
        if matches := [plan for plan in view.plans if test(plan)]:
            return NamedPlan(_nearest_plan(folder, matches))
    raise NoAnswerError(f"no plan is in {folder or 'the workspace'}, above it or below it", "usage")


def named_achievement(view: View, named_plan: NamedPlan, name: str | None) -> AchievementState | None:
    """Return the achievement with the id `name`. If `name` is None, return the achievement that the document is about.

    The document is `named_plan.document`. Return None if the document is about the whole plan, or if there is no
    document. Raises NoAnswerError if the plan has no such achievement, or if the document is about a different
    achievement.
    """
    state = view.state(named_plan.plan.path)
    item = achievement_named(state, name) if name else None
    if isinstance(named_plan.plan, PlanSite):
        return item
    subject = answer_functions().subject(view, named_plan.plan, named_plan.document)
    document_item = subject.item
    if subject.needs_achievement and document_item is None and item is None:
        list_text = ", ".join(achievement.id for achievement in state.achievements)
        message = f"{named_plan.document} is not about an achievement of {state.path}: name one. It has: {list_text}"
        raise NoAnswerError(message, "usage")
    if document_item and item and document_item != item:
        raise NoAnswerError(
            f"{named_plan.document} is about {document_item.id}, not about {item.id}: name only one of them", "usage"
        )
    return item or document_item


def needed_achievement(view: View, named_plan: NamedPlan, name: str | None) -> AchievementState:
    """Return the result of `named_achievement`.

    Raises NoAnswerError if the result is None. The message names the ids of the plan.
    """
    if item := named_achievement(view, named_plan, name):
        return item
    state = view.state(named_plan.plan.path)
    list_text = ", ".join(achievement.id or achievement.ref for achievement in state.achievements) or "none can be read"
    raise NoAnswerError(f"which achievement of {state.feature}? Name it by its id. It has: {list_text}", "usage")


def _nearest_plan(folder: str, plans: list[AnyPlan]) -> AnyPlan:
    """Return the plan of `plans` whose folder is nearest to `folder`.

    Raises NoAnswerError if several plans are equally near.
    """
    plans_above = [plan for plan in plans if not _is_below(plan.path, folder)]
    if plans_above:
        longest_folder = max(len(plan.folder) for plan in plans_above)
        plans = [plan for plan in plans_above if len(plan.folder) == longest_folder]
    if len(plans) > 1:
        list_text = "\n".join(f"  @{plan.feature}  {plan.path}" for plan in plans)
        raise NoAnswerError(f"{folder or 'the workspace'} contains {len(plans)} plans; name one:\n{list_text}", "usage")
    return plans[0]


def _is_below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")
