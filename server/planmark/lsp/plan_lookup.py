"""The plan and the achievement that the parameters of a request name."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from planmark.lsp.params import PlanParams
from planmark.lsp.to_lsp import RequestContext
from planmark.plans.model import AchievementState
from planmark.queries.lookup import NoAnswerError, most_urgent, urgency
from planmark.queries.meant import NamedPlan, achievement_needed, meant_by_path, resolve_plan
from planmark.queries.workspace_view import AnyPlan


class ResolvedPlan(NamedTuple):
    """A plan and its context, with the path of the document that named the plan, or ""."""

    context: RequestContext
    plan: AnyPlan
    document: str = ""

    @property
    def meant(self) -> NamedPlan:
        """The plan and document that the user named, as on the command line."""
        return NamedPlan(self.plan, self.document)


def find_plan(contexts: Sequence[RequestContext], params: PlanParams) -> ResolvedPlan:
    """Return the plan that the parameters name; without a name, the plan that needs a prompt most.

    Raises NoAnswerError.
    """
    contexts = contexts_of_workspace(contexts, params.workspace)
    if params.uri:
        for context in contexts:
            path = context.path(params.uri)
            if path is not None:
                return ResolvedPlan(context, meant_by_path(context.view, path).plan)
        raise NoAnswerError(f"{params.uri} is not a document of an open workspace", "unreadable")
    wanted = params.plan or params.feature
    plans, errors = [], []
    for context in contexts:
        try:
            view = context.view
            locate = functools.partial(_relative, view.snapshot.root)
            meant = resolve_plan(view, wanted, locate) if wanted else NamedPlan(most_urgent(view))
            plans.append(ResolvedPlan(context, *meant))
        except NoAnswerError as error:
            errors.append(error)
    if wanted and len(plans) > 1:
        listed = ", ".join(f"{chosen.plan.path} in {chosen.context.view.snapshot.root}" for chosen in plans)
        raise NoAnswerError(f"{wanted} is in {len(plans)} workspaces; choose one with `workspace`: {listed}", "usage")
    if plans:
        return min(plans, key=lambda chosen: urgency(chosen.context.view.state(chosen.plan.path)))
    if not errors:
        raise NoAnswerError("no workspace is open", "unreadable")
    raise errors[0] if len(errors) == 1 else NoAnswerError("\n".join(map(str, errors)), errors[0].cause)


def required_achievement(chosen: ResolvedPlan, params: PlanParams) -> AchievementState:
    """Return the achievement that the parameters name. Raises NoAnswerError if the parameters name no achievement."""
    about = chosen.context.achievement_of(params.uri) if params.uri and not params.achievement else None
    given = about.id if about and about.path == chosen.plan.path else params.achievement
    return achievement_needed(chosen.context.view, chosen.meant, given)


def contexts_of_workspace(contexts: Sequence[RequestContext], wanted: str | None) -> Sequence[RequestContext]:
    """Return the contexts of the workspace that a URI or path names; for None, all contexts. Raises NoAnswerError."""
    if wanted is None:
        return contexts
    chosen = [c for c in contexts if wanted in (c.folder.uri, c.view.snapshot.root)]
    if not chosen:
        roots = ", ".join(context.view.snapshot.root for context in contexts) or "none"
        raise NoAnswerError(f"no open workspace {wanted}; open: {roots}", "usage")
    return chosen


def _relative(root: str, given: str) -> str:
    """Return the path of a client's parameter relative to the workspace. The file need not exist."""
    path, folder = Path(given), Path(root)
    relative = path.relative_to(folder).as_posix() if path.is_absolute() and path.is_relative_to(folder) else given
    return relative.replace("\\", "/")
