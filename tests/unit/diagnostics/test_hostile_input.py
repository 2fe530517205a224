"""Input of people who tried to break Planmark: clear messages, no crash, no hang, no loss, no wrong claim."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from check_cases import INDEX, PARALLEL, PLAN, SUBPLAN, TWO, VERDICT, P, parallel
from fixture import write_files
from planmark.cli.main import main
from planmark.formats.planmark.workflow.plan_state import evaluate
from planmark.plans.diagnostic import TargetFix
from planmark.queries.workspace_view import View, build_view
from planmark.workspace import atomic_write
from planmark.workspace.atomic_write import WriteError, rewrite_file
from planmark.workspace.index import Index
from planmark.workspace.settings import load_settings

APPROVED = f"{P}/execution/feedbacks/APPROVED_11.md"


def seen(root: Path, files: dict[str, str]) -> View:
    write_files(root, files)
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


@pytest.mark.parametrize(
    ("text", "approved"),
    [
        ("**Plan**: PAY\n\nUnblocks PLAN_TILL.\n", ["PAY"]),
        ("**Plan**: `PLAN_TILL.md`\n\nAs PAY did.\n", ["TILL"]),
        ("About PAY.\n", ["PAY"]),
        ("About PAY and TILL.\n", []),
        ("**Plan**: OTHER\n\nAbout TILL.\n", ["TILL"]),
    ],
)
def test_a_verdict_counts_for_the_one_plan_that_it_names(tmp_path: Path, text: str, approved: list[str]) -> None:
    files = {PLAN: TWO, f"{P}/PLAN_TILL.md": TWO, f"{P}/subplans/SUBPLAN_TILL_12.md": "x\n", APPROVED: text}
    snapshot = seen(tmp_path, files).snapshot
    assert [files.feature for files in snapshot.plans if evaluate(files).counts.get("approved")] == approved


@pytest.mark.parametrize("words", ["(lines 40-55)", "lines 4", ":40", "#L40-L55"])
@pytest.mark.parametrize("text", ["", "\n", "x"])
def test_lines_of_an_empty_document(tmp_path: Path, words: str, text: str) -> None:
    found = seen(tmp_path, {PLAN: TWO + f"\nSee `SUBPLAN_PAY_11.md` {words}\n", SUBPLAN: text}).diagnostics
    for stale in (d for d in found if d.code == "line-range-stale"):
        assert stale.fix is None or isinstance(stale.fix, TargetFix)
        assert stale.fix is None or stale.fix.text.count("L") == stale.target_text.count("L")


def test_what_is_no_text_can_be_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: TWO, PARALLEL: parallel('{"achievement_id": "1.1", "status": "\\ud800"}')})
    for form in ("text", "json", "sarif", "github"):
        assert main(["--workspace", str(tmp_path), "check", "--format", form]) == 1
        assert "parallel-json-invalid" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("planmark.toml", "planmark = 3\n"),
        ("planmark.toml", "a = " + "[" * 3000),
        ("planmark.toml", ".".join("a" * 2000) + " = 1\n"),
        ("pyproject.toml", "tool = 3\n"),
        ("pyproject.toml", "[tool]\nplanmark = 3\n"),
        ("pyproject.toml", "[[tool.planmark]]\nx = 1\n"),
    ],
)
def test_settings_of_any_shape_leave_the_defaults(tmp_path: Path, name: str, text: str) -> None:
    write_files(tmp_path, {name: text})
    settings = load_settings(tmp_path)
    assert settings["prompts.tokenBudget"] == 8000
    assert name != "planmark.toml" or settings.warnings


def test_settings_behind_a_byte_order_mark(tmp_path: Path) -> None:
    write_files(tmp_path, {"planmark.toml": "\ufeff[prompts]\ntokenBudget = 9\n"})
    assert load_settings(tmp_path)["prompts.tokenBudget"] == 9


def test_a_wrong_key_is_found_in_its_own_table(tmp_path: Path) -> None:
    text = "[files]\ntokenBudget = 1\n\n[promts]\ntokenBudget = 1\n"
    found = seen(tmp_path, {PLAN: TWO, "planmark.toml": text}).diagnostics
    assert [d.line for d in found if d.code == "configuration"] == [2, 5]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs")
@pytest.mark.parametrize("path", [PARALLEL, SUBPLAN, APPROVED])
def test_a_pipe_is_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str) -> None:
    write_files(tmp_path, {PLAN: TWO})
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(tmp_path / path)
    main(["--workspace", str(tmp_path), "check"])
    assert "is not a regular file" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_nothing_outside_is_shown_and_a_link_is_no_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "root"
    write_files(tmp_path, {"SUBPLAN_PAY_12.md": "SECRET LINE\n"})
    write_files(root, {PLAN: TWO, SUBPLAN: "x\n"})
    (root / P / "subplans/SUBPLAN_PAY_12.md").symlink_to(tmp_path / "SUBPLAN_PAY_12.md")
    (root / "SUBPLAN_PAY_11.md").symlink_to(root / SUBPLAN)
    main(["--workspace", str(root), "check"])
    shown = capsys.readouterr().out
    assert "leaves the workspace" in shown and "SECRET" not in shown
    assert "duplicate-document" not in shown


def test_numbers_are_no_ids(tmp_path: Path) -> None:
    found = seen(
        tmp_path, {PLAN: TWO, PARALLEL: parallel('{"achievement_id": 1.10, "dependencies": ["1.1"]}')}
    ).diagnostics
    codes = [d.code for d in found]
    assert "parallel-json-invalid" in codes and "dependency-cycle" not in codes


def test_a_terminal_obeys_nothing_of_a_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: TWO + "\n- [X] \x1b[2J\x9b31m done \u202e\n- ✅ Achievement 1.1: \x1b[1A\n"})
    main(["--workspace", str(tmp_path), "check", "plans"])
    main(["--workspace", str(tmp_path), "adopt", "@PAY"])
    shown = capsys.readouterr().out
    assert not any(character in shown for character in "\x1b\x9b\u202e")
    assert "done" in shown and "APPROVED_11.md" in shown


def test_listing_what_a_verdict_names_is_not_offered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: INDEX + TWO, f"{P}/execution/feedbacks/APPROVED_99.md": VERDICT.format("9.9")})
    main(["--workspace", str(tmp_path), "check", "--format", "json", "--select", "orphan-verdict"])
    (found,) = json.loads(capsys.readouterr().out)["diagnostics"]
    assert found["fixes"] == []


def test_what_another_process_writes_meanwhile_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path.resolve()
    write_files(root, {"a.md": "one\n"})
    copy = atomic_write.shutil.copymode

    def appended(source: Path, target: Path) -> None:
        copy(source, target)
        with source.open("ab") as file:
            file.write(b"two\n")

    monkeypatch.setattr(atomic_write.shutil, "copymode", appended)
    with pytest.raises(WriteError, match="has changed meanwhile"):
        rewrite_file(root, "a.md", "one\n", "ONE\n")
    assert (root / "a.md").read_bytes() == b"one\ntwo\n"
    assert [path.name for path in root.iterdir()] == ["a.md"]
