"""Cases from workspaces of superpowers, feature-planner and GSD: doubtful trees, mixed folders, files as evidence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command_line import Run, runner
from fixture import write_files
from planmark.formats.gsd import FORMAT as GSD
from planmark.text.display_width import cell_width
from unit.formats.format_workspace import FormatWorkspace
from unit.formats.gsd_tree import ROADMAP, phase_file, plan_text

SUPERPOWERS = "docs/superpowers/plans/2026-03-02-tide.md"
TIDE = """# Tide Implementation Plan

### Task 1: Read

- Create: `tide/a.py`
- Create: `tide/b.py`
- Create: `tide/c.py`

- [ ] **Step 1: Write it**
- [ ] **Step 2: Commit**
"""
BUILT = dict.fromkeys(("tide/a.py", "tide/b.py", "tide/c.py"), "x\n")
TREE = ".planning/phases"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "80")
    return runner(capsys, "--workspace", str(tmp_path))


def words(text: str) -> str:
    """Return a text without the line breaks of its table."""
    assert max(map(cell_width, text.splitlines()), default=0) <= 80
    return " ".join(text.split())


def test_i_see_that_an_untouched_plan_is_probably_built(run: Run, tmp_path: Path) -> None:
    write_files(tmp_path, {SUPERPOWERS: TIDE, **BUILT})
    shown = run("status", "@tide").out
    assert "0/2 done, 3 of 3 files exist" in words(shown)
    (tmp_path / "tide/c.py").unlink()
    listed = run("status").out
    for part in ("1/1: start the task", "2 of 3 files", "exist"):
        assert part in words(listed)
    assert run("status", "--json").data["workspaces"][0]["plans"][0]["evidence"] == {"creates": 3, "exist": 2}


def test_i_am_asked_to_compare_the_plan_once_and_can_still_get_a_step(run: Run, tmp_path: Path) -> None:
    write_files(tmp_path, {SUPERPOWERS: TIDE, **BUILT})
    (plan,) = run("status", "--json").data["workspaces"][0]["plans"]
    assert (plan["next"]["step"], plan["also_ready"]) == ("reconcile", [])
    assert {one["state"] for one in plan["achievements"]} == {"open"}
    prompt = run("next", "@tide").out
    assert "That a file exists proves nothing" in prompt
    # Where the comparison shows that a step is missing, its own prompt can be had, and a tick ends the question.
    assert "start the task" in run("next", "@tide", "--achievement", "1/1").out
    assert run("tick", "@tide", "1/1").code == 0
    assert "Your task: start the task" in run("next", "@tide").out


def test_a_comparison_without_a_name_is_of_the_plan_that_needs_it(run: Run, tmp_path: Path) -> None:
    begun = TIDE.replace("tide/", "other/").replace("[ ]", "[x]", 1)
    write_files(tmp_path, {SUPERPOWERS: TIDE, **BUILT, SUPERPOWERS.replace("-tide", "-other"): begun, "other/a.py": ""})
    assert "# 2026-03-02-other 1/2" in run("next").out
    asked = run("next", "--step", "reconcile").out
    assert "# 2026-03-02-tide" in asked
    assert "Begin with task 1: the files to create exist." in asked


def test_every_plan_of_a_mixed_workspace_is_shown_once(run: Run, tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            SUPERPOWERS: TIDE,
            "docs/superpowers/specs/2026-03-01-tide-design.md": "# Design\n\n- [ ] no task\n",
            "docs/plans/2026-03-03-notes.md": "# Notes\n\n- [ ] call Ada\n",
            "docs/plans/PLAN_fees.md": "# Implementation Plan: Fees\n\n### Phase 1: A\n\n- [ ] **Task 1.1**: Go\n",
            "docs/plans/PLAN_PAY.md": "# PLAN\n\n**Achievement 1.1**: A\n\n- Success: x\n",
            "backlog/config.yml": "project_name: x\n",
            "backlog/tasks/task-1 - Read.md": "---\nid: task-1\nstatus: To Do\n---\n\n- [ ] #1 A\n",
            "specs/001-lamps/tasks.md": "- [ ] T001 Go in src/a.py\n",
            ".kiro/specs/door/tasks.md": "- [ ] 1. Open\n",
            "openspec/changes/add-a/tasks.md": "- [ ] 1.1 Begin\n",
            ".planning/ROADMAP.md": ROADMAP,
        },
    )
    plans = run("status", "--json").data["workspaces"][0]["plans"]
    assert sorted((plan["format"], plan["feature"]) for plan in plans) == [
        ("featureplanner", "fees"),
        ("gsd", "planning"),
        ("kiro", "door"),
        ("openspec", "add-a"),
        ("planmark", "PAY"),
        ("speckit", "001-lamps"),
        ("superpowers", "2026-03-02-tide"),
    ]
    shown = run("status")
    assert "plans of Backlog.md in backlog/ not read" in shown.err
    assert shown.out.count("2026-03-02-tide") == 1
    assert "notes" not in shown.out and "task-1" not in shown.out
    for feature in ("tide", "fees", "PAY", "lamps", "door", "add-a"):
        assert run("next", f"@{feature}").code == 0


def without_roadmap(summary: bool) -> Mapping[str, str]:
    files = {
        f"{TREE}/01-till/01-01-PLAN.md": plan_text(1),
        f"{TREE}/01-till/01-02-PLAN.md": plan_text(1),
        f"{TREE}/01-till/01-01-SUMMARY.md": "done\n",
        ".planning/STATE.md": "---\nmilestone: v1.0\n---\n",
    }
    return files | ({f"{TREE}/01-till/01-02-SUMMARY.md": "done\n"} if summary else {})


def test_a_tree_without_roadmap_is_not_called_complete_while_a_plan_is_open(run: Run, tmp_path: Path) -> None:
    write_files(tmp_path, without_roadmap(summary=False))
    shown = words(run("status").out)
    assert "needs attention" in shown and "closed" not in shown and "complete" not in shown
    asked = run("next")
    assert asked.code == 4
    assert "There is no `.planning/ROADMAP.md`, but 01-02 has no SUMMARY." in asked.out
    assert run("tick", "@planning", "01-02").code == 4
    assert run("check").code == 0


def test_a_tree_without_roadmap_and_without_open_plans_is_archived(run: Run, tmp_path: Path) -> None:
    write_files(tmp_path, without_roadmap(summary=True))
    assert "1 archived not shown" in run("status").err
    assert run("next").code == 3


def test_plans_that_wait_for_each_other_are_one_error_and_none_is_ready(run: Run, tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            ".planning/ROADMAP.md": ROADMAP,
            phase_file("01-01", "PLAN"): plan_text(1, '["01-02"]'),
            phase_file("01-02", "PLAN"): plan_text(1, "[01-01]"),
        },
    )
    errors = [one for one in run("check", "--json").data["diagnostics"] if one["severity"] == "error"]
    assert [one["code"] for one in errors] == ["dependency-cycle"]
    assert "01-01, 01-02" in errors[0]["message"]
    asked = run("next")
    assert asked.code == 4
    assert "01-01 waits for 01-02" in asked.out
    assert "needs attention" in words(run("status").out)


@pytest.mark.parametrize(
    ("second", "third", "circle"),
    [("Phase 3", "Phase 2", True), ("Phase 3", "", False), ("", "Phase 2", False), ("Phase 2", "", True)],
)
def test_phases_that_wait_for_each_other_are_one_error(
    run: Run, tmp_path: Path, second: str, third: str, circle: bool
) -> None:
    def phase(number: int, depends: str) -> str:
        return f"### Phase {number}: P{number}\n**Goal**: g\n" + (f"**Depends on**: {depends}\n" if depends else "")

    write_files(
        tmp_path,
        {
            ".planning/ROADMAP.md": f"# Roadmap\n\n{phase(2, second)}\n{phase(3, third)}",
            f"{TREE}/02-prices/02-01-PLAN.md": plan_text(1),
            f"{TREE}/03-receipts/03-01-PLAN.md": plan_text(1),
        },
    )
    errors = [one for one in run("check", "--json").data["diagnostics"] if one["severity"] == "error"]
    assert [(one["code"], one["path"]) for one in errors] == (
        [("dependency-cycle", ".planning/ROADMAP.md")] if circle else []
    )
    assert run("next").code == (4 if circle else 0)


def test_two_folders_for_a_phase_are_named_and_the_second_counts_for_nothing(run: Run, tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            ".planning/ROADMAP.md": ROADMAP,
            phase_file("01-01", "PLAN"): plan_text(1),
            phase_file("01-01", "SUMMARY"): "done\n",
            phase_file("01-02", "PLAN"): plan_text(1),
            f"{TREE}/01-till-again/01-02-PLAN.md": plan_text(1),
            f"{TREE}/01-till-again/01-02-SUMMARY.md": "done\n",
        },
    )
    shown = run("status", "@planning").out
    assert "1/2 done, 1 deferred" in words(shown)
    assert "01-02: execute the plan" in words(shown)
    found = run("check", "--json").data["diagnostics"]
    assert [one["code"] for one in found if "folder" in one["code"] or "directory" in one["code"]] == [
        "duplicate-phase-directory"
    ]
    ambiguous = run("tick", "@planning", "01-02")
    assert ambiguous.code == 2
    assert "is the id of 2 items" in ambiguous.err
    assert "[ ] 01-02" in (tmp_path / ".planning/ROADMAP.md").read_text()


def test_a_phase_with_gaps_says_so_beside_its_state(run: Run, tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            ".planning/ROADMAP.md": ROADMAP,
            phase_file("01-01", "PLAN"): plan_text(1),
            phase_file("01-01", "SUMMARY"): "done\n",
            f"{TREE}/01-till/01-VERIFICATION.md": "---\nstatus: gaps_found\n---\n",
        },
    )
    (row,) = [line for line in run("status", "@planning").out.splitlines() if line.split()[1:3] == ["01", "Till"]]
    assert row.split()[3:] == ["1/1", "in", "progress", "gaps", "found"]


def test_i_am_asked_to_complete_a_milestone_whose_phases_are_all_verified(run: Run, tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            ".planning/ROADMAP.md": "# Roadmap\n\n- [x] **Phase 1: Till**\n",
            phase_file("01-01", "PLAN"): plan_text(1),
            phase_file("01-01", "SUMMARY"): "done\n",
            f"{TREE}/01-till/01-VERIFICATION.md": "---\nstatus: passed\n---\n",
        },
    )
    assert "complete the milestone" in words(run("status").out)
    asked = run("next")
    assert asked.code == 0
    assert "In GSD, this is `/gsd:complete-milestone`" in asked.out
    assert "complete the milestone" in run("next", "--list").out


def test_the_milestone_names_the_tree_and_its_plans_of_one_wave_are_free_together(run: Run, tmp_path: Path) -> None:
    state = ".planning/STATE.md"
    write_files(
        tmp_path,
        {
            ".planning/ROADMAP.md": ROADMAP,
            state: "---\nmilestone: v2.1\n---\n",
            phase_file("01-01", "PLAN"): plan_text(1),
            phase_file("01-02", "PLAN"): plan_text(1),
        },
    )
    shown = words(run("status", "@v2.1").out)
    assert "Next: 01-01: execute the plan" in shown and "Also ready: 01-02 execute the plan" in shown
    assert "If this plan is executed in parallel with 01-02" in run("next", "@v2.1").out
    (tmp_path / state).write_text("# State\n")
    assert run("next", "@planning").code == 0
    assert run("next", "@v2.1").code != 0


@pytest.mark.parametrize("milestone", ["../../x", "a\tb", "x" * 60, "v1.0/../..", '"$(touch x)"', "\u202ev1"])
def test_a_milestone_that_is_no_name_names_nothing(run: Run, tmp_path: Path, milestone: str) -> None:
    write_files(
        tmp_path, {".planning/ROADMAP.md": ROADMAP, ".planning/STATE.md": f"---\nmilestone: {milestone}\n---\n"}
    )
    (plan,) = run("status", "--json").data["workspaces"][0]["plans"]
    assert plan["feature"] == "planning"


IDS = ("01-01", "01-02", "02-01", "03-01")


@settings(max_examples=60)
@given(
    st.dictionaries(st.sampled_from(IDS), st.tuples(st.integers(0, 2), st.sampled_from(["", "[]", "[01-01]", "[01]"]))),
    st.sets(st.sampled_from(IDS)),
    st.sampled_from(IDS),
)
def test_a_summary_makes_its_own_plan_done_and_only_frees_others(
    plans: dict[str, tuple[int, str]], done: set[str], written: str
) -> None:
    files = {".planning/ROADMAP.md": ROADMAP}
    files |= {phase_file(name, "PLAN"): plan_text(wave, depends) for name, (wave, depends) in plans.items()}
    files |= {phase_file(name, "SUMMARY"): "done\n" for name in done}
    before = FormatWorkspace(GSD, files).state("planning")
    after = FormatWorkspace(GSD, files | {phase_file(written, "SUMMARY"): "done\n"}).state("planning")
    old = {one.id: one.state for one in before.achievements}
    new = {one.id: one.state for one in after.achievements}
    assert new.pop(written) == "done"
    old.pop(written, None)
    assert all(state == old[name] or (old[name], state) == ("blocked", "open") for name, state in new.items())
    assert old.keys() == new.keys()


@settings(max_examples=40)
@given(
    st.sets(st.sampled_from(IDS)),
    st.sets(st.sampled_from(IDS)),
    st.sampled_from(IDS),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_tick_changes_one_box_of_roadmap_and_no_state(
    plans: set[str], done: set[str], ticked: str, undo: bool, end: str
) -> None:
    files = {".planning/ROADMAP.md": ROADMAP.replace("\n", end)}
    files |= {phase_file(name, "PLAN"): plan_text(1) for name in plans}
    files |= {phase_file(name, "SUMMARY"): "done\n" for name in done}
    workspace = FormatWorkspace(GSD, files)
    state = workspace.state("planning")
    item = next(one for one in state.achievements if one.id == ticked)
    result = GSD.tick(workspace.input("planning"), state, item, undo)
    if not undo and ticked not in done:
        assert result.waits and not result.edits
        return
    assert len(result.edits) == (0 if undo else 1)
    for edit in result.edits:
        lines = files[edit.path].splitlines(keepends=True)
        line = lines[edit.line - 1]
        assert ticked in line and line[edit.start : edit.end] == " "
        lines[edit.line - 1] = f"{line[: edit.start]}{edit.text}{line[edit.end :]}"
        after = FormatWorkspace(GSD, files | {edit.path: "".join(lines)}).state("planning")
        assert [one.state for one in after.achievements] == [one.state for one in state.achievements]
        assert [one.marker for one in after.achievements if one.id == ticked] == ["x"]
