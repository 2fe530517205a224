"""`planmark/batch`: several steps of one kind in one prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planmark.lsp.lsp_ext import RawJson, to_raw_json
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.plan_lookup import find_plan
from planmark.lsp.readiness import wait_for_all_scans
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.prompts.prompt import ESTIMATING_COUNTER, EXACT_COUNTER
from planmark.queries.batch import MAX_BATCH_STEPS, BatchLimits, batch_result


class BatchParams(PlanParams, frozen=True, rename="camel"):
    """A plan, and the maximum number of steps in the prompt (`count`)."""

    count: int = MAX_BATCH_STEPS


async def handle(server: Server, raw_params: Any) -> RawJson:
    """Return one prompt for several steps of a plan."""
    params = read_params(raw_params, BatchParams)
    await wait_for_all_scans(server, "a prompt may ask for finished work")
    return await server.run_for_all(lambda contexts: to_raw_json(_batch_answer(contexts, params)))


def _batch_answer(contexts: Sequence[RequestContext], params: BatchParams) -> Any:
    resolved_plan = find_plan(contexts, params)
    counter = EXACT_COUNTER if params.exact_tokens else ESTIMATING_COUNTER
    return batch_result(
        resolved_plan.context.view, resolved_plan.plan, BatchLimits(params.count, params.budget, counter)
    )
