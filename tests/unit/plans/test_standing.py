"""The one part of a list of plans to which each plan belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from planmark.plans.standing import standing_of
from state_helpers import judged

FEEDBACKS = "execution/feedbacks"
SUBPLAN = "\n//- /{at}/subplans/SUBPLAN_PAY_{number}.md\n# SUBPLAN\n\n## Objective\n\nx\n\n## Approach\n\ny\n"
TASK = "\n//- /{at}/execution/EXECUTION_TASK_PAY_{number}_01.md\n# TASK\n\n**Status**: {status}\n"
VERDICT = "\n//- /{at}/execution/feedbacks/{name}.md\n# Verdict\n\n**Reviewer**: Ada\n"


def plan(at: str = "work-space/plans/PAY", status: str = "In Progress", more: str = "") -> str:
    text = (
        f"//- /{at}/PLAN_PAY.md\n# PLAN\n\n**Status**: {status}\n\n"
        "**Achievement 1.1**: A\n\nIt works.\n\n**Achievement 1.2**: B\n\nIt works.\n"
    )
    return text + more.replace("{at}", at)


def work(number: str, status: str) -> str:
    return SUBPLAN.replace("{number}", number) + TASK.replace("{number}", number).replace("{status}", status)


APPROVED = "".join(VERDICT.replace("{name}", f"APPROVED_{number}") for number in ("11", "12"))
DONE = work("11", "✅ Complete") + work("12", "✅ Complete")


@pytest.mark.parametrize(
    ("fixture", "expected"),
    [
        (plan(), "active"),
        (plan(more=work("11", "In Progress")), "active"),
        (plan(more=work("11", "✅ Complete")), "needs_you"),
        (plan(more=work("11", "Blocked")), "needs_you"),
        (plan(more=work("11", "✅ Complete") + VERDICT.replace("{name}", "FIX_11")), "active"),
        (plan(more=DONE + APPROVED), "needs_you"),
        (plan(status="✅ Complete", more=DONE + APPROVED), "closed"),
        (plan(status="Paused", more=work("11", "✅ Complete")), "paused"),
        (plan(status="Abandoned", more=work("11", "✅ Complete")), "closed"),
        (plan(at="work-space/backlog-plans/PAY"), "backlog"),
        (plan(at="work-space/archive/PAY", more=work("11", "✅ Complete")), "closed"),
    ],
)
def test_the_files_decide_where_a_plan_stands(tmp_path: Path, fixture: str, expected: str) -> None:
    assert standing_of(judged(tmp_path, fixture)) == expected


def test_a_review_waits_though_another_achievement_is_next(tmp_path: Path) -> None:
    fixture = plan(more=work("11", "✅ Complete") + work("12", "In Progress") + VERDICT.replace("{name}", "FIX_12"))
    state = judged(tmp_path, fixture)
    assert (state.next.step, state.next.achievement) == ("address_fix", "1.2")
    assert standing_of(state) == "needs_you"
