"""The tokens of all roles that work on an achievement and on a feature, and what to shorten first.

The roles and the budget of 8,000 tokens for a feature come from the research on autonomous development.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from planmark.plans.model import AchievementState, Step
from planmark.plans.phrases import item_in_state
from planmark.plans.roles import step_about
from planmark.prompts.budget import OverBudgetError
from planmark.prompts.delta import delta
from planmark.prompts.parts import Part
from planmark.prompts.plan_prompts import plan_prompts
from planmark.prompts.prompt import ESTIMATING_COUNTER, Prompt, PromptOptions
from planmark.prompts.tokens import estimate
from planmark.prompts.units import Unit, document_lines, pieces_of, units_of
from planmark.queries.workspace_view import View
from planmark.workspace.index import Progress, no_progress
from planmark.workspace.snapshot import PlanDocuments

MAX_REDUCTIONS = 4
"""Maximum number of reductions that are named for an achievement over the budget."""


class RoleTokens(msgspec.Struct, frozen=True):
    """The tokens of a role's prompt with its reading list, and those that are new to the agent of the role before."""

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

    `total` is for an agent for each role, `session` if one agent designs and then executes. `unknown` are roles whose
    prompts need documents that do not exist yet. `shorten_first` is the passage with most tokens over all roles.
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
    """The tokens of all roles of all achievements of a plan. `within` achievements stay under the budget."""

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
    """A role, its step, the name of its part of the step, and the document that its prompt needs."""

    name: str
    step: Step
    part: str = ""
    needs: str = ""


PRICED_ROLES = (
    PricedRole("researcher-local", "research", "local"),
    PricedRole("researcher-web", "research", "web"),
    PricedRole("planner", "create_subplan"),
    PricedRole("implementer", "create_execution", needs="SUBPLAN"),
    PricedRole("reviewer", "request_review", needs="EXECUTION_TASK"),
    PricedRole("security-auditor", "review", "security", "EXECUTION_TASK"),
    PricedRole("doc-master", "review", "docs", "EXECUTION_TASK"),
)
"""The roles in the order of their work. The prompts of executions contain the tests, so `test-master` has no prompt."""


def budget_result(view: View, plans: Iterable[PlanDocuments], progress: Progress = no_progress) -> FeatureBudgetResult:
    """Return the tokens of all roles for the achievements of plans that are not dropped.

    `progress` gets the number of finished achievements and their total.
    """
    budget = view.snapshot.settings["prompts.tokenBudget"]
    chosen = [(plan, [one for one in view.state(plan.path).achievements if one.state != "dropped"]) for plan in plans]
    count, of = 0, sum(len(items) for _, items in chosen)
    features = []
    for plan, items in chosen:
        found = []
        for item in items:
            progress(count, of)
            count += 1
            found.append(achievement_tokens(view, plan, item, budget))
        within = sum(one.total <= budget and not one.problems for one in found)
        total, session = sum(one.total for one in found), sum(one.session for one in found)
        features.append(FeatureTokens(plan.path, plan.feature, tuple(found), total, session, within))
    return FeatureBudgetResult(workspace=view.snapshot.root, budget=budget, features=tuple(features))


def achievement_tokens(view: View, plan: PlanDocuments, item: AchievementState, budget: int) -> AchievementTokens:
    """Return the tokens of all roles of an achievement."""
    prompts: dict[str, Prompt] = {}
    unknown, problems = [], []
    for role in PRICED_ROLES:
        is_there = {"": True, "SUBPLAN": bool(item.subplan), "EXECUTION_TASK": bool(item.executions)}[role.needs]
        if not is_there:
            unknown.append(role.name)
            continue
        try:
            prompts[role.name] = _prompt_of_role(view, plan, item, role)
        except OverBudgetError as error:
            problems.append(f"{role.name}: {error}")
    roles = tuple(_role_tokens(view, role, prompts) for role in PRICED_ROLES if role.name in prompts)
    total, session = sum(one.tokens for one in roles), sum(one.new for one in roles)
    return AchievementTokens(
        item.id,
        item.title,
        roles,
        total,
        session,
        tuple(unknown),
        tuple(problems),
        _largest_passage(view, prompts.values()),
        tuple(_next_reductions(view, plan, item, prompts, total - budget)) if total > budget else (),
    )


def _prompt_of_role(
    view: View, plan: PlanDocuments, item: AchievementState, role: PricedRole, budget: int | None = None
) -> Prompt:
    part: Part | None = None
    if role.part:
        part = next(one for one in plan_prompts().parts[role.step] if one.name == role.part)
    options = PromptOptions(budget, ESTIMATING_COUNTER, renderer=view.renderer, part=part)
    asked = step_about(role.step, item.id, item.subplan or plan.path, item_in_state(item.id, item))
    return plan_prompts().next_prompt(view.reader, plan, view.evaluations[plan.path], asked, options)


def _role_tokens(view: View, role: PricedRole, prompts: dict[str, Prompt]) -> RoleTokens:
    prompt = prompts[role.name]
    tokens = prompt.tokens.total
    new = tokens
    if role.name == "implementer" and "planner" in prompts:
        before = units_of(pieces_of(prompts["planner"], view.text))
        new = delta(prompt, "", before, view.text, ESTIMATING_COUNTER, str).prompt.tokens.total
    return RoleTokens(role.name, role.step, tokens, new)


def _largest_passage(view: View, prompts: Iterable[Prompt]) -> CostlyPassage | None:
    """Return the section of a document with most tokens over all prompts."""
    counts: dict[str, tuple[Unit, int]] = {}
    for prompt in prompts:
        for unit in {unit.key: unit for unit in units_of(pieces_of(prompt, view.text)) if unit.path}.values():
            counts[unit.key] = (unit, counts.get(unit.key, (unit, 0))[1] + 1)
    passages = [
        CostlyPassage(unit.path, unit.start, unit.end, unit.title, _tokens(view, unit), count)
        for unit, count in counts.values()
    ]
    return max(passages, key=lambda one: one.tokens * one.prompts, default=None)


def _tokens(view: View, unit: Unit) -> int:
    return estimate("\n".join(document_lines(view.text(unit.path))[unit.start - 1 : unit.end]))


def _next_reductions(
    view: View, plan: PlanDocuments, item: AchievementState, prompts: dict[str, Prompt], excess: int
) -> Iterator[str]:
    """Yield what the largest prompt would leave out next, if it had to save the excess alone."""
    roles = [role for role in PRICED_ROLES if role.name in prompts]
    largest = max(roles, key=lambda role: prompts[role.name].tokens.total)
    needed = prompts[largest.name].tokens.total
    try:
        shorter = _prompt_of_role(view, plan, item, largest, max(1, needed - excess))
    except OverBudgetError:
        yield f"no reduction of the {largest.name}'s prompt ({needed:,} tokens) suffices: split the achievement"
        return
    before = {(one.path, one.start, one.end) for one in prompts[largest.name].dropped}
    left = [one for one in shorter.dropped if (one.path, one.start, one.end) not in before]
    for one in left[:MAX_REDUCTIONS]:
        yield f"{largest.name}: {one.what} ({one.where}, {one.tokens:,} tokens)"
