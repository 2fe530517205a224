"""`planmark/review` and `planmark/research`: the parts of a step, with a prompt for each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from planmark.lsp.errors import INVALID_PARAMS, RequestError
from planmark.lsp.lsp_ext import RawJson, to_raw_json
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.plan_lookup import ResolvedPlan, find_plan
from planmark.lsp.readiness import wait_for_all_scans
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.plans.model import AchievementState
from planmark.prompts.prompt import ESTIMATING_COUNTER, EXACT_COUNTER
from planmark.queries.meant import named_achievement
from planmark.queries.parts import ALL_RESEARCH, AUTO_REVIEWERS, PartTerms, research_result, review_result
from planmark.storage.git import GitError
from planmark.storage.git_diff import WorkDiff, diff_since


class ReviewParams(PlanParams, frozen=True, rename="camel"):
    """A plan or an achievement, the reviewers (`auto` or a list), and the commit to compare the work with (`base`).

    If `dry_run` is True, the answer has the scope of the review, but no prompts.
    """

    reviewers: str = AUTO_REVIEWERS
    base: str | None = None
    dry_run: bool = False


class ResearchParams(PlanParams, frozen=True, rename="camel"):
    """A plan or an achievement, and the kinds of research."""

    kind: str = ALL_RESEARCH


async def review(server: Server, raw_params: Any) -> RawJson:
    """Return the reviews that the work on an achievement needs, with a prompt for each reviewer."""
    params = read_params(raw_params, ReviewParams)
    await wait_for_all_scans(server, "a prompt may ask for finished work")
    root = await server.run_for_all(lambda contexts: find_plan(contexts, params).context.view.snapshot.root)
    # Git may take seconds, so neither the event loop nor the engine waits for git.
    diff = await asyncio.to_thread(_work_diff, root, params.base)
    return await server.run_for_all(lambda contexts: to_raw_json(_review_answer(contexts, params, diff)))


def _work_diff(root: str, base: str | None) -> WorkDiff:
    try:
        return diff_since(Path(root), base)
    except GitError as error:
        raise RequestError(f"base: {error}", INVALID_PARAMS) from None


def _review_answer(contexts: Sequence[RequestContext], params: ReviewParams, diff: WorkDiff) -> Any:
    resolved_plan = find_plan(contexts, params)
    terms = None if params.dry_run else _part_terms(params)
    return review_result(
        resolved_plan.context.view,
        resolved_plan.plan,
        _achievement_of_params(resolved_plan, params),
        params.reviewers,
        diff,
        terms,
    )


async def research(server: Server, raw_params: Any) -> RawJson:
    """Return a prompt for each kind of research before the design of an achievement."""
    params = read_params(raw_params, ResearchParams)
    await wait_for_all_scans(server, "a prompt may ask for finished work")
    return await server.run_for_all(lambda contexts: to_raw_json(_research_answer(contexts, params)))


def _research_answer(contexts: Sequence[RequestContext], params: ResearchParams) -> Any:
    resolved_plan = find_plan(contexts, params)
    return research_result(
        resolved_plan.context.view,
        resolved_plan.plan,
        _achievement_of_params(resolved_plan, params),
        params.kind,
        _part_terms(params),
    )


def _part_terms(params: PlanParams) -> PartTerms:
    return PartTerms(params.budget, EXACT_COUNTER if params.exact_tokens else ESTIMATING_COUNTER)


def _achievement_of_params(resolved_plan: ResolvedPlan, params: PlanParams) -> AchievementState | None:
    return named_achievement(resolved_plan.context.view, resolved_plan.named_plan, params.achievement)
