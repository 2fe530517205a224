"""File names of every kind, and near misses."""

from __future__ import annotations

import pytest

from planmark.formats.planmark.documents.file_names import in_method_folder, number_and_round, parse_name
from planmark.formats.planmark.documents.misnamed import looks_like_plan, parse_misnamed_name


@pytest.mark.parametrize(
    ("name", "kind", "feature", "number", "execution", "suffix"),
    [
        ("PLAN_PAY.md", "plan", "PAY", "", 0, ""),
        ("PLAN_LLM-V2-BACKLOG.md", "plan", "LLM-V2-BACKLOG", "", 0, ""),
        ("SUBPLAN_PAY_21.md", "subplan", "PAY", "21", 0, ""),
        ("SUBPLAN_PAY_08_05.md", "subplan", "PAY", "08_05", 0, ""),
        ("SUBPLAN_PAY_03_05_01.md", "subplan", "PAY", "03_05_01", 0, ""),
        ("SUBPLAN_PAY_21_ARCHIVED.md", "subplan", "PAY", "21", 0, "ARCHIVED"),
        ("EXECUTION_TASK_PAY_21_01.md", "execution_task", "PAY", "21", 1, ""),
        ("EXECUTION_TASK_PAY_01_11_02.md", "execution_task", "PAY", "01_11", 2, ""),
        ("EXECUTION_TASK_PAY_01_11.md", "execution_task", "PAY", "01", 11, ""),
        ("EXECUTION_TASK_PAY_03_05_01_02.md", "execution_task", "PAY", "03_05_01", 2, ""),
        ("EXECUTION_TASK_PAY_02_01_V2.md", "execution_task", "PAY", "02", 1, "V2"),
        ("EXECUTION_TASK_PAY_03_01_NESTED_ARCHIVED.md", "execution_task", "PAY", "03", 1, "NESTED_ARCHIVED"),
        ("GRAMMAPLAN_SHOP.md", "grammaplan", "SHOP", "", 0, ""),
        ("NORTH_STAR_SHOP.md", "north_star", "SHOP", "", 0, ""),
        ("parallel.json", "parallel", "", "", 0, ""),
    ],
)
def test_a_name_and_what_it_says(name: str, kind: str, feature: str, number: str, execution: int, suffix: str) -> None:
    parsed = parse_name(name)
    assert parsed
    assert (parsed.kind, parsed.feature, parsed.number, parsed.execution, parsed.suffix) == (
        kind,
        feature,
        number,
        execution,
        suffix,
    )


@pytest.mark.parametrize(
    ("name", "verdict", "number", "stated"),
    [
        ("APPROVED_21.md", "approved", "21", None),
        ("FIX_01_11.md", "fix", "01_11", None),
        ("FIX_21_RESOLUTION.md", "resolution", "21", None),
        ("FIX_21_R2.md", "fix", "21", 2),
        ("FIX_21_V3.md", "fix", "21", 3),
        ("APPROVED_01_11_ROUND02.md", "approved", "01_11", 2),
        ("FIX_21_R2_RESOLUTION.md", "resolution", "21", 2),
        ("FIX_21_2.md", "fix", "21_2", None),
        ("FIX_01_11_02_RESOLUTION.md", "resolution", "01_11_02", None),
    ],
)
def test_verdicts(name: str, verdict: str, number: str, stated: int | None) -> None:
    parsed = parse_name(name)
    assert parsed
    assert (parsed.kind, parsed.verdict, parsed.number, parsed.round) == ("verdict", verdict, number, stated)


@pytest.mark.parametrize(
    ("number", "read"),
    [("21_02", ("21", 2)), ("21_2", ("21", 2)), ("01_11_02", ("01_11", 2)), ("21", None), ("1_2_3", None)],
)
def test_the_last_group_of_a_number_may_be_a_round(number: str, read: tuple[str, int] | None) -> None:
    assert number_and_round(number) == read


def test_notes_have_a_kind_and_a_topic() -> None:
    parsed = parse_name("EXECUTION_CASE-STUDY_SEARCH-SPEED.md")
    assert parsed
    assert (parsed.kind, parsed.note_kind, parsed.topic) == ("note", "CASE-STUDY", "SEARCH-SPEED")


@pytest.mark.parametrize(
    "name",
    [
        "PLAN_UPDATE_NOTES.md",
        "PLAN-UPDATE.md",
        "plan_PAY.md",
        "SUBPLAN-TEMPLATE.md",
        "SUBPLAN_PAY.md",
        "approved_21.md",
        "FIX_21_r2.md",
        "FIX_21_R123.md",
        "FIX_21_RESOLUTION_R2.md",
        "APPROVED_\u0661\u0661.md",
        "README.md",
    ],
)
def test_names_that_say_nothing(name: str) -> None:
    assert parse_name(name) is None


def test_near_misses_are_seen() -> None:
    assert looks_like_plan("PLAN_UPDATE_NOTES.md")
    assert looks_like_plan("plan-update.markdown")
    assert not looks_like_plan("PLANNING.md")
    assert not looks_like_plan("PLAN.md")
    assert not looks_like_plan("PLAN-TEMPLATE.md")


@pytest.mark.parametrize(
    ("name", "meant", "verdict"),
    [
        ("SUBPLAN_PAY_1.1.md", "subplan", None),
        ("subplan_pay_11.md", "subplan", None),
        ("Subplan PAY 1.1.MD", "subplan", None),
        ("SUB-PLAN.1.1.markdown", "subplan", None),
        ("SUBPLAN_PAY.md", "subplan", None),
        ("SUBPLAN_STORE_PRICING_02_DETAIL_P1.md", "subplan", None),
        ("EXECUTION-TASK_PAY_11_01.md", "execution_task", None),
        ("EXECUTION_TASK-PAY_11_01.md", "execution_task", None),
        ("execution task pay 11 01.md", "execution_task", None),
        ("EXECUTION_TASKS_PAY_11_01.md", "execution_task", None),
        ("EXECUTION_11_01.md", "execution_task", None),
        ("EXECUTION_PAY_11_01.md", "execution_task", None),
        ("execution-1.1.md", "execution_task", None),
        ("EXECUTION_PAY_11.md", "execution_task", None),
        ("EXECUTION_PAY_11_REFUND.md", "execution_task", None),
        ("EXECUTION_PAY-DESK_11.md", "execution_task", None),
        ("EXECUTION_API2_11.md", "execution_task", None),
        ("execution pay 11.md", "execution_task", None),
        ("approved_21.md", "verdict", "approved"),
        ("APPROVED11.md", "verdict", "approved"),
        ("fix-2.1.md", "verdict", "fix"),
        ("REJECTED_11.md", "verdict", "fix"),
        ("NEEDS_FIX_11.md", "verdict", "fix"),
        ("needs-fixes-1.1.md", "verdict", "fix"),
        ("NEED_FIX_11.md", "verdict", "fix"),
        ("NOT_APPROVED_11.md", "verdict", "fix"),
        ("Changes requested 1.1.md", "verdict", "fix"),
        ("denied-11.md", "verdict", "fix"),
        ("FIX_11_RESOLVED.md", "verdict", "resolution"),
    ],
)
def test_what_a_misnamed_file_is_meant_as(name: str, meant: str, verdict: str | None) -> None:
    parsed = parse_misnamed_name(name)
    assert parsed
    assert (parsed.kind, parsed.meant_kind, parsed.verdict) == ("misnamed", meant, verdict)


@pytest.mark.parametrize(
    "name",
    [
        "SUBPLAN_PAY_11.md",
        "EXECUTION_TASK_PAY_11_100.md",
        "EXECUTION_DEBUG_SLOW-SEARCH.md",
        "EXECUTION_ANALYSIS_2024_NOTES.md",
        "EXECUTION_REVIEW_11.md",
        "EXECUTION_SUPPORT_2025-11-09.md",
        "EXECUTION_CASE-STUDY_11.md",
        "execution-report-2.md",
        "execution-phase-2.md",
        "execution notes 11.md",
        "EXECUTION-TAXONOMY.md",
        "SUBPLAN-TEMPLATE.md",
        "subplan-template.md",
        "FIXTURES.md",
        "fixed-11.md",
        "approvedlist.md",
        "approval-process.md",
        "changes.md",
        "notapproved.md",
        "SUBPLAN_PAY_1.1.txt",
        "MY_SUBPLAN_11.md",
        "README.md",
    ],
)
def test_what_is_not_misnamed(name: str) -> None:
    assert parse_misnamed_name(name) is None


def test_executions_have_up_to_three_digits() -> None:
    parsed = parse_name("EXECUTION_TASK_PAY_11_100.md")
    assert parsed and (parsed.number, parsed.execution) == ("11", 100)


def test_archived_copies_are_not_re_runs() -> None:
    archived, rerun = parse_name("EXECUTION_TASK_P_03_01_ARCHIVED.md"), parse_name("EXECUTION_TASK_P_03_01_V2.md")
    assert archived and rerun
    assert (archived.is_archived, archived.rerun_mark) == (True, "")
    assert (rerun.is_archived, rerun.rerun_mark) == (False, "V2")


@pytest.mark.parametrize(
    "suffixes",
    [
        ["", "_V1", "_V2", "_V9", "_V10", "_V100"],
        ["_V09", "_V10", "_V011"],
        ["", "_RECOVERY", "_RECOVERY_V2", "_RECOVERY_V10", "_V2", "_V2_RECOVERY", "_V10"],
    ],
)
def test_re_runs_are_in_the_order_of_their_numbers(suffixes: list[str]) -> None:
    names = [f"EXECUTION_TASK_P_03_01{suffix}.md" for suffix in suffixes]
    backwards = [parsed for name in names[::-1] if (parsed := parse_name(name))]
    ordered = sorted(backwards, key=lambda parsed: parsed.rerun_order)
    assert [f"_{parsed.suffix}" if parsed.suffix else "" for parsed in ordered] == suffixes


@pytest.mark.parametrize("zero", ["\u0660", "\u0966", "\uff10", "\U0001d7ce"])
@pytest.mark.parametrize(
    "name",
    [
        "SUBPLAN_PAY_11.md",
        "SUBPLAN_PAY_01_01.md",
        "EXECUTION_TASK_PAY_11_01.md",
        "EXECUTION_TASK_PAY_11_01_V2.md",
        "APPROVED_11.md",
        "APPROVED_01_01.md",
        "FIX_11_R2.md",
        "FIX_01_01_RESOLUTION.md",
    ],
)
def test_digits_of_other_scripts_are_no_numbers(name: str, zero: str) -> None:
    """Reject such a name with one foreign digit or with all; it is misnamed, with the kind that it resembles."""
    for numbered in (name, name.translate({ord("1"): chr(ord(zero) + 1)})):
        other = numbered.translate({ord("0") + n: chr(ord(zero) + n) for n in range(10)})
        assert parse_name(other) is None
        read, meant = parse_name(name), parse_misnamed_name(other)
        assert read and meant and meant.meant_kind == read.kind


def test_method_folders_hold_no_work() -> None:
    assert in_method_folder("LLM/templates/PLAN_X.md")
    assert in_method_folder("sub/LLM/examples/PLAN_X.md")
    assert not in_method_folder("work-space/examples/PLAN_X.md")
