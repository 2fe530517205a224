"""Plan states, the next step, what else is ready, and claims."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixture import write
from planmark.formats.planmark.commands.adopt import proposals
from planmark.formats.planmark.workflow.plan_state import evaluate, evaluate_plan
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index, load_snapshot
from state_helpers import judged, next_of, states

P = "work-space/plans/PAY"
THREE = (
    f"//- /{P}/PLAN_PAY.md\n# PLAN: PAY\n\n**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n\n**Achievement 2.1**: C\n"
)


def file(name: str, text: str = "x") -> str:
    return f"\n//- /{P}/{name}\n{text}\n"


def approved(*numbers: str) -> str:
    return "".join(file(f"execution/feedbacks/APPROVED_{number}.md") for number in numbers)


DONE = "**Status**: Complete"
BLOCKED = "**Status**: Blocked"


@pytest.mark.parametrize(
    ("more", "condition", "following"),
    [
        ("", "planned", ("create_subplan", "1.1")),
        (file("subplans/SUBPLAN_PAY_11.md", "## Objective\n\nx"), "in_progress", ("create_execution", "1.1")),
        (approved("11", "12", "21"), "complete", ("complete_plan", None)),
        (approved("11", "12"), "in_progress", ("create_subplan", "2.1")),
        (file("execution/feedbacks/FIX_21.md"), "needs_attention", ("address_fix", "2.1")),
        (
            file("execution/feedbacks/FIX_21.md") + file("execution/feedbacks/FIX_21_RESOLUTION.md"),
            "needs_attention",
            ("re_review", "2.1"),
        ),
        (file("execution/EXECUTION_TASK_PAY_11_01.md", BLOCKED), "needs_attention", ("create_subplan", "1.2")),
        (
            approved("12", "21") + file("execution/EXECUTION_TASK_PAY_11_01.md", BLOCKED),
            "needs_attention",
            ("unblock", "1.1"),
        ),
    ],
)
def test_the_state_of_a_plan_and_its_next_step(
    tmp_path: Path, more: str, condition: str, following: tuple[str, str | None]
) -> None:
    plan = judged(tmp_path, THREE + more)
    assert plan.state == condition
    assert next_of(plan) == following


def test_a_plan_without_achievements_is_never_complete(tmp_path: Path) -> None:
    plan = judged(tmp_path, f"//- /{P}/PLAN_PAY.md\n# PLAN: PAY\n\n**Status**: ✅ Complete\n\n### Achievement 1: A\n")
    assert plan.state == "no_achievements"
    assert next_of(plan) == ("define_achievements", None)


COMPLETE = "# PLAN: PAY\n\n**Status**: {status}\n\n**Achievement 1.1**: A\n\n"
INDEX = "## Achievement Index\n\n- Achievement 1.1: A\n{more}\n## Priority 1\n\n**Achievement 1.1**: A\n\n"
TRACKED = "## Subplan Tracking\n\n**Achievement {known}**: B\n"


@pytest.mark.parametrize(
    ("plan", "condition", "step"),
    [
        (COMPLETE.format(status="In Progress"), "complete", "complete_plan"),
        (COMPLETE.format(status="✅ Complete"), "complete", "closed"),
        (INDEX.format(more=""), "complete", "complete_plan"),
        (INDEX.format(more="") + "**Achievement 1.2**: B\n", "needs_attention", "update_index"),
        (INDEX.format(more="") + "### Achievement 1.2: B\n\nx\n", "needs_attention", "update_index"),
        (INDEX.format(more="- Achievement 1.1: B\n"), "needs_attention", "update_index"),
        (INDEX.format(more="") + "**Achievement 1.1**: B\n", "complete", "complete_plan"),
        (INDEX.format(more="") + TRACKED.format(known="1.2"), "complete", "complete_plan"),
        (COMPLETE.format(status="✅ Complete") + "**Achievement 1.1**: B\n", "needs_attention", "update_index"),
        (COMPLETE.format(status="x") + "**Achievement 1.1**: **A** ✅\n", "complete", "complete_plan"),
        (COMPLETE.format(status="x") + "**Achievement 1.1**\n", "complete", "complete_plan"),
        (COMPLETE.format(status="x") + TRACKED.format(known="1.1"), "complete", "complete_plan"),
        (INDEX.format(more="").replace("## Priority 1\n\n", ""), "complete", "complete_plan"),
        (COMPLETE.format(status="x") + "- **Achievement 1.2**: B\n", "needs_attention", "update_index"),
        (COMPLETE.format(status="x") + "**ACHIEVEMENT 1.2**: B\n", "needs_attention", "update_index"),
        (COMPLETE.format(status="x") + "- Achievement 1.2 comes later\n", "complete", "complete_plan"),
        (COMPLETE.format(status="x") + "- **Achievement 1.2** of PLAN_TILL\n", "complete", "complete_plan"),
        (COMPLETE.format(status="x") + "**\u0410chievement 1.2**: B\n", "needs_attention", "update_index"),
        (COMPLETE.format(status="x") + "- Achievement 1.\u200b2: B\n", "needs_attention", "update_index"),
        (COMPLETE.format(status="x") + "```\n**\u0410chievement 1.2**: B\n```\n", "complete", "complete_plan"),
    ],
)
def test_a_plan_is_complete_only_where_all_that_it_defines_is_done(
    tmp_path: Path, plan: str, condition: str, step: str
) -> None:
    found = judged(tmp_path, f"//- /{P}/PLAN_PAY.md\n{plan}" + approved("11"))
    assert (found.state, found.next.step, found.next.achievement) == (condition, step, None)


def test_what_the_index_leaves_out_comes_after_the_work_that_it_lists(tmp_path: Path) -> None:
    plan = judged(tmp_path, f"//- /{P}/PLAN_PAY.md\n" + INDEX.format(more="") + "**Achievement 1.2**: B\n")
    assert next_of(plan) == ("create_subplan", "1.1")


GOAL = "## Goal\n\n[TO BE FILLED: why]\n\n"


@pytest.mark.parametrize(
    ("plan", "following"),
    [
        (GOAL + "**Achievement 1.1**: A\n", ("fill_plan", None)),
        ("**Goal**: [FILL: why]\n\n**Achievement 1.1**: A\n", ("fill_plan", None)),
        ("**Achievement 1.1**: A\n\n- Success: [FILL]\n", ("fill_plan", None)),
        ("**Achievement 1.1**: A\n\n```\n[FILL]\n```\n", ("create_subplan", "1.1")),
        ("**Achievement 1.1**: A\n\nThe mark `[FILL: x]` is replaced.\n", ("create_subplan", "1.1")),
        ("**Achievement 1.1**: A\n\n- Success: [FILLED]\n", ("create_subplan", "1.1")),
        ("**Achievement 1.1**: A\n\n## Handoff\n\n[TO BE FILLED: later]\n", ("create_subplan", "1.1")),
        (GOAL, ("define_achievements", None)),
    ],
)
def test_a_plan_is_filled_in_before_any_work_begins(
    tmp_path: Path, plan: str, following: tuple[str, str | None]
) -> None:
    assert next_of(judged(tmp_path, f"//- /{P}/PLAN_PAY.md\n{plan}")) == following


def test_a_plan_with_work_is_not_filled_in_first(tmp_path: Path) -> None:
    plan = judged(
        tmp_path,
        f"//- /{P}/PLAN_PAY.md\n{GOAL}**Achievement 1.1**: A\n"
        + file("subplans/SUBPLAN_PAY_11.md", "## Objective\n\nx"),
    )
    assert next_of(plan) == ("create_execution", "1.1")


def test_also_ready_without_dependencies_is_the_rest_of_the_priority(tmp_path: Path) -> None:
    plan = judged(tmp_path, THREE)
    assert [(known.achievement, known.order) for known in plan.also_ready] == [("1.2", "unstated")]


def test_also_ready_with_dependencies_is_what_is_satisfied(tmp_path: Path) -> None:
    parallel = '{"achievements": [{"achievement_id": "1.2", "dependencies": ["1.1"]}, {"achievement_id": "2.1", "dependencies": []}]}'
    plan = judged(tmp_path, THREE + file("parallel.json", parallel))
    assert states(plan) == {"1.1": "no_subplan", "1.2": "blocked", "2.1": "no_subplan"}
    assert [(known.achievement, known.order) for known in plan.also_ready] == [("2.1", "stated")]


CLAIMED = THREE + "\n## Subplan Tracking\n\n- [x] **Achievement 1.1**: A\n- ✅ Achievement 1.2\n"


def test_a_claim_without_a_file_asks_before_anyone_redoes_the_work(tmp_path: Path) -> None:
    plan = judged(tmp_path, CLAIMED)
    assert next_of(plan) == ("confirm_state", "1.1")
    assert (plan.state, plan.legacy) == ("needs_attention", True)
    assert [(claim.achievement, claim.line) for claim in plan.claims] == [("1.1", 11), ("1.2", 12)]
    assert states(plan)["1.1"] == "no_subplan", "a claim never makes anything approved"


def test_claims_can_be_ignored(tmp_path: Path) -> None:
    judged(tmp_path, CLAIMED)
    (files,) = load_snapshot(tmp_path).plans
    assert next_of(evaluate(files, ignore_claims=True)) == ("create_subplan", "1.1")


def test_a_claim_does_not_stop_work_that_is_under_way(tmp_path: Path) -> None:
    plan = judged(tmp_path, CLAIMED + file("execution/EXECUTION_TASK_PAY_11_01.md", "**Status**: In Progress"))
    assert next_of(plan) == ("continue_execution", "1.1")


def test_the_files_decide_not_the_handoff(tmp_path: Path) -> None:
    handoff = "\n## Current Status & Handoff\n\n**Next**: Achievement 1.1\n"
    assert next_of(judged(tmp_path, THREE + handoff + approved("11"))) == ("create_subplan", "1.2")


def test_legacy_means_work_and_no_verdicts(tmp_path: Path) -> None:
    work = file("execution/EXECUTION_TASK_PAY_11_01.md", DONE)
    assert judged(tmp_path / "a", THREE + work).legacy
    assert not judged(tmp_path / "b", THREE + work + approved("11")).legacy
    assert not judged(tmp_path / "c", THREE).legacy


SEQUENTIAL = f"//- /{P}/PLAN_PAY.md\n# PLAN: PAY\n\n**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n\n**Achievement 3.5.1**: C\n"


def test_sequential_numbers_work_by_their_headers(tmp_path: Path) -> None:
    plan = judged(
        tmp_path,
        SEQUENTIAL
        + file("subplans/SUBPLAN_PAY_34.md", "**Achievement**: 3.5.1\n\n## Objective\n\nx")
        + file("execution/EXECUTION_TASK_PAY_34_01.md", f"**Subplan**: SUBPLAN_PAY_34\n{DONE}")
        + file("subplans/SUBPLAN_PAY_01.md", "**Achievement**: 1.1\n\n## Objective\n\nx"),
    )
    assert states(plan) == {"1.1": "no_execution", "1.2": "no_subplan", "3.5.1": "awaiting_review"}


def test_a_copied_header_loses_to_the_number_that_says_so(tmp_path: Path) -> None:
    design = "**Achievement**: 1.1\n\n## Objective\n\nx"
    plan = judged(
        tmp_path, SEQUENTIAL + file("subplans/SUBPLAN_PAY_11.md", design) + file("subplans/SUBPLAN_PAY_12.md", design)
    )
    assert states(plan) == {"1.1": "no_execution", "1.2": "no_execution", "3.5.1": "no_subplan"}
    (files,) = load_snapshot(tmp_path).plans
    assert [(found.code, found.path) for found in evaluate_plan(files).assigned_documents.findings] == [
        ("number-mismatch", f"{P}/subplans/SUBPLAN_PAY_12.md")
    ]


def test_a_copied_header_of_one_execution_number_goes_by_its_number(tmp_path: Path) -> None:
    header = "**Achievement**: 1.1\n**Subplan**: SUBPLAN_PAY_11\n"
    plan = judged(
        tmp_path,
        SEQUENTIAL
        + file("execution/EXECUTION_TASK_PAY_11_01.md", header + DONE)
        + file("execution/EXECUTION_TASK_PAY_12_01.md", header + "**Status**: In Progress"),
    )
    assert states(plan) == {"1.1": "awaiting_review", "1.2": "active_execution", "3.5.1": "no_subplan"}


def test_a_header_that_the_plan_does_not_have_is_no_header(tmp_path: Path) -> None:
    plan = judged(
        tmp_path, SEQUENTIAL + file("subplans/SUBPLAN_PAY_11.md", "**Achievement**: 7.7\n\n## Objective\n\nx")
    )
    assert states(plan)["1.1"] == "no_execution"


AMBIGUOUS = f"//- /{P}/PLAN_PAY.md\n# PLAN: PAY\n\n**Achievement 1.11**: A\n\n**Achievement 11.1**: B\n"


def test_an_ambiguous_verdict_counts_only_by_its_title(tmp_path: Path) -> None:
    unnamed = judged(tmp_path / "a", AMBIGUOUS + file("execution/feedbacks/APPROVED_111.md"))
    assert set(states(unnamed).values()) == {"no_subplan"}
    named = judged(
        tmp_path / "b", AMBIGUOUS + file("execution/feedbacks/APPROVED_111.md", "# APPROVED: Achievement 11.1")
    )
    assert states(named) == {"1.11": "no_subplan", "11.1": "approved"}
    long = judged(tmp_path / "c", AMBIGUOUS + file("execution/feedbacks/APPROVED_01_11.md"))
    assert states(long) == {"1.11": "approved", "11.1": "no_subplan"}


def test_a_verdict_belongs_to_its_number_whatever_its_title(tmp_path: Path) -> None:
    plan = judged(tmp_path, THREE + file("execution/feedbacks/APPROVED_12.md", "# APPROVED: Achievement 1.1"))
    assert states(plan)["1.2"] == "approved"
    assert states(plan)["1.1"] == "no_subplan"


TASK = f"{P}/execution/EXECUTION_TASK_PAY_11_01.md"


@pytest.mark.parametrize(
    ("other", "status", "following"),
    [
        ("execution/EXECUTION_TASK_PAY_11_01.md", "Blocked", "continue_execution"),
        ("work-space/execution/EXECUTION_TASK_PAY_11_01.md", "In Progress", "continue_execution"),
        ("work-space/execution/EXECUTION_TASK_PAY_11_01.md", "Complete", "request_review"),
        ("work-space/execution/EXECUTION_TASK_PAY_11_01_ARCHIVED.md", "Blocked", "request_review"),
        ("archive/execution/EXECUTION_TASK_PAY_11_01.md", "Blocked", "request_review"),
    ],
)
def test_what_one_file_says_is_done_and_another_of_its_number_says_is_not_is_open(
    tmp_path: Path, other: str, status: str, following: str
) -> None:
    text = (
        THREE + file("execution/EXECUTION_TASK_PAY_11_01.md", DONE) + f"\n//- /{other}\n**Status**: {status}\n\nMore.\n"
    )
    plan = judged(tmp_path, text)
    assert next_of(plan) == (following, "1.1")
    if following == "continue_execution":
        evidence = plan.achievements[0].evidence
        assert {known.path for known in evidence} == {TASK, other}
        assert other in plan.next.reason


def test_an_edit_of_a_copy_counts_at_once(tmp_path: Path) -> None:
    """Check also an edit that leaves the facts of both documents equal."""
    text = THREE + file("execution/EXECUTION_TASK_PAY_11_01.md", DONE)
    write(tmp_path, text + f"\n//- /work-space/execution/EXECUTION_TASK_PAY_11_01.md\n{DONE}\n")
    index = Index(tmp_path)
    copy = "work-space/execution/EXECUTION_TASK_PAY_11_01.md"

    def differs() -> bool:
        (files,) = index.snapshot().plans
        (found,) = files.copies
        return found.differing_document is not None

    index.refresh()
    assert not differs()
    index.set_overlay(copy, f"{DONE}\n\nMore.\n")
    assert differs()
    index.set_overlay(TASK, f"{DONE}\n\nMore.\n")
    assert not differs()
    index.set_overlay(copy, None)
    assert differs()


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        (
            "## Tracking\n\n| ID | Title | Status |\n|---|---|---|\n| 1.1 | A | ✅ Complete |\n| 1.2 | B | ⏳ Pending |\n",
            ["1.1"],
        ),
        ("## Tracking\n\n| # | Achievement | Done |\n|---|---|---|\n| 1 | Achievement 1.2 | [x] |\n", ["1.2"]),
        ("## Tracking\n\n| Test | Achievement | Status |\n|---|---|---|\n| a.sh | 1.2 | ✅ Complete |\n", []),
        ("## Tracking\n\n| ID | Done? |\n|---|---|\n| 1.1 | ✓ |\n| 1.2 | no |\n", ["1.1"]),
        ("## Tracking\n\n| ID | Complete |\n|---|---|\n| 1.1 | **Yes** |\n| 1.2 | |\n", ["1.1"]),
        ("## Tracking\n\n| ID | Notes |\n|---|---|\n| 1.1 | Complete |\n", []),
        ("## Tracking\n\n| ID | Status |\n|---|---|\n| 1.1 | Not complete |\n| 1.2 | ❌ |\n", []),
        ("## Related Plans\n\n| ID | Status |\n|---|---|\n| 1.1 | ✅ |\n", []),
        ("## Tracking\n\n| ID | Status |\n|---|---|\n| 1.1 of PLAN_TILL.md | ✅ |\n", []),
        ("**Achievement 1.3**: D\n\n- **Status**: ✅ Complete\n", ["1.3"]),
        ("**Achievement 1.3**: D\n\n**Status**: In Progress\n", []),
        ("**Achievement 1.3**: D\n\n```\n**Status**: Complete\n```\n", []),
        ("## Achievement Index\n\n| ✅ 1.1 | A |\n| 1.2 | B |\n", ["1.1"]),
        ("- [x] Achievement 1.2: B\n", ["1.2"]),
        ("## Done\n\n* [X] **1.2** B\n- [ ] 1.1 A\n- [x] 1.20 of the tool\n- [x] B of 1.1\n", ["1.2"]),
    ],
)
def test_what_a_plan_claims_is_one_for_all_who_ask(tmp_path: Path, text: str, claimed: list[str]) -> None:
    """Check that `check`, `adopt` and `next` name the same claims."""
    write(tmp_path, THREE + "\n" + text)
    index = Index(tmp_path)
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    (files,) = view.snapshot.plans
    state = view.evaluations[files.path].state
    assert [claim.achievement for claim in state.claims] == claimed
    assert [known.achievement.id for known in proposals(view, files, None, "Ada", "2026-01-02")] == claimed
    named = [d for d in view.diagnostics if d.code == "claimed-without-evidence"]
    assert bool(named) == bool(claimed)
    assert all(known in named[0].message for known in claimed)
    first = state.achievements[0].id
    assert (state.next.step == "confirm_state") == (first in claimed)
