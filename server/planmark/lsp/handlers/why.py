"""`planmark/why` and the command `planmark.why`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planmark.lsp.lsp_ext import RawJson, to_raw_json
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.plan_lookup import find_plan, required_achievement
from planmark.lsp.readiness import wait_for_all_scans
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.queries.explain import WhyResult, explain


async def handle(server: Server, raw_params: Any) -> RawJson:
    """Return how the state of an achievement was decided."""
    params = read_params(raw_params, PlanParams)
    await wait_for_all_scans(server, "the state could be wrong")
    return await server.run_for_all(lambda contexts: to_raw_json(_explanation(contexts, params)))


def _explanation(contexts: Sequence[RequestContext], params: PlanParams) -> WhyResult:
    resolved_plan = find_plan(contexts, params)
    return explain(resolved_plan.context.view, resolved_plan.plan, required_achievement(resolved_plan, params))
