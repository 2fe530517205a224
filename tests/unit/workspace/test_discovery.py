"""The files that are plans, and the plan that owns each document."""

from __future__ import annotations

from pathlib import Path

from fixture import files, write_files
from state_helpers import judged, snapshot_of, states

A = "**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n"
DESIGN = "## Objective\n\nx\n"


def plans(root: Path, fixture: dict[str, str]) -> list[str]:
    return [plan.path for plan in snapshot_of(root, fixture).plans]


def test_plans_at_any_depth(tmp_path: Path) -> None:
    found = plans(
        tmp_path,
        {
            "PLAN_ROOT.md": A,
            "work-space/plans/PAY/PLAN_PAY.md": A,
            "work-space/plans/a_paused/OLD/PLAN_OLD.md": A,
            "work-space/plans/a_paused/PLAN_FLAT.md": A,
            "documentation/archive/x-nov2026/planning/PLAN_X.md": A,
            ".hidden/PLAN_HIDDEN.md": A,
            "node_modules/p/PLAN_PACKAGE.md": A,
            "LLM/templates/PLAN_TEMPLATE.md": A,
            "LLM/examples/PLAN_EXAMPLE.md": A,
        },
    )
    assert found == [
        "PLAN_ROOT.md",
        "documentation/archive/x-nov2026/planning/PLAN_X.md",
        "work-space/plans/PAY/PLAN_PAY.md",
        "work-space/plans/a_paused/OLD/PLAN_OLD.md",
        "work-space/plans/a_paused/PLAN_FLAT.md",
    ]


def test_the_lifecycle_comes_from_the_path(tmp_path: Path) -> None:
    snapshot = snapshot_of(
        tmp_path,
        {
            "work-space/plans/PAY/PLAN_PAY.md": A,
            "work-space/plans/a_paused/OLD/PLAN_OLD.md": A,
            "work-space/backlog-plans/LATER/PLAN_LATER.md": A,
            "documentation/archive/x/PLAN_X.md": A,
        },
    )
    assert {plan.feature: plan.lifecycle for plan in snapshot.plans} == {
        "PAY": "active",
        "OLD": "paused",
        "LATER": "backlog",
        "X": "archived",
    }


def test_files_that_only_look_like_plans_say_why(tmp_path: Path) -> None:
    snapshot = snapshot_of(
        tmp_path,
        {
            "plans/PAY/PLAN_PAY.md": A,
            "plans/PAY/PLAN_SUMMARY.md": A,
            "plans/PAY/PLAN_UPDATE_NOTES.md": A,
            "plans/PAY/PLAN_SECOND.md": A,
            "plans/PAY/subplans/SUBPLAN_SECOND_11.md": DESIGN,
        },
    )
    assert [plan.feature for plan in snapshot.plans] == ["PAY", "SECOND"]
    assert [(rejected.path, rejected.reason.split(" ")[0]) for rejected in snapshot.not_plans] == [
        ("plans/PAY/PLAN_SUMMARY.md", "it"),
        ("plans/PAY/PLAN_UPDATE_NOTES.md", "its"),
    ]


def test_gitignore_and_excluded_files(tmp_path: Path) -> None:
    found = plans(
        tmp_path,
        {
            ".gitignore": "build/\n*.tmp/\n",
            "planmark.toml": '[files]\nexclude = ["vendor/", "PLAN_SECRET.md"]\n',
            "build/PLAN_BUILT.md": A,
            "sub/build/PLAN_BUILT.md": A,
            "vendor/PLAN_VENDOR.md": A,
            "PLAN_SECRET.md": A,
            "sub/.gitignore": "PLAN_LOCAL.md\n",
            "sub/PLAN_LOCAL.md": A,
            "PLAN_LOCAL.md": A,
            "kept/PLAN_KEPT.md": A,
        },
    )
    assert found == ["PLAN_LOCAL.md", "kept/PLAN_KEPT.md"]


def test_work_in_flat_folders_belongs_to_the_plan_of_its_feature(tmp_path: Path) -> None:
    plan = judged(
        tmp_path,
        {
            "work-space/plans/PAY/PLAN_PAY.md": A,
            "work-space/subplans/SUBPLAN_PAY_11.md": DESIGN,
            "work-space/execution/EXECUTION_TASK_PAY_12_01.md": "**Status**: In Progress",
        },
    )
    assert states(plan) == {"1.1": "no_execution", "1.2": "active_execution"}


def test_the_nearest_copy_counts_and_the_other_is_named(tmp_path: Path) -> None:
    fixture = {
        "work-space/plans/PAY/PLAN_PAY.md": A,
        "work-space/plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md": "**Status**: ✅ Complete",
        "work-space/execution/EXECUTION_TASK_PAY_11_01.md": "**Status**: Complete, an older text",
        "work-space/plans/PAY/subplans/SUBPLAN_PAY_12_ARCHIVED.md": "[TO BE FILLED]",
        "elsewhere/deep/SUBPLAN_PAY_12.md": DESIGN,
    }
    assert states(judged(tmp_path, fixture)) == {"1.1": "awaiting_review", "1.2": "no_execution"}
    (plan,) = snapshot_of(tmp_path, fixture).plans
    assert {copy.path: copy.counts for copy in plan.copies} == {
        "work-space/execution/EXECUTION_TASK_PAY_11_01.md": "work-space/plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md",
        "work-space/plans/PAY/subplans/SUBPLAN_PAY_12_ARCHIVED.md": "elsewhere/deep/SUBPLAN_PAY_12.md",
    }
    assert plan.far == ("elsewhere/deep/SUBPLAN_PAY_12.md",)


def test_the_archive_location_is_searched(tmp_path: Path) -> None:
    plan = judged(
        tmp_path,
        {
            "plans/PAY/PLAN_PAY.md": A
            + "\n## Current Status & Handoff\n\n**Archive Location**: ./documentation/archive/pay/\n",
            "documentation/archive/pay/subplans/SUBPLAN_PAY_11.md": DESIGN,
        },
    )
    assert states(plan)["1.1"] == "no_execution"


def test_an_archived_plan_finds_its_work_beside_its_folder(tmp_path: Path) -> None:
    base = "documentation/archive/pay-nov2026"
    plan = judged(
        tmp_path,
        {
            f"{base}/planning/PLAN_PAY.md": A,
            f"{base}/subplans/SUBPLAN_PAY_11.md": DESIGN,
            f"{base}/execution/feedbacks/APPROVED_12.md": "",
        },
    )
    assert states(plan) == {"1.1": "no_execution", "1.2": "approved"}


def test_two_plans_of_one_feature_each_get_what_is_near(tmp_path: Path) -> None:
    snapshot = snapshot_of(
        tmp_path,
        {
            "plans/PAY/PLAN_PAY.md": A,
            "plans/PAY/subplans/SUBPLAN_PAY_11.md": DESIGN,
            "archive/PAY/PLAN_PAY.md": A,
            "archive/PAY/subplans/SUBPLAN_PAY_12.md": DESIGN,
            "lost/SUBPLAN_PAY_99.md": "**Mother Plan**: `archive/PAY/PLAN_PAY.md`\n" + DESIGN,
        },
    )
    assert {plan.path: [d.path for d in plan.subplans] for plan in snapshot.plans} == {
        "archive/PAY/PLAN_PAY.md": ["archive/PAY/subplans/SUBPLAN_PAY_12.md", "lost/SUBPLAN_PAY_99.md"],
        "plans/PAY/PLAN_PAY.md": ["plans/PAY/subplans/SUBPLAN_PAY_11.md"],
    }


def test_flat_work_between_two_plans_goes_where_its_header_says(tmp_path: Path) -> None:
    """Check that the header decides, however long the path from a plan to the flat folder is."""
    fixture = {
        "work-space/plans/PAY/PLAN_PAY.md": A,
        "archive/pay-2025/planning/PLAN_PAY.md": A,
        "work-space/subplans/SUBPLAN_PAY_11.md": "**Mother Plan**: archive/pay-2025/planning/PLAN_PAY.md\n" + DESIGN,
        "work-space/subplans/SUBPLAN_PAY_12.md": DESIGN,
    }
    assert {plan.path: [d.name.number for d in plan.subplans] for plan in snapshot_of(tmp_path, fixture).plans} == {
        "archive/pay-2025/planning/PLAN_PAY.md": ["11"],
        "work-space/plans/PAY/PLAN_PAY.md": ["12"],
    }


def test_a_later_version_of_a_subplan_counts(tmp_path: Path) -> None:
    plan = judged(
        tmp_path,
        {
            "plans/PAY/PLAN_PAY.md": A,
            "plans/PAY/subplans/SUBPLAN_PAY_11.md": "[TO BE FILLED]",
            "plans/PAY/subplans/SUBPLAN_PAY_11_V2.md": DESIGN,
        },
    )
    assert (states(plan)["1.1"], plan.achievements[0].subplan) == (
        "no_execution",
        "plans/PAY/subplans/SUBPLAN_PAY_11_V2.md",
    )


def test_the_tenth_version_of_a_subplan_counts_before_the_ninth(tmp_path: Path) -> None:
    subplans = "plans/PAY/subplans/SUBPLAN_PAY_11"
    plan = judged(
        tmp_path, {"plans/PAY/PLAN_PAY.md": A, f"{subplans}_V9.md": DESIGN, f"{subplans}_V10.md": "[TO BE FILLED]"}
    )
    assert plan.achievements[0].subplan == f"{subplans}_V10.md"


def test_an_abbreviated_feature_is_found_by_the_header(tmp_path: Path) -> None:
    snapshot = snapshot_of(
        tmp_path,
        {
            "plans/PAY-LATER/PLAN_PAY-LATER.md": A,
            "plans/PAY-LATER/execution/EXECUTION_TASK_LATER_12_01.md": "**Subplan**: SUBPLAN_PAY-LATER_12.md\n**Status**: Done",
            "subplans/SUBPLAN_LOST_11.md": "**Mother Plan**: PLAN_LOST\n" + DESIGN,
        },
    )
    (plan,) = snapshot.plans
    assert [document.path for document in plan.executions] == [
        "plans/PAY-LATER/execution/EXECUTION_TASK_LATER_12_01.md"
    ]
    assert [(orphan.feature, orphan.documents) for orphan in snapshot.orphans] == [
        ("LOST", ("subplans/SUBPLAN_LOST_11.md",))
    ]


def test_verdicts_count_only_where_they_belong(tmp_path: Path) -> None:
    plan = judged(
        tmp_path,
        {
            "plans/PAY/PLAN_PAY.md": A,
            "plans/PAY/APPROVED_11.md": "",
            "plans/PAY/execution/APPROVED_11.md": "",
            "plans/PAY/feedbacks/APPROVED_11.md": "",
            "plans/PAY/PAYold/execution/feedbacks/APPROVED_11.md": "",
        },
    )
    assert states(plan)["1.1"] == "no_subplan"


def test_plans_that_share_a_folder_share_only_verdicts_that_name_them(tmp_path: Path) -> None:
    snapshot = snapshot_of(
        tmp_path,
        {
            "plans/both/PLAN_PAY.md": A,
            "plans/both/PLAN_PAY-LATER.md": A,
            "plans/both/execution/feedbacks/APPROVED_11.md": "# APPROVED: Achievement 1.1 of PAY-LATER",
            "plans/both/execution/feedbacks/APPROVED_12.md": "# APPROVED: Achievement 1.2",
        },
    )
    later, pay = sorted(snapshot.plans, key=lambda plan: plan.feature, reverse=True)
    assert later.feature == "PAY-LATER"
    assert [document.name.number for document in later.verdicts] == ["11"]
    assert pay.verdicts == ()
    assert "plans/both/execution/feedbacks/APPROVED_12.md" in pay.ambiguous_verdicts


def test_a_flat_plan_does_not_own_its_grouping_folder(tmp_path: Path) -> None:
    snapshot = snapshot_of(
        tmp_path,
        {
            "plans/a_paused/PLAN_FLAT.md": A,
            "plans/a_paused/OTHER/PLAN_OTHER.md": A,
            "plans/a_paused/execution/feedbacks/APPROVED_11.md": "",
        },
    )
    assert [plan.verdicts for plan in snapshot.plans] == [(), ()]


def test_a_work_space_inside_a_work_space_disturbs_nothing(tmp_path: Path) -> None:
    plan = judged(
        tmp_path,
        {
            "work-space/plans/PAY/PLAN_PAY.md": A,
            "work-space/work-space/plans/PAY/execution/feedbacks/APPROVED_11.md": "",
        },
    )
    assert states(plan)["1.1"] == "no_subplan"


def test_a_snapshot_never_changes(tmp_path: Path) -> None:
    first = snapshot_of(tmp_path, {"PLAN_PAY.md": A})
    second = snapshot_of(tmp_path, {"PLAN_LATER.md": A})
    assert [plan.feature for plan in first.plans] == ["PAY"]
    assert [plan.feature for plan in second.plans] == ["LATER", "PAY"]


def test_the_fixture_language() -> None:
    assert files("//- /a.md crlf no-eol\nx\ny\n//- /b.md bom\nz") == {"a.md": "x\r\ny", "b.md": "\ufeffz\n"}
    write_files(Path(), {})
