"""With `--json` standard output is JSON, for every error of every command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from command_line import Run, runner
from fixture import write_files
from planmark.cli.command_table import COMMANDS
from planmark.cli.failure_output import requested_format
from planmark.queries.schemas import json_schema

PLAN = "work-space/plans/PAY/PLAN_PAY.md"
ARGUMENTS = {
    "cache": ["info"],
    "create": ["subplan"],
    "verdict": ["approve"],
    "schema": ["status"],
    "new": ["PAY"],
    "demo": ["d"],
}
SCHEMA_OF = {"next": "prompt"}
ASKING = ("status", "why", "next", "check", "graph", "metrics", "profile", "cache")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    root = tmp_path / "ws"
    write_files(root, {PLAN: "**Achievement 1.1**: Refunds\n", "work-space/plans/PAY/notes.txt": ""})
    monkeypatch.chdir(root)
    return runner(capsys)


def error_in(data: Any) -> dict[str, Any]:
    jsonschema.Draft202012Validator(json.loads(json_schema("error"))).validate(data)
    error: dict[str, Any] = data["error"]
    return error


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("wrong", [["--no-such-option"], ["--workspace", "nowhere"]], ids=["option", "workspace"])
def test_every_command(run: Run, command: str, wrong: list[str]) -> None:
    """Check that a command without JSON output rejects the option, in JSON."""
    known = [command, *ARGUMENTS.get(command, []), *wrong, "--json"]
    result = run(*known)
    if command in ("metrics", "schema") and "--workspace" in wrong:
        assert json.loads(result.out) if result.code == 0 else error_in(result.data)
        return
    error = error_in(result.data)
    assert (error["exit_code"], error["message"] in result.err) == (result.code, True)
    assert result.code in (2, 5)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--json"], 2),
        (["nexxt", "--json"], 2),
        (["--workspace", "nowhere", "status", "--json"], 5),
        (["next", "@NOTHING", "--json"], 2),
        (["next", "@PAY", "--achievement", "9.9", "--json"], 2),
        (["next", "@PAY", "--step", "nothing", "--json"], 2),
        (["next", "@PAY", "--budget", "many", "--json"], 2),
        (["next", "no/such/file.md", "--json"], 5),
        (["next", "@NOTHING", "--js"], 2),
        (["why", "@PAY", "7.7", "--json"], 2),
        (["why", "--json"], 2),
        (["status", "@NOTHING", "--json"], 2),
        (["graph", "@NOTHING", "--format", "json"], 2),
        (["graph", "@PAY", "--format=json", "--no"], 2),
        (["check", "nothing.md", "--format", "json"], 5),
        (["check", "--select", "nothing", "--format=json"], 2),
        (["check", "--diff", "--form", "json"], 2),
        (["profile", "@NOTHING", "--json"], 2),
        (["cache", "nothing", "--json"], 2),
    ],
)
def test_what_goes_wrong(run: Run, arguments: list[str], code: int) -> None:
    result = run(*arguments)
    error = error_in(result.data)
    assert (result.code, error["exit_code"]) == (code, code)
    assert error["message"]


def test_where_everything_is_done(run: Run) -> None:
    write_files(Path(), {"work-space/plans/PAY/execution/feedbacks/APPROVED_11.md": "# APPROVED: 1.1 Refunds\n"})
    write_files(Path(), {"work-space/plans/PAY/subplans/SUBPLAN_PAY_11.md": "# SUBPLAN: Refunds\n"})
    result = run("next", "--json")
    assert result.data
    assert result.code in (0, 3)


@pytest.mark.parametrize("command", ASKING)
def test_an_error_fits_the_schema_of_the_command(run: Run, command: str) -> None:
    data = run(command, "--no-such-option", "--json").data
    schema = json.loads(json_schema(SCHEMA_OF.get(command, command)))
    jsonschema.Draft202012Validator(schema).validate(data)


def test_sarif_has_its_error_where_the_format_allows_it(run: Run) -> None:
    (one,) = run("check", "nothing.md", "--format", "sarif").data["runs"]
    assert one["properties"]["error"]["exit_code"] == 5
    assert one["invocations"][0]["executionSuccessful"] is False
    assert one["results"] == []


@pytest.mark.parametrize(
    ("arguments", "form"),
    [
        (["next", "--json"], "json"),
        (["next", "--", "--json"], ""),
        (["check", "--format", "github"], ""),
        (["check", "--format", "sarif"], "sarif"),
        (["check", "--format"], ""),
        (["check", "--f=json"], "json"),
        (["next", "--"], ""),
        (["next", "@JSON"], ""),
    ],
)
def test_what_is_wanted(arguments: list[str], form: str) -> None:
    assert requested_format(arguments) == form


def test_a_workspace_without_a_plan_is_not_checked(run: Run) -> None:
    Path(PLAN).unlink()
    write_files(Path(), {".gitignore": "vendor/\n", "vendor/PLAN_X.md": "**Achievement 1.1**: A\n"})
    result = run("check")
    assert result.code == 5
    assert "no plan in" in result.err and "vendor/: .gitignore:1 says `vendor/`" in result.err
    assert "--allow-empty" in result.err
    assert run("check", "--allow-empty").code == 0
    assert run("check", "work-space").code == 0
    result = run("check", "--format", "json")
    jsonschema.Draft202012Validator(json.loads(json_schema("check"))).validate(result.data)
    assert (result.code, result.data["error"]["exit_code"], result.data["diagnostics"]) == (5, 5, [])
    (one,) = run("check", "--format", "sarif").data["runs"]
    assert one["properties"]["error"]["exit_code"] == 5


def test_what_is_found_is_said_even_without_a_plan(run: Run) -> None:
    Path(PLAN).rename(Path(PLAN).with_name("plan pay.md"))
    result = run("check", "--format", "json")
    assert result.code == 5
    assert result.data["error"]["message"].startswith("no plan in")


def test_with_a_plan_there_is_no_error(run: Run) -> None:
    assert run("check", "--format", "json").data["error"] is None
