"""`planmark/adopt`."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import msgspec

from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.plan_lookup import find_plan
from planmark.lsp.readiness import wait_for_all_scans
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.queries.api_types import AdoptResult
from planmark.queries.authoring import REVIEWER_PLACEHOLDER, adopt_result, authoring
from planmark.queries.meant import methodology_plan, named_achievement
from planmark.storage.timestamps import timestamp_text


async def handle(server: Server, raw_params: Any) -> Any:
    """Return the verdicts that a user can write for the claims in a plan."""
    params = read_params(raw_params, PlanParams)
    await wait_for_all_scans(server, "a claim may already have a verdict")
    now = timestamp_text(datetime.datetime.now(datetime.timezone.utc))
    return msgspec.to_builtins(await server.run_for_all(lambda contexts: _proposed_verdicts(contexts, params, now)))


def _proposed_verdicts(contexts: Sequence[RequestContext], params: PlanParams, now: str) -> AdoptResult:
    resolved_plan = find_plan(contexts, params)
    view, plan = resolved_plan.context.view, methodology_plan(resolved_plan.plan, "adopt")
    if params.uri:
        achievement = params.achievement
    else:
        meant_achievement = named_achievement(view, resolved_plan.named_plan, params.achievement)
        achievement = meant_achievement.id if meant_achievement else None
    return adopt_result(view, plan, authoring().proposals(view, plan, achievement, REVIEWER_PLACEHOLDER, now))
