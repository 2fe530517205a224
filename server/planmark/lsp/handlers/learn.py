"""The command `planmark.learn`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planmark.lsp.lsp_ext import RawJson, to_raw_json
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.plan_lookup import contexts_of_workspace, find_plan
from planmark.lsp.readiness import wait_for_all_scans
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.queries.learning import LearnResult
from planmark.queries.lookup import NoAnswerError
from planmark.queries.meant import methodology_plan, named_achievement
from planmark.queries.recurring import RecurringResult, recurring_result
from planmark.queries.reference_use import answer_for_achievement, answer_for_text


class LearnParams(PlanParams, frozen=True, rename="camel"):
    """The subject of a question: a text, or a plan and an achievement."""

    text: str | None = None


async def handle(server: Server, raw_params: Any) -> RawJson:
    """Return similar work and known failures for a text or an achievement. For a plan, return the problems that recur
    in its documents.
    """
    params = read_params(raw_params, LearnParams)
    await wait_for_all_scans(server, "similar work may be missed")
    return await server.run_for_all(lambda contexts: to_raw_json(_learn_result(contexts, params)))


def _learn_result(contexts: Sequence[RequestContext], params: LearnParams) -> LearnResult | RecurringResult:
    if params.text is not None:
        views = [context.view for context in contexts_of_workspace(contexts, params.workspace)]
        if not views:
            raise NoAnswerError("no workspace is open", "unreadable")
        return answer_for_text(views[0], params.text)
    resolved_plan = find_plan(contexts, params)
    view, plan = resolved_plan.context.view, methodology_plan(resolved_plan.plan, "learn")
    document_achievement = (
        resolved_plan.context.achievement_of(params.uri) if params.uri and not params.achievement else None
    )
    document_achievement_id = (
        document_achievement.id if document_achievement and document_achievement.path == plan.path else None
    )
    item = named_achievement(view, resolved_plan.named_plan, params.achievement or document_achievement_id)
    return answer_for_achievement(view, plan, item) if item else recurring_result(view, [plan], plan.feature)
