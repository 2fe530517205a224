"""Rounds and times of review, which APPROVED counts, and which file a number means."""

from __future__ import annotations

from pathlib import Path

import pytest

from planmark.plans.model import PlanState
from state_helpers import judged, next_of

P = "work-space/plans/PAY"
F = f"{P}/execution/feedbacks"
PLAN = "# PLAN: PAY\n\n**Created**: 2026-03-01\n\n**Achievement 1.1**: Charge once\n\n**Achievement 1.2**: Refund\n"
WORK = {
    f"{P}/subplans/SUBPLAN_PAY_11.md": "# SUBPLAN\n\n## Objective\n\nx\n\n## Approach\n\nx\n",
    f"{P}/execution/EXECUTION_TASK_PAY_11_01.md": "# T\n\n**Status**: ✅ Complete\n",
}
KINDS = {"APPROVED": "APPROVED", "FIX": "FIX REQUIRED"}


def verdict(name: str, date: str = "", more: str = "", about: str = "1.1") -> dict[str, str]:
    """Return a verdict by its name without `.md`; `more` holds lines of its header."""
    kind = "FIX RESOLUTION" if "RESOLUTION" in name else KINDS[name.partition("_")[0]]
    dated = f"**Review Date**: {date}\n" if date else ""
    return {f"{F}/{name}.md": f"# {kind}: Achievement {about}\n\n{dated}{more}\n"}


def plan_of(root: Path, *verdicts: dict[str, str], plan: str = PLAN, work: dict[str, str] = WORK) -> PlanState:
    """Return the plan with these verdicts."""
    files = {f"{P}/PLAN_PAY.md": plan, **work}
    for known in verdicts:
        files |= known
    return judged(root, files)


DAY, LATER = "2026-03-05", "2026-03-06"
CASES = [
    ("a later round without an answer", [verdict("FIX_11", DAY), verdict("FIX_11_RESOLUTION", DAY), verdict("FIX_11_R2", DAY)], "needs_fix", 2),
    ("a resolution of another round answers nothing", [verdict("FIX_11_R2", DAY), verdict("FIX_11_RESOLUTION", LATER)], "needs_fix", 2),
    ("answered in its own round", [verdict("FIX_11_R2", DAY), verdict("FIX_11_R2_RESOLUTION", DAY)], "fix_resolved", 2),
    ("the round in other words", [verdict("FIX_11_ROUND2", DAY), verdict("FIX_11_V2_RESOLUTION", DAY)], "fix_resolved", 2),
    ("a bare round", [verdict("FIX_11", DAY), verdict("FIX_11_RESOLUTION", DAY), verdict("FIX_11_02", DAY)], "needs_fix", 2),
    ("a bare round of one digit", [verdict("FIX_11", DAY), verdict("FIX_11_RESOLUTION"), verdict("FIX_11_2")], "needs_fix", 2),
    ("approved in the same round", [verdict("FIX_11_R2", DAY), verdict("APPROVED_11_R2", DAY)], "approved", 2),
    ("approved in a higher round, whatever the dates", [verdict("FIX_11", LATER), verdict("APPROVED_11_R2", DAY)], "approved", 2),
    ("approved in a lower round", [verdict("FIX_11_R3", DAY), verdict("APPROVED_11_R2", LATER)], "needs_fix", 3),
    ("no round and a later date", [verdict("FIX_11_R2", DAY), verdict("APPROVED_11", LATER)], "approved", 2),
    ("no round on the same day", [verdict("FIX_11_R2", DAY), verdict("APPROVED_11", DAY)], "needs_fix", 2),
    ("no round and no date", [verdict("FIX_11_R2", DAY), verdict("APPROVED_11")], "needs_fix", 2),
    ("round 1 in words is the first round", [verdict("FIX_11_R1", DAY), verdict("APPROVED_11", DAY)], "approved", 1),
    ("a fix some seconds later", [verdict("APPROVED_11", f"{DAY}T10:00:00Z"), verdict("FIX_11", f"{DAY}T10:00:01Z")], "needs_fix", 1),
    ("an approval some seconds later", [verdict("APPROVED_11", f"{DAY}T10:00:01Z"), verdict("FIX_11", f"{DAY}T10:00:00Z")], "approved", 1),
    ("instants with offsets", [verdict("APPROVED_11", f"{DAY}T12:00:00+02:00"), verdict("FIX_11", f"{DAY}T10:30:00")], "needs_fix", 1),
    ("a day against an instant", [verdict("APPROVED_11", DAY), verdict("FIX_11", f"{DAY}T23:00:00Z")], "approved", 1),
    ("the day as written", [verdict("APPROVED_11", DAY), verdict("FIX_11", f"{LATER}T01:00:00+09:00")], "needs_fix", 1),
    ("a fix without a date", [verdict("APPROVED_11", DAY), verdict("FIX_11")], "approved", 1),
    ("a fix whose date cannot be read", [verdict("APPROVED_11", LATER), verdict("FIX_11", "03/05/2026")], "needs_fix", 1),
    ("an approval whose date cannot be read", [verdict("APPROVED_11", "06.03.2026"), verdict("FIX_11", DAY)], "needs_fix", 1),
    ("reopened without bold", [verdict("APPROVED_11", LATER), verdict("FIX_11", DAY, "Reopens: APPROVED_11.md")], "needs_fix", 1),
    ("a date that is taken back", [verdict("APPROVED_11", f"~~{LATER}~~ 2026-03-04"), verdict("FIX_11", DAY)], "needs_fix", 1),
    ("answered all the same", [verdict("APPROVED_11", LATER), verdict("FIX_11", "03/05/2026"), verdict("FIX_11_RESOLUTION")], "fix_resolved", 1),
    ("reopened, whatever the dates", [verdict("APPROVED_11", "2062-01-01"), verdict("FIX_11_R2", DAY, "**Reopens**: APPROVED_11.md")], "needs_fix", 2),
    ("reopened in the same round", [verdict("APPROVED_11", LATER), verdict("FIX_11", DAY, "**Reopens**: `APPROVED_11.md`")], "needs_fix", 1),
    ("another approval closes it", [verdict("APPROVED_11", LATER), verdict("FIX_11_R2", DAY, "**Reopens**: APPROVED_11.md"), verdict("APPROVED_11_R3")], "approved", 3),
    ("two of one round, one of them open", [verdict("FIX_11_02", DAY), verdict("FIX_11_R2", LATER), verdict("FIX_11_R2_RESOLUTION", DAY)], "needs_fix", 2),
    ("the review field goes before a plain date", [verdict("APPROVED_11", DAY), verdict("FIX_11", "", f"**Date**: 2025-01-01\n**Reviewed On**: {LATER}")], "needs_fix", 1),
]  # fmt: skip


@pytest.mark.parametrize(("verdicts", "state", "reached"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_rounds_and_times(tmp_path: Path, verdicts: list[dict[str, str]], state: str, reached: int) -> None:
    known = plan_of(tmp_path, *verdicts).achievements[0]
    assert (known.state, known.round) == (state, reached)


def test_an_earlier_fix_that_nothing_answers_is_named(tmp_path: Path) -> None:
    known = plan_of(tmp_path, verdict("FIX_11", DAY), verdict("FIX_11_R2", LATER)).achievements[0]
    assert [evidence.path.rpartition("/")[2] for evidence in known.evidence] == ["FIX_11_R2.md", "FIX_11.md"]


@pytest.mark.parametrize(
    ("ids", "about", "counts"),
    [
        (("1.1",), "1.1", "1.1"),
        (("1.1", "11.2"), "1.1", "1.1"),
        (("1.1", "11.2"), "11.2", "11.2"),
        (("1.1", "11.2"), "the till", None),
        (("11.2",), "the till", "11.2"),
        (("1.2",), "1.1", None),
    ],
)
def test_a_bare_second_group(tmp_path: Path, ids: tuple[str, ...], about: str, counts: str | None) -> None:
    plan = "# PLAN\n\n" + "\n\n".join(f"**Achievement {known}**: A" for known in ids)
    found = plan_of(tmp_path, verdict("FIX_11_02", DAY, about=about), plan=plan, work={})
    assert [known.id for known in found.achievements if known.state == "needs_fix"] == ([counts] if counts else [])


@pytest.mark.parametrize("about", ["of both", "1.1.2"])
def test_a_bare_group_that_may_be_a_third_part_is_no_round(tmp_path: Path, about: str) -> None:
    plan = PLAN.replace("Achievement 1.2", "Achievement 1.1.2")
    found = plan_of(tmp_path, verdict("APPROVED_11_2", DAY, about=about), plan=plan)
    assert [known.state for known in found.achievements] == ["awaiting_review", "no_subplan"]


def test_one_digit_a_part_is_no_number(tmp_path: Path) -> None:
    found = plan_of(tmp_path, verdict("APPROVED_1_2", DAY, about="1.2"), work={})
    assert [known.state for known in found.achievements] == ["no_subplan", "no_subplan"]


def approved(title: str = "APPROVED: Achievement 1.1", more: str = f"**Review Date**: {DAY}") -> dict[str, str]:
    """Return an APPROVED of 1.1."""
    return {f"{F}/APPROVED_11.md": f"# {title}\n\n{more}\n"}


OTHER = {"work-space/plans/SHOP/PLAN_SHOP.md": "# PLAN: SHOP\n\n**Achievement 1.1**: Shelves\n"}
DENIED = [
    "> **Status**: Rejected",
    "    **Status**: Rejected",
    "<pre>\n**Status**: Rejected\n</pre>",
    "<details>\n**Status**: Rejected\n</details>",
    "<!-- a note\n\n**Status**: Rejected",
    "```\n**Status**: Rejected",
    "<b>Status</b>: Rejected",
    "**Status**: <b>Rejected</b>",
    "**Status**: Rej\u0435cted",
    "**\u0405tatus**: Rejected",
    "**Status** Rejected",
    "### Status: Rejected",
    "## Decision\n\nRejected",
    "**Status**:\n\n- Changes requested",
    "**Recommendation**: Reject",
]
NOT_DENIED = [
    "```\n**Status**: Rejected\n```",
    "<!-- **Status**: Rejected -->",
    "## Review\n\n**Status**: Rejected",
    "The status of rejected cards is right.",
    "**Status**: Approved\n\nRejected: nothing",
]
DOUBTS = [
    ("of another plan by its field", {**WORK, **OTHER}, approved(more="**Plan**: SHOP"), "confirm_state"),
    ("of another plan by its title", {**WORK, **OTHER}, approved("APPROVED: PLAN_SHOP Achievement 1.1"), "confirm_state"),
    ("of another plan by its sign", {**WORK, **OTHER}, approved("APPROVED: Achievement 1.1 of @SHOP"), "confirm_state"),
    ("older than the plan, without work", {}, approved(more="**Review Date**: 2026-02-01"), "confirm_state"),
    ("another title, without work", {}, approved("APPROVED: Achievement 1.1 - Login page"), "confirm_state"),
    ("a status that denies", WORK, approved(more="**Status**: ⚠️ NEEDS FIXES"), "confirm_state"),
    ("a status of changes", WORK, approved(more="**Status**: Changes_Requested"), "confirm_state"),
    ("a draft", WORK, approved(more="**Status**: Draft"), "confirm_state"),
    ("a status without bold", WORK, approved(more="Status: Rejected"), "confirm_state"),
    ("a status in a table", WORK, approved(more="| Status | Rejected |\n|---|---|\n| by | Ada |"), "confirm_state"),
    ("a status in front matter", WORK, {f"{F}/APPROVED_11.md": "---\nstatus: rejected\n---\n# A\n"}, "confirm_state"),
    ("a status that is taken back", WORK, approved(more="**Status**: ~~Approved~~ Rejected"), "confirm_state"),
    ("another status that denies", WORK, approved(more="**Status**: ✅ Approved\n**Final Status**: Rejected"), "confirm_state"),
    ("a decision", WORK, approved(more="**Decision**: Request changes"), "confirm_state"),
    ("a title that denies", WORK, approved("❌ NOT APPROVED: Achievement 1.1"), "confirm_state"),
    ("of another plan by a field without bold", {**WORK, **OTHER}, approved(more="Plan: SHOP"), "confirm_state"),
    *((f"a status out of sight: {text!r}", WORK, approved(more=text), "confirm_state") for text in DENIED),
    *((f"no denial: {text!r}", WORK, approved(more=text), None) for text in NOT_DENIED),
    ("of another plan in other letters", {**WORK, **OTHER}, approved(more="**Plan**: \uff33\u041d\u041eP"), "confirm_state"),
    ("of another plan in small letters", {**WORK, **OTHER}, approved(more="**Plan**: Shop"), "confirm_state"),
    (
        "of another plan that is not read",
        {**WORK, "work-space/plans/SHOP/PLAN_SHOP.md": "a\0b"},
        approved(more="**Plan**: PLAN_SHOP"),
        "confirm_state",
    ),
    ("a title that only begins alike", WORK, approved("Rejected cards: Achievement 1.1 approved"), None),
    ("a result in praise", WORK, approved(more="**Result**: No rejections"), None),
    ("a plan that is none", WORK, approved(more="**Plan**: SHOP"), None),
    ("its own plan and another", {**WORK, **OTHER}, approved("APPROVED: 1.1 of PLAN_PAY, after PLAN_SHOP"), None),
    ("older, with work", WORK, approved(more="**Review Date**: 2026-02-01"), None),
    ("another title, with work", WORK, approved("APPROVED: Achievement 1.1 - Login page"), None),
    ("another id in the title, with work", WORK, approved("APPROVED: Achievement 1.2"), None),
    ("no title of its own", {}, approved(), None),
    ("a word of the title", {}, approved("APPROVED: Achievement 1.1 - Charges"), None),
    ("a status in praise", WORK, approved(more="**Status**: ✅ Rejected inputs are handled"), "confirm_state"),
    ("a status that begins alike", WORK, approved(more="**Status**: Drafting rules approved"), None),
]  # fmt: skip


@pytest.mark.parametrize(("work", "file", "step"), [row[1:] for row in DOUBTS], ids=[row[0] for row in DOUBTS])
def test_which_approved_does_not_approve(
    tmp_path: Path, work: dict[str, str], file: dict[str, str], step: str | None
) -> None:
    plan = plan_of(tmp_path, file, work=work)
    known = plan.achievements[0]
    assert (known.state == "approved") is (step is None)
    if step:
        assert next_of(plan) == (step, "1.1")
        assert known.evidence[0].path == f"{F}/APPROVED_11.md"


def test_what_does_not_approve_closes_no_fix(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, verdict("FIX_11", DAY), verdict("APPROVED_11_R2", LATER, "**Status**: Pending"))
    assert next_of(plan) == ("address_fix", "1.1")


def test_a_blocked_achievement_with_a_doubtful_approval_is_a_persons_too(tmp_path: Path) -> None:
    plan = PLAN + "\n- **Dependencies**: 1.1\n"
    found = plan_of(tmp_path, verdict("APPROVED_12", DAY, "**Status**: Rejected", "1.2"), plan=plan)
    assert [(known.state, known.step) for known in found.achievements] == [
        ("awaiting_review", "request_review"),
        ("blocked", "confirm_state"),
    ]


OUT_OF_SIGHT = [
    "<!-- a note\n\n**Review Date**: {}",
    "<pre>\n**Review Date**: {}\n</pre>",
    "<details>\n**Review Date**: {}\n</details>",
    "```\n**Review Date**: {}",
    "    **Review Date**: {}",
    "<b>Review Date</b>: {}",
    "**Review\u00a0Date**: {}",
    "**R\u0435view Date**: {}",
    "<ul>\n<li>Review Date: {}</li>\n</ul>",
    "**Review Date**: 2020-01-01 to {}",
    "**Review Date**: 2020-01-01 ({})",
]


@pytest.mark.parametrize("written", OUT_OF_SIGHT)
def test_a_fix_whose_date_is_out_of_sight_stands(tmp_path: Path, written: str) -> None:
    fix = {f"{F}/FIX_11.md": f"# FIX REQUIRED: Achievement 1.1\n\n{written.format(LATER)}\n"}
    found = plan_of(tmp_path, verdict("APPROVED_11", DAY), fix, work={})
    assert found.achievements[0].state == "needs_fix"


@pytest.mark.parametrize(
    "written", ["<!-- **Review Date**: {} -->", "```\n**Review Date**: {}\n```", "It was {}.", "x <b>y</b> 1.1"]
)
def test_a_fix_without_a_date_does_not_reopen(tmp_path: Path, written: str) -> None:
    fix = {f"{F}/FIX_11.md": f"# FIX REQUIRED: Achievement 1.1\n\n{written.format(LATER)}\n"}
    found = plan_of(tmp_path, verdict("APPROVED_11", DAY), fix, work={})
    assert found.achievements[0].state == "approved"
