"""`planmark/why` and the command `planmark.why`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planmark.lsp.lsp_ext import RawJson, to_raw_json
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.plan_lookup import choose, needed
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.queries.api_types import WhyResult
from planmark.queries.explain import explain


async def handle(server: Server, params: Any) -> RawJson:
    """Return how the state of an achievement was decided."""
    wanted = read_params(params, PlanParams)
    return await server.run_for_all(lambda contexts: to_raw_json(_why(contexts, wanted)))


def _why(contexts: Sequence[RequestContext], params: PlanParams) -> WhyResult:
    chosen = choose(contexts, params)
    return explain(chosen.context.view, chosen.plan, needed(chosen, params))
