"""The hover at the cursor."""

from __future__ import annotations

from editor_checks import check_hover, hover_text

PLAN = """
//- /plans/PAY/PLAN_PAY.md
# PLAN: Payments

**Status**: In Progress

**Achievement 1.1**: {first}

**Achievement 1.2**: Receipts

- **Depends on**: {second}
"""


def test_an_achievement_that_needs_a_fix() -> None:
    check_hover(
        """
        //- /plans/PAY/PLAN_PAY.md
        **Achievement 1.1**: Ref$0unds
        //- /plans/PAY/execution/feedbacks/FIX_11.md
        # FIX REQUIRED: Achievement 1.1
        """,
        "**[1.1 Refunds](plans/PAY/PLAN_PAY.md#1)** · **✗ needs fix** · PAY",
        "[FIX_11.md:1](plans/PAY/execution/feedbacks/FIX_11.md#1)",
        "**Next step** address the fix (executor, tier 2) ← next of the plan",
        "[FIX_11.md](plans/PAY/execution/feedbacks/FIX_11.md#0)",
    )


def test_a_mention_in_another_document_tells_of_the_achievement() -> None:
    check_hover(
        PLAN.format(first="Refunds", second="1.1")
        + "//- /plans/PAY/subplans/SUBPLAN_PAY_12.md\n# SUBPLAN\n\nAs Achievement 1.$01 decided.\n",
        "**[1.1 Refunds](plans/PAY/PLAN_PAY.md#5)** · **○ no subplan**",
        "Is needed by and blocks 1.2",
    )


def test_a_mention_of_another_plans_achievement() -> None:
    check_hover(
        PLAN.format(first="Refunds", second="1.1")
        + "//- /plans/TILL/PLAN_TILL.md\n**Achievement 1.1**: Drawers\n\nSee PLAN_PAY Achievement 1.$01.\n",
        "1.1 Refunds",
        "PAY",
    )


def test_a_dependency_in_a_field() -> None:
    check_hover(PLAN.format(first="Refunds", second="1.$01"), "1.1 Refunds")
    check_hover(PLAN.format(first="Refunds", second="1.1\n\nAnd Achievement 1.$02"), "**waits for 1.1**")


def test_a_document_name_however_it_is_written() -> None:
    subplan = "//- /plans/PAY/subplans/SUBPLAN_PAY_11.md\n# SUBPLAN\n\n## Objective\n\nx\n\n## Approach\n\ny\n"
    for name in (
        "`SUBPLAN_PAY$0_11.md`",
        "SUBPLAN_PAY$0_11",
        "[the design](subplans/SUBPLAN_PAY$0_11.md)",
        r"SUBPLAN\_PAY$0\_11.md",
        "@SUBPLAN_PAY$0_11.md",
        "plans/PAY/subplans/SUBPLAN_PAY$0_11.md",
    ):
        check_hover(PLAN.format(first=f"Refunds\n\nSee {name} for it", second="1.1") + subplan, "subplan of 1.1")


def test_a_feature_tells_of_its_plan() -> None:
    check_hover(
        PLAN.format(first="Refunds\n\nAs @PA$0Y says", second="1.1"),
        "**[PAY](plans/PAY/PLAN_PAY.md#0)** · planned · ░░░░░░░░░░ 0/2",
        "**Next** 1.1: design the SUBPLAN (designer)",
        "1 no subplan, 1 blocked",
    )


def test_a_name_of_nothing_says_so() -> None:
    check_hover(
        PLAN.format(first="Refunds\n\nSee `SUBPLAN_PAY$0_77.md`", second="1.1"), "**SUBPLAN_PAY_77.md** does not exist"
    )


def test_a_verdict_at_its_head() -> None:
    check_hover(
        PLAN.format(first="Refunds", second="1.1")
        + "//- /plans/PAY/execution/feedbacks/FIX_11.md\n# FIX $0\n\n## Critical Issues\n\n1. **A**: x\n2. **B**: y\n",
        "fix for 1.1 (decides)",
        "2 critical and 0 minor issues",
        "**✗ needs fix**",
    )


def test_a_field_says_what_it_is_for() -> None:
    check_hover(PLAN.format(first="Refunds", second="1.1").replace("**Depends", "**Dep$0ends"), "**Dependencies**:")
    check_hover(PLAN.format(first="Refunds", second="1.1").replace("**Status", "**Sta$0tus"), "only a claim")


def test_a_status_says_what_it_means_and_what_the_files_say() -> None:
    fixture = PLAN.format(first="Refunds", second="1.1")
    check_hover(fixture.replace("In Progress", "✅ Com$0plete"), "Only a verdict file", "By the files:", "░ 0/2")
    check_hover(fixture.replace("In Progress", "Nearly$0 there"), "not in the vocabulary", "✅ Complete")


def test_nothing_where_nothing_is() -> None:
    assert hover_text(PLAN.format(first="Refunds\n\nThis line sa$0ys nothing.", second="1.1")) == ""


def test_what_a_document_quotes_cannot_break_the_markdown() -> None:
    shown = hover_text(
        """
        //- /plans/PAY/PLAN_PAY.md
        **Achievement 1.1**: Ref$0unds
        //- /plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md
        **Status**: In Progress [x](javascript:1) <b>`
        """
    )
    assert r"\[x\](javascript:1) \<b\>\`" in shown
