"""`planmark check @FEATURE N.N`, and preflight in `next`, `status` and `verdict approve`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fixture import write_files
from planmark.cli.main import main
from reviewed import HOME, PLAN, SUBPLAN, TASK, work

OPEN = work(completion="- [x] A\n- [ ] B", last="✅ Complete")
"""Work that is done, with an open box in line 18 of its task."""
TASKS = "# Tasks: Till\n\n## Phase 1: Setup\n\n- [x] T001 Create the till in src/till.py\n- [ ] T002 Create the drawer in src/drawer.py\n"
SPEC = {"specs/001-till/tasks.md": TASKS, "specs/001-till/spec.md": "# Feature Specification: Till\n", "src/x.py": ""}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def command(*arguments: str) -> tuple[int, str, str]:
        code = main(["--workspace", str(tmp_path), *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return command


def test_it_exits_with_1_if_there_is_a_problem(tmp_path: Path, run: Any) -> None:
    write_files(tmp_path, OPEN)
    code, out, err = run("check", "@SHOP", "1.1")
    assert (code, out.count("criteria-open")) == (1, 1)
    assert "EXECUTION_TASK_SHOP_11_01.md" in out
    assert err.strip() == "SHOP 1.1: 1 problem before its review"


def test_it_exits_with_0_if_there_is_none(tmp_path: Path, run: Any) -> None:
    write_files(tmp_path, work())
    assert run("check", "@SHOP", "1.1") == (0, "", "SHOP 1.1: nothing found\n")


@pytest.mark.parametrize("named", ["@SHOP", PLAN, SUBPLAN, "SHOP"])
def test_json_has_the_form_of_every_check(tmp_path: Path, run: Any, named: str) -> None:
    write_files(tmp_path, OPEN)
    code, out, _ = run("check", named, "1.1", "--format", "json")
    (found,) = json.loads(out)["diagnostics"]
    assert (code, found["code"], found["path"], found["range"]["start"]["line"]) == (1, "criteria-open", TASK, 18)


def test_select_and_severity_hold(tmp_path: Path, run: Any) -> None:
    write_files(tmp_path, {**OPEN, "planmark.toml": '[diagnostics.severity]\ncriteria-open = "hint"\n'})
    code, out, _ = run("check", "@SHOP", "1.1", "--json")
    assert (code, json.loads(out)["diagnostics"][0]["severity"]) == (1, "hint")
    assert run("check", "@SHOP", "1.1", "--select", "log-empty")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("@SHOP", "9.9"), 2, "1.1"),
        (("@NONE", "1.1"), 2, "NONE"),
        (("@SHOP", "1.1", "--fix"), 2, "--fix"),
        (("@SHOP", "1.1", "--since", "HEAD"), 2, "--since"),
        (("nowhere.md", "also-nowhere.md"), 5, "nowhere.md"),
    ],
)
def test_bad_input_is_named(tmp_path: Path, run: Any, arguments: tuple[str, ...], code: int, says: str) -> None:
    write_files(tmp_path, OPEN)
    got, _, err = run("check", *arguments)
    assert (got, says in err) == (code, True), err


def test_a_plan_alone_is_checked_as_its_documents_are(tmp_path: Path, run: Any) -> None:
    other = "work-space/plans/OTHER/PLAN_OTHER.md"
    write_files(tmp_path, {**OPEN, other: "# PLAN\n\n### Achievement 1: A\n"})
    paths = {d["path"] for d in json.loads(run("check", "@SHOP", "--json")[1])["diagnostics"]}
    assert paths and all(path.startswith(HOME) for path in paths)
    assert {d["path"] for d in json.loads(run("check", "@OTHER", "--json")[1])["diagnostics"]} == {other}
    both = json.loads(run("check", "@SHOP", "@OTHER", "--json")[1])["diagnostics"]
    assert {d["path"] for d in both} == {*paths, other}


def test_a_folder_with_the_sign_stays_a_folder(tmp_path: Path, run: Any) -> None:
    moved = {path.replace("work-space/plans/SHOP", "@shop/SHOP"): text for path, text in OPEN.items()}
    write_files(tmp_path, moved)
    code, out, _ = run("check", str(tmp_path / "@shop"), "--json")
    assert code == 0 and json.loads(out)["diagnostics"]


@pytest.mark.parametrize("name", ["1.1", "T001"])
def test_an_achievement_without_its_plan_is_hinted_at(tmp_path: Path, run: Any, name: str) -> None:
    write_files(tmp_path, OPEN)
    code, _, err = run("check", name)
    assert (code, f"did you mean planmark check @PLAN {name}?" in err) == (5, True), err
    assert "did you mean" not in run("check", "no-such-folder")[2]


def test_next_and_status_carry_it(tmp_path: Path, run: Any) -> None:
    write_files(tmp_path, OPEN)
    prompt = json.loads(run("next", "@SHOP", "--json")[1])
    (plan,) = json.loads(run("status", "--json")[1])["workspaces"][0]["plans"]
    assert prompt["step"] == plan["next"]["step"] == "request_review"
    assert [f["code"] for f in prompt["preflight"]] == ["criteria-open"]
    assert plan["achievements"][0]["preflight"] == prompt["preflight"]
    assert "## What the files prove before you begin" in prompt["prompt"]


def test_work_that_is_open_carries_none(tmp_path: Path, run: Any) -> None:
    write_files(tmp_path, work(status="🚧 In Progress", completion="- [ ] B"))
    assert json.loads(run("next", "@SHOP", "--json")[1])["preflight"] == []
    assert run("check", "@SHOP", "1.1")[0] == 1


def test_a_prompt_mends_it(tmp_path: Path, run: Any) -> None:
    write_files(tmp_path, OPEN)
    prompt = json.loads(run("next", "@SHOP", "--achievement", "1.1", "--step", "finish_execution", "--json")[1])
    assert (prompt["role"], prompt["tier"], prompt["read"], prompt["writes"]) == ("executor", 1, [], [])
    assert prompt["tokens"]["total"] <= 400
    assert f"`{TASK}`\n  - line 18: an open criterion" in prompt["prompt"]


def test_a_prompt_that_mends_many_stays_short(tmp_path: Path, run: Any) -> None:
    boxes = "\n\n".join(f"- [ ] {number}" for number in range(40))
    delivers = "\n".join(f"- `src/{'folder/' * 9}{number}.py`" for number in range(20))
    write_files(tmp_path, work(delivers=delivers, completion=boxes, last="✅ Complete"))
    prompt = json.loads(run("next", "@SHOP", "--step", "finish_execution", "--json")[1])
    assert prompt["tokens"]["total"] <= 400 < len(prompt["preflight"]) * 10
    assert "more" in prompt["prompt"]


@pytest.mark.parametrize(
    ("files", "code", "says"),
    [
        (work(), 3, "preflight finds nothing against 1.1"),
        ({PLAN: OPEN[PLAN]}, 2, "1.1 has no EXECUTION_TASK"),
        ({PLAN: "# PLAN\n\n**Goal**: x\n\n**Status**: Planning\n"}, 2, "name the achievement"),
    ],
)
def test_a_prompt_that_has_nothing_to_mend_says_so(
    tmp_path: Path, run: Any, files: dict[str, str], code: int, says: str
) -> None:
    write_files(tmp_path, files)
    got, _, err = run("next", "@SHOP", "--step", "finish_execution")
    assert (got, says in err) == (code, True), err


def test_an_approval_says_it_and_is_neither_prevented_nor_allowed_by_it(tmp_path: Path, run: Any) -> None:
    write_files(tmp_path, OPEN)
    code, out, err = run("verdict", "approve", "@SHOP", "1.1", "--reviewer", "Ada")
    assert (code, out.strip()) == (0, f"{HOME}/execution/feedbacks/APPROVED_11.md")
    assert f"! {TASK}:18 an open criterion" in err
    assert "open criterion" not in (tmp_path / out.strip()).read_text("utf-8")


def test_a_deliverable_is_looked_for_where_the_document_means_it(tmp_path: Path, run: Any) -> None:
    write_files(tmp_path, {**work(delivers="- `notes/Till.md` and `../far/away.md`"), f"{HOME}/notes/Till.md": "x\n"})
    assert run("verdict", "approve", "@SHOP", "1.1", "--reviewer", "Ada")[0] == 0


def test_a_ticked_task_without_its_file_is_the_preflight_of_other_formats(tmp_path: Path, run: Any) -> None:
    write_files(tmp_path, SPEC)
    code, out, _ = run("check", "@001-till", "T001", "--json")
    (found,) = json.loads(out)["diagnostics"]
    assert (code, found["code"], found["range"]["start"]["line"]) == (1, "deliverable-missing", 5)
    assert run("check", "@001-till", "T002")[0] == 0
    (plan,) = json.loads(run("status", "--json")[1])["workspaces"][0]["plans"]
    assert [len(item["preflight"]) for item in plan["achievements"] if item["leaf"]] == [1, 0]
    prompt = run("next", "@001-till", "T001")[1]
    assert prompt.count("Its box is ticked, but `src/till.py` does not exist.") == 1
