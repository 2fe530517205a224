"""The diagnostics of GSD: a trigger, a near miss, and what the fix leaves."""

from __future__ import annotations

import pytest

from planmark.formats.gsd import FORMAT
from planmark.plans.diagnostic import Diagnostic, TextFix
from unit.formats.format_workspace import FormatWorkspace
from unit.formats.gsd_tree import PHASES, ROADMAP, phase_file, plan_text, tree

MAX_MESSAGE = 125
TICKED_PLAN = ROADMAP.replace("- [ ] 01-01", "- [x] 01-01")
TICKED_PHASE = ROADMAP.replace("- [ ] **Phase 1", "- [x] **Phase 1")
TABLE = "\n| Phase | Plans Complete | Status | Completed |\n|---|---|---|---|\n| 1. Till | {} | {} | - |\n"
TWO = {"01-01": "", "01-02": ""}


def found(workspace: FormatWorkspace, code: str) -> list[Diagnostic]:
    every = workspace.diagnostics("planning")
    assert all(len(one.message) <= MAX_MESSAGE for one in every), [one.message for one in every]
    return [one for one in every if one.code == code]


def fixed(workspace: FormatWorkspace, code: str) -> list[Diagnostic]:
    """Return what is left of a code after its one fix."""
    (one,) = found(workspace, code)
    assert isinstance(one.fix, TextFix)
    return found(workspace.fixed(one.path, one.fix), code)


def test_a_ticked_plan_without_a_summary() -> None:
    workspace = tree(TICKED_PLAN, TWO)
    (one,) = found(workspace, "plan-ticked-without-summary")
    assert (one.path, one.severity) == (".planning/ROADMAP.md", "warning")
    assert fixed(workspace, "plan-ticked-without-summary") == []
    assert found(tree(TICKED_PLAN, TWO, done=["01-01"]), "plan-ticked-without-summary") == []


def test_a_ticked_plan_without_a_file() -> None:
    text = ROADMAP.replace("- [ ] 03-01", "- [x] 03-01")
    assert [one.message[:18] for one in found(tree(text, TWO), "plan-ticked-without-summary")] == ["ROADMAP ticks 03-0"]


def test_an_open_plan_with_a_summary() -> None:
    workspace = tree(ROADMAP, TWO, done=["01-01"])
    (one,) = found(workspace, "plan-open-with-summary")
    assert isinstance(one.fix, TextFix)
    assert one.fix.is_safe
    assert fixed(workspace, "plan-open-with-summary") == []
    assert found(tree(TICKED_PLAN, TWO, done=["01-01"]), "plan-open-with-summary") == []


def test_a_ticked_phase_that_is_not_done() -> None:
    workspace = tree(TICKED_PHASE, TWO, done=["01-01"])
    (one,) = found(workspace, "phase-ticked-incomplete")
    assert "1 of 2 plans has no SUMMARY" in one.message
    assert fixed(workspace, "phase-ticked-incomplete") == []
    assert found(tree(TICKED_PHASE, TWO, done=["01-01", "01-02"]), "phase-ticked-incomplete") == []


def test_a_ticked_phase_without_plans_asks_for_plans() -> None:
    roadmap = "# Roadmap: Shop\n\n- [x] **Phase 1: Till** - sell\n\n### Phase 1: Till\n**Goal**: Bread is sold\n"
    (one,) = found(tree(roadmap, {}), "phase-ticked-incomplete")
    assert one.message.endswith("it has no plans: untick the phase, or write its plans")


def test_an_open_phase_that_is_done() -> None:
    workspace = tree(ROADMAP, TWO, done=["01-01", "01-02"])
    assert fixed(workspace, "phase-open-complete") == []
    assert found(tree(ROADMAP, TWO, done=["01-01"]), "phase-open-complete") == []


@pytest.mark.parametrize(
    ("cell", "wrong"), [("0/2", True), ("1/2", False), ("1/?", False), ("0/?", True), ("1/3", True)]
)
def test_a_row_that_differs(cell: str, wrong: bool) -> None:
    workspace = tree(ROADMAP + TABLE.format(cell, "In progress"), TWO, done=["01-01"])
    assert bool(found(workspace, "progress-row-mismatch")) == wrong
    if wrong:
        assert fixed(workspace, "progress-row-mismatch") == []


def test_a_row_of_a_phase_whose_plans_are_gone_has_no_fix() -> None:
    done = ["01-01", "01-02"]
    (one,) = found(tree(ROADMAP + TABLE.format("2/2", "Complete"), {}, done=done), "progress-row-mismatch")
    assert one.fix is None
    assert "2 SUMMARYs and 0 PLANs" in one.message


@pytest.mark.parametrize(
    ("text", "status", "wrong"),
    [
        (ROADMAP, "Complete", True),
        (TICKED_PHASE, "Complete", False),
        (TICKED_PHASE, "Not started", True),
        (ROADMAP, "In progress", False),
        (TICKED_PHASE, "", False),
        (TICKED_PHASE, "Deferred", False),
    ],
)
def test_a_box_and_a_row_that_disagree(text: str, status: str, wrong: bool) -> None:
    workspace = tree(text + TABLE.format("0/2", status), TWO)
    assert bool(found(workspace, "roadmap-contradicts-itself")) == wrong


@pytest.mark.parametrize(("done", "total", "lines"), [(1, 2, []), (0, 2, [4]), (1, 3, [3]), (0, 3, [4])])
def test_the_counts_of_state(done: int, total: int, lines: list[int]) -> None:
    text = f"---\nprogress:\n  total_plans: {total}\n  completed_plans: {done}\n---\n"
    workspace = tree(ROADMAP, TWO, done=["01-01"], files={".planning/STATE.md": text})
    assert [one.line for one in found(workspace, "state-count-mismatch")] == lines


def checked(roadmap: str, text: str, name: str = "01-VERIFICATION") -> FormatWorkspace:
    return tree(roadmap, TWO, done=["01-01", "01-02"], files={f"{PHASES}/01-till/{name}.md": text})


def test_gaps_in_a_phase_that_is_marked_as_complete() -> None:
    text = "---\nphase: 01\nstatus: gaps_found\n---\n"
    (one,) = found(checked(TICKED_PHASE, text), "gaps-found-but-complete")
    assert one.line == 3
    assert found(checked(ROADMAP, text), "gaps-found-but-complete") == []
    assert found(checked(TICKED_PHASE, text.replace("gaps_found", "passed")), "gaps-found-but-complete") == []


def test_the_command_for_gaps_names_phase_zero() -> None:
    roadmap = TICKED_PHASE.replace("Phase 1:", "Phase 0:").replace("01-0", "00-0")
    files = {
        f"{PHASES}/00-till/{name}.md": text
        for name, text in {
            "00-01-PLAN": plan_text(),
            "00-01-SUMMARY": "done\n",
            "00-02-PLAN": plan_text(),
            "00-02-SUMMARY": "done\n",
            "00-VERIFICATION": "---\nphase: 00\nstatus: gaps_found\n---\n",
        }.items()
    }
    (one,) = found(tree(roadmap, {}, files=files), "gaps-found-but-complete")
    assert "/gsd:plan-phase 0 --gaps" in one.message


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        ("status: passed", "**Status:** gaps_found", "verification-contradicts-itself"),
        ("status: passed", "**Status:** ✓ PASSED", ""),
        ("status: passed", "**Status:** gaps_found → passed", ""),
        ("status: passed", "no word", ""),
        ("status: complete", "**Status:** passed", "verification-unknown"),
        ("phase: 01", "**Status**: human_needed", ""),
        ("phase: 01", "no word", "verification-unknown"),
        ("gaps:\n  - truth: x\n    status: partial", "**Status:** passed", ""),
    ],
)
def test_what_a_verification_says(status: str, body: str, code: str) -> None:
    workspace = checked(ROADMAP, f"---\n{status}\n---\n\n{body}\n")
    codes = [one.code for one in workspace.diagnostics("planning") if one.code.startswith("verification")]
    assert codes == ([code] if code else [])


def test_a_verification_of_one_plan() -> None:
    text = "---\nstatus: passed\n---\n"
    assert len(found(checked(ROADMAP, text, "01-01-VERIFICATION"), "verification-name")) == 1
    assert len(found(checked(ROADMAP, text, "VERIFICATION"), "verification-name")) == 1
    assert found(checked(ROADMAP, text), "verification-name") == []


def test_names_of_files() -> None:
    files = {
        f"{PHASES}/01-till/UAT-FIX-PLAN.md": "",
        f"{PHASES}/02-prices/PLAN.md": "",
        f"{PHASES}/03-receipts/03-PLAN.md": "---\nplan: 01\n---\n",
        f"{PHASES}/03-receipts/03-SUMMARY.md": "",
        f"{PHASES}/03-receipts/PHASE-SUMMARY.md": "",
        f"{PHASES}/03-receipts/PLANNING.md": "",
    }
    workspace = tree(ROADMAP, {"01-01": ""}, done=["01-02"], files=files)
    assert [one.path for one in found(workspace, "plan-name-non-canonical")] == sorted(files)[:3]
    assert [one.path for one in found(workspace, "phase-level-summary")] == [f"{PHASES}/03-receipts/03-SUMMARY.md"]
    assert [one.path for one in found(workspace, "summary-without-plan")] == [phase_file("01-02", "SUMMARY")]


def test_a_second_folder_and_one_that_is_not_listed() -> None:
    files = {f"{PHASES}/01-zweite/01-CONTEXT.md": "", f"{PHASES}/09-other/09-01-PLAN.md": ""}
    workspace = tree(ROADMAP, TWO, files=files)
    assert [one.path for one in found(workspace, "duplicate-phase-directory")] == [sorted(files)[0]]
    assert [one.path for one in found(workspace, "phase-not-in-roadmap")] == [sorted(files)[1]]
    shipped = tree("- ✅ v1 — Phases 8-9\n" + ROADMAP, TWO, files=files)
    assert found(shipped, "phase-not-in-roadmap") == []
    archived = {**files, ".planning/milestones/v1.0-ROADMAP.md": "### Phase 9: Other\n"}
    assert found(tree(ROADMAP, TWO, files=archived), "phase-not-in-roadmap") == []


def test_dependencies() -> None:
    plans = {"01-01": plan_text(depends="[01-09]"), "01-02": plan_text(depends="[01-01, something]")}
    (one,) = found(tree(ROADMAP, plans), "dependency-unknown")
    assert (one.path, one.line, one.severity) == (phase_file("01-01", "PLAN"), 2, "warning")
    shipped = {".planning/milestones/v1.0-ROADMAP.md": "### Phase 0: Before\n"}
    plans = {"01-01": plan_text(depends="[00-01]")}
    assert found(tree(ROADMAP, plans, files=shipped), "dependency-unknown") == []
    assert len(found(tree(ROADMAP, plans), "dependency-unknown")) == 1


def test_a_circle_is_one_error() -> None:
    plans = {
        "01-01": plan_text(depends="[02]"),
        "01-02": plan_text(depends="[01]"),
        "02-01": plan_text(depends="[01-01]"),
    }
    (one,) = found(tree(ROADMAP, plans), "dependency-cycle")
    assert (one.path, one.severity) == (phase_file("01-01", "PLAN"), "error")
    assert "01-01, 01-02" in one.message
    plans["01-01"] = ""
    assert found(tree(ROADMAP, plans), "dependency-cycle") == []


def test_a_plan_that_waits_for_itself_is_its_own_error_and_never_ready() -> None:
    plans = {
        "01-01": plan_text(depends="[01]"),
        "01-02": plan_text(depends="[]"),
        "02-01": plan_text(depends="[02-01]"),
        "03-01": "",
    }
    made = tree(ROADMAP, plans)
    first, second = found(made, "dependency-cycle")
    assert first.message == "01-01 waits for itself, so it is never ready: correct its `depends_on`"
    assert second.path == phase_file("02-01", "PLAN")
    assert {item.id: item.state for item in made.state("planning").achievements}["01-01"] == "blocked"
    assert made.state("planning").next.achievement == "01-02"


def test_a_plan_that_waits_for_a_missing_plan_is_never_ready() -> None:
    made = tree(ROADMAP, {"01-01": plan_text(depends="[01-09]"), "01-02": "", "02-01": "", "03-01": ""})
    (one,) = found(made, "dependency-unknown")
    assert one.message == "01-01 waits for 01-09, which does not exist: correct its `depends_on`, or add the plan"
    state = made.state("planning")
    first = state.achievements[0]
    assert (first.id, first.state, first.blocked_by) == ("01-01", "blocked", ("01-09",))
    assert (state.next.achievement, state.state) == ("01-02", "needs_attention")
    alone = tree(ROADMAP, {"01-01": plan_text(depends="[01-09]")}, done=["01-02"]).state("planning")
    assert (alone.next.step, alone.next.reason) == (
        *("wait", "Every open plan waits; 01-01 waits for 01-09, which does not exist"),
    )


PHASES_IN_DOUBT = (
    "### Phase 1: A\n### Phase 2: B\n**Goal**: B\n**Depends on**: {}\n### Phase 3: C\n**Depends on**: {}\n"
)


@pytest.mark.parametrize(
    ("second", "third", "code", "line", "message"),
    [
        ("Phase 2", "Phase 2", "dependency-cycle", 4, "Phase 02 waits for itself, so no plan of it is ever ready"),
        ("Phase 9", "Phase 2", "dependency-unknown", 4, "Phase 02 waits for phase 09, which does not exist: correct"),
        ("Phase 3", "Phase 2", "dependency-cycle", 4, "Phases wait for each other in a circle (02, 03)"),
        ("Phase 1", "Phase 2, Phase 9", "dependency-unknown", 6, "Phase 03 waits for phase 09, which does not exist"),
    ],
)
@pytest.mark.parametrize("planned", [True, False])
def test_a_phase_with_a_doubtful_dependency_is_never_ready(
    second: str, third: str, code: str, line: int, message: str, planned: bool
) -> None:
    plans = {"01-01": "", **({"02-01": "", "03-01": ""} if planned else {})}
    done = ["01-01", *(["02-01"] if planned and second == "Phase 1" else [])]
    made = tree(PHASES_IN_DOUBT.format(second, third), plans, done=done)
    (one,) = (each for each in made.diagnostics("planning") if each.code.startswith("dependency"))
    assert (one.code, one.path, one.line) == (code, ".planning/ROADMAP.md", line)
    assert one.message.startswith(message) and "correct" in one.message
    state = made.state("planning")
    assert (state.state, state.also_ready) == ("needs_attention", ())
    if planned or second != "Phase 1":
        assert state.next.step == "wait"
    assert all(item.state in ("done", "blocked") for item in state.achievements)
    assert FORMAT.prompt(made.input("planning"), state, state.next).rules


@pytest.mark.parametrize(
    "roadmap",
    [
        "- ✅ v1 — Phases 1-4\n### Phase 5: A\n**Depends on**: Phase 4\n",
        "### Phase 5: A\n**Depends on**: Phase 4\n",
        "### Phase 1: A\n**Depends on**: Nothing\n",
    ],
)
def test_a_phase_of_an_earlier_milestone_is_not_missing(roadmap: str) -> None:
    made = tree(roadmap, {})
    assert found(made, "dependency-unknown") == []
    assert made.state("planning").groups[0].blocked_by == ()


def test_a_circle_with_a_plan_that_is_done_is_no_error() -> None:
    plans = {"01-01": plan_text(depends="[02]"), "01-02": plan_text(depends="[01]")}
    made = tree(ROADMAP, plans, done=["01-01", "01-02"])
    assert found(made, "dependency-cycle") == []
    assert made.state("planning").state == "in_progress"
    half = tree(ROADMAP, plans, done=["01-01"])
    assert found(half, "dependency-cycle") == []
    assert half.state("planning").next.achievement == "01-02"


@pytest.mark.parametrize(
    ("wave", "depends", "wrong"),
    [(1, "[01]", True), (2, "[01]", False), (3, "[01]", True), (3, "", False), (1, "[]", False)],
)
def test_waves(wave: int, depends: str, wrong: bool) -> None:
    plans = {"01-01": plan_text(wave=1, depends="[]"), "01-02": plan_text(wave=wave, depends=depends)}
    assert [one.line for one in found(tree(ROADMAP, plans), "wave-mismatch")] == ([2] if wrong else [])


def test_a_conflict() -> None:
    text = f"<<<<<<< mine\n{ROADMAP}"
    assert [(one.line, one.severity) for one in found(tree(text, TWO), "merge-conflict")] == [(1, "error")]


CONFLICT = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\n"


@pytest.mark.parametrize(
    "path",
    [
        phase_file("01-01", "PLAN"),
        phase_file("01-01", "SUMMARY"),
        f"{PHASES}/01-till/01-VERIFICATION.md",
        f"{PHASES}/01-till/01-UAT.md",
        ".planning/STATE.md",
    ],
)
def test_a_conflict_in_a_document_that_decides_needs_a_person(path: str) -> None:
    made = tree(ROADMAP, {"01-01": "", "01-02": ""}, done=["01-01"], files={path: CONFLICT})
    state = made.state("planning")
    assert [(one.path, one.line, one.severity) for one in found(made, "merge-conflict")] == [(path, 2, "error")]
    assert state.state == "needs_attention"
    rules = FORMAT.prompt(made.input("planning"), state, state.next).rules
    assert rules[0].startswith(f"`{path}` has an unresolved merge conflict in line 2: stop")


@pytest.mark.parametrize(
    "text", ["a\n<<<<<<< HEAD\nb\n", "<<<<<<<\n=======\n>>>>>>>\n", " <<<<<<< a\n=======\n>>>>>>> b\n"]
)
def test_marks_that_are_no_conflict_are_no_error(text: str) -> None:
    made = tree(ROADMAP, {"01-01": text})
    assert found(made, "merge-conflict") == []


def test_a_tree_in_order_has_no_diagnostics() -> None:
    assert tree(ROADMAP, {**TWO, "02-01": ""}).diagnostics("planning") == []
