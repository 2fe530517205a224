"""The explanation of the state of an item: each row of the decision table with its result, and the reason why the item
is or is not next.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from planmark.plans.format import AppliedRow, PlanSite
from planmark.plans.model import NOT_WORKABLE_STATES, AchievementState, ClaimLine, Evidence, PlanState, State, Step
from planmark.plans.phrases import is_next, item_state_sentence, next_text, state_label
from planmark.plans.registry import format_named
from planmark.queries.workspace_view import AnyPlan, View
from planmark.workspace.plan_work import plan_work


class RuleResult(msgspec.Struct, frozen=True):
    """A row of the decision table: the state that it gives, whether it matches an achievement, and the evidence.

    `says` is the condition of the row in words.
    """

    rule: str
    state: State
    says: str
    matched: bool
    evidence: tuple[Evidence, ...]


class NextRelation(msgspec.Struct, frozen=True):
    """Whether the next step of a plan is about an achievement. `says` is the reason in words."""

    is_next: bool
    says: str


class WhyResult(msgspec.Struct, frozen=True, kw_only=True):
    """The reasons for the state of an achievement. `rules` are the tested rows of the decision table, in their order."""

    schema: str = "planmark.why/1"
    workspace: str
    plan: str
    feature: str
    achievement: str
    state: State
    step: Step
    rules: list[RuleResult]
    claims: list[ClaimLine]
    next: NextRelation
    round: int
    notes: tuple[str, ...] = ()
    state_label: str = ""


def explain(view: View, plan: AnyPlan, achievement: AchievementState) -> WhyResult:
    """Return the explanation of the state of an achievement.

    The explanation has each row of the decision table with its result, and the reason why the achievement is or is not
    next.
    """
    if isinstance(plan, PlanSite):
        return _explain_item(view, plan, achievement)
    root, evaluation = view.snapshot.root, view.evaluations[plan.path]
    rules = plan_work().explain(evaluation, achievement.id)
    return WhyResult(
        workspace=root,
        plan=achievement.path,
        feature=evaluation.state.feature,
        achievement=achievement.id,
        state=achievement.state,
        step=achievement.step,
        rules=_rule_results(rules),
        claims=[claim for claim in evaluation.state.claims if claim.achievement == achievement.id],
        round=achievement.round,
        next=NextRelation(
            evaluation.state.next.achievement == achievement.id, _next_step_words(evaluation.state, achievement)
        ),
        notes=evaluation.state.notes,
        state_label=state_label(achievement),
    )


def _explain_item(view: View, site: PlanSite, item: AchievementState) -> WhyResult:
    """Return the explanation of an item in a format other than the methodology; see `explain`."""
    state = view.state(site.path)
    rules = format_named(site.format).explain(view.formats.input_of(site), state, item)
    return WhyResult(
        workspace=view.snapshot.root,
        plan=site.path,
        feature=site.feature,
        achievement=item.id or item.ref,
        state=item.state,
        step=item.step,
        rules=_rule_results(rules),
        claims=[],
        round=0,
        next=NextRelation(is_next(state, item), _next_step_words(state, item)),
        notes=state.notes,
        state_label=state_label(item),
    )


def _rule_results(rules: Sequence[AppliedRow]) -> list[RuleResult]:
    return [RuleResult(rule.rule, rule.state, rule.says, rule.matched, rule.evidence) for rule in rules]


def _next_step_words(state: PlanState, achievement: AchievementState) -> str:
    """Return a sentence about whether an achievement is next, and why."""
    step, name = state.next, achievement.id or achievement.ref
    if is_next(state, achievement):
        return f"{name} is next: {step.reason}"
    if achievement.state in NOT_WORKABLE_STATES:
        return f"{name} is not next: {item_state_sentence('it', achievement)}. Next is {next_text(state)}"
    return f"{name} is not next: {next_text(state)} comes first ({step.reason})"
