"""A workspace with earlier work: three plans with issues, iterations, resolutions and learnings about different things."""

from __future__ import annotations

HOME = "work-space/plans"
SUBJECTS = {
    "MILL": (
        "The water wheel stalls when the sluice gate freezes",
        "Ice blocks the sluice gate every winter night, and the wheel loses torque.",
        "A heated cable along the sluice keeps the gate free of ice.",
    ),
    "BREW": (
        "The kettle boils over while hops are added",
        "Foam rises above the kettle rim when the hops enter at full heat.",
        "Lower the burner before hops are added, then raise the burner slowly.",
    ),
    "DOCK": (
        "Crane bookings overlap at the northern quay",
        "Two vessels reserved one crane because the calendar ignored the tide table.",
        "Reserve a crane inside one transaction that locks the tide window.",
    ),
    "LOOM": (
        "Warp threads snap at the shuttle turn",
        "The tension spring pulls the warp threads beyond their limit at each turn.",
        "Replace the tension spring, and oil the shuttle before every pattern.",
    ),
}
"""Feature → the title of an issue, its cause, and what mended it."""


def plan_text(feature: str) -> str:
    return (
        f"# PLAN: {feature.title()}\n\n**Status**: In Progress\n\n## Achievement Index\n\n- 1.1 First\n- 1.2 Second\n\n"
        "**Achievement 1.1**: First\n\n- Success: it runs\n\n**Achievement 1.2**: Second\n\n- Success: it runs longer\n"
    )


def subplan_text(feature: str, number: str) -> str:
    return (
        f"# SUBPLAN: {feature} {number}\n\n**Plan**: {feature}\n**Achievement Addressed**: {number}\n"
        "**Status**: 🚧 In Progress\n\n## Objective\n\nMake it run.\n\n## Approach\n\nBy hand.\n"
    )


def task_text(feature: str, log: str, learnings: str, status: str = "✅ Complete") -> str:
    return (
        f"# EXECUTION_TASK: {feature}\n\n**Plan**: {feature}\n**Status**: {status}\n\n## Iteration Log\n\n"
        f"### Iteration 1\n\n{log}\n\n## Learning Summary\n\n{learnings}\n"
    )


def fix_text(title: str, cause: str) -> str:
    return (
        f"# FIX REQUIRED: Achievement 1.1\n\n**Reviewer**: Ada\n**Status**: Needs fixes\n\n## Critical Issues\n\n"
        f"**1. {title}**\n\n- **Issue**: {cause}\n"
    )


def resolution_text(mended: str) -> str:
    return f"# RESOLUTION: Achievement 1.1\n\n**Status**: Resolved\n\n## Issue 1\n\n- **Fix**: {mended}\n"


def earlier_work() -> dict[str, str]:
    """Return four plans. 1.1 of each had a FIX and was approved, and 1.2 has an execution without a review."""
    files = {}
    for feature, (title, cause, mended) in SUBJECTS.items():
        home = f"{HOME}/{feature}"
        files |= {
            f"{home}/PLAN_{feature}.md": plan_text(feature),
            f"{home}/subplans/SUBPLAN_{feature}_11.md": subplan_text(feature, "1.1"),
            f"{home}/subplans/SUBPLAN_{feature}_12.md": subplan_text(feature, "1.2"),
            f"{home}/execution/EXECUTION_TASK_{feature}_11_01.md": task_text(
                feature,
                f"Looked into it. {cause}",
                f"- {mended}\n- Measure the whole machine before and after a change.",
            ),
            f"{home}/execution/EXECUTION_TASK_{feature}_12_01.md": task_text(
                feature, f"Once more: {title.lower()}.", f"- Next time begin with this: {mended.lower()}"
            ),
            f"{home}/execution/feedbacks/FIX_11.md": fix_text(title, cause),
            f"{home}/execution/feedbacks/FIX_11_RESOLUTION.md": resolution_text(mended),
            f"{home}/execution/feedbacks/APPROVED_11.md": "# APPROVED: Achievement 1.1\n\n**Reviewer**: Ada\n",
        }
    return files


def with_new_problem() -> dict[str, str]:
    """Return earlier work, and a plan whose review found the problem that the plan MILL had."""
    home = f"{HOME}/FORGE"
    return {
        **earlier_work(),
        f"{home}/PLAN_FORGE.md": plan_text("FORGE"),
        f"{home}/subplans/SUBPLAN_FORGE_11.md": subplan_text("FORGE", "1.1"),
        f"{home}/execution/EXECUTION_TASK_FORGE_11_01.md": task_text(
            "FORGE", "fatal: not a git repository (or any of the parent directories): .git", "Anvils ring in the cold."
        ),
        f"{home}/execution/feedbacks/FIX_11.md": fix_text(
            "The bellows wheel stalls",
            "The sluice gate of the bellows wheel freezes at night, so the wheel loses torque.",
        ),
    }
