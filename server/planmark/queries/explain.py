"""The explanation of a state: the result of every rule, and the reason why an item is or is not next."""

from __future__ import annotations

from collections.abc import Sequence

from planmark.plans.format import PlanSite, RuleOutcome
from planmark.plans.model import NOT_WORKABLE_STATES, AchievementState, PlanState
from planmark.plans.phrases import is_next, item_in_state, next_text, state_label
from planmark.plans.registry import format_named
from planmark.queries.api_types import NextRelation, RuleResult, WhyResult
from planmark.queries.workspace_view import AnyPlan, View
from planmark.workspace.plan_work import plan_work


def explain(view: View, plan: AnyPlan, achievement: AchievementState) -> WhyResult:
    """Return every rule of the decision table with its result, and why the achievement is or is not next."""
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


def _rule_results(rules: Sequence[RuleOutcome]) -> list[RuleResult]:
    return [RuleResult(rule.rule, rule.state, rule.says, rule.matched, rule.evidence) for rule in rules]


def _next_step_words(state: PlanState, achievement: AchievementState) -> str:
    step, name = state.next, achievement.id or achievement.ref
    if is_next(state, achievement):
        return f"{name} is next: {step.reason}"
    if achievement.state in NOT_WORKABLE_STATES:
        return f"{name} is not next: {item_in_state('it', achievement)}. Next is {next_text(state)}"
    return f"{name} is not next: {next_text(state)} comes first ({step.reason})"
