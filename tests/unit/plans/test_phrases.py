"""The names of states and steps, which every output shares."""

from __future__ import annotations

from pathlib import Path

import pytest

from editor_checks import view_at
from planmark.plans.phrases import state_label
from planmark.queries.status_result import workspace_result

PLAN = "work-space/plans/PAY/PLAN_PAY.md"
TEXT = """# PLAN: Pay

**Status**: {status}

## Achievement Index

- Achievement 1.1: Refunds
- Achievement 1.2: Receipts

**Achievement 1.1**: Refunds

**Achievement 1.2**: Receipts

- **Dependencies**: 1.1

## Goal

Money goes back.

## Current Status & Handoff

All is done.
"""
APPROVED = "# APPROVED\n\n**Review Date**: 2026-01-02\n"


def test_an_achievement_that_waits_names_what_it_waits_for(tmp_path: Path) -> None:
    (plan,) = workspace_result(view_at({PLAN: TEXT.format(status="In Progress")}, tmp_path)).plans
    assert [known.state_label for known in plan.achievements] == ["no subplan", "waits for 1.1"]
    assert plan.next.label == "1.1: design the SUBPLAN"
    assert plan.state_label == "planned"


def test_a_closed_plan_has_no_next_step(tmp_path: Path) -> None:
    verdicts = {f"work-space/plans/PAY/execution/feedbacks/APPROVED_1{n}.md": APPROVED for n in (1, 2)}
    view = view_at({PLAN: TEXT.format(status="✅ Complete"), **verdicts}, tmp_path)
    (plan,) = workspace_result(view).plans
    assert (plan.state_label, plan.next.step, plan.next.label) == ("closed", "closed", "")


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, "waits for 1.1"), (3, "waits for 1.1, 1.2, 1.3"), (5, "waits for 1.1, 1.2, 1.3 and 2 more")],
)
def test_at_most_three_are_named(tmp_path: Path, count: int, expected: str) -> None:
    ids = [f"1.{number}" for number in range(1, count + 1)]
    lines = "\n\n".join(f"**Achievement {known}**: T" for known in ids)
    needs = f"**Achievement 2.1**: Last\n\n- **Dependencies**: {', '.join(ids)}\n"
    view = view_at({PLAN: f"# PLAN: Pay\n\n**Status**: In Progress\n\n{lines}\n\n{needs}"}, tmp_path)
    assert state_label(view.state(PLAN).achievements[-1]) == expected
