"""The CLI: results, exit codes and messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from command_line import Run, runner
from conftest import REPOSITORY
from fixture import write, write_files
from planmark import __version__
from planmark.cli import commands
from planmark.cli.command_table import COMMANDS
from planmark.cli.dispatch import MODULES_OUTSIDE_CLI
from planmark.queries.schemas import SCHEMAS, json_schema

A = "# PLAN\n\n**Achievement 1.1**: Refunds\n\n**Achievement 1.2**: Receipts\n"
WORKSPACE = {
    "work-space/plans/PAY/PLAN_PAY.md": A,
    "work-space/plans/PAY/execution/feedbacks/FIX_11.md": "# FIX REQUIRED: Achievement 1.1\n\n## Critical Issues\n\n1. **Late**\n",
    "work-space/plans/PAYOUTS/PLAN_PAYOUTS.md": A + "\n- ✅ Achievement 1.1\n",
    "work-space/plans/SEARCH/PLAN_SEARCH.md": A,
    "work-space/plans/SEARCH/subplans/SUBPLAN_SEARCH_11.md": "## Objective\n\nx\n",
    "work-space/plans/DONE/PLAN_DONE.md": A,
    "work-space/plans/DONE/execution/feedbacks/APPROVED_11.md": "x",
    "work-space/plans/DONE/execution/feedbacks/APPROVED_12.md": "x",
    "work-space/plans/EMPTY/PLAN_EMPTY.md": "# PLAN\n\n**Status**: Planning\n**Goal**: sell\n",
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    write_files(tmp_path, WORKSPACE)
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


def test_every_command_has_a_module_of_its_name() -> None:
    modules = {path.stem for path in Path(commands.__file__).parent.glob("*.py")} - {"__init__"}
    assert modules == COMMANDS.keys() - MODULES_OUTSIDE_CLI.keys()


def test_a_command_imports_no_other_command() -> None:
    sources = {path.stem: path.read_text("utf-8") for path in Path(commands.__file__).parent.glob("*.py")}
    assert [name for name, source in sources.items() if "import planmark.cli.commands" in source] == []
    assert [name for name, source in sources.items() if "from planmark.cli.commands" in source] == []


def validate(name: str, data: Any) -> None:
    jsonschema.Draft202012Validator(json.loads(json_schema(name))).validate(data)


def test_status_lists_every_plan_the_most_urgent_first(run: Run) -> None:
    result = run("status")
    assert result.code == 0
    assert [line.split()[0] for line in result.out.splitlines()] == [
        "PLAN",
        "PAY",
        "PAYOUTS",
        "SEARCH",
        "EMPTY",
        "DONE",
    ]
    assert "1.1: address the fix (executor)" in result.out
    assert "\x1b" not in result.out


def test_status_as_json_follows_its_schema(run: Run, tmp_path: Path) -> None:
    data = run("status", "--json").data
    validate("status", data)
    (workspace,) = data["workspaces"]
    assert (data["schema"], data["planmark"]) == ("planmark.status/1", __version__)
    assert (workspace["root"], workspace["complete"]) == (str(tmp_path.resolve()), True)
    pay = next(plan for plan in workspace["plans"] if plan["feature"] == "PAY")
    assert pay["counts"] == {"needs_fix": 1, "no_subplan": 1}
    assert pay["diagnostics"]["warning"] == 1
    assert pay["achievements"][0]["verdict"] == "work-space/plans/PAY/execution/feedbacks/FIX_11.md"


def test_two_runs_differ_only_in_run(run: Run) -> None:
    first, second = run("status", "--json").data, run("status", "--json").data
    assert {**first, "run": None} == {**second, "run": None}


def test_status_of_one_plan_shows_the_evidence(run: Run) -> None:
    result = run("status", "@SEARCH")
    assert "SUBPLAN_SEARCH_11.md exists" in result.out
    assert "Next: 1.1: create the EXECUTION_TASK and begin (executor)" in result.out


@pytest.mark.parametrize(
    "wanted",
    [
        "@SEARCH",
        "SEARCH",
        "@search",
        "@SEA",
        "@ARC",
        "PLAN_SEARCH.md",
        "@PLAN_SEARCH",
        "work-space/plans/SEARCH/PLAN_SEARCH.md",
        "work-space/plans/SEARCH/subplans/SUBPLAN_SEARCH_11.md",
    ],
)
def test_a_plan_is_found_by(run: Run, wanted: str) -> None:
    data = run("status", wanted, "--json").data
    assert [plan["feature"] for plan in data["workspaces"][0]["plans"]] == ["SEARCH"]


def test_an_exact_name_wins_over_a_longer_one(run: Run) -> None:
    assert run("status", "@pay").out.startswith("PAY  ")


def test_several_hits_are_listed_with_their_paths(run: Run) -> None:
    result = run("next", "@PA")
    assert (result.code, result.out) == (2, "")
    assert "matches 2 plans" in result.err
    assert "@PAYOUTS  work-space/plans/PAYOUTS/PLAN_PAYOUTS.md" in result.err


def test_two_plans_of_one_name_are_told_apart_by_their_paths(run: Run, tmp_path: Path) -> None:
    write_files(tmp_path, {"old/SEARCH/PLAN_SEARCH.md": A})
    result = run("next", "@SEARCH")
    assert result.code == 2
    assert "old/SEARCH/PLAN_SEARCH.md" in result.err
    assert run("next", "old/SEARCH/PLAN_SEARCH.md").code == 0


def test_an_unknown_plan_suggests_one(run: Run) -> None:
    result = run("status", "@SERCH")
    assert (result.code, result.out) == (2, "")
    assert "did you mean @SEARCH?" in result.err
    assert "Plans: @DONE, @EMPTY" in run("status", "@ZZZ").err


def test_a_path_that_is_no_plan(run: Run, tmp_path: Path) -> None:
    write_files(tmp_path, {"work-space/plans/PAY/PLAN_SUMMARY.md": "x", "README.md": "x"})
    result = run("status", "work-space/plans/PAY/PLAN_SUMMARY.md")
    assert result.code == 5
    assert "in the folder of PLAN_PAY.md" in result.err
    assert run("status", "nowhere/PLAN_X.md").code == 5
    assert "belongs to no plan" in run("status", "./README.md").err


def test_from_a_folder_inside(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path / "work-space/plans/SEARCH")
    assert run("status", "@SEARCH").code == 0
    assert run("next", "PLAN_SEARCH.md").code == 0
    assert run("next", "subplans/SUBPLAN_SEARCH_11.md").code == 0


def test_next_prints_the_prompt_of_the_most_urgent_plan(run: Run) -> None:
    result = run("next")
    assert result.code == 0
    assert result.out.startswith("# PAY 1.1: Refunds\n")
    assert "1 critical and 0 minor issues" in result.out
    assert "FIX_11_RESOLUTION.md" in result.out


@pytest.mark.parametrize(
    ("wanted", "step", "code"),
    [
        ("@PAY", "address_fix", 0),
        ("@PAYOUTS", "confirm_state", 4),
        ("@DONE", "complete_plan", 3),
        ("@EMPTY", "define_achievements", 0),
    ],
)
def test_next_says_by_its_exit_code_whether_there_is_work(run: Run, wanted: str, step: str, code: int) -> None:
    result = run("next", wanted, "--json")
    assert (result.code, result.data["step"]) == (code, step)
    validate("prompt", result.data)


def test_next_goes_by_the_files_when_claims_are_ignored(run: Run) -> None:
    assert run("next", "@PAYOUTS", "--ignore-claims", "--json").data["step"] == "create_subplan"


def test_next_for_an_achievement(run: Run) -> None:
    assert run("next", "@PAY", "--achievement", "1.2", "--json").data["step"] == "create_subplan"
    approved = run("next", "@DONE", "--achievement", "1.1")
    assert (approved.code, approved.out) == (3, "")
    assert "APPROVED_11.md" in approved.err
    unknown = run("next", "@PAY", "--achievement", "1.3")
    assert unknown.code == 2
    assert "did you mean 1.2 or 1.1?" in unknown.err


def test_next_into_a_file(run: Run, tmp_path: Path) -> None:
    result = run("next", "@PAY", "--out", "prompt.md")
    assert (result.code, result.out) == (0, "")
    assert (tmp_path / "prompt.md").read_text(encoding="utf-8").startswith("# PAY 1.1")
    assert run("next", "@PAY", "--out", "no/such/folder/prompt.md").code == 5


def test_why_shows_every_rule(run: Run) -> None:
    result = run("why", "@PAY", "1.1")
    assert "▶ B needs fix            decides" in result.out
    assert "· K no subplan           not reached" in result.out
    data = run("why", "@PAY", "1.2", "--json").data
    validate("why", data)
    assert [rule["rule"] for rule in data["rules"]] == list("ALBCDEFGHIJK")
    assert [rule["rule"] for rule in data["rules"] if rule["matched"]] == ["K"]
    assert not data["next"]["is_next"]
    assert "1.1: address the fix" in data["next"]["says"]


def test_check_finds_and_fails(run: Run) -> None:
    result = run("check", "--format", "json")
    assert result.code == 1
    validate("check", result.data)
    codes = {found["code"] for found in result.data["diagnostics"] if found["severity"] != "hint"}
    assert codes == {
        "fix-unresolved",
        "claimed-without-evidence",
        "no-achievements",
        "verdict-empty",
        "approved-without-work",
    }
    assert run("check", "work-space/plans/DONE", "--fail-on", "error").code == 0
    assert run("check", "--select", "no-achievement").code == 2
    only = run("check", "--select", "claimed-without-evidence", "--fail-on", "error", "--format", "json")
    assert only.code == 0
    assert [d["code"] for d in only.data["diagnostics"]] == ["claimed-without-evidence"]
    assert run("check", "nothing-here").code == 5


def test_ranges_count_utf16_units_from_one(run: Run, tmp_path: Path) -> None:
    write_files(tmp_path, {"work-space/plans/X/PLAN_X.md": "### Achievement 1: 🎯 é\n"})
    data = run("check", "work-space/plans/X", "--format", "json").data
    assert data["diagnostics"][0]["range"] == {"start": {"line": 1, "column": 1}, "end": {"line": 1, "column": 24}}


def test_a_parallel_file_that_cannot_be_read_stops_the_plan(run: Run, tmp_path: Path) -> None:
    files = {
        "plans/DESK/PLAN_DESK.md": "# PLAN: Desk\n\n**Achievement 1.1**: Refunds\n\n- **Needs**: @TILL 1.1\n",
        "plans/DESK/parallel.json": '{\n"achievements": [\n',
        "plans/TILL/PLAN_TILL.md": "# PLAN: Till\n\n**Achievement 1.1**: Drawer\n",
    }
    write_files(tmp_path, files)
    for arguments in (["next", "@DESK"], ["next", "@DESK", "--step", "parallel"]):
        result = run(*arguments)
        assert result.code == 4
        assert "parallel.json line 3 cannot be read" in result.out and "```json" not in result.out
    (tmp_path / "plans/DESK/parallel.json").unlink()
    assert run("next", "@DESK").code == 4
    assert "waits for @TILL 1.1" in run("next", "@DESK", "--json").data["reason"]


@pytest.mark.parametrize("kind", ["mermaid", "dot", "json"])
def test_the_graph(run: Run, tmp_path: Path, kind: str) -> None:
    write_files(
        tmp_path,
        {
            "work-space/plans/SEARCH/parallel.json": '{"achievements": [{"achievement_id": "1.2", "dependencies": ["1.1"]}]}'
        },
    )
    result = run("graph", "@SEARCH", "--format", kind)
    assert result.code == 0
    if kind == "json":
        validate("graph", result.data)
        assert result.data["edges"][0]["reason"]["path"].endswith("parallel.json")
    else:
        assert {"mermaid": "a1_1 --> a1_2", "dot": '"1.1" -> "1.2"'}[kind] in result.out


def test_schemas_are_those_of_the_types(run: Run) -> None:
    assert run("schema").out.split() == sorted(SCHEMAS)
    for name in SCHEMAS:
        assert run("schema", name).out == json_schema(name)
    assert "did you mean status?" in run("schema", "statu").err


def test_doctor(run: Run) -> None:
    result = run("doctor")
    assert __version__ in result.out
    assert "tree-sitter" in result.out


def test_no_workspace(run: Run, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("nothing"))
    result = run("status")
    assert (result.code, result.out) == (5, "")
    assert "planmark --workspace DIR" in result.err
    assert run("--workspace", "no/such", "status").code == 5


def test_a_workspace_without_plans(run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = tmp_path_factory.mktemp("empty")
    write_files(empty, {"PLAN_UPDATE_NOTES.md": "x"})
    status = run("--workspace", str(empty), "status")
    assert status.code == 0
    assert "PLAN_UPDATE_NOTES.md: its name is not PLAN_<FEATURE>.md" in status.err
    assert run("next", "--workspace", str(empty)).code == 5
    assert run("status", "--json", "--workspace", str(empty)).data["workspaces"][0]["plans"] == []


def test_nothing_to_do(run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    done = tmp_path_factory.mktemp("done")
    write_files(done, {path: text for path, text in WORKSPACE.items() if "/DONE/" in path})
    assert run("--workspace", str(done), "next").code == 3


def test_usage(run: Run) -> None:
    assert "did you mean `planmark status`?" in run("statsu").err
    assert run("statsu").code == 2
    assert run().code == 2
    assert run("status", "--nothing").code == 2
    assert set(COMMANDS) >= {"status", "why", "next", "check", "graph", "schema", "doctor", "demo"}


def test_watch_shows_the_state_again_when_a_file_changes(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            write_files(tmp_path, {"work-space/plans/PAY/execution/feedbacks/APPROVED_12.md": "x"})
        if len(pauses) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", pause)
    result = run("status", "@PAY", "--watch")
    assert result.code == 130
    assert [line.split()[2] for line in result.out.splitlines() if line.startswith("PAY ")] == ["0/2", "1/2"]


def test_an_interrupt_is_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("planmark.cli.commands.status.run", interrupted)
    assert run("status").code == 130


def test_nothing_is_written_into_the_workspace(run: Run, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))}
    for command in (
        ["status"],
        ["status", "--json"],
        ["next"],
        ["why", "@PAY", "1.1"],
        ["check"],
        ["graph", "@PAY"],
        ["doctor"],
    ):
        run(*command)
    assert {path: path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))} == before


def test_the_demo_walks_through_a_copy(run: Run, tmp_path: Path) -> None:
    result = run("demo", str(tmp_path / "copy"))
    assert result.code == 0
    assert (tmp_path / "copy/planmark.toml").is_file()
    assert "# CHECKOUT 1.2" in result.out
    assert "more than" not in result.out + result.err
    again = run("demo", str(tmp_path / "copy"))
    assert again.code == 2
    assert "not empty" in again.err


@pytest.mark.parametrize(
    ("name", "shows"),
    [
        ("openspec", "# add-link-cache 2.2: Do not keep failures"),
        ("speckit", "# 002-shopping-list T003: Create `units/convert.go`"),
        ("kiro", "# reminders 2.1: Create `src/reminders/schedule.ts`"),
        ("superpowers", "# 2026-03-09-alerts 2/1: Write the failing test"),
        ("gsd", "# v1.1 04-02: Take the money"),
        ("featureplanner", "# calendar Test 2.1: Test the weeks of a month"),
    ],
)
def test_the_demo_of_another_format(run: Run, tmp_path: Path, name: str, shows: str) -> None:
    result = run("demo", "--plan-format", name, str(tmp_path / "copy"))
    assert result.code == 0
    assert shows in result.out
    # The last step shows a tick, and writes nothing.
    assert result.out.count("+++ b/") == 1
    originals = [path for path in (REPOSITORY / "examples" / name).rglob("*") if path.is_file()]
    for path in originals:
        assert (tmp_path / "copy" / path.relative_to(REPOSITORY / "examples" / name)).read_bytes() == path.read_bytes()


def test_the_demo_of_an_unknown_format(run: Run, tmp_path: Path) -> None:
    result = run("demo", "--plan-format", "openspeck", str(tmp_path / "copy"))
    assert result.code == 2
    assert "did you mean openspec?" in result.err
    assert not (tmp_path / "copy").exists()


def test_next_chooses_no_plan_that_is_set_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "//- /plans/PAY/PLAN_PAY.md\n# P\n\n**Status**: ⛔ Abandoned\n\n**Achievement 1.1**: A\n")
    run = runner(capsys, "--workspace", str(tmp_path))
    result = run("next")
    assert (result.code, result.out) == (4, "")
    assert "only plans that are paused, stopped or archived have work left" in result.err
    assert "@PAY is stopped (PLAN_PAY.md:3 **Status**: ⛔ Abandoned)" in result.err
    named = run("next", "@PAY")
    assert named.code == 0
    assert named.out.startswith("> PAY is stopped (`plans/PAY/PLAN_PAY.md` line 3: **Status**: ⛔ Abandoned).")
    assert "stopped (status)" in run("status").out
    assert "stopped; 1.1: design the SUBPLAN (designer)" in run("status").out
    (plan,) = run("status", "--json").data["workspaces"][0]["plans"]
    assert (plan["lifecycle"], plan["lifecycle_by"], plan["lifecycle_evidence"]["line"]) == ("stopped", "status", 3)


@pytest.mark.parametrize("command", [["check"], ["graph", "@PAY"]])
def test_json_is_short_for_the_format(run: Run, command: list[str]) -> None:
    assert run(*command, "--json").out == run(*command, "--format", "json").out != run(*command).out
