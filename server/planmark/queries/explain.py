"""States and steps in words, and the explanation of a state."""

from __future__ import annotations

from planmark.plans.model import AchievementState, PlanState, State
from planmark.queries.api_types import NextRelation, RuleResult, WhyResult
from planmark.workflow.decision_table import TABLE
from planmark.workflow.plan_state import PlanEvaluation
from planmark.workflow.roles import STEP_ROLES
from planmark.workflow.steps import NOT_WORKABLE

MARKS: dict[State, str] = {
    "approved": "✓",
    "needs_fix": "✗",
    "fix_resolved": "↺",
    "design_placeholder": "…",
    "execution_blocked": "■",
    "active_execution": "▶",
    "next_execution": "▷",
    "awaiting_review": "?",
    "no_execution": "◐",
    "blocked": "□",
    "no_subplan": "○",
    "dropped": "–",
}
"""State → its mark in all outputs."""


def words(name: str) -> str:
    """Return a name of the contract in words."""
    return name.replace("_", " ")


def condition(state: PlanState) -> str:
    """Return the state of a plan in words; "closed" if it is complete and its Status says so."""
    return "closed" if state.next.step == "closed" else words(state.state)


def marked(state: State) -> str:
    """Return a state with its mark: `✓ approved`."""
    return f"{MARKS[state]} {words(state)}"


def progress_bar(state: PlanState, width: int = 10) -> str:
    """Return the approved share of the achievements that are not dropped: `███░░░░░░░ 2/6, 1 dropped`."""
    approved, total, _ = progress(state)
    filled = width * approved // total if total else 0
    return f"{'█' * filled}{'░' * (width - filled)} {progress_text(state)}"


def progress(state: PlanState) -> tuple[int, int, int]:
    """Return the numbers of approved, wanted and dropped achievements."""
    dropped = state.counts.get("dropped", 0)
    return state.counts.get("approved", 0), len(state.achievements) - dropped, dropped


def progress_text(state: PlanState, what: str = "") -> str:
    """Return `2/6`, or with `what`, `2/6 approved`; then the number of dropped achievements, if any."""
    approved, total, dropped = progress(state)
    return f"{approved}/{total}{f' {what}' if what else ''}{f', {dropped} dropped' if dropped else ''}"


def next_text(state: PlanState) -> str:
    """Return the next step in words: `1.2: address the fix (executor)`."""
    duty = STEP_ROLES[state.next.step]
    subject = f"{state.next.achievement}: " if state.next.achievement else ""
    return f"{subject}{duty.asks} ({state.next.role})"


def explain(root: str, judged: PlanEvaluation, known: AchievementState) -> WhyResult:
    """Return every rule of the decision table with its result, and why the achievement is or is not next."""
    rules = []
    decided = False
    for rule in TABLE:
        match = rule.match(judged.situations[known.id])
        rules.append(RuleResult(rule.letter, rule.state, rule.says, match.matches and not decided, match.evidence))
        decided = decided or match.matches
    return WhyResult(
        workspace=root,
        plan=known.path,
        feature=judged.state.feature,
        achievement=known.id,
        state=known.state,
        step=known.step,
        rules=rules,
        claims=[claim for claim in judged.state.claims if claim.achievement == known.id],
        round=known.round,
        next=NextRelation(judged.state.next.achievement == known.id, _next_says(judged.state, known)),
        notes=judged.state.notes,
    )


def _next_says(state: PlanState, known: AchievementState) -> str:
    chosen = state.next
    if chosen.achievement == known.id:
        return f"{known.id} is next: {chosen.reason}"
    if known.state in NOT_WORKABLE:
        return f"{known.id} is not next: it is {words(known.state)}. Next is {next_text(state)}"
    return f"{known.id} is not next: {next_text(state)} comes first ({chosen.reason})"
