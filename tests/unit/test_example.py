"""The example workspace: every state and plan state, as its story tells them."""

from __future__ import annotations

from typing import get_args

from conftest import REPOSITORY
from planmark.formats.planmark.workflow.decision_table import DECISION_TABLE
from planmark.formats.planmark.workflow.plan_state import evaluate
from planmark.plans.model import Lifecycle, PlanCondition
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index, load_snapshot

EXPECTED = {
    "CHECKOUT": (
        "needs_attention",
        ("address_fix", "1.2"),
        {
            "0.1": "approved",
            "1.1": "approved",
            "1.2": "needs_fix",
            "1.3": "fix_resolved",
            "2.1": "active_execution",
            "2.2": "blocked",
        },
    ),
    "SEARCH": (
        "in_progress",
        ("request_review", "1.2"),
        {
            "1.1": "approved",
            "1.2": "awaiting_review",
            "1.3": "awaiting_review",
            "2.1": "next_execution",
            "2.2": "no_execution",
            "2.3": "design_placeholder",
            "3.1": "no_subplan",
        },
    ),
    "NOTIFICATIONS": (
        "needs_attention",
        ("address_fix", "1.2"),
        {"1.1": "execution_blocked", "1.2": "needs_fix", "2.1": "blocked", "2.2": "dropped"},
    ),
    "ACCOUNTS": (
        "needs_attention",
        ("confirm_state", "1.1"),
        {"1.1": "no_subplan", "1.2": "no_subplan", "2.1": "no_subplan"},
    ),
    "GIFT-CARDS": ("planned", ("create_subplan", "1.1"), {"1.1": "no_subplan", "1.2": "blocked"}),
    "WISHLIST": ("planned", ("create_subplan", "1.1"), {"1.1": "no_subplan", "1.2": "blocked"}),
    "RETURNS": ("no_achievements", ("define_achievements", None), {}),
    "CATALOGUE-IMPORT": ("complete", ("closed", None), {"1.1": "approved", "1.2": "approved"}),
}
EXAMPLE = REPOSITORY / "examples" / "workspace"


def test_the_story() -> None:
    found = {}
    for files in load_snapshot(EXAMPLE).plans:
        plan = evaluate(files)
        states = {known.id: known.state for known in plan.achievements}
        found[plan.feature] = (plan.state, (plan.next.step, plan.next.achievement), states)
    assert found == EXPECTED


def test_every_state_occurs() -> None:
    plans = [evaluate(files) for files in load_snapshot(EXAMPLE).plans]
    assert {known.state for plan in plans for known in plan.achievements} == {rule.state for rule in DECISION_TABLE}
    assert {plan.state for plan in plans} == set(get_args(PlanCondition))
    assert {plan.lifecycle for plan in plans} == set(get_args(Lifecycle))
    assert any(plan.legacy for plan in plans)


def test_what_the_checks_find() -> None:
    index = Index(EXAMPLE)
    snapshot = index.refresh()
    view = build_view(snapshot, index.text_reader(), exists=index.exists)
    assert {diagnostic.code for diagnostic in view.diagnostics} == {
        "achievement-format",
        "claimed-without-evidence",
        "effort-exceeded",
        "fix-reopened",
        "fix-superseded",
        "fix-unresolved",
        "grammaplan-stale",
        "handoff-stale",
        "index-missing",
        "index-tick-without-verdict",
        "missing-section",
        "no-achievements",
        "orphan-subplan",
        "placeholder-left",
        "plan-name",
        "review-missing",
        "status-contradicts-files",
        "synthesis-missing",
    }
    assert [orphan.feature for orphan in snapshot.orphans] == ["LOYALTY"]
    assert snapshot.problems == ()


def test_the_problems_view_opens_with_few_errors() -> None:
    """Check that the example is there to be read: an editor shows its errors first, and there are at most four."""
    index = Index(EXAMPLE)
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    assert sorted(diagnostic.code for diagnostic in view.diagnostics if diagnostic.severity == "error") == [
        "no-achievements"
    ]
