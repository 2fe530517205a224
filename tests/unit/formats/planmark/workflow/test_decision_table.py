"""Every row of the decision table (the methodology, §3.3), each with a near match."""

from __future__ import annotations

from pathlib import Path

import pytest

from planmark.formats.planmark.workflow.decision_table import DECISION_TABLE
from planmark.plans.phrases import progress_text
from state_helpers import judged, next_of, why

P = "work-space/plans/PAY"
PLAN = f"//- /{P}/PLAN_PAY.md\n# PLAN: PAY\n\n**Achievement 1.1**: Refunds\n"
SUBPLAN = f"//- /{P}/subplans/SUBPLAN_PAY_11.md\n# SUBPLAN\n**Achievement**: 1.1\n\n## Objective\n\nPay.\n\n{{}}\n"
SIMPLE = SUBPLAN.format("")
TABLE3 = SUBPLAN.format(
    "## Active EXECUTION_TASKs\n\n| E | S |\n|---|---|\n| 11_01 | x |\n| 11_02 | x |\n| 11_03 | x |"
)


def task(execution: str, status: str) -> str:
    return f"//- /{P}/execution/EXECUTION_TASK_PAY_11_{execution}.md\n# T\n\n**Status**: {status}\n"


def verdict(name: str, date: str = "") -> str:
    dated = f"**Review Date**: {date}\n" if date else ""
    return f"//- /{P}/execution/feedbacks/{name}.md\n# V: Achievement 1.1\n\n{dated}"


ROWS = [
    ("A: an approval", [verdict("APPROVED_11")], "approved", None),
    ("A: an empty approval", [f"//- /{P}/execution/feedbacks/APPROVED_11.md\n"], "approved", None),
    ("A: an approval in the long form", [verdict("APPROVED_01_01")], "approved", None),
    (
        "A: approved on the day of the fix",
        [verdict("APPROVED_11", "2026-01-02"), verdict("FIX_11", "2026-01-02")],
        "approved",
        None,
    ),
    ("A: an undated fix reopens nothing", [verdict("APPROVED_11", "2026-01-02"), verdict("FIX_11")], "approved", None),
    ("A: approval outranks open work", [SIMPLE, task("01", "In Progress"), verdict("APPROVED_11")], "approved", None),
    ("B: a fix", [SIMPLE, task("01", "✅ Complete"), verdict("FIX_11")], "needs_fix", "address_fix"),
    (
        "B: reopened by a later fix",
        [verdict("APPROVED_11", "2026-01-02"), verdict("FIX_11", "2026-01-03")],
        "needs_fix",
        "address_fix",
    ),
    (
        "B: a fix after the resolution",
        [verdict("FIX_11", "2026-01-03"), verdict("FIX_11_RESOLUTION", "2026-01-02")],
        "needs_fix",
        "address_fix",
    ),
    (
        "C: resolved",
        [verdict("FIX_11", "2026-01-02"), verdict("FIX_11_RESOLUTION", "2026-01-02")],
        "fix_resolved",
        "re_review",
    ),
    (
        "C: an undated resolution",
        [verdict("FIX_11", "2026-01-02"), verdict("FIX_11_RESOLUTION")],
        "fix_resolved",
        "re_review",
    ),
    (
        "C: reopened and resolved",
        [
            verdict("APPROVED_11", "2026-01-01"),
            verdict("FIX_11", "2026-01-02"),
            verdict("FIX_11_RESOLUTION", "2026-01-03"),
        ],
        "fix_resolved",
        "re_review",
    ),
    (
        "D: a placeholder in the SUBPLAN",
        [SUBPLAN.format("[TO BE FILLED: approach]")],
        "design_placeholder",
        "fill_subplan",
    ),
    ("D: neither objective nor approach", [SIMPLE.replace("Pay.", "[what]")], "design_placeholder", "fill_subplan"),
    (
        "D: a placeholder in an open task",
        [SIMPLE, task("01", "Ready\n\n[TO BE FILLED]")],
        "design_placeholder",
        "fill_execution",
    ),
    (
        "not D: one execution is done",
        [SUBPLAN.format("[TO BE FILLED]"), task("01", "✅ Complete")],
        "awaiting_review",
        "request_review",
    ),
    (
        "not D: the mark stands in a fence",
        [SUBPLAN.format("```\n[TO BE FILLED]\n```")],
        "no_execution",
        "create_execution",
    ),
    ("E: blocked", [SIMPLE, task("01", "⏸️ BLOCKED - no data")], "execution_blocked", "unblock"),
    (
        "E: blocked beside done",
        [TABLE3, task("01", "✅ Complete"), task("02", "Blocked")],
        "execution_blocked",
        "unblock",
    ),
    ("F: open", [SIMPLE, task("01", "📋 Ready for Execution")], "active_execution", "continue_execution"),
    (
        "F: open beside blocked",
        [SIMPLE, task("01", "Blocked"), task("02", "In Progress")],
        "active_execution",
        "continue_execution",
    ),
    ("F: a task without a SUBPLAN", [task("01", "In Progress")], "active_execution", "continue_execution"),
    (
        "F: the re-run supersedes",
        [SIMPLE, task("01", "✅ Complete"), task("01_V2", "In Progress")],
        "active_execution",
        "continue_execution",
    ),
    (
        "F: the tenth re-run supersedes the ninth",
        [SIMPLE, task("01_V9", "✅ Complete"), task("01_V10", "In Progress")],
        "active_execution",
        "continue_execution",
    ),
    (
        "H: the tenth re-run that recovers, written with a zero",
        [SIMPLE, task("01_RECOVERY_V09", "In Progress"), task("01_RECOVERY_V10", "✅ Complete")],
        "awaiting_review",
        "request_review",
    ),
    ("G: fewer done than planned", [TABLE3, task("01", "✅ Complete")], "next_execution", "next_execution"),
    (
        "G: an abandoned one fills no place",
        [TABLE3, task("01", "Abandoned"), task("02", "Done"), task("03", "Done")],
        "next_execution",
        "next_execution",
    ),
    (
        "G: a number in Execution Count",
        [SUBPLAN.format("**Execution Count**: Multiple (2 phases)"), task("01", "Done")],
        "next_execution",
        "next_execution",
    ),
    ("H: one done, nothing planned", [SIMPLE, task("01", "✅ Complete")], "awaiting_review", "request_review"),
    (
        "H: several done, no synthesis",
        [SIMPLE, task("01", "Done"), task("02", "Done")],
        "awaiting_review",
        "synthesize",
    ),
    (
        "H: several done, an unfilled synthesis",
        [SUBPLAN.format("## Execution Results Synthesis\n\n- [what]"), task("01", "Done"), task("02", "Done")],
        "awaiting_review",
        "synthesize",
    ),
    (
        "H: several done, a filled synthesis",
        [SUBPLAN.format("## Execution Results Synthesis\n\nBoth work."), task("01", "Done"), task("02", "Done")],
        "awaiting_review",
        "request_review",
    ),
    (
        "H: several done without a SUBPLAN",
        [task("01", "Done"), task("02", "Done")],
        "awaiting_review",
        "request_review",
    ),
    (
        "H: a re-run is one execution",
        [SIMPLE, task("01", "In Progress"), task("01_RECOVERY", "Done")],
        "awaiting_review",
        "request_review",
    ),
    (
        "H: a row's status is no evidence",
        [TABLE3.replace("| x |", "| ✅ Complete |"), task("01", "Done")],
        "next_execution",
        "next_execution",
    ),
    ("I: a SUBPLAN", [SIMPLE], "no_execution", "create_execution"),
    ("I: only abandoned tasks", [SIMPLE, task("01", "Abandoned")], "no_execution", "create_execution"),
    ("K: nothing", [], "no_subplan", "create_subplan"),
    ("K: a verdict in the wrong folder", [f"//- /{P}/execution/APPROVED_11.md\n# V\n"], "no_subplan", "confirm_state"),
    (
        "K: a misnamed verdict",
        [f"//- /{P}/execution/feedbacks/APPROVED_1.1.md\n# V\n"],
        "no_subplan",
        "rename_document",
    ),
    (
        "K: a verdict for another number",
        [f"//- /{P}/execution/feedbacks/APPROVED_12.md\n# V\n"],
        "no_subplan",
        "create_subplan",
    ),
]


@pytest.mark.parametrize(("documents", "state", "step"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_row_of_the_table(tmp_path: Path, documents: list[str], state: str, step: str | None) -> None:
    plan = judged(tmp_path, "\n".join([PLAN, *documents]))
    assert plan.achievements[0].state == state, why(plan)
    assert plan.achievements[0].evidence
    assert next_of(plan) == ((step, "1.1") if step else ("complete_plan", None)), why(plan)


def test_every_evidence_stands_where_it_says(tmp_path: Path) -> None:
    plan = judged(
        tmp_path,
        "\n".join([PLAN, SIMPLE, task("01", "In Progress\n\n## End\n\n**Final Status**: ⏸️ BLOCKED - no data")]),
    )
    (evidence,) = plan.achievements[0].evidence
    lines = (tmp_path / evidence.path).read_text(encoding="utf-8").splitlines()
    assert lines[evidence.line - 1] == "**Final Status**: ⏸️ BLOCKED - no data"


BLOCKED = f"""
//- /{P}/PLAN_PAY.md
# PLAN: PAY

**Achievement 1.1**: A

**Achievement 1.2**: B

- **Dependencies**: 1.1

**Achievement 1.3**: C

- **Requires**: 9.9

**Achievement 1.4**: D

- **Depends on**: 1.5

**Achievement 1.5**: E

- **Depends on**: 1.4
"""


def test_j_a_declared_dependency_blocks_what_has_not_begun(tmp_path: Path) -> None:
    plan = judged(tmp_path, BLOCKED)
    by_id = {known.id: known for known in plan.achievements}
    assert by_id["1.2"].state == "blocked", why(plan)
    assert by_id["1.2"].blocked_by == ("1.1",)
    assert {by_id[known].state for known in ("1.1", "1.3", "1.4", "1.5")} == {"no_subplan"}, (
        "unknown and cyclic ones block nobody"
    )
    assert [(edge.achievement, edge.unknown, edge.cyclic) for edge in plan.dependencies] == [
        ("1.2", False, False),
        ("1.3", True, False),
        ("1.4", False, True),
        ("1.5", False, True),
    ]


def test_a_subplan_begun_while_blocked_keeps_its_state(tmp_path: Path) -> None:
    plan = judged(tmp_path, BLOCKED + f"//- /{P}/subplans/SUBPLAN_PAY_12.md\n## Objective\n\nx\n")
    known = plan.achievements[1]
    assert (known.state, known.blocked_by) == ("no_execution", ("1.1",))


STOPPING = [
    ("a superseded one beside a done one", [SIMPLE, task("01", "Superseded by 11_02"), task("02", "Done")], "H"),
    ("a skipped one fills no place", [TABLE3, task("01", "Skipped"), task("02", "Done"), task("03", "Done")], "G"),
    ("a re-run that was given up", [SIMPLE, task("01", "Done"), task("01_V2", "Cancelled")], "I"),
    ("a re-run of one that was superseded", [SIMPLE, task("01", "Superseded"), task("01_V2", "Done")], "H"),
    ("failed last, one done", [SIMPLE, task("01", "Done"), task("02", "Failed")], "G"),
    ("failed first, then done", [SIMPLE, task("01", "Failed"), task("02", "Done")], "H"),
    ("only failed", [SIMPLE, task("01", "❌ Failed")], "I"),
    ("only cancelled", [SIMPLE, task("01", "Cancelled")], "I"),
    ("failed last, cancelled before", [SIMPLE, task("01", "Cancelled"), task("02", "Failed")], "I"),
    ("failed, with a blocker", [SIMPLE, task("01", "Failed\n**Blocker**: no data")], "E"),
    ("failed beside an open one", [SIMPLE, task("01", "In Progress"), task("02", "Failed")], "F"),
    ("failed on the way", [SIMPLE, task("01", "In Progress - failed on CI, retrying")], "F"),
]


@pytest.mark.parametrize(("documents", "letter"), [row[1:] for row in STOPPING], ids=[row[0] for row in STOPPING])
def test_executions_that_are_closed_without_being_done(tmp_path: Path, documents: list[str], letter: str) -> None:
    plan = judged(tmp_path, "\n".join([PLAN, *documents]))
    assert plan.achievements[0].state == next(rule.state for rule in DECISION_TABLE if rule.letter == letter), why(plan)


def test_an_execution_that_failed_last_is_the_reason(tmp_path: Path) -> None:
    plan = judged(tmp_path, "\n".join([PLAN, SIMPLE, task("01", "Done"), task("02", "❌ Failed: timeout")]))
    assert plan.next.step == "next_execution"
    assert plan.next.reason == "1.1 waits for its next execution: failed: **Status**: ❌ Failed: timeout"


@pytest.mark.parametrize("status", ["Superseded", "🚫 Cancelled", "Rejected by review", "Obsolete since 2.1"])
def test_a_subplan_that_is_taken_back_counts_as_none(tmp_path: Path, status: str) -> None:
    taken_back = SIMPLE.replace("**Achievement**: 1.1", f"**Achievement**: 1.1\n**Status**: {status}")
    plan = judged(tmp_path, "\n".join([PLAN, taken_back, task("01", "Abandoned")]))
    (known,) = plan.achievements
    assert (known.state, known.step, known.subplan) == ("no_subplan", "create_subplan", None)
    assert known.evidence[0].path.endswith("SUBPLAN_PAY_11.md")
    assert f"**Status**: {status}" in known.evidence[0].says


@pytest.mark.parametrize("number", ["11_V2", "12", "99"])
def test_what_replaces_a_subplan_that_is_taken_back_counts(tmp_path: Path, number: str) -> None:
    """Check that the header assigns the new SUBPLAN; the withdrawn one occupies neither its header nor its number."""
    taken_back = SIMPLE.replace("**Achievement**: 1.1", "**Achievement**: 1.1\n**Status**: Superseded")
    replacing = SIMPLE.replace("SUBPLAN_PAY_11.md", f"SUBPLAN_PAY_{number}.md")
    assert replacing != SIMPLE
    plan = judged(tmp_path, "\n".join([PLAN + "\n**Achievement 1.2**: B\n", taken_back, replacing]))
    known, other = plan.achievements
    assert (known.state, known.subplan) == ("no_execution", f"{P}/subplans/SUBPLAN_PAY_{number}.md")
    assert other.state == "no_subplan"


def test_a_rerun_that_is_taken_back_leaves_the_first_design(tmp_path: Path) -> None:
    rerun = SIMPLE.replace("SUBPLAN_PAY_11.md", "SUBPLAN_PAY_11_V2.md")
    rerun = rerun.replace("**Achievement**: 1.1", "**Achievement**: 1.1\n**Status**: Cancelled")
    (known,) = judged(tmp_path, "\n".join([PLAN, SIMPLE, rerun])).achievements
    assert (known.state, known.subplan) == ("no_execution", f"{P}/subplans/SUBPLAN_PAY_11.md")


@pytest.mark.parametrize(
    "line",
    [
        "**Achievement 1.1**: ~~Refunds~~",
        "~~**Achievement 1.1**: Refunds~~",
        "**~~Achievement 1.1~~**: ~~Refunds~~",
        "### ~~Achievement 1.1: Refunds~~",
        "**Achievement 1.1: ~~Refunds~~**",
        "**Achievement 1.1**: <del>Refunds</del> ✅",
        "**Achievement 1.1**: ~~Refunds~~ (DROPPED) ⏱️ 4-6 hours",
        "**Achievement 1.1**: ~~Refunds~~ - cancelled, see 1.2",
        "**Achievement 1.1**: ~~Refunds~~ → moved to 1.2",
        "**Achievement 1.1**: ~~Refunds~~ → 1.2",
        "**Achievement 1.1**: ~~Refunds~~, see Achievement 1.2",
        "**Achievement 1.1**: Refunds（DROPPED）",
        "**Achievement 1.1**: Refunds【Cancelled】",
        "**Achievement 1.1**: Refunds {DROPPED}",
        "**Achievement 1.1**: Refunds (WONTDO)",
        "**Achievement 1.1**: Refunds (out of scope)",
        "~~**Achievement 1.1**: Refunds~~ see Achievement 1.2",
        "**Achievement 1.1**: Refunds\n\n  - **Status**: Dropped",
        "**Achievement 1.1**: Refunds (DROPPED)",
        "**Achievement 1.1**: Refunds [CANCELLED]",
        "**Achievement 1.1**: Refunds (Canceled)",
        "**Achievement 1.1**: Refunds (WON'T DO)",
        "**Achievement 1.1**: Refunds (DEFERRED TO v2) (4-6h)",
        "**Achievement 1.1**: Refunds (🚫 Deferred: no budget)",
        "**Achievement 1.1**: Refunds (MERGED INTO 1.2)",
        "**Achievement 1.1** (DROPPED): Refunds",
        "**Achievement 1.1 (DROPPED)**: Refunds",
        "**Achievement 1.1 [Cancelled: no budget]**: Refunds",
        "**Achievement 1.1**: Refunds\n\n- **Status**: ❌ Cancelled",
        "**Achievement 1.1**: Refunds\n\n**Status**: Deferred to next year",
        "**Achievement 1.1**: Refunds\n\nStatus: merged into 1.2",
    ],
)
def test_an_achievement_that_the_plan_drops(tmp_path: Path, line: str) -> None:
    plan = judged(tmp_path, f"//- /{P}/PLAN_PAY.md\n# PLAN: PAY\n\n{line}\n")
    (known,) = plan.achievements
    assert known.state == "dropped"
    assert known.evidence[0].says in line
    assert next_of(plan) == ("complete_plan", None), why(plan)


@pytest.mark.parametrize(
    "line",
    [
        "**Achievement 1.1**: Deferred Archiving Policy",
        "**Achievement 1.1**: Test Bug Fix ✅ **SUPERSEDED**",
        "**Achievement 1.1**: ~~Refund~~ Reimburse",
        "**Achievement 1.1**: ~~Refund~~ → Reimburse",
        "**Achievement 1.1**: ~~Refund~~ Replaced by vouchers",
        "**Achievement 1.1**: ~~Refund~~ Reimburse, see 1.2",
        "**Achievement 1.1**: Refund (out of scope orders)",
        "**Achievement 1.1**: Refund {cancelled} orders",
        "~~**Achievement 1.1**~~: Refund",
        "**Achievement 1.1**: Refund ~~(DROPPED)~~",
        "**Achievement 1.1**: Refund (not dropped)",
        "**Achievement 1.1**: Write logs (deferred to a thread)",
        "**Achievement 1.1**: Show (cancelled) orders",
        "**Achievement 1.1**: (Cancelled) orders are shown",
        "**Achievement 1.1**: The mark `(DROPPED)` is read",
        "**Achievement 1.1**: [Dropped](x.md) frames",
        "**Achievement 1.1**: Refund\n\nThe old way is (DROPPED).",
        "**Achievement 1.1**: Refund\n\n- Plan B\n  - **Status**: Dropped",
        "**Achievement 1.1**: Refund\n\n- **Build Status**: Cancelled",
        "**Achievement 1.1**: Refund\n\n- **Status**: In Progress (part cancelled)",
        "**Achievement 1.1**: Refund\n\n- **Status**: Cancelled\n\n**Status**: In Progress",
        "**Achievement 1.1**: Refund\n\n#### Part\n\n- **Status**: Cancelled",
    ],
)
def test_what_only_sounds_dropped(tmp_path: Path, line: str) -> None:
    plan = judged(tmp_path, f"//- /{P}/PLAN_PAY.md\n# PLAN: PAY\n\n{line}\n")
    assert plan.achievements[0].state == "no_subplan", why(plan)


INDEXED = f"//- /{P}/PLAN_PAY.md\n# PLAN: PAY\n\n## Achievement Index\n\n{{}}\n\n## Priority 1\n\n{{}}\n"
DEFINED = "**Achievement 1.1**: Refunds"


@pytest.mark.parametrize(
    ("index", "definition", "state"),
    [
        ("- Achievement 1.1: Refunds (DROPPED)", DEFINED, "dropped"),
        ("- ~~Achievement 1.1: Refunds~~", "", "dropped"),
        ("| 1.1 | ~~Refunds~~ |", "", "dropped"),
        ("| 1.1 | Refunds | ❌ Cancelled |", DEFINED, "dropped"),
        ("| 1.1 | Refunds | **Deferred** to v2 |", DEFINED, "dropped"),
        ("| 1.1 | Refunds | Deferred archiving needs it |", DEFINED, "no_subplan"),
        ("| 1.1 | Cancelled | 2 h |", DEFINED, "no_subplan"),
        ("- ~~Achievement 1.1: Refunds~~", DEFINED, "no_subplan"),
        ("- Achievement 1.1: Refunds", f"{DEFINED} (DROPPED)", "dropped"),
    ],
)
def test_what_an_index_drops(tmp_path: Path, index: str, definition: str, state: str) -> None:
    """Expect no drop for a title that only the index strikes out, because it may mean that the achievement is done."""
    plan = judged(tmp_path, INDEXED.format(index, definition))
    assert plan.achievements[0].state == state, why(plan)


def test_what_is_dropped_is_neither_counted_nor_next(tmp_path: Path) -> None:
    text = PLAN.replace("1.1**: Refunds", "1.1**: Refunds (DROPPED)") + "\n**Achievement 1.2**: B\n"
    plan = judged(tmp_path, "\n".join([text, SIMPLE, task("01", "In Progress"), verdict("FIX_11")]))
    assert [known.state for known in plan.achievements] == ["dropped", "no_subplan"], why(plan)
    assert next_of(plan) == ("create_subplan", "1.2"), why(plan)
    assert progress_text(plan, "approved") == "0/1 approved, 1 dropped"


def test_an_approval_outranks_a_drop(tmp_path: Path) -> None:
    plan = judged(tmp_path, "\n".join([PLAN.replace("Refunds", "~~Refunds~~"), SIMPLE, verdict("APPROVED_11")]))
    assert plan.achievements[0].state == "approved", why(plan)


def test_a_dependency_that_is_dropped_is_not_satisfied(tmp_path: Path) -> None:
    text = f"{PLAN}\n- **Dependencies**: 1.2\n\n**Achievement 1.2**: B (DROPPED)\n"
    plan = judged(tmp_path, text)
    assert [known.state for known in plan.achievements] == ["blocked", "dropped"], why(plan)
    assert plan.next.step == "wait"
    assert "1.2" in plan.next.reason
    assert "dropped" in plan.next.reason
