"""`planmark/graph`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planmark.lsp.lsp_ext import RawJson, to_raw_json
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.plan_lookup import find_plan
from planmark.lsp.readiness import wait_for_all_scans
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.queries.graph import GraphResult, graph_result


async def handle(server: Server, raw_params: Any) -> RawJson:
    """Return the achievements of a plan and their dependencies."""
    params = read_params(raw_params, PlanParams)
    await wait_for_all_scans(server, "the states could be wrong")
    return await server.run_for_all(lambda contexts: to_raw_json(_graph(contexts, params)))


def _graph(contexts: Sequence[RequestContext], params: PlanParams) -> GraphResult:
    context, plan, _ = find_plan(contexts, params)
    return graph_result(context.view, plan.path)
