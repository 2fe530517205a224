"""`planmark/nextPrompt` and the command `planmark.nextPrompt`."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from planmark.lsp.errors import RequestError
from planmark.lsp.handlers.open import show_document
from planmark.lsp.handlers.status import run_details
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.plan_lookup import ResolvedPlan, find_plan
from planmark.lsp.readiness import wait_for_all_scans
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.plans.model import REQUESTED_STEPS, SETTLED_STATES
from planmark.prompts.prompt import ESTIMATING_COUNTER, EXACT_COUNTER
from planmark.queries.api_types import Delivery, PromptResult, prompt_result
from planmark.queries.meant import named_achievement
from planmark.queries.next import prompt_of, steps_on_demand
from planmark.queries.workspace_view import build_view
from planmark.storage.cache_dir import write_cached


async def handle(server: Server, raw_params: Any) -> Any:
    """Return the next prompt."""
    return msgspec.to_builtins(await _prompt_after_scans(server, raw_params))


async def show(server: Server, raw_params: Any) -> Any:
    """Return the next prompt. If the client does not show prompts, also ask it to show the prompt as a document."""
    result = await _prompt_after_scans(server, raw_params)
    if server.client.shows_documents and not server.client.delivers_prompts:
        workspace = hashlib.sha256(result.workspace.encode()).hexdigest()[:8]
        subject = "_".join(part for part in (result.feature, result.achievement, result.step) if part)
        try:
            path = write_cached(f"prompts/{workspace}/{subject}.md", result.prompt)
        except OSError as error:
            raise RequestError(f"cannot write the prompt to the cache folder: {error.strerror or error}") from None
        await show_document(server, path.as_uri(), None)
    return msgspec.to_builtins(result)


async def _prompt_after_scans(server: Server, raw_params: Any) -> PromptResult:
    params = read_params(raw_params, PlanParams)
    await wait_for_all_scans(server, "a prompt may ask for finished work")
    return await server.run_for_all(lambda contexts: _next_prompt(contexts, params))


def _next_prompt(contexts: Sequence[RequestContext], params: PlanParams) -> PromptResult:
    start_time = time.perf_counter()
    resolved_plan = find_plan(contexts, params)
    context, plan = resolved_plan.context, resolved_plan.plan
    view = context.view
    if params.ignore_claims:
        view = build_view(
            view.snapshot, view.text, view.read_count, exists=view.exists, ignore_claims=True, cases=view.cases
        )
    achievement = _requested_achievement(resolved_plan, params)
    counter = EXACT_COUNTER if params.exact_tokens else ESTIMATING_COUNTER
    # Without the claims, the same plan has different states.
    cache = None if params.ignore_claims else context.folder.prompt_cache
    prompt = prompt_of(
        *(view, plan, achievement, params.step),
        token_budget=params.budget,
        counter=counter,
        cache=cache,
        through=params.through,
    )
    run = run_details(view.snapshot.revision, start_time)
    if prompt.step not in REQUESTED_STEPS and not params.ignore_claims and not prompt.through:
        context.folder.remember_prompt_cost(achievement, prompt)
    delivered_prompts = context.folder.delivered_prompts
    shown_prompt, since = prompt, None
    if params.since is not None:
        # Compare before the delivery, because the delivery makes the id of this prompt known.
        shown_prompt, since = delivered_prompts.difference_since(view, params.since, prompt, counter)
    delivery = Delivery(delivered_prompts.deliver(view, prompt), since)
    steps, plan_format = steps_on_demand(view, plan), view.state(plan.path).format
    return prompt_result(view.snapshot.root, shown_prompt, run, steps, plan_format, delivery=delivery)


def _requested_achievement(resolved_plan: ResolvedPlan, params: PlanParams) -> str | None:
    """Return the ref or id of the achievement that the parameters name; None if the request is about the whole plan. If
    the parameters have only the URI of a document, return the id of the achievement that the document is about. If the
    work on that achievement is finished, return None.
    """
    if not params.uri:
        meant_achievement = named_achievement(resolved_plan.context.view, resolved_plan.named_plan, params.achievement)
        return (meant_achievement.ref or meant_achievement.id) if meant_achievement else None
    if params.achievement:
        return params.achievement
    achievement = resolved_plan.context.achievement_of(params.uri)
    return (
        achievement.id
        if achievement and achievement.path == resolved_plan.plan.path and achievement.state not in SETTLED_STATES
        else None
    )
