"""The history of a workspace from the dates of its verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from editor_checks import view_at
from planmark.queries.work_history import PlanHistory, history_result, needed_commits
from planmark.storage.git_history import FileCommit, FileLog
from sample_plan import FEEDBACKS, PLAN, TEXT

TODAY = "2026-01-20"
HOME = "work-space/plans/PAY"
DONE_TASK = "# EXECUTION_TASK: Refunds\n\n**Status**: Complete\n"


def verdict(kind: str, number: str, date: str, reviewer: str = "Ada", more: str = "") -> tuple[str, str]:
    """Return (path, text) of a verdict; the suffix of a RESOLUTION is in its number."""
    return f"{FEEDBACKS}/{kind}_{number}.md", (
        f"# {kind}: Refunds receipts\n\n**Reviewer**: {reviewer}\n{f'**Review Date**: {date}' if date else ''}\n{more}"
    )


def history(folder: Path, *verdicts: tuple[str, str], log: FileLog = FileLog(), today: str = TODAY) -> PlanHistory:  # noqa: B008
    """Return the history of the plan with these verdicts and other files."""
    result = history_result(view_at({PLAN: TEXT, **dict(verdicts)}, folder), today, log)
    assert result.today == today
    (plan,) = result.plans
    assert plan.undated == plan.approved - (plan.points[-1].approved if plan.points else 0)
    return plan


def curve(plan: PlanHistory) -> list[tuple[str, int, str]]:
    return [(point.at, point.approved, point.event) for point in plan.points]


def test_approvals_over_time(tmp_path: Path) -> None:
    plan = history(tmp_path, verdict("APPROVED", "12", "2026-01-09"), verdict("APPROVED", "11", "2026-01-05"))
    assert curve(plan) == [("2026-01-05", 1, "1.1 approved"), ("2026-01-09", 2, "1.2 approved")]
    assert (plan.plan, plan.feature, plan.of, plan.approved, plan.undated) == (PLAN, "PAY", 2, 2, 0)
    assert [(item.achievement, item.rounds, item.approved_at, item.by, item.time_from) for item in plan.reviews] == [
        ("1.1", 1, "2026-01-05", "Ada", "verdict"),
        ("1.2", 1, "2026-01-09", "Ada", "verdict"),
    ]


def test_a_later_fix_makes_the_curve_go_down(tmp_path: Path) -> None:
    plan = history(tmp_path, verdict("APPROVED", "11", "2026-01-05"), verdict("FIX", "11_R2", "2026-01-08"))
    assert curve(plan) == [("2026-01-05", 1, "1.1 approved"), ("2026-01-08", 0, "1.1 reopened")]
    assert (plan.reviews[0].rounds, plan.reviews[0].approved, plan.reviews[0].approved_at) == (2, False, "")


def test_a_second_round_approves_again(tmp_path: Path) -> None:
    plan = history(
        tmp_path,
        verdict("APPROVED", "11", "2026-01-05"),
        verdict("FIX", "11_R2", "2026-01-08"),
        verdict("APPROVED", "11_R3", "2026-01-09", "Bo"),
    )
    assert [count for _, count, _ in curve(plan)] == [1, 0, 1]
    assert (plan.reviews[0].approved_at, plan.reviews[0].by, plan.reviews[0].rounds) == ("2026-01-09", "Bo", 3)


def test_verdicts_of_one_day_without_times_are_one_step(tmp_path: Path) -> None:
    plan = history(tmp_path, verdict("FIX", "11", "2026-01-05"), verdict("APPROVED", "11_R2", "2026-01-05"))
    assert curve(plan) == [("2026-01-05", 1, "1.1 approved")]


def test_verdicts_of_one_day_with_times_are_in_their_order(tmp_path: Path) -> None:
    plan = history(
        tmp_path,
        verdict("APPROVED", "11", "2026-01-05 09:00"),
        verdict("FIX", "11_R2", "2026-01-05 12:30 +02:00"),
        verdict("APPROVED", "11_R3", "2026-01-05 11:00"),
    )
    assert curve(plan) == [
        ("2026-01-05T09:00:00+00:00", 1, "1.1 approved"),
        ("2026-01-05T12:30:00+02:00", 0, "1.1 reopened"),
        ("2026-01-05T11:00:00+00:00", 1, "1.1 approved"),
    ]


@pytest.mark.parametrize("date", ["", "someday 9", "03/05/2026", "2026-01-21", "9999-12-31"])
def test_an_approval_without_a_usable_date_is_undated(tmp_path: Path, date: str) -> None:
    plan = history(tmp_path, verdict("APPROVED", "11", date), verdict("APPROVED", "12", "2026-01-05"))
    assert curve(plan) == [("2026-01-05", 1, "1.2 approved")]
    assert (plan.approved, plan.undated) == (2, 1)
    assert plan.left_out_dates == bool(date)
    assert any("unknown time" in note for note in plan.notes)


def test_today_is_not_in_the_future(tmp_path: Path) -> None:
    assert curve(history(tmp_path, verdict("APPROVED", "11", TODAY))) == [(TODAY, 1, "1.1 approved")]


def test_a_missing_time_of_a_fix_leaves_only_what_is_certain(tmp_path: Path) -> None:
    fix, again = verdict("FIX", "11_R2", ""), verdict("APPROVED", "11_R3", "2026-01-09")
    assert curve(history(tmp_path, verdict("APPROVED", "11", "2026-01-05"), fix, again)) == [
        ("2026-01-09", 1, "1.1 approved")
    ]


def test_a_fix_of_an_unknown_time_that_reopens_leaves_no_approval(tmp_path: Path) -> None:
    plan = history(tmp_path, verdict("APPROVED", "11", "2026-01-05"), verdict("FIX", "11_R2", ""))
    assert (curve(plan), plan.approved, plan.undated) == ([], 0, 0)


def test_an_approval_that_does_not_approve_has_no_point(tmp_path: Path) -> None:
    denied = verdict("APPROVED", "11", "2026-01-05", more="**Status**: Not approved\n")
    assert curve(history(tmp_path, denied)) == []


def test_a_missing_date_comes_from_the_commit_that_added_the_verdict(tmp_path: Path) -> None:
    path, text = verdict("APPROVED", "11", "")
    log = FileLog(
        (
            FileCommit("2026-01-07T10:00:00+01:00", path, path, "changed"),
            FileCommit("2026-01-06T10:00:00+01:00", path, f"{FEEDBACKS}/draft.md", "renamed"),
            FileCommit("2026-01-04T10:00:00+01:00", f"{FEEDBACKS}/draft.md", f"{FEEDBACKS}/draft.md", "added"),
        )
    )
    plan = history(tmp_path, (path, text), log=log)
    assert curve(plan) == [("2026-01-04T10:00:00+01:00", 1, "1.1 approved")]
    assert plan.reviews[0].time_from == "git"


def test_git_is_asked_only_for_what_the_dates_do_not_say(tmp_path: Path) -> None:
    verdicts = dict((verdict("APPROVED", "11", "2026-01-05"), verdict("APPROVED", "12", "")))
    asked = needed_commits(view_at({PLAN: TEXT, **verdicts}, tmp_path), TODAY)
    assert asked == (frozenset({"APPROVED_12.md"}), frozenset())


def test_the_source_of_the_times(tmp_path: Path) -> None:
    path, text = verdict("APPROVED", "11", "")
    added = FileLog((FileCommit("2026-01-07T10:00:00Z", path, path, "added"),))
    dated = dict([verdict("APPROVED", "12", "2026-01-05")])
    alone = view_at({PLAN: TEXT, path: text}, tmp_path / "alone")
    both = view_at({PLAN: TEXT, path: text, **dated}, tmp_path / "both")
    assert history_result(alone, TODAY, added).source == "git"
    assert history_result(both, TODAY, added).source == "verdicts+git"
    without = history_result(both, TODAY, FileLog(problem="git was not found"))
    assert (without.source, without.notes) == ("verdicts", ["Times from git are unknown: git was not found."])
    assert history_result(both, TODAY, FileLog(is_partial=True)).notes == ["Git has older commits, which are not read."]


def test_what_waits_for_whom_since_when(tmp_path: Path) -> None:
    plan = history(tmp_path, verdict("FIX", "11", "2026-01-10"))
    first = plan.waiting[0]
    assert (first.achievement, first.title, first.step, first.step_label) == (
        *("1.1", "Refunds", "address_fix"),
        "address the fix",
    )
    assert (first.role, first.since, first.days) == ("executor", "2026-01-10", 10)


def test_the_age_of_work_comes_from_its_last_commit_only_if_it_is_committed(tmp_path: Path) -> None:
    task = f"{HOME}/execution/EXECUTION_TASK_PAY_11_01.md"
    files = {f"{HOME}/subplans/SUBPLAN_PAY_11.md": "# SUBPLAN: Refunds\n\n## Objective\n\nRefund.\n", task: DONE_TASK}
    log = FileLog((FileCommit("2026-01-15T10:00:00+00:00", task, task, "changed"),))
    (waiting,) = history(tmp_path, *files.items(), log=log).waiting
    assert (waiting.achievement, waiting.step, waiting.days) == ("1.1", "request_review", 5)
    (waiting,) = history(tmp_path, *files.items(), log=log._replace(uncommitted=frozenset({task}))).waiting
    assert (waiting.since, waiting.days) == ("", None)
    (waiting,) = history(tmp_path, *files.items()).waiting
    assert (waiting.since, waiting.days) == ("", None)


def test_an_achievement_that_has_not_begun_waits_only_if_it_is_next(tmp_path: Path) -> None:
    (waiting,) = history(tmp_path).waiting
    assert (waiting.achievement, waiting.step, waiting.since) == ("1.1", "create_subplan", "")


def test_a_complete_plan_waits_for_its_close_since_the_last_approval(tmp_path: Path) -> None:
    plan = history(tmp_path, verdict("APPROVED", "11", "2026-01-05"), verdict("APPROVED", "12", "2026-01-10"))
    (waiting,) = plan.waiting
    assert (waiting.achievement, waiting.step, waiting.since, waiting.days) == ("", "complete_plan", "2026-01-10", 10)


def test_a_paused_plan_waits_for_no_one(tmp_path: Path) -> None:
    view = view_at({PLAN: TEXT.replace("In Progress", "Paused")}, tmp_path)
    assert history_result(view, TODAY).plans[0].waiting == []


def test_one_plan_of_several(tmp_path: Path) -> None:
    other = "work-space/plans/TILL/PLAN_TILL.md"
    view = view_at({PLAN: TEXT, other: TEXT.replace("Payments", "Till")}, tmp_path)
    assert [plan.feature for plan in history_result(view, TODAY, plan_path=other).plans] == ["TILL"]


def test_tasks_of_other_formats_have_no_time_without_git(tmp_path: Path) -> None:
    view = view_at({"openspec/changes/add-a/tasks.md": "- [x] 1.1 Begin\n- [x] 1.2 Go on\n- [ ] 1.3 End\n"}, tmp_path)
    (plan,) = history_result(view, TODAY).plans
    assert (plan.of, plan.approved, plan.undated, plan.points) == (3, 2, 2, [])
    assert needed_commits(view, TODAY) == (frozenset(), frozenset({"tasks.md"}))


def test_an_empty_workspace(tmp_path: Path) -> None:
    assert history_result(view_at({}, tmp_path), TODAY).plans == []
