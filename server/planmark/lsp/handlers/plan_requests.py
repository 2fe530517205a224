"""The requests that correspond to commands of the CLI: status, next prompt, why, graph."""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from planmark.lsp.params import PlanParams
from planmark.lsp.to_lsp import Context
from planmark.plans.model import ON_DEMAND, AchievementState
from planmark.prompts.prompt import COUNTED, ESTIMATED
from planmark.queries.adopt import NOBODY, adopt_result, proposals
from planmark.queries.api_types import (
    AdoptResult,
    GraphResult,
    PromptResult,
    Run,
    StatusResult,
    WhyResult,
    prompt_result,
    workspace_result,
)
from planmark.queries.explain import explain
from planmark.queries.graph import graph_result
from planmark.queries.lookup import (
    NoAnswerError,
    most_urgent,
    urgency,
)
from planmark.queries.meant import NamedPlan, achievement_meant, achievement_needed, meant_by_path, resolve_plan
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import build_view
from planmark.workflow.steps import SETTLED
from planmark.workspace.snapshot import PlanDocuments


class Chosen(NamedTuple):
    """A plan and its context, with the path of the document that named it, "" if none did."""

    context: Context
    plan: PlanDocuments
    document: str = ""

    @property
    def meant(self) -> NamedPlan:
        """The plan and document that the user named, as on the command line."""
        return NamedPlan(self.plan, self.document)


def status(contexts: Sequence[Context], params: PlanParams) -> StatusResult:
    """Return the status of every workspace or of one plan."""
    started = time.perf_counter()
    if params.feature or params.plan or params.uri:
        chosen = choose(contexts, params)
        results = [workspace_result(chosen.context.view, chosen.plan.path)]
        revision = chosen.context.view.snapshot.revision
    else:
        wanted = _in_workspace(contexts, params.workspace)
        results = [workspace_result(context.view) for context in wanted]
        revision = max((context.view.snapshot.revision for context in wanted), default=0)
    return StatusResult(workspaces=results, run=_run(revision, started))


def why(contexts: Sequence[Context], params: PlanParams) -> WhyResult:
    """Return how the state of an achievement was decided."""
    chosen = choose(contexts, params)
    view = chosen.context.view
    return explain(view.snapshot.root, view.judged[chosen.plan.path], needed(chosen, params))


def graph(contexts: Sequence[Context], params: PlanParams) -> GraphResult:
    """Return the achievements of a plan and their dependencies."""
    context, plan, _ = choose(contexts, params)
    return graph_result(context.view, plan.path)


def adopt(contexts: Sequence[Context], params: PlanParams, now: str) -> AdoptResult:
    """Return the claims in the text of a plan as verdicts to write; `now` is the time in the format of documents."""
    chosen = choose(contexts, params)
    view, plan = chosen.context.view, chosen.plan
    known = params.achievement if params.uri else _id(achievement_meant(view, chosen.meant, params.achievement))
    return adopt_result(view, plan, proposals(view, plan, known, NOBODY, now))


def next_prompt(contexts: Sequence[Context], params: PlanParams) -> PromptResult:
    """Return the next prompt and remember its token count."""
    started = time.perf_counter()
    chosen = choose(contexts, params)
    context, plan = chosen.context, chosen.plan
    view = context.view
    if params.ignore_claims:
        view = build_view(view.snapshot, view.text, view.read, exists=view.exists, ignore_claims=True)
    achievement = _achievement(chosen, params)
    counter = COUNTED if params.exact_tokens else ESTIMATED
    # Without the claims, the same plan has different states.
    cache = None if params.ignore_claims else context.folder.prompts
    prompt = prompt_of(view, plan, achievement, params.step, budget=params.budget, counter=counter, cache=cache)
    run = _run(view.snapshot.revision, started)
    if prompt.step not in ON_DEMAND and not params.ignore_claims:
        context.folder.remember(achievement, prompt)
    return prompt_result(view.snapshot.root, prompt, run)


def choose(contexts: Sequence[Context], params: PlanParams) -> Chosen:
    """Return the plan that the parameters name; without a name, the plan that needs a prompt most.

    Raises NoAnswerError.
    """
    contexts = _in_workspace(contexts, params.workspace)
    if params.uri:
        for context in contexts:
            path = context.path(params.uri)
            if path is not None:
                return Chosen(context, meant_by_path(context.view, path).plan)
        raise NoAnswerError(f"{params.uri} is not a document of an open workspace", "unreadable")
    wanted = params.plan or params.feature
    found, errors = [], []
    for context in contexts:
        try:
            view = context.view
            locate = functools.partial(_relative, view.snapshot.root)
            meant = resolve_plan(view, wanted, locate) if wanted else NamedPlan(most_urgent(view))
            found.append(Chosen(context, *meant))
        except NoAnswerError as error:
            errors.append(error)
    if wanted and len(found) > 1:
        listed = ", ".join(f"{chosen.plan.path} in {chosen.context.view.snapshot.root}" for chosen in found)
        raise NoAnswerError(f"{wanted} is in {len(found)} workspaces; choose one with `workspace`: {listed}", "usage")
    if found:
        return min(found, key=lambda chosen: urgency(chosen.context.view.judged[chosen.plan.path].state))
    if not errors:
        raise NoAnswerError("no workspace is open", "unreadable")
    raise errors[0] if len(errors) == 1 else NoAnswerError("\n".join(map(str, errors)), errors[0].cause)


def needed(chosen: Chosen, params: PlanParams) -> AchievementState:
    """Return the achievement that the parameters name. Raises NoAnswerError if they name none."""
    about = chosen.context.about(params.uri) if params.uri and not params.achievement else None
    given = about.id if about and about.path == chosen.plan.path else params.achievement
    return achievement_needed(chosen.context.view, chosen.meant, given)


def _relative(root: str, given: str) -> str:
    """Return a path that a client gave, relative to the workspace. It need not exist."""
    path, folder = Path(given), Path(root)
    relative = path.relative_to(folder).as_posix() if path.is_absolute() and path.is_relative_to(folder) else given
    return relative.replace("\\", "/")


def _achievement(chosen: Chosen, params: PlanParams) -> str | None:
    """Return the id of the achievement that the parameters name; for a URI, the one that the document is about.

    An editor sends the URI of the open document. If that document is about finished work, the request is about the
    plan.
    """
    if not params.uri:
        return _id(achievement_meant(chosen.context.view, chosen.meant, params.achievement))
    if params.achievement:
        return params.achievement
    about = chosen.context.about(params.uri)
    return about.id if about and about.path == chosen.plan.path and about.state not in SETTLED else None


def _id(known: AchievementState | None) -> str | None:
    return known.id if known else None


def _in_workspace(contexts: Sequence[Context], wanted: str | None) -> Sequence[Context]:
    if wanted is None:
        return contexts
    chosen = [c for c in contexts if wanted in (c.folder.uri, c.view.snapshot.root)]
    if not chosen:
        roots = ", ".join(context.view.snapshot.root for context in contexts) or "none"
        raise NoAnswerError(f"no open workspace {wanted}; open: {roots}", "usage")
    return chosen


def _run(revision: int, started: float) -> Run:
    return Run(revision, round((time.perf_counter() - started) * 1000, 1), True)
