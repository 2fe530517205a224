"""Eighteen kinds of documents that real workspaces have and naive readers get wrong (the methodology, §2)."""

from __future__ import annotations

from pathlib import Path

from planmark.formats.planmark.documents.verdict import Verdict
from planmark.formats.planmark.workflow.plan_state import evaluate, evaluate_plan
from state_helpers import judged, next_of, snapshot_of, states

P = "work-space/plans/PAY"
DESIGN = "## Objective\n\nx\n"


def paths(*documents: tuple[str, str], root: str = P) -> dict[str, str]:
    return {f"{root}/{name}": text for name, text in documents}


def test_01_colon_inside_the_bold_and_a_complete_status_without_work(tmp_path: Path) -> None:
    text = "# PLAN\n\n**Status**: Complete\n\n**Achievement 0.1: A**\n\n**Achievement 1.1: B**\n"
    plan = judged(tmp_path, paths(("PLAN_PAY.md", text)))
    assert (plan.legacy, plan.state, next_of(plan)) == (True, "needs_attention", ("confirm_state", "0.1"))
    assert set(states(plan).values()) == {"no_subplan"}


def test_02_an_index_bodies_prerequisites_and_status_blocks_in_three_shapes(tmp_path: Path) -> None:
    text = """# PLAN

## 📋 Achievement Index

**Achievement 1.1**: First (4h)
**Achievement 1.2**: Second (2h)

## Prerequisites

**Achievement 1.2**: needs the schema
**Achievement 1.1/1.2**: share a server

## Work

**Achievement 1.1: First** ⏱️ 4 hours

- one
- two
- three

**Achievement 1.2: Second** ⏱️ 2 hours

- one
- two

## Status

### Achievement 1.1: First

**Status**: planned

## Current Status & Handoff

**⏳ Next: Achievement 1.1** (0 %)
"""
    documents = paths(("PLAN_PAY.md", text), ("execution/feedbacks/APPROVED_11.md", ""))
    plan = judged(tmp_path, documents)
    assert [(known.id, known.line, known.state) for known in plan.achievements] == [
        ("1.1", 15, "approved"),
        ("1.2", 21, "no_subplan"),
    ]
    assert next_of(plan) == ("create_subplan", "1.2")


def test_03_an_unfilled_status_in_an_iteration(tmp_path: Path) -> None:
    log = "**Status**: 📋 Ready for Execution\n\n### Iteration 1\n\n**Status**: [In Progress / Complete]\n"
    plan = judged(
        tmp_path, paths(("PLAN_PAY.md", "**Achievement 3.1**: A\n"), ("execution/EXECUTION_TASK_PAY_31_01.md", log))
    )
    assert states(plan) == {"3.1": "active_execution"}


def test_04_a_long_plan_with_fences_that_look_like_headings_and_approvals_out_of_order(tmp_path: Path) -> None:
    text = "**Achievement 1.1**: A\n\n```bash\n# Achievement 9.9: no\n## Priority 9\n```\n\n**Achievement 1.2**: B\n\n**Achievement 1.3**: C\n"
    plan = judged(
        tmp_path,
        paths(("PLAN_PAY.md", text), ("execution/feedbacks/FIX_11.md", ""), ("execution/feedbacks/APPROVED_13.md", "")),
    )
    assert states(plan) == {"1.1": "needs_fix", "1.2": "no_subplan", "1.3": "approved"}
    assert next_of(plan) == ("address_fix", "1.1")


def test_05_a_task_that_says_complete_does_not_outrank_the_reviewer(tmp_path: Path) -> None:
    task = "**Status**: 📋 Ready for Execution\n\n## End\n\n**Final Status**: ✅ Complete\n"
    plan = judged(
        tmp_path,
        paths(
            ("PLAN_PAY.md", "**Achievement 1.1**: A\n"),
            ("execution/EXECUTION_TASK_PAY_11_01.md", task),
            ("execution/feedbacks/FIX_11.md", ""),
        ),
    )
    assert states(plan) == {"1.1": "needs_fix"}


def test_06_issues_as_a_numbered_list_without_headings(tmp_path: Path) -> None:
    fix = "# FIX REQUIRED: Achievement 1.1\n\n### Critical Issues\n\n1. **A**\n   - x\n   - y\n2. **B**\n3. **C**\n\n### Minor Issues\n\n1. **D**\n"
    snapshot = snapshot_of(
        tmp_path, paths(("PLAN_PAY.md", "**Achievement 1.1**: A\n"), ("execution/feedbacks/FIX_11.md", fix))
    )
    (document,) = snapshot.plans[0].verdicts
    assert isinstance(document.facts, Verdict)
    assert [issue.severity for issue in document.facts.issues] == ["critical"] * 3 + ["minor"]
    assert document.lines(document.facts.issues[0].passage) == (5, 7)


def test_07_three_verdict_files_of_one_achievement(tmp_path: Path) -> None:
    day = "**Review Date**: 2026-01-0{}\n"
    plan = judged(
        tmp_path,
        paths(
            ("PLAN_PAY.md", "**Achievement 2.2**: A\n"),
            ("execution/feedbacks/FIX_22.md", day.format(1)),
            ("execution/feedbacks/FIX_22_RESOLUTION.md", day.format(2)),
            ("execution/feedbacks/APPROVED_22.md", day.format(2)),
        ),
    )
    assert states(plan) == {"2.2": "approved"}
    assert "superseded" in plan.achievements[0].evidence[1].says


def test_08_ticks_and_a_handoff_that_are_wrong_both_ways(tmp_path: Path) -> None:
    text = "## Achievement Index\n\n- ✅ Achievement 1.1: A\n- Achievement 1.2: B\n- Achievement 1.3: C\n\n## Current Status & Handoff\n\n**Next**: Achievement 1.2\n"
    plan = judged(
        tmp_path,
        paths(
            ("PLAN_PAY.md", text),
            ("execution/EXECUTION_TASK_PAY_11_01.md", "**Status**: In Progress"),
            ("execution/feedbacks/APPROVED_12.md", ""),
        ),
    )
    assert states(plan) == {"1.1": "active_execution", "1.2": "approved", "1.3": "no_subplan"}


def test_09_the_status_that_a_parallel_file_stores_is_no_evidence(tmp_path: Path) -> None:
    parallel = """{"notes": ["list"], "achievements": [
        {"achievement_id": "1.1", "status": "complete", "dependencies": []},
        {"achievement_id": "1.2", "status": "not_started", "dependencies": ["1.1"]}]}"""
    plan = judged(
        tmp_path,
        paths(("PLAN_PAY.md", "**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n"), ("parallel.json", parallel)),
    )
    assert states(plan) == {"1.1": "no_subplan", "1.2": "blocked"}
    assert plan.achievements[1].evidence[0].path.endswith("parallel.json")


def test_10_a_task_in_the_flat_folder(tmp_path: Path) -> None:
    plan = judged(
        tmp_path,
        {
            f"{P}/PLAN_PAY.md": "**Achievement 6.1**: A\n",
            "work-space/execution/EXECUTION_TASK_PAY_61_01.md": "**Status**: Done",
        },
    )
    assert states(plan) == {"6.1": "awaiting_review"}


def test_11_an_abbreviated_feature_whose_header_names_the_subplan(tmp_path: Path) -> None:
    plan = judged(
        tmp_path,
        {
            "plans/SHOP-PAY/PLAN_SHOP-PAY.md": "**Achievement 6.2**: A\n",
            "work-space/execution/EXECUTION_TASK_PAY_62_01.md": "**SUBPLAN**: `SUBPLAN_SHOP-PAY_62.md`\n\nWork.\n",
        },
        "SHOP-PAY",
    )
    assert states(plan) == {"6.2": "active_execution"}


def test_12_re_runs_supersede_and_count_once(tmp_path: Path) -> None:
    rows = "".join(f"| 01_0{n} | Planning |\n" for n in (1, 2))
    table = f"{DESIGN}\n## Active EXECUTION_TASKs\n\n| EXECUTION | Status |\n|---|---|\n{rows}\n## Execution Results Synthesis\n\nBoth.\n"
    plan = judged(
        tmp_path,
        paths(
            ("PLAN_PAY.md", "**Achievement 0.1**: A\n"),
            ("subplans/SUBPLAN_PAY_01.md", table),
            ("execution/EXECUTION_TASK_PAY_01_01.md", "**Status**: Done"),
            ("execution/EXECUTION_TASK_PAY_01_02.md", "**Status**: In Progress"),
            (
                "execution/EXECUTION_TASK_PAY_01_02_RECOVERY.md",
                "**Status**: In Progress\n\n## End\n\n**Status**: ✅ Complete\n",
            ),
        ),
    )
    (known,) = plan.achievements
    assert (known.state, [execution.number for execution in known.executions]) == ("awaiting_review", [1, 2])
    assert known.executions[1].path.endswith("_RECOVERY.md")
    assert next_of(plan) == ("request_review", "0.1")


def test_13_a_complete_subplan_whose_table_is_stale(tmp_path: Path) -> None:
    table = f"**Status**: ✅ Complete\n\n{DESIGN}\n## Active EXECUTION_TASKs\n\n| E | Status |\n|---|---|\n| 01_01 | ✅ Complete |\n| 01_02 | Planning |\n"
    documents = [("PLAN_PAY.md", "**Achievement 0.1**: A\n"), ("subplans/SUBPLAN_PAY_01.md", table)]
    one = [*documents, ("execution/EXECUTION_TASK_PAY_01_01.md", "**Status**: Done")]
    assert states(judged(tmp_path / "one", paths(*one))) == {"0.1": "next_execution"}
    both = [*one, ("execution/EXECUTION_TASK_PAY_01_02.md", "**Status**: Done")]
    assert states(judged(tmp_path / "both", paths(*both))) == {"0.1": "awaiting_review"}


def test_14_complete_in_part_and_blocked(tmp_path: Path) -> None:
    plan = judged(
        tmp_path,
        paths(
            ("PLAN_PAY.md", "**Achievement 1.1**: A\n"),
            ("execution/EXECUTION_TASK_PAY_11_01.md", "**Status**: ✅ Complete"),
            (
                "execution/EXECUTION_TASK_PAY_11_01_V2.md",
                "**Status**: ✅ Phase 1 Complete (Unit Tests), Blocked on Data",
            ),
        ),
    )
    assert states(plan) == {"1.1": "execution_blocked"}


def test_15_three_level_ids_with_sequential_file_numbers(tmp_path: Path) -> None:
    text = "### Priority 3: HIGH\n\n**Achievement 3.1**: A\n\n**Achievement 3.4**: B\n\n### Priority 3.5: FIX\n\n**Achievement 3.5.1**: C ⚠️ **CRITICAL**\n"
    plan = judged(
        tmp_path,
        paths(("PLAN_PAY.md", text), ("subplans/SUBPLAN_PAY_34.md", f"**Achievement**: 3.5.1\n\n{DESIGN}")),
    )
    assert [(known.id, known.priority) for known in plan.achievements] == [("3.1", "3"), ("3.4", "3"), ("3.5.1", "3.5")]
    assert states(plan) == {"3.1": "no_subplan", "3.4": "no_subplan", "3.5.1": "no_execution"}


def test_16_a_summary_beside_the_plan(tmp_path: Path) -> None:
    text = "**Achievement 1.1**: A\n"
    snapshot = snapshot_of(tmp_path, paths(("PLAN_PAY.md", text), ("PLAN_SUMMARY.md", text)))
    assert [plan.feature for plan in snapshot.plans] == ["PAY"]
    assert [rejected.path for rejected in snapshot.not_plans] == [f"{P}/PLAN_SUMMARY.md"]


def test_17_a_stale_copy_inside_the_plan_folder(tmp_path: Path) -> None:
    plan = judged(
        tmp_path,
        paths(("PLAN_PAY.md", "**Achievement 3.1**: A\n"), ("PAYold/execution/feedbacks/APPROVED_31.md", "")),
    )
    assert states(plan) == {"3.1": "no_subplan"}


def test_18_a_flat_plan_in_a_grouping_folder(tmp_path: Path) -> None:
    root = "work-space/plans/a_paused"
    text = "**Achievement 1.1**: A\n"
    plan = judged(
        tmp_path,
        paths(
            ("PLAN_PAY.md", text),
            ("OTHER/PLAN_OTHER.md", text),
            ("execution/feedbacks/APPROVED_11.md", "x"),
            ("execution/EXECUTION_TASK_OTHER_11_01.md", "**Status**: In Progress"),
            root=root,
        ),
    )
    assert (states(plan), plan.lifecycle) == ({"1.1": "no_subplan"}, "paused")


def test_also_a_north_star_with_the_title_of_a_plan(tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path, {"north-stars/NORTH_STAR_SHOP.md": "# PLAN: SHOP\n\n**Achievement 1.1**: A\n"})
    assert snapshot.plans == snapshot.not_plans == ()
    assert snapshot.paths == ("north-stars/NORTH_STAR_SHOP.md",)


def test_also_a_fenced_index(tmp_path: Path) -> None:
    text = "# PLAN\n\n```\n## 📋 Achievement Index\n\n- Achievement 9.9: no\n```\n\n**Achievement 1.1**: A\n"
    assert list(states(judged(tmp_path, paths(("PLAN_PAY.md", text))))) == ["1.1"]


def test_also_archived_copies_count_only_where_nothing_lives(tmp_path: Path) -> None:
    documents = {
        f"{P}/PLAN_PAY.md": "**Achievement 0.3**: A\n",
        "work-space/archive/EXECUTION_TASK_PAY_03_01_NESTED_ARCHIVED.md": "**Status**: Done",
    }
    assert states(judged(tmp_path / "a", documents)) == {"0.3": "awaiting_review"}
    live = {**documents, f"{P}/execution/EXECUTION_TASK_PAY_03_01.md": "**Status**: In Progress"}
    assert states(judged(tmp_path / "b", live)) == {"0.3": "active_execution"}


def test_also_a_second_subplan_of_one_achievement_is_named(tmp_path: Path) -> None:
    snapshot = snapshot_of(
        tmp_path,
        paths(
            ("PLAN_PAY.md", "**Achievement 1.1**: A\n"),
            ("subplans/SUBPLAN_PAY_11.md", DESIGN),
            ("subplans/SUBPLAN_PAY_01_01.md", DESIGN),
        ),
    )
    (plan,) = snapshot.plans
    assert evaluate(plan).achievements[0].state == "no_execution"
    assert [finding.code for finding in evaluate_plan(plan).assigned_documents.findings] == ["second-subplan"]
