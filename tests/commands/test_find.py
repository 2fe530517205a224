"""`planmark find` as text and JSON."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from command_line import Run, runner
from fixture import files, write_files
from planmark.queries.schemas import json_schema

WORKSPACE = """
//- /plans/CASH-DESK-AND-COIN-COUNTER/PLAN_CASH-DESK-AND-COIN-COUNTER.md
# PLAN: Desk

**Status**: In Progress

**Achievement 1.1**: Drawer

**Achievement 1.2**: Coins
//- /plans/CASH-DESK-AND-COIN-COUNTER/subplans/SUBPLAN_CASH-DESK-AND-COIN-COUNTER_11.md
# SUBPLAN: Drawer

**Status**: Complete

## Objective

The drawer opens by ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8 only.
"""
SUBPLAN = "plans/CASH-DESK-AND-COIN-COUNTER/subplans/SUBPLAN_CASH-DESK-AND-COIN-COUNTER_11.md"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    write_files(tmp_path, files(WORKSPACE))
    return runner(capsys, "--workspace", str(tmp_path))


def test_properties_give_a_table_with_places(run: Run) -> None:
    result = run("find", "type:subplan")
    assert result.code == 0
    header, row = result.out.splitlines()
    assert header.split() == ["TYPE", "PLAN", "STATE", "WHERE"]
    assert row.split("  ") == ["subplan", "@CASH-DESK-AND-COIN-COUNTER 1.1", "no execution", f"{SUBPLAN}:1"]


def test_a_terminal_of_80_columns_shows_no_wider_table(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = run("find", "plan:CASH").out.splitlines()
    assert len(lines) == 5
    assert max(map(len, lines)) <= 80


def test_words_show_their_line_without_credentials(run: Run) -> None:
    result = run("find", "drawer", "opens")
    assert f"  {SUBPLAN}:7\n" in result.out
    assert "The drawer opens by" in result.out
    assert "ghp_a1B2" not in result.out + run("find", "drawer opens", "--json").out


def test_terms_that_exclude_are_no_options(run: Run) -> None:
    assert SUBPLAN in run("find", "drawer", "-type:plan", "--limit", "3", "-achievement:1.2").out
    assert SUBPLAN not in run("find", "--limit", "3", "drawer", "-type:subplan").out


def test_arguments_with_spaces_are_one_term(run: Run) -> None:
    both = run("find", "state:no execution", "-type:achievement")
    assert both.out == run("find", 'state:"no execution" -type:achievement').out
    assert SUBPLAN in both.out


def test_json_follows_its_schema(run: Run) -> None:
    data = run("find", "id:1.1", "--json").data
    jsonschema.validate(data, json.loads(json_schema("find")))
    (found,) = data["workspaces"]
    assert (data["query"], found["total"]) == ("id:1.1", 2)
    assert [match["type"] for match in found["matches"]] == ["achievement", "subplan"]


def test_a_limit_is_told(run: Run) -> None:
    result = run("find", "plan:CASH", "--limit", "1")
    assert result.err == "and 3 more matches (--limit 0 shows all)\n"
    assert len(run("find", "plan:CASH", "--limit", "0").out.splitlines()) == 5
    assert run("find", "drawer", "--limit", "-1").code == 2


def test_no_match_has_a_code_and_a_reason(run: Run) -> None:
    result = run("find", "type:plan", "zebra")
    assert result.code == 1
    assert result.out == (
        "Nothing matches.\n"
        "  type:plan alone matches 1; without it, the query matches nothing\n"
        "  zebra matches nothing here\n"
    )


def test_an_empty_query_says_what_can_be_asked(run: Run) -> None:
    result = run("find")
    assert result.code == 2
    assert result.err.count("planmark find '") == 3
    assert "created: a date or a range" in result.err
