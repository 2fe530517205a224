"""The reader of feature-planner: places, phases, tasks, gates, states, and the diagnostics with their fixes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.featureplanner import FORMAT
from planmark.formats.featureplanner.reading import PhasedPlanFacts
from planmark.plans.diagnostic import Diagnostic, TextFix
from planmark.plans.model import PlanState
from unit.formats.format_workspace import FormatWorkspace, by_id, states
from work_growth import LIMIT, counted, growth

PLAN = "docs/plans/PLAN_reminders.md"
NAME = "reminders"
TEXT = """# Implementation Plan: Reminders

**Status**: 🔄 In Progress
**Started**: 2026-01-02

## Overview

- [ ] Users see their reminders

### Phase 1: Storage

**Goal**: Reminders are kept.
**Status**: ⏳ Pending

#### Tasks

**🔴 RED: Tests first**

- [{}] **Test 1.1**: Write the test
  - File: `tests/store.test.ts`
  - Details:
    - [{}] The empty list
    - [{}] A long list

**🟢 GREEN: Code**

- [{}] **Task 1.2**: Write the store
  - File(s): `src/store.ts`, `src/`

#### Quality Gate ✋

- [x] All tests pass
- [ ] It feels fast

### Phase 2 — Page

**작업 내용**:

- [ ] Show the list
- [ ] Colour the list (optional)

**Validation**:

- [ ] The project check passes

#### Commit

- [ ] One commit

### If Phase 1 Fails

- [ ] Restore the files

## Final Checklist

- [ ] Everything works

**Plan Status**: 🔄 In Progress
"""
OPEN = TEXT.format(*"    ")
BEGUN = TEXT.format(*"xxx ")
DONE = TEXT.format(*"xxxx").replace("- [ ] Show", "- [x] Show")
FILES = ("tests/store.test.ts", "src/store.ts")


def workspace(text: str, *others: str) -> FormatWorkspace:
    return FormatWorkspace(FORMAT, {PLAN: text}, others)


def state(text: str, *others: str) -> PlanState:
    return workspace(text, *others).state(NAME)


def facts(text: str) -> PhasedPlanFacts:
    read = FORMAT.parse(PLAN, "plan", text)
    assert isinstance(read, PhasedPlanFacts)
    return read


def found(text: str, code: str, *others: str) -> list[Diagnostic]:
    return [one for one in workspace(text, *others).diagnostics(NAME) if one.code == code]


def fixed(text: str, one: Diagnostic) -> str:
    assert isinstance(one.fix, TextFix)
    return workspace(text).fixed(PLAN, one.fix).files[PLAN]


# Places and recognition


@pytest.mark.parametrize(
    ("path", "role"),
    [
        (PLAN, "plan"),
        ("web/docs/plans/PLAN_x_y.md", "plan"),
        ("docs/plans/PLAN_X.md", "plan"),
        ("docs/plans/old/PLAN_X.md", None),
        ("docs/plans/_template.md", None),
        ("PLAN_x.md", None),
        (".claude/docs/plans/PLAN_x.md", None),
        ("vendor/docs/plans/PLAN_x.md", None),
    ],
)
def test_a_role_belongs_to_a_place(path: str, role: str | None) -> None:
    assert FORMAT.role_of(path) == role


@pytest.mark.parametrize(
    ("text", "is_plan"),
    [
        (OPEN, True),
        ("# Implementation Plan: X\n\n## Phase 1: Y\n", True),
        ("# Implementation Plan: X\n", False),
        ("# Implementation Plan: [Feature Name]\n\n### Phase 1: Y\n", False),
        ("# PLAN: X\n\n### Phase 1: Y\n", False),
        ("# X Implementation Plan\n\n### Phase 1: Y\n", False),
        ("# Implementation Plan: X\n\n```\n### Phase 1: Y\n```\n", False),
        ("", False),
    ],
)
def test_a_plan_says_so_by_its_title_and_a_phase(text: str, is_plan: bool) -> None:
    assert facts(text).is_plan is is_plan


# Phases and tasks


def test_phases_tasks_and_subtasks() -> None:
    found = by_id(state(OPEN))
    assert {one: (item.kind, item.level, item.parent) for one, item in found.items()} == {
        "P1": ("phase", 0, None),
        "Test 1.1": ("task", 1, "P1"),
        "Test 1.1/1": ("subtask", 2, "Test 1.1"),
        "Test 1.1/2": ("subtask", 2, "Test 1.1"),
        "Task 1.2": ("task", 1, "P1"),
        "P2": ("phase", 0, None),
        "P2.1": ("task", 1, "P2"),
        "P2.2": ("task", 1, "P2"),
    }
    assert found["P2.2"].optional
    assert not found["P2.1"].optional


@pytest.mark.parametrize(
    ("heading", "phase"),
    [
        ("## Phase 1: X", "P1"),
        ("#### Phase 2.5 – X", "P2.5"),
        ("### 마지막 Phase — X", "Plast"),
        ("### (선택) Phase 0 — X", "P0"),
        ("### Phase 1：X", "P1"),
        ("### If Phase 1 Fails", None),
        ("### Phase 1 실패 시", None),
        ("# Phase 1: X", None),
        ("##### Phase 1: X", None),
        ("- **Phase 1**: X", None),
    ],
)
def test_a_phase_is_a_heading(heading: str, phase: str | None) -> None:
    tasks = facts(f"# Implementation Plan: X\n\n{heading}\n").task_list.tasks
    assert [task.id for task in tasks] == ([phase] if phase else [])


def test_an_optional_phase_makes_its_tasks_optional() -> None:
    text = "# Implementation Plan: X\n\n### Phase 1: Y (선택)\n\n- [ ] a\n\n### Phase 2: Z\n\n- [ ] b\n"
    assert state(text).counts == {"open": 1}
    assert state(text).next.ref == "P2.1"


def test_phases_below_a_rollback_strategy_do_not_count() -> None:
    text = "# Implementation Plan: X\n\n### Phase 1: Y\n\n- [ ] a\n\n## 🔄 Rollback Strategy\n\n### Phase 1: Back\n\n- [ ] b\n"
    assert list(by_id(state(text))) == ["P1", "P1.1"]


def test_groups_are_phases_with_their_gates() -> None:
    assert [(one.id, one.done, one.total, one.gate) for one in state(BEGUN).groups] == [
        ("P1", 2, 3, "1/2"),
        ("P2", 0, 1, "0/1"),
    ]


def test_boxes_without_a_space_and_unknown_marks_are_read() -> None:
    text = "# Implementation Plan: X\n\n### Phase 1: Y\n\n- [x]a\n- [~] b\n- [x](link)\n- [ ] \n"
    assert states(state(text)) == {"P1": "in_progress", "P1.1": "done", "P1.2": "open", "P1.3": "open"}


# States


def test_later_phases_wait() -> None:
    seen = by_id(state(BEGUN, *FILES))
    assert (seen["P1"].state, seen["Test 1.1"].state, seen["Task 1.2"].state) == ("in_progress", "done", "open")
    assert (seen["P2.1"].state, seen["P2.1"].blocked_by) == ("blocked", ("P1",))
    assert state(BEGUN, *FILES).next.ref == "Task 1.2"


def test_an_open_gate_blocks_nothing() -> None:
    assert by_id(state(TEXT.format(*"xxxx"), *FILES))["P2.1"].state == "open"


def test_a_finished_plan() -> None:
    seen = state(DONE, *FILES)
    assert (seen.state, seen.next.step, seen.counts) == ("complete", "closed", {"done": 4})


def test_a_ticked_task_over_open_subtasks_is_in_progress() -> None:
    assert by_id(state(TEXT.format(*"x   ")))["Test 1.1"].state == "in_progress"


def test_a_ticked_task_without_its_file_is_unsupported() -> None:
    seen = by_id(state(BEGUN))
    assert (seen["Test 1.1"].state, seen["Test 1.1"].evidence[0].path) == ("unsupported", FILES[0])
    text = TEXT.format(*"xxxx")
    assert by_id(state(text, "tests/store.test.ts"))["Task 1.2"].state == "unsupported"
    assert by_id(state(text, "tests/store.test.ts", "src/store.tsx"))["Task 1.2"].state == "done"


@pytest.mark.parametrize("claim", ["**Status**: 🔄 In Progress", "**Status**: ⏳ Pending"])
def test_a_claim_asks_for_a_comparison(claim: str) -> None:
    assert state(OPEN).next.step == "implement_task"
    assert state(OPEN.replace(claim, "**Status**: ✅ Complete")).next.step == "reconcile"


def test_phases_without_tasks() -> None:
    seen = state("# Implementation Plan: X\n\n### Phase 1: Y\n\n**Status**: ✅ Complete\n\nText\n")
    assert (seen.state, seen.counts, seen.next.step, states(seen)) == (
        "no_achievements",
        {},
        "write_tasks",
        {"P1": "done"},
    )


def test_refs_survive_edits_above() -> None:
    longer = OPEN.replace("## Overview", "New\n\n## Overview")
    assert [item.ref for item in state(longer).achievements] == [item.ref for item in state(OPEN).achievements]


# Ticking, explaining, prompts


def test_a_tick_changes_one_box() -> None:
    plan, seen = workspace(OPEN).input(NAME), state(OPEN)
    ticked = FORMAT.tick(plan, seen, by_id(seen)["Task 1.2"], False)
    assert [(edit.line, edit.text) for edit in ticked.edits] == [(by_id(seen)["Task 1.2"].line, "x")]
    assert FORMAT.tick(plan, seen, by_id(seen)["Test 1.1"], False).waits
    assert FORMAT.tick(plan, seen, by_id(seen)["P1"], False).refused


def test_the_table_explains_a_blocked_task() -> None:
    plan, seen = workspace(OPEN).input(NAME), state(OPEN)
    (row,) = (row for row in FORMAT.explain(plan, seen, by_id(seen)["P2.1"]) if row.matched)
    assert (row.rule, row.state) == ("H", "blocked")


def rules(text: str) -> str:
    plan, seen = workspace(text, *FILES).input(NAME), state(text, *FILES)
    parts = FORMAT.prompt(plan, seen, seen.next)
    sentences = (parts.goal, *parts.rules, *parts.keeps, *parts.proves, *parts.stops, *parts.ends)
    return "\n".join((*sentences, *(passage.why for passage in parts.passages)))


def test_a_prompt_names_the_group_of_the_task() -> None:
    assert "write the test only" in rules(OPEN)
    assert "GREEN group" in rules(BEGUN)


def test_a_prompt_for_a_subtask_has_its_task() -> None:
    text = rules(OPEN)
    assert "the task with its sub-tasks" in text
    assert "Test 1.1/1" in text


def test_the_last_task_of_a_phase_has_its_gate() -> None:
    assert "the quality gate of the phase" in rules(BEGUN)
    assert "last task of P1" in rules(BEGUN)
    assert "gate" not in rules(OPEN)


def test_labels_lead_to_their_tasks() -> None:
    text = OPEN.replace("## Final", "See Task 1.2 and Phase 1.\n\n## Final")
    seen = by_id(state(text))
    links = FORMAT.links(workspace(text).input(NAME), PLAN)
    lines = {link.target_line for link in links if link.line == text[: text.index("See Task")].count("\n") + 1}
    assert lines == {seen["Task 1.2"].line, seen["P1"].line}


# Diagnostics


def test_a_status_contradicts_the_boxes() -> None:
    text = OPEN.replace("🔄 In Progress\n**Started", "✅ Complete\n**Started").replace("⏳ Pending", "✅ Complete")
    first, second = found(text, "status-contradicts-boxes")
    assert "0 of 4 tasks" in first.message
    assert not [one for one in found(fixed(text, second), "status-contradicts-boxes") if one.line == second.line]
    assert not found(OPEN, "status-contradicts-boxes")
    assert not found(DONE.replace("⏳ Pending", "✅ Complete"), "status-contradicts-boxes")


def test_a_status_to_choose_from_claims_nothing() -> None:
    text = OPEN.replace("🔄 In Progress\n**Started", "🟡 Draft / 🔄 In Progress / ✅ Done\n**Started")
    assert not found(text, "status-contradicts-boxes")


def test_a_footer_contradicts_the_header() -> None:
    text = OPEN.replace("**Plan Status**: 🔄 In Progress", "**Plan Status**: ⏳ Pending Approval")
    (one,) = found(text, "footer-contradicts-header")
    assert not found(fixed(text, one), "footer-contradicts-header")
    assert not found(OPEN, "footer-contradicts-header")


def test_a_finished_phase_has_an_open_gate() -> None:
    (one,) = found(TEXT.format(*"xxxx"), "gate-open")
    assert (one.severity, "1 of 2 gate items is open" in one.message) == ("information", True)
    assert not found(BEGUN, "gate-open")


def test_an_unfinished_phase_before_a_finished_one() -> None:
    assert len(found(OPEN.replace("- [ ] Show", "- [x] Show"), "phase-skipped")) == 1
    assert not found(BEGUN, "phase-skipped")
    assert not found(DONE, "phase-skipped")


def test_a_label_is_used_twice() -> None:
    text = OPEN.replace("Task 1.2", "Test 1.1")
    (one,) = found(text, "task-id-duplicate")
    assert not found(fixed(text, one), "task-id-duplicate")
    assert not found(OPEN.replace("Task 1.2", "Task 1.1"), "task-id-duplicate")


def test_a_phase_is_used_twice() -> None:
    (one,) = found(OPEN.replace("### Phase 2 — Page", "### Phase 1 — Page"), "task-id-duplicate")
    assert one.message.startswith("P1 is used twice")


def test_a_task_is_ticked_over_open_subtasks() -> None:
    text = TEXT.format(*"x   ")
    (one,) = found(text, "parent-ticked-early")
    assert not found(fixed(text, one), "parent-ticked-early")
    assert not found(BEGUN, "parent-ticked-early")


def test_a_task_is_open_over_ticked_subtasks() -> None:
    text = TEXT.format(*" xx ")
    (one,) = found(text, "parent-not-ticked")
    assert not found(fixed(text, one), "parent-not-ticked")


def test_files_of_ticked_tasks() -> None:
    text = TEXT.format(*"xxxx")
    assert [one.message.split("`")[1] for one in found(text, "deliverable-missing")] == list(FILES)
    assert not found(text, "deliverable-missing", *FILES)
    assert not found(OPEN, "deliverable-missing")
    (one,) = found(text, "deliverable-moved", "src/store.ts", "tests/unit/store.test.tsx")
    assert "tests/unit/store.test.tsx" in one.message


@pytest.mark.parametrize(
    ("lines", "files"),
    [
        ("  - File: `a/b.ts`, `c/d.ts` and `e/`", ("a/b.ts", "c/d.ts")),
        ("  - File(s):\n    - `a/b.ts` — the type of `c/d.ts`\n    2. `e/f.ts`\n  - `g/h.ts`", ("a/b.ts", "e/f.ts")),
        ("  - Files: `a/b.ts` (delete), `c/d.ts`", ("c/d.ts",)),
        ("  - **File**: `./a/b.ts`", ("a/b.ts",)),
        ("  - Details: `a/b.ts`", ()),
        ("  - File: b.ts", ()),
    ],
)
def test_the_files_of_a_task(lines: str, files: tuple[str, ...]) -> None:
    text = f"# Implementation Plan: X\n\n### Phase 1: Y\n\n- [x] **Task 1.1**: Write it\n{lines}\n"
    assert facts(text).task_list.tasks[1].creates == files
    assert facts(text.replace("Write it", "Remove it")).task_list.tasks[1].creates == ()


def test_a_finished_plan_records_skipped_tests() -> None:
    run = "The project check passes (passed=4, failed=0, skipped=2)"
    text = DONE.replace("The project check passes", run).replace("🔄 In Progress\n**Started", "✅ Done\n**Started")
    assert len(found(text, "skipped-tests-in-done-plan")) == 1
    assert not found(text.replace("skipped=2", "skipped=0"), "skipped-tests-in-done-plan")
    assert not found(OPEN.replace("The project check passes", run), "skipped-tests-in-done-plan")


def test_a_box_without_a_space() -> None:
    text = OPEN.replace("- [ ] Show", "- [ ]Show")
    (one,) = found(text, "no-space-after-box")
    assert fixed(text, one) == OPEN


@pytest.mark.parametrize(
    ("box", "code"),
    [
        ("[]", "checkbox-missing"),
        ("[v]", "task-marker-unknown"),
        ("[V]", "task-marker-unknown"),
        ("[1]", "task-marker-unknown"),
    ],
)
def test_a_task_with_a_broken_box_is_not_lost(box: str, code: str) -> None:
    text = DONE.replace("- [x] **Task 1.2**", f"- {box} **Task 1.2**")
    assert text != DONE
    assert states(state(text, *FILES))["Task 1.2"] == "open"
    assert state(text, *FILES).state != "complete"
    (one,) = found(text, code, *FILES)
    assert isinstance(one.fix, TextFix)
    assert (one.fix.text, one.fix.end - one.fix.start) == ("[ ]", len(box))


def test_an_unknown_mark() -> None:
    text = OPEN.replace("- [ ] Show", "- [~] Show")
    (one,) = found(text, "task-marker-unknown")
    assert fixed(text, one) == OPEN


# Any text


LINES = st.sampled_from(
    [
        *("# Implementation Plan: X", "### Phase 1: A", "### 마지막 Phase — B", "#### Quality Gate", "## Rollback"),
        *("- [ ] **Task 1.1**: a", "    - [x] b", "- [x]c", "**Validation**:", "**Status**: ✅ Done", "```", "<!--"),
        *("- File: `a/b.ts`", "**Plan Status**: x", "\t- [ ] d", "<<<<<<< HEAD", "(passed=1, failed=2, skipped=3)"),
    ]
)


@given(st.lists(LINES | st.text(max_size=20), max_size=30))
def test_any_text_is_read(lines: list[str]) -> None:
    made = workspace("\n".join(lines))
    seen = made.state(NAME)
    made.diagnostics(NAME)
    plan = made.input(NAME)
    FORMAT.links(plan, PLAN)
    FORMAT.prompt(plan, seen, seen.next)
    for item in seen.achievements:
        FORMAT.explain(plan, seen, item)
        FORMAT.tick(plan, seen, item, False)


def many(size: int) -> str:
    body = "\n".join(
        f"### Phase {number}: X\n\n- [ ] **Task {number}.1**: a\n  - File: `a/{number}.ts`\n    - [x] b\n\n#### Quality Gate\n\n- [ ] c\n"
        for number in range(size)
    )
    return f"# Implementation Plan: X\n\n{body}"


@pytest.mark.parametrize(
    "line", ["- [ ] **Task 1." + "1." * 50_000, "**Status**" + " " * 50_000, "### Phase 1" + " " * 50_000]
)
def test_long_lines_are_read_quickly(line: str) -> None:
    assert facts(f"# Implementation Plan: X\n{line}") is not None


def test_work_grows_with_the_text() -> None:
    def cost(size: int) -> int:
        text = many(size)
        return counted(lambda: workspace(text).diagnostics(NAME))

    assert growth(*(cost(size) for size in (50, 100, 200))) <= LIMIT
