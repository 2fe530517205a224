"""`planmark graph @PLAN --waves`, as text and JSON, for the methodology and other formats."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from fixture import write
from planmark.cli.main import main
from planmark.text.display_width import cell_width

Run = Callable[..., tuple[int, str, str]]

PLAN = """
//- /work-space/plans/TILL/PLAN_TILL.md
# PLAN: Till

**Status**: In Progress

## Achievement Index

- Achievement 1.1: Drawer
- Achievement 1.2: Coins
- Achievement 1.3: Notes
- Achievement 2.1: Report

## Priority 1

**Achievement 1.1**: Drawer

- Effort: 2 hours
- Deliverables:
  - `till/drawer.py`
  - `till/cash.py`

**Achievement 1.2**: Coins

- Effort: 3-5 hours

**Achievement 1.3**: Notes

- Deliverables: `till/notes.py`

## Priority 2

**Achievement 2.1**: Report

- Effort: 1 hour
- Deliverables: `till/`, `work-space/plans/TILL/PLAN_TILL.md`
//- /work-space/plans/TILL/subplans/SUBPLAN_TILL_12.md
# SUBPLAN: Coins

**Achievement Addressed**: 1.2
**Status**: Ready

## Objective

Count coins.

### Files to Modify

- delete `till/cash.py`
"""


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: str) -> tuple[int, str, str]:
        code = main(["--workspace", str(tmp_path), "graph", *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return command


def data_of(run: Run, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Return the JSON of the command, which follows its schema."""
    got, out, _ = run(*arguments, "--waves", "--json")
    assert got == code, out
    schema = json.loads(resources.files("planmark").joinpath("schemas/waves.schema.json").read_text(encoding="utf-8"))
    data: dict[str, Any] = json.loads(out)
    jsonschema.validate(data, schema)
    return data


def ids(data: dict[str, Any]) -> list[list[str]]:
    return [[member["achievement"] for member in wave["members"]] for wave in data["waves"]]


def test_priorities_order_a_plan_without_dependencies(tmp_path: Path, run: Run) -> None:
    write(tmp_path, PLAN)
    data = data_of(run, "@TILL")
    assert (data["order"], ids(data), data["agents"]) == ("priority", [["1.2", "1.3"], ["1.1"], ["2.1"]], None)
    coins, drawer = data["waves"][0]["members"][0], data["waves"][1]["members"][0]
    assert (coins["hours"], coins["files"]) == (4.0, ["till/cash.py"])
    assert drawer["why"] == "changes till/cash.py, as 1.2 does"
    assert data["waves"][2]["members"][0]["files"] == ["till"]
    assert data["hours"] == {"sum": 9.0, "makespan": 7.0, "critical": 5.0, "median": 2.0}
    assert data["critical_path"] == ["1.2", "2.1"]
    assert {"a": "1.1", "b": "1.2", "files": ["till/cash.py"]} in data["excluded_pairs"]


def test_the_text_fits_80_columns_and_marks_the_median(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    write(tmp_path, PLAN)
    code, out, _ = run("@TILL", "--waves", "--agents", "1")
    assert code == 0 and all(cell_width(line) <= 80 for line in out.splitlines())
    assert "4 items left, in 4 waves by priority, at most 1 at a time" in out
    assert "≈2" in out and "Never at the same time: 1.1 and 1.2 (till/cash.py)" in out


def test_dependencies_replace_priorities(tmp_path: Path, run: Run) -> None:
    text = PLAN.replace("- Effort: 1 hour\n", "- Effort: 1 hour\n- **Dependencies**: 1.3\n").replace("`till/`, ", "")
    write(tmp_path, text)
    data = data_of(run, "@TILL", "--agents", "5")
    assert (data["order"], ids(data)) == ("declared", [["1.2", "1.3"], ["1.1"], ["2.1"]])
    assert data["waves"][2]["members"][0]["why"] == "after 1.3"


def test_what_is_done_is_left_out(tmp_path: Path, run: Run) -> None:
    write(tmp_path, PLAN)
    write(tmp_path, "//- /work-space/plans/TILL/execution/feedbacks/APPROVED_12.md\n# APPROVED: 1.2\n")
    data = data_of(run, "@TILL")
    assert ids(data) == [["1.1", "1.3"], ["2.1"]]


def test_a_cycle_is_shown_without_waves(tmp_path: Path, run: Run) -> None:
    text = PLAN.replace("- Effort: 2 hours\n", "- Effort: 2 hours\n- **Dependencies**: 1.2\n").replace(
        "- Effort: 3-5 hours\n", "- Effort: 3-5 hours\n- **Dependencies**: 1.1\n"
    )
    write(tmp_path, text)
    data = data_of(run, "@TILL", code=1)
    assert (data["cycle"], data["waves"], data["critical_path"]) == (["1.1", "1.2", "1.1"], [], [])
    code, out, _ = run("@TILL", "--waves")
    assert code == 1 and "1.1 → 1.2 → 1.1" in out and "WAVE" not in out


def test_a_cycle_through_another_plan_is_shown(tmp_path: Path, run: Run) -> None:
    write(tmp_path, PLAN.replace("- Effort: 2 hours\n", "- Effort: 2 hours\n- **Dependencies**: @DESK 1.1\n"))
    write(
        tmp_path,
        """
        //- /work-space/plans/DESK/PLAN_DESK.md
        # PLAN: Desk

        **Status**: In Progress

        ## Achievement Index

        - Achievement 1.1: Wood

        **Achievement 1.1**: Wood

        - **Dependencies**: @TILL 1.1
        """,
    )
    data = data_of(run, "@TILL", code=1)
    assert data["cycle"][0] == data["cycle"][-1] and "@DESK 1.1" in data["cycle"] and not data["waves"]


def test_another_plan_that_blocks_is_a_note(tmp_path: Path, run: Run) -> None:
    write(tmp_path, PLAN.replace("- Effort: 2 hours\n", "- Effort: 2 hours\n- **Dependencies**: @DESK 1.1\n"))
    write(
        tmp_path,
        "//- /work-space/plans/DESK/PLAN_DESK.md\n# PLAN: Desk\n\n## Achievement Index\n\n- Achievement 1.1: Wood\n\n**Achievement 1.1**: Wood\n",
    )
    assert "1.1 also waits for @DESK 1.1, which is not part of these waves" in data_of(run, "@TILL")["notes"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--agents", "2"), "--agents limits waves: add --waves"),
        (("--waves", "--agents", "0"), "not a number of agents from 1 to 1000"),
        (("--waves", "--agents", "two"), "not a number of agents from 1 to 1000"),
        (("--waves", "--agents", "9" * 5000), "not a number of agents from 1 to 1000"),
        (("--waves", "--format", "dot"), "--format dot is not possible with --waves: text, json"),
        (("--format", "text"), "--format text is not possible without --waves: mermaid, dot, json"),
    ],
)
def test_bad_usage(tmp_path: Path, run: Run, arguments: tuple[str, ...], says: str) -> None:
    write(tmp_path, PLAN)
    code, out, err = run("@TILL", *arguments)
    assert (code, out) == (2, "") and says in " ".join(err.split())


KIRO = """
//- /.kiro/specs/till/tasks.md
# Implementation Plan

- [x] 1. Create the drawer in `src/drawer.ts`
- [ ] 2. Create the coins in `src/coins.ts`
- [ ] 3. Create the notes in `src/notes.ts`
- [ ] 4. Add the report in `src/coins.ts`
- [ ] 5. Read it again

## Task Dependency Graph

```json
{"waves": [{"id": 0, "tasks": ["1"]}, {"id": 1, "tasks": ["3", "4", "2"]}]}
```
//- /.kiro/specs/till/requirements.md
# Requirements
//- /src/drawer.ts
"""


def test_waves_of_kiro_bind_and_are_split_where_files_meet(tmp_path: Path, run: Run) -> None:
    write(tmp_path, KIRO)
    data = data_of(run, "@till")
    assert (data["order"], ids(data)) == ("declared", [["2", "3"], ["4"], ["5"]])
    assert data["hours"] == {"sum": None, "makespan": None, "critical": None, "median": None}


def test_optional_tasks_are_left_out_and_named(tmp_path: Path, run: Run) -> None:
    write(tmp_path, KIRO.replace("- [ ] 3. Create", "- [ ]* 3. Create"))
    data = data_of(run, "@till")
    assert ids(data) == [["2"], ["4"], ["5"]]
    assert "left out, because they are optional: 3" in data["notes"]


def test_tasks_without_an_order_follow_each_other_unless_they_are_marked(tmp_path: Path, run: Run) -> None:
    write(
        tmp_path,
        """
        //- /specs/001-till/spec.md
        # Feature Specification: Till
        //- /specs/001-till/tasks.md
        # Tasks: Till

        ## Phase 1: Setup

        - [ ] T001 Create the till in src/till.py
        - [ ] T002 [P] Create the drawer in src/drawer.py
        - [ ] T003 [P] Create the coins in src/coins.py
        - [ ] T004 Join them
        """,
    )
    data = data_of(run, "@001-till")
    assert (data["order"], ids(data)) == ("document", [["T001"], ["T002", "T003"], ["T004"]])


def gsd(one: str, two: str, three: str) -> str:
    plans = "".join(
        f"//- /.planning/phases/01-till/01-0{n}-PLAN.md\n---\nphase: 01-till\nplan: 0{n}\n{head}\n---\n"
        for n, head in enumerate((one, two, three), 1)
    )
    return f"//- /.planning/ROADMAP.md\n# Roadmap: Till\n\n## Phases\n\n- [ ] **Phase 1: Till**\n\n### Phase 1: Till\n**Goal**: Count\n{plans}"


def test_waves_of_gsd_bind_and_files_modified_split_them(tmp_path: Path, run: Run) -> None:
    one, two = "wave: 1\nfiles_modified: [src/a.py, src/b.py]", "wave: 1\nfiles_modified:\n  - src/b.py"
    write(tmp_path, gsd(one, two, "wave: 2\nfiles_modified: [docs/c.md]"))
    data = data_of(run, "@planning")
    assert (data["order"], ids(data)) == ("declared", [["01-01"], ["01-02"], ["01-03"]])
    assert data["excluded_pairs"] == [{"a": "01-01", "b": "01-02", "files": ["src/b.py"]}]


def test_a_wave_of_gsd_against_a_dependency_is_a_cycle(tmp_path: Path, run: Run) -> None:
    write(tmp_path, gsd("wave: 1\ndepends_on: [01-02]", "wave: 2", "wave: 2"))
    assert data_of(run, "@planning", code=1)["cycle"] == ["01-01", "01-02", "01-01"]


ROADMAP = """
//- /.planning/ROADMAP.md
# Roadmap: Till

## Phases

- [ ] **Phase 1: Till**
- [ ] **Phase 2: Coins**
- [ ] **Phase 3: Notes**

### Phase 1: Till
**Goal**: Count
**Depends on**: Nothing

### Phase 2: Coins
**Goal**: Count
**Depends on**: Phase 3

### Phase 3: Notes
**Goal**: Count
**Depends on**: Phase 1
"""
PHASES = ROADMAP + "".join(
    f"//- /.planning/phases/0{number}-x/0{number}-01-PLAN.md\n---\nphase: 0{number}-x\nplan: 01\nwave: 1\n---\n"
    for number in (1, 2, 3)
)


def test_a_phase_of_gsd_follows_the_phases_that_it_depends_on(tmp_path: Path, run: Run) -> None:
    write(tmp_path, PHASES)
    assert ids(data_of(run, "@planning")) == [["01-01"], ["03-01"], ["02-01"]]


def test_phases_of_gsd_that_wait_for_each_other_are_a_cycle(tmp_path: Path, run: Run) -> None:
    write(tmp_path, PHASES.replace("**Depends on**: Phase 1", "**Depends on**: Phase 2"))
    assert sorted(set(data_of(run, "@planning", code=1)["cycle"])) == ["02-01", "03-01"]


def test_a_plan_without_open_items_has_no_waves(tmp_path: Path, run: Run) -> None:
    write(tmp_path, KIRO.replace("- [ ]", "- [x]"))
    write(tmp_path, "//- /src/coins.ts\n//- /src/notes.ts\n")
    code, out, _ = run("@till", "--waves")
    assert (code, out) == (0, "@till: no waves\nNote: nothing is left to do\n")


def test_ticked_work_without_its_file_is_left_out_and_named(tmp_path: Path, run: Run) -> None:
    write(tmp_path, KIRO.replace("- [ ] 2", "- [x] 2"))
    data = data_of(run, "@till")
    assert ids(data) == [["3", "4"], ["5"]]
    assert "left out, because they are ticked, though a file of theirs does not exist: 2" in data["notes"]


def test_claims_without_a_verdict_are_named(tmp_path: Path, run: Run) -> None:
    write(tmp_path, PLAN.replace("- Achievement 1.1: Drawer", "- [x] Achievement 1.1: Drawer ✅ Complete"))
    (note,) = (note for note in data_of(run, "@TILL")["notes"] if "no verdict does: 1.1;" in note)
    assert note.endswith("confirm that first")


def test_a_plan_that_is_not_worked_on_says_so(tmp_path: Path, run: Run) -> None:
    write(tmp_path, PLAN.replace("**Status**: In Progress", "**Status**: Paused"))
    assert any(note.startswith("the plan is paused") for note in data_of(run, "@TILL")["notes"])


def test_a_blocked_execution_says_what_blocks_it(tmp_path: Path, run: Run) -> None:
    write(tmp_path, PLAN)
    write(
        tmp_path,
        """
        //- /work-space/plans/TILL/execution/EXECUTION_TASK_TILL_12_01.md
        # EXECUTION_TASK: Coins

        **Plan**: TILL
        **Status**: Blocked
        """,
    )
    assert any(note.startswith("1.2 is blocked: ") for note in data_of(run, "@TILL")["notes"])


@pytest.mark.parametrize(
    ("named", "file"),
    [
        ("till/*.py", "till"),
        ("./till/cash.py", "till/cash.py"),
        ("notes/a.md", "work-space/plans/TILL/notes/a.md"),
        ("../shared/a.py", "../shared/a.py"),
        ("*.py", "."),
    ],
)
def test_named_files_are_taken_from_the_root(tmp_path: Path, run: Run, named: str, file: str) -> None:
    write(tmp_path, PLAN.replace("`till/notes.py`", f"`{named}`"))
    write(tmp_path, "//- /work-space/plans/TILL/notes/a.md\nA note.\n")
    members = {one["achievement"]: one["files"] for wave in data_of(run, "@TILL")["waves"] for one in wave["members"]}
    assert members["1.3"] == [file]


def plan_of(numbers: range, body: Callable[[int], str]) -> str:
    """Return a PLAN with achievements 0.1, 0.2, … and, after fifty of them, 1.1."""
    ids = [f"{number // 50}.{number % 50 + 1}" for number in numbers]
    listed = "".join(f"- Achievement {one}: Part\n" for one in ids)
    bodies = "".join(f"\n**Achievement {one}**: Part\n\n{body(at)}\n" for at, one in enumerate(ids))
    return f"//- /work-space/plans/TILL/PLAN_TILL.md\n# PLAN: Till\n\n**Status**: In Progress\n\n## Achievement Index\n\n{listed}{bodies}"


def test_five_hundred_achievements_in_a_row(tmp_path: Path, run: Run) -> None:
    def after_the_one_before(at: int) -> str:
        return f"- **Dependencies**: {(at - 1) // 50}.{(at - 1) % 50 + 1}\n- Deliverables: `a.py`" if at else ""

    write(tmp_path, plan_of(range(500), after_the_one_before))
    data = data_of(run, "@TILL", "--agents", "7")
    assert ids(data) == [[f"{number // 50}.{number % 50 + 1}"] for number in range(500)]
    assert (data["hours"]["sum"], len(data["critical_path"]), len(data["excluded_pairs"])) == (None, 500, 1000)
    code, out, _ = run("@TILL", "--waves")
    assert code == 0 and "500 items left, one after the other, by the declared order\n" in out
    assert "Critical path: all 500 items\n" in out


def test_achievements_without_priorities_are_divided_among_the_agents(tmp_path: Path, run: Run) -> None:
    write(tmp_path, plan_of(range(29), lambda _at: ""))
    data = data_of(run, "@TILL", "--agents", "3")
    assert (data["order"], [len(wave) for wave in ids(data)]) == ("priority", [3] * 9 + [2])
    assert sorted(one for wave in ids(data) for one in wave) == sorted(f"0.{number}" for number in range(1, 30))
    assert data_of(run, "@TILL", "--agents", "1000")["waves"] == data_of(run, "@TILL")["waves"]


def test_items_without_ids_have_their_titles(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    tasks = (
        "1.1 Count coins",
        "1.1 Count notes",
        "Zähle die Münzen",
        "Zähle die Münzen",
        "計算する " * 30,
        "1.1.1.1.1 Deep",
    )
    lines = "".join(f"- [ ] {task}\n" for task in tasks)
    write(tmp_path, f"//- /openspec/changes/till/tasks.md\n# Tasks\n\n## 1. Till\n\n{lines}")
    data = data_of(run, "@till")
    names = [one for wave in ids(data) for one in wave]
    assert len(names) == len(set(names)) == len(tasks)
    titles = [member["title"] for wave in data["waves"] for member in wave["members"]]
    assert titles[:3] == ["Count coins", "Count notes", "Zähle die Münzen"]
    code, out, _ = run("@till", "--waves")
    assert code == 0 and out.count("Zähle die Münzen") == 2
    assert all(cell_width(line) <= 80 for line in out.splitlines())


FEATURE = """
//- /specs/001-till/spec.md
# Feature Specification: Till
//- /specs/001-till/tasks.md
# Tasks: Till

## Phase 1: Setup

- [ ] T001 Create the till in src/till.py

## Phase 2: Foundational

- [ ] T002 Create the drawer in src/drawer.py

## Phase 3: User Story 1 - Coins

- [ ] T003 [US1] Create the coins in src/coins.py
- [ ] T004 [US1] Create the sums in src/sums.py

## Phase 4: User Story 2 - Notes

- [ ] T005 [P] [US2] Create the notes in src/notes.py
- [ ] T006 [P] [US2] Create the slips in src/coins.py
- [ ] T007 [US2] Join them

## Phase 5: Polish

- [ ] T008 Read it again
"""


def test_user_stories_of_speckit_do_not_wait_for_each_other(tmp_path: Path, run: Run) -> None:
    write(tmp_path, FEATURE)
    data = data_of(run, "@001-till")
    assert ids(data) == [["T001"], ["T002"], ["T003", "T005"], ["T006"], ["T004", "T007"], ["T008"]]
    why = {member["achievement"]: member["why"] for wave in data["waves"] for member in wave["members"]}
    assert (why["T004"], why["T006"]) == ("written after T003", "changes src/coins.py, as T003 does")
    assert any(note.endswith("user stories do not wait for each other") for note in data["notes"])
    alone = data_of(run, "@001-till", "--agents", "1")
    assert [len(wave) for wave in ids(alone)] == [1] * 8


def test_a_phase_between_stories_waits_for_all_before_it(tmp_path: Path, run: Run) -> None:
    write(
        tmp_path, FEATURE.replace("## Phase 4: User Story 2 - Notes", "## Phase 4: Integration").replace("[US2] ", "")
    )
    assert ids(data_of(run, "@001-till")) == [
        ["T001"],
        ["T002"],
        ["T003"],
        ["T004"],
        ["T005", "T006"],
        ["T007"],
        ["T008"],
    ]


def test_a_reason_names_what_is_done_last(tmp_path: Path, run: Run) -> None:
    text = PLAN.replace("- Effort: 3-5 hours\n", "- **Dependencies**: 1.1\n").replace(
        "- Effort: 1 hour\n", "- **Dependencies**: 1.1, 1.2, 1.3\n"
    )
    write(tmp_path, text)
    assert data_of(run, "@TILL")["waves"][-1]["members"][0]["why"] == "after 1.2"


def test_a_phase_waits_for_more_tasks_than_a_state_names(tmp_path: Path, run: Run) -> None:
    """Wait for all tasks of the phases before, though a state names only ten of them."""
    setup = "".join(f"- [ ] T{number:03} Count (depends on T{number - 1:03})\n" for number in range(2, 21))
    write(
        tmp_path,
        f"//- /specs/001-till/spec.md\n# Feature Specification: Till\n//- /specs/001-till/tasks.md\n# Tasks\n\n"
        f"## Phase 1: Setup\n\n- [ ] T001 Count\n{setup}\n## Phase 2: Till\n\n- [ ] T021 Count (depends on T001)\n",
    )
    assert ids(data_of(run, "@001-till")) == [[f"T{number:03}"] for number in range(1, 22)]
