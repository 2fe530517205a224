"""The command `planmark.preflight`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planmark.lsp.lsp_ext import RawJson, to_raw_json
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.plan_lookup import find_plan, required_achievement
from planmark.lsp.readiness import wait_for_all_scans
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.queries.api_types import CheckResult
from planmark.queries.preflight_check import preflight_result


async def handle(server: Server, raw_params: Any) -> RawJson:
    """Return the findings of the preflight of an achievement."""
    params = read_params(raw_params, PlanParams)
    await wait_for_all_scans(server, "preflight may miss a file")
    return await server.run_for_all(lambda contexts: to_raw_json(_preflight(contexts, params)))


def _preflight(contexts: Sequence[RequestContext], params: PlanParams) -> CheckResult:
    resolved_plan = find_plan(contexts, params)
    return preflight_result(resolved_plan.context.view, resolved_plan.plan, required_achievement(resolved_plan, params))
