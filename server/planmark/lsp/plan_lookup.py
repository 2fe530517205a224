"""The plan and the achievement that the parameters of a request name."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from planmark.lsp.params import PlanParams
from planmark.lsp.to_lsp import RequestContext
from planmark.plans.model import AchievementState
from planmark.queries.lookup import NoAnswerError, most_urgent_plan, urgency_sort_key
from planmark.queries.meant import NamedPlan, needed_achievement, plan_meant_by_path, resolve_plan
from planmark.queries.workspace_view import AnyPlan


class ResolvedPlan(NamedTuple):
    """A plan and its context. `document` is the path of the document by which the user named the plan, or ""."""

    context: RequestContext
    plan: AnyPlan
    document: str = ""

    @property
    def named_plan(self) -> NamedPlan:
        """The plan and document that the user named, as on the command line."""
        return NamedPlan(self.plan, self.document)


def find_plan(contexts: Sequence[RequestContext], params: PlanParams) -> ResolvedPlan:
    """Return the plan that the parameters name. If they name no plan, return the most urgent plan.

    Raises NoAnswerError, with the reason, if there is no such plan, or if several workspaces have a plan of this name.
    """
    contexts = contexts_of_workspace(contexts, params.workspace)
    if params.uri:
        for context in contexts:
            path = context.path(params.uri)
            if path is not None:
                return ResolvedPlan(context, plan_meant_by_path(context.view, path).plan)
        raise NoAnswerError(f"{params.uri} is not a document of an open workspace", "unreadable")
    plan_argument = params.plan or params.feature
    plans, errors = [], []
    for context in contexts:
        try:
            view = context.view
            locate = functools.partial(_relative_path, view.snapshot.root)
            meant_plan = (
                resolve_plan(view, plan_argument, locate) if plan_argument else NamedPlan(most_urgent_plan(view))
            )
            plans.append(ResolvedPlan(context, *meant_plan))
        except NoAnswerError as error:
            errors.append(error)
    if plan_argument and len(plans) > 1:
        plan_list = ", ".join(
            f"{resolved_plan.plan.path} in {resolved_plan.context.view.snapshot.root}" for resolved_plan in plans
        )
        raise NoAnswerError(
            f"{plan_argument} is in {len(plans)} workspaces; choose one with `workspace`: {plan_list}", "usage"
        )
    if plans:
        return min(
            plans, key=lambda resolved_plan: urgency_sort_key(resolved_plan.context.view.state(resolved_plan.plan.path))
        )
    if not errors:
        raise NoAnswerError("no workspace is open", "unreadable")
    raise errors[0] if len(errors) == 1 else NoAnswerError("\n".join(map(str, errors)), errors[0].cause)


def required_achievement(resolved_plan: ResolvedPlan, params: PlanParams) -> AchievementState:
    """Return the achievement that the parameters name. Raises NoAnswerError if the parameters name no achievement."""
    achievement = resolved_plan.context.achievement_of(params.uri) if params.uri and not params.achievement else None
    achievement_ref = (
        achievement.id if achievement and achievement.path == resolved_plan.plan.path else params.achievement
    )
    return needed_achievement(resolved_plan.context.view, resolved_plan.named_plan, achievement_ref)


def contexts_of_workspace(contexts: Sequence[RequestContext], workspace_uri: str | None) -> Sequence[RequestContext]:
    """Return the contexts of the workspace that `workspace_uri` (a URI or path) names; if it is None, all contexts.

    Raises NoAnswerError if no such workspace is open.
    """
    if workspace_uri is None:
        return contexts
    chosen_contexts = [c for c in contexts if workspace_uri in (c.folder.uri, c.view.snapshot.root)]
    if not chosen_contexts:
        roots = ", ".join(context.view.snapshot.root for context in contexts) or "none"
        raise NoAnswerError(f"no open workspace {workspace_uri}; open: {roots}", "usage")
    return chosen_contexts


def _relative_path(root: str, argument: str) -> str:
    """Return the path `argument` relative to the folder `root`, with `/` as separator. The file need not exist.

    Return a path outside of `root` as it is.
    """
    path, folder = Path(argument), Path(root)
    relative_path = (
        path.relative_to(folder).as_posix() if path.is_absolute() and path.is_relative_to(folder) else argument
    )
    return relative_path.replace("\\", "/")
