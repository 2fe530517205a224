"""Diagnostics as text for people, and in the formats of code scanning services."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import pytest
from sarif_pydantic import Sarif

from conftest import REPOSITORY
from fixture import write_files
from planmark.cli.diagnostic_output import quoted_part
from planmark.cli.main import main
from planmark.diagnostics.codes import catalogue
from planmark.text.display_width import cell_width

EXAMPLE = REPOSITORY / "examples" / "workspace"
PLAN = "my plans/PAY/PLAN_PAY.md"
TEXT = (
    "# PLAN: PAY\n\n**Status**: In Progress\n\n**Achievement 1.1**: A\n\n- 🎯 see `SUBPLAN_PAY_77.md` there\n- [X] é\n"
)


def check(root: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    main(["--workspace", str(root), "check", *arguments])
    shown = capsys.readouterr()
    return shown.out, shown.err


@pytest.mark.parametrize("root", ["example", "spaces"])
def test_sarif_is_what_its_readers_expect(tmp_path: Path, capsys: pytest.CaptureFixture[str], root: str) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    folder = EXAMPLE if root == "example" else tmp_path
    log = json.loads(check(folder, capsys, "--format", "sarif")[0])
    Sarif.model_validate(log)
    found = json.loads(check(folder, capsys, "--format", "json")[0])["diagnostics"]
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(catalogue())
    assert len(run["results"]) == len(found) > 3
    for result, diagnostic in zip(run["results"], found, strict=True):
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == diagnostic["code"]
        place = result["locations"][0]["physicalLocation"]
        assert unquote(place["artifactLocation"]["uri"]) == diagnostic["path"]
        start, end = diagnostic["range"]["start"], diagnostic["range"]["end"]
        assert list(place["region"].values()) == [start["line"], start["column"], end["line"], end["column"]]
        assert result["partialFingerprints"] == {"planmark/1": diagnostic["fingerprint"]}
    assert len({result["partialFingerprints"]["planmark/1"] for result in run["results"]}) > 3


def test_fixes_in_sarif(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    log = json.loads(check(tmp_path, capsys, "--format", "sarif", "--select", "checkbox-form")[0])
    (fix,) = log["runs"][0]["results"][0]["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "my%20plans/PAY/PLAN_PAY.md"
    region = {"startLine": 8, "startColumn": 3, "endLine": 8, "endColumn": 6}
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": "[x]"}}]


def test_text_for_a_person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    shown, said = check(tmp_path, capsys, "--select", "reference-missing,checkbox-form")
    assert shown.split("\n") == [
        "PAY",
        "  my plans/PAY/PLAN_PAY.md",
        "    7:10 hint reference-missing: there is no SUBPLAN_PAY_77.md: create it, or correct the name",
        "         7 │ - 🎯 see `SUBPLAN_PAY_77.md` there",
        "           │           ^^^^^^^^^^^^^^^^^",
        "    8:3 hint checkbox-form: write this box as `[x]`",
        "         8 │ - [X] é",
        "           │   ^^^",
        "           fix: Write `[x]` (planmark check --fix)",
        "",
        "",
    ]
    assert said == "2 hints\n"


def test_hints_are_brief_where_nothing_was_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    shown, said = check(tmp_path, capsys)
    assert "checkbox-form" in shown and "^" not in shown
    assert "--select CODES" in said
    assert "^" in check(tmp_path, capsys, "my plans")[0]


def test_findings_about_no_plan_come_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: TEXT, "a/SUBPLAN_OLD_11.md": "x\n"})
    lines = check(tmp_path, capsys, "--fail-on", "error")[0].split("\n")
    assert [line for line in lines if line and not line.startswith(" ")] == ["PAY", "no plan"]


@pytest.mark.parametrize(
    ("line", "words", "quoted", "lead", "caret"),
    [
        ("abc", "b", "abc", 1, 1),
        ("  abc  ", "abc", "abc", 0, 3),
        ("🎯 é b", "b", "🎯 é b", 5, 1),
        ("e\u0301 b", "b", "e\u0301 b", 2, 1),
        ("\ta\tb", "b", "a b", 2, 1),
        ("x" * 300 + "END" + "y" * 300, "END", "…" + "x" * 25 + "END" + "y" * 72 + "…", 26, 3),
    ],
)
def test_the_caret_stands_under_its_words(line: str, words: str, quoted: str, lead: int, caret: int) -> None:
    start = line.index(words)
    assert quoted_part(line, start, start + len(words)) == (lead, quoted, caret)
    assert cell_width(quoted) >= lead + caret
