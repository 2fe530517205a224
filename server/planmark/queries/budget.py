"""The costs of prompts in tokens, with their budgets and with the costs of whole documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from planmark.plans.model import DONE_STATES, Role, Step
from planmark.plans.roles import soft_budget
from planmark.prompts.tokens import estimate_tokens
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import AnyPlan, View


class PromptCost(NamedTuple):
    """The cost of one prompt in tokens, with its limits.

    `total` is the cost of the prompt and its reading list. `whole_tokens` would be the cost of the prompt with the full
    text of the PLAN and of every document on the reading list. `problem` is the reason why no prompt could be made,
    else "".
    """

    feature: str
    achievement: str | None
    step: Step
    role: Role
    tier: int
    total: int
    whole_tokens: int
    soft_limit: int
    token_budget: int
    problem: str = ""


def next_step_costs(view: View, plans: Iterable[AnyPlan]) -> list[PromptCost]:
    """Return the cost of the next prompt of each incomplete plan."""
    return [_cost(view, plan, None) for plan in plans if view.state(plan.path).state != "complete"]


def achievement_costs(view: View, plan: AnyPlan) -> list[PromptCost]:
    """Return the cost of the prompt about each item of a plan that is not done.

    Items with required sub-items, and items that only an overview lists, are left out.
    """
    items = view.state(plan.path).achievements
    return [
        _cost(view, plan, item.ref or item.id)
        for item in items
        if item.leaf and not item.listed and item.state not in DONE_STATES
    ]


def token_share_by_tier(costs: Iterable[PromptCost]) -> dict[int, float]:
    """Return a mapping from a tier to its share of the tokens of all `costs`, from 0 to 1."""
    sums: dict[int, int] = {}
    for cost in costs:
        sums[cost.tier] = sums.get(cost.tier, 0) + cost.total
    total = sum(sums.values())
    return {tier: tokens / total for tier, tokens in sorted(sums.items())} if total else {}


def _cost(view: View, plan: AnyPlan, achievement: str | None) -> PromptCost:
    """Return the cost of the prompt about an item. `achievement` is the ref or the id of the item.

    If `achievement` is None, return the cost of the next prompt of the plan.
    """
    token_budget = view.snapshot.settings["prompts.tokenBudget"]
    try:
        prompt = prompt_of(view, plan, achievement)
    except NoAnswerError as error:
        step = view.state(plan.path).next
        soft_limit = soft_budget(step.role)
        return PromptCost(
            plan.feature, achievement, step.step, step.role, step.tier, 0, 0, soft_limit, token_budget, str(error)
        )
    documents = {plan.path, *(read_lines.path for read_lines in prompt.read)}
    whole_tokens = prompt.tokens.prompt + sum(estimate_tokens(view.text(path)) for path in documents)
    soft_limit = soft_budget(prompt.role)
    return PromptCost(
        prompt.feature,
        prompt.achievement,
        prompt.step,
        prompt.role,
        prompt.tier,
        prompt.tokens.total,
        whole_tokens,
        soft_limit,
        token_budget,
    )
