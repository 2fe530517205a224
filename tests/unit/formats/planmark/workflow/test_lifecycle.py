"""The lifecycle of a plan, from its folder or the leading word of its Status, and the plan chosen without a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixture import write
from planmark.plans.phrases import lifecycle_text
from planmark.queries.lookup import NoAnswerError, most_urgent_plan
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from state_helpers import judged

ACTIVE = "work-space/plans/PAY"
PAUSED = "work-space/plans/a_paused/PAY"
BACKLOG = "work-space/backlog-plans/PAY"
ARCHIVED = "work-space/archive/PAY"
PLAN = "//- /{}/PLAN_{}.md\n# PLAN\n\n**Status**: {}\n\n**Achievement 1.1**: A\n"


def opened(root: Path, *plans: str) -> View:
    index = Index(write(root, "\n".join(plans)))
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


@pytest.mark.parametrize(
    ("status", "lifecycle"),
    [
        ("🚧 In Progress", "active"),
        ("In Progress (Partially Superseded)", "active"),
        ("Not blocked", "active"),
        ("Partially abandoned", "active"),
        ("✅ Complete (superseded the old plan)", "active"),
        ("[Paused / Active]", "active"),
        ("~~Paused~~ In Progress", "active"),
        ("⏸️ Paused", "paused"),
        ("**ON HOLD** until May", "paused"),
        ("Blocked on data", "paused"),
        ("Waiting for review", "paused"),
        ("Deferred", "paused"),
        ("⛔ Abandoned - replaced by PLAN_CART", "stopped"),
        ("Cancelled", "stopped"),
        ("Canceled", "stopped"),
        ("Superseded by PLAN_CART", "stopped"),
        ("Obsolete", "stopped"),
        ("Rejected", "stopped"),
        ("Won't do", "stopped"),
        ("Won\u2019t Do", "stopped"),
        ("Archived", "stopped"),
        ("Replaced by PLAN_CART", "stopped"),
        ("Merged into PLAN_CART", "stopped"),
        ("Postponed", "paused"),
        ("_Paused_", "paused"),
        ("__On Hold__", "paused"),
        ("Won\u00b4t do", "stopped"),
        ("Obsoleted by PLAN_CART", "stopped"),
        ("Closed", "stopped"),
        ("Skipped", "stopped"),
        ("Superseded?", "active"),
        ("Closed: no", "active"),
    ],
)
def test_the_leading_word_of_the_status_sets_the_lifecycle(tmp_path: Path, status: str, lifecycle: str) -> None:
    plan = judged(tmp_path, PLAN.format(ACTIVE, "PAY", status))
    assert plan.lifecycle == lifecycle
    evidence = plan.lifecycle_evidence
    assert (evidence and (evidence.line, evidence.says)) == (
        None if lifecycle == "active" else (3, f"**Status**: {status}")
    )


@pytest.mark.parametrize(
    ("folder", "status", "lifecycle", "decides"),
    [
        (PAUSED, "In Progress", "paused", "folder"),
        (PAUSED, "Paused", "paused", "folder"),
        (PAUSED, "Abandoned", "stopped", "status"),
        (BACKLOG, "Planning", "backlog", "folder"),
        (BACKLOG, "Paused", "paused", "status"),
        (ARCHIVED, "Abandoned", "archived", "folder"),
        (ARCHIVED, "In Progress", "archived", "folder"),
        (ACTIVE, "In Progress", "active", None),
    ],
)
def test_the_later_of_folder_and_status_wins(
    tmp_path: Path, folder: str, status: str, lifecycle: str, decides: str | None
) -> None:
    plan = judged(tmp_path, PLAN.format(folder, "PAY", status))
    assert (plan.lifecycle, plan.lifecycle_by) == (lifecycle, decides)


def test_what_set_the_lifecycle_is_said(tmp_path: Path) -> None:
    assert lifecycle_text(judged(tmp_path / "a", PLAN.format(PAUSED, "PAY", "x"))) == (
        "paused (it lies in work-space/plans/a_paused/)"
    )
    assert lifecycle_text(judged(tmp_path / "b", PLAN.format(ACTIVE, "PAY", "Paused"))) == (
        "paused (PLAN_PAY.md:3 **Status**: Paused)"
    )
    assert lifecycle_text(judged(tmp_path / "c", PLAN.format(ACTIVE, "PAY", "x"))) == "active"


def test_a_handoff_sets_no_lifecycle(tmp_path: Path) -> None:
    handoff = "\n## Current Status & Handoff\n\n**Status**: Paused\n"
    assert judged(tmp_path, PLAN.format(ACTIVE, "PAY", "In Progress") + handoff).lifecycle == "active"
    no_header = PLAN.format(ACTIVE, "PAY", "x").replace("**Status**: x\n\n", "")
    assert judged(tmp_path / "other", no_header + handoff).lifecycle == "active"


OPEN_TASK = "//- /{}/execution/EXECUTION_TASK_PAY_11_01.md\n# T\n\n**Status**: In Progress\n"


@pytest.mark.parametrize("status", ["Abandoned", "Paused", "Blocked", "Superseded by PLAN_CART"])
def test_a_plan_that_is_set_aside_is_not_chosen(tmp_path: Path, status: str) -> None:
    cart = PLAN.format("work-space/backlog-plans/CART", "CART", "Planning")
    view = opened(tmp_path, PLAN.format(ACTIVE, "PAY", status), OPEN_TASK.format(ACTIVE), cart)
    assert most_urgent_plan(view).feature == "CART"


def test_only_plans_that_are_set_aside_have_work(tmp_path: Path) -> None:
    view = opened(tmp_path, PLAN.format(ACTIVE, "PAY", "⛔ Abandoned"), PLAN.format(ARCHIVED, "OLD", "x"))
    with pytest.raises(NoAnswerError) as raised:
        most_urgent_plan(view)
    assert raised.value.cause == "waiting"
    assert "@PAY is stopped (PLAN_PAY.md:3 **Status**: ⛔ Abandoned)" in str(raised.value)
    assert "@OLD is archived (it lies in work-space/archive/)" in str(raised.value)


@pytest.mark.parametrize(
    ("folder", "status", "first"),
    [
        (ACTIVE, "Paused", f"> PAY is paused (`{ACTIVE}/PLAN_PAY.md` line 3: **Status**: Paused)."),
        (PAUSED, "x", f"> PAY is paused (`{PAUSED}/PLAN_PAY.md`: it lies in work-space/plans/a_paused/)."),
        (BACKLOG, "Planning", "# PAY 1.1: A"),
        (ACTIVE, "In Progress", "# PAY 1.1: A"),
    ],
)
def test_a_prompt_says_in_its_first_line_that_its_plan_is_set_aside(
    tmp_path: Path, folder: str, status: str, first: str
) -> None:
    view = opened(tmp_path, PLAN.format(folder, "PAY", status))
    prompt = prompt_of(view, view.snapshot.plans[0])
    assert prompt.prompt.split("\n")[0].startswith(first)
    assert prompt.tokens.prompt > 0


def test_a_status_that_changes_changes_the_lifecycle(tmp_path: Path) -> None:
    index = Index(write(tmp_path, PLAN.format(ACTIVE, "PAY", "In Progress")))
    assert index.refresh().plans[0].lifecycle == "active"
    write(tmp_path, PLAN.format(ACTIVE, "PAY", "Paused"))
    index.mark_stale([f"{ACTIVE}/PLAN_PAY.md"])
    assert index.snapshot().plans[0].lifecycle == "paused"
