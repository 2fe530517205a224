"""The tokens of the prompts of all roles, for each achievement and for each feature, and the passages to shorten first.

The roles and the budget of 8,000 tokens for a feature come from the research on autonomous development.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from planmark.plans.model import AchievementState, Step
from planmark.plans.phrases import item_state_sentence
from planmark.plans.roles import step_about
from planmark.prompts.budget import OverBudgetError
from planmark.prompts.delta import delta
from planmark.prompts.parts import Part
from planmark.prompts.plan_prompts import plan_prompts
from planmark.prompts.prompt import ESTIMATING_COUNTER, Prompt, PromptOptions
from planmark.prompts.tokens import estimate_tokens
from planmark.prompts.units import document_lines, pieces_of, units_of
from planmark.queries.workspace_view import View
from planmark.workspace.index import ReportProgress, no_progress
from planmark.workspace.snapshot import PlanDocuments

MAX_REDUCTIONS = 4
"""Maximum number of reductions that are named for an achievement over the budget."""


class RoleTokens(msgspec.Struct, frozen=True):
    """The number of tokens of a role's prompt with its reading list.

    `new` is the number of tokens that are new for the role, if one agent designs and then executes.
    """

    role: str
    step: Step
    tokens: int
    new: int


class CostlyPassage(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """Lines of a document (1-based and inclusive), their tokens in one prompt, and the number of prompts that have them."""

    path: str
    start: int
    end: int
    title: str
    tokens: int
    prompts: int


class AchievementTokens(msgspec.Struct, frozen=True):
    """The tokens of all roles of an achievement.

    `total` is the sum if each role has its own agent, and `session` the sum if one agent designs and then executes.
    `unknown` are roles whose prompts need documents that do not exist yet. `shorten_first` is the passage with most
    tokens over all roles.
    `reductions` are what the largest prompt would leave out next, for an achievement over the budget.
    """

    achievement: str
    title: str
    roles: tuple[RoleTokens, ...]
    total: int
    session: int
    unknown: tuple[str, ...]
    problems: tuple[str, ...]
    shorten_first: CostlyPassage | None
    reductions: tuple[str, ...]


class FeatureTokens(msgspec.Struct, frozen=True):
    """The tokens of all roles of all achievements of a plan. `within` is the number of achievements within the budget.

    `total` is the sum if each role has its own agent, and `session` the sum if one agent designs and then executes.
    """

    plan: str
    feature: str
    achievements: tuple[AchievementTokens, ...]
    total: int
    session: int
    within: int


class FeatureBudgetResult(msgspec.Struct, frozen=True, kw_only=True):
    """The tokens of all roles, by feature and achievement."""

    schema: str = "planmark.budget/1"
    workspace: str
    budget: int
    features: tuple[FeatureTokens, ...]


class PricedRole(NamedTuple):
    """A role whose prompt is counted.

    `name` is the name of the role. `step` is its step. `part` is its part of the step, "" for a whole step.
    `needed_document` is the kind of document that must exist before the prompt can be made, "" for no document.
    """

    name: str
    step: Step
    part: str = ""
    needed_document: str = ""


PRICED_ROLES = (
    PricedRole("researcher-local", "research", "local"),
    PricedRole("researcher-web", "research", "web"),
    PricedRole("planner", "create_subplan"),
    PricedRole("implementer", "create_execution", needed_document="SUBPLAN"),
    PricedRole("reviewer", "request_review", needed_document="EXECUTION_TASK"),
    PricedRole("security-auditor", "review", "security", "EXECUTION_TASK"),
    PricedRole("doc-master", "review", "docs", "EXECUTION_TASK"),
)
"""The roles in the order of their work. The role `test-master` of the research is missing, because the prompt of
`implementer` includes the tests.
"""


def budget_result(
    view: View, plans: Iterable[PlanDocuments], progress: ReportProgress = no_progress
) -> FeatureBudgetResult:
    """Return the tokens of all roles for the achievements of `plans`, without dropped achievements.

    `progress` is called with the number of finished achievements and the number of all achievements.
    """
    token_budget = view.snapshot.settings["prompts.tokenBudget"]
    plans_with_items = [
        (plan, [item for item in view.state(plan.path).achievements if item.state != "dropped"]) for plan in plans
    ]
    done_count, total_count = 0, sum(len(items) for _, items in plans_with_items)
    features = []
    for plan, items in plans_with_items:
        costs = []
        for item in items:
            progress(done_count, total_count)
            done_count += 1
            costs.append(achievement_tokens(view, plan, item, token_budget))
        within_budget = sum(cost.total <= token_budget and not cost.problems for cost in costs)
        total, session = sum(cost.total for cost in costs), sum(cost.session for cost in costs)
        features.append(FeatureTokens(plan.path, plan.feature, tuple(costs), total, session, within_budget))
    return FeatureBudgetResult(workspace=view.snapshot.root, budget=token_budget, features=tuple(features))


def achievement_tokens(view: View, plan: PlanDocuments, item: AchievementState, token_budget: int) -> AchievementTokens:
    """Return the tokens of all roles of an achievement. If the sum of the tokens exceeds `token_budget`, the result
    names reductions.
    """
    prompt_by_role: dict[str, Prompt] = {}
    unknown_roles, problems = [], []
    for role in PRICED_ROLES:
        has_document = {"": True, "SUBPLAN": bool(item.subplan), "EXECUTION_TASK": bool(item.executions)}[
            role.needed_document
        ]
        if not has_document:
            unknown_roles.append(role.name)
            continue
        try:
            prompt_by_role[role.name] = _prompt_of_role(view, plan, item, role)
        except OverBudgetError as error:
            problems.append(f"{role.name}: {error}")
    roles = tuple(_role_tokens(view, role, prompt_by_role) for role in PRICED_ROLES if role.name in prompt_by_role)
    total, session = sum(role_tokens.tokens for role_tokens in roles), sum(role_tokens.new for role_tokens in roles)
    return AchievementTokens(
        item.id,
        item.title,
        roles,
        total,
        session,
        tuple(unknown_roles),
        tuple(problems),
        _largest_passage(view, prompt_by_role.values()),
        tuple(_next_reductions(view, plan, item, prompt_by_role, total - token_budget)) if total > token_budget else (),
    )


def _prompt_of_role(
    view: View, plan: PlanDocuments, item: AchievementState, role: PricedRole, token_budget: int | None = None
) -> Prompt:
    """Return the prompt of a role for an achievement. If `token_budget` is None, the settings decide the budget."""
    part: Part | None = None
    if role.part:
        part = next(named_part for named_part in plan_prompts().parts[role.step] if named_part.name == role.part)
    options = PromptOptions(token_budget, ESTIMATING_COUNTER, renderer=view.renderer, part=part)
    step = step_about(role.step, item.id, item.subplan or plan.path, item_state_sentence(item.id, item))
    return plan_prompts().next_prompt(view.reader, plan, view.evaluations[plan.path], step, options)


def _role_tokens(view: View, role: PricedRole, prompt_by_role: dict[str, Prompt]) -> RoleTokens:
    """Return the number of tokens of the prompt of a role, and the number of new tokens. For the implementer, only
    units that the prompt of the planner lacks are new. For other roles, all tokens are new.
    """
    prompt = prompt_by_role[role.name]
    tokens = prompt.tokens.total
    new_tokens = tokens
    if role.name == "implementer" and "planner" in prompt_by_role:
        known_units = units_of(pieces_of(prompt_by_role["planner"], view.text))
        new_tokens = delta(prompt, "", known_units, view.text, ESTIMATING_COUNTER, str).prompt.tokens.total
    return RoleTokens(role.name, role.step, tokens, new_tokens)


def _largest_passage(view: View, prompts: Iterable[Prompt]) -> CostlyPassage | None:
    """Return the section of a document that costs most tokens in all prompts together.

    Return None if no prompt has a section of a document.
    """
    # Mapping from a section (path, title, first line, last line) to the number of prompts that contain it.
    prompt_counts: Counter[tuple[str, str, int, int]] = Counter()
    for prompt in prompts:
        units = [unit for unit in units_of(pieces_of(prompt, view.text)) if unit.path]
        sections = itertools.groupby(units, key=lambda unit: (unit.path, unit.title))
        passages_by_section = [(section, list(passages)) for section, passages in sections]
        prompt_counts.update(
            {(*section, passages[0].start, passages[-1].end) for section, passages in passages_by_section}
        )
    passages = [
        CostlyPassage(path, start, end, title, _passage_tokens(view, path, start, end), count)
        for (path, title, start, end), count in prompt_counts.items()
    ]
    return max(passages, key=lambda passage: passage.tokens * passage.prompts, default=None)


def _passage_tokens(view: View, path: str, start: int, end: int) -> int:
    """Return the tokens of the lines from `start` to `end` of a document. Both numbers are 1-based and inclusive."""
    return estimate_tokens("\n".join(document_lines(view.text(path))[start - 1 : end]))


def _next_reductions(
    view: View, plan: PlanDocuments, item: AchievementState, prompt_by_role: dict[str, Prompt], excess_tokens: int
) -> Iterator[str]:
    """Yield the next reductions that make the largest prompt shorter by `excess_tokens`, in words.

    If all reductions together do not suffice, yield a sentence that says so.
    """
    roles = [role for role in PRICED_ROLES if role.name in prompt_by_role]
    largest_role = max(roles, key=lambda role: prompt_by_role[role.name].tokens.total)
    largest_tokens = prompt_by_role[largest_role.name].tokens.total
    try:
        shorter_prompt = _prompt_of_role(view, plan, item, largest_role, max(1, largest_tokens - excess_tokens))
    except OverBudgetError:
        yield f"no reduction of the {largest_role.name}'s prompt ({largest_tokens:,} tokens) suffices: split the achievement"
        return
    dropped_before = {(drop.path, drop.start, drop.end) for drop in prompt_by_role[largest_role.name].dropped}
    further_drops = [drop for drop in shorter_prompt.dropped if (drop.path, drop.start, drop.end) not in dropped_before]
    for drop in further_drops[:MAX_REDUCTIONS]:
        yield f"{largest_role.name}: {drop.what} ({drop.where}, {drop.tokens:,} tokens)"
