"""`check --fix` applies the fixes that need no decision, and changes nothing else."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from fixture import write_files
from planmark.cli import apply_fixes
from planmark.cli.apply_fixes import FixOptions, apply_document_fixes
from planmark.cli.main import main
from planmark.diagnostics.fixes import fixes_for
from planmark.diagnostics.rule_inputs import Fix
from planmark.plans.diagnostic import Diagnostic
from planmark.workspace.atomic_write import WriteError, rewrite_file
from planmark.workspace.index import Index
from planmark.workspace.snapshot import ReadText, Snapshot
from planmark.workspace.workspace_edits import TextChange, changed_text

PLAN = "plans/PAY/PLAN_PAY.md"
APPROVED = {"plans/PAY/execution/feedbacks/APPROVED_11.md": "**Review Date**: 2026-01-02\n"}
TEXT = "# PLAN: PAY 🎯\n\n**Status**: In Progress\n\n**Achievement 1.1**: A\n"


def check(root: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["--workspace", str(root), "check", *arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


BOXED = TEXT + "- [X] done\n"


@pytest.mark.parametrize(
    "text",
    [
        BOXED,
        BOXED.rstrip("\n"),
        BOXED.replace("\n", "\r\n"),
        "\ufeff" + BOXED,
        BOXED.replace("- [X] done", "  -  [X]  done  "),
    ],
    ids=["plain", "no final newline", "crlf", "bom", "spaces"],
)
def test_fix_then_clean_and_everything_else_as_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    write_files(tmp_path, {PLAN: text, **APPROVED})
    assert "checkbox-form" in check(tmp_path, capsys)[1]
    code, shown, said = check(tmp_path, capsys, "--fix", "--select", "checkbox-form", "--fail-on", "hint")
    assert (code, shown) == (0, "")
    assert said == f"{PLAN}:6 checkbox-form: Write `[x]`\nno diagnostics\n"
    assert (tmp_path / PLAN).read_bytes() == text.replace("[X]", "[x]").encode()
    before = (tmp_path / PLAN).read_bytes()
    check(tmp_path, capsys, "--fix")
    assert (tmp_path / PLAN).read_bytes() == before


@pytest.mark.parametrize(
    ("line", "fixed"),
    [
        ("- Achievement 1.2: B", "- ✅ Achievement 1.2: B"),
        ("- [ ] Achievement 1.2: B", "- [x] Achievement 1.2: B"),
        ("- **Achievement 1.2**: B", "- ✅ **Achievement 1.2**: B"),
        ("| 1.2 | B |", "| ✅ 1.2 | B |"),
    ],
)
def test_a_tick_is_added_where_the_others_have_theirs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, fixed: str
) -> None:
    head = "# P\n\n**Status**: In Progress\n\n## Achievement Index\n\n- ✅ Achievement 1.1: A\n"
    both = {path.replace("11", "12"): text for path, text in APPROVED.items()} | APPROVED
    write_files(tmp_path, {PLAN: f"{head}{line}\n", **both})
    assert check(tmp_path, capsys, "--fix", "--select", "index-tick-missing", "--fail-on", "hint")[0] == 0
    assert (tmp_path / PLAN).read_text(encoding="utf-8") == f"{head}{fixed}\n"


@pytest.mark.parametrize(
    ("line", "fixed"),
    [("- ✅ Achievement 1.1: A", "- Achievement 1.1: A"), ("- [x] Achievement 1.1: A", "- [ ] Achievement 1.1: A")],
)
def test_a_tick_is_only_removed_by_somebody_who_thinks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, fixed: str
) -> None:
    text = f"## Achievement Index\n\n{line}\n"
    write_files(tmp_path, {PLAN: text})
    check(tmp_path, capsys, "--fix")
    assert (tmp_path / PLAN).read_text(encoding="utf-8") == text
    select = ("--format", "json", "--select", "index-tick-without-verdict")
    (found,) = json.loads(check(tmp_path, capsys, *select)[1])["diagnostics"]
    (fix,) = found["fixes"]
    assert (fix["title"], fix["preferred"]) == ("Remove the tick", False)
    (edit,) = fix["edits"]
    start, end = (edit["range"][side]["column"] - 1 for side in ("start", "end"))
    assert line[:start] + edit["newText"] + line[end:] == fixed


def test_what_is_looked_at_grows_with_what_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check that the work is linear: a document is checked again after its own fixes, and once after other fixes."""
    looked = []

    def counted(snapshot: Snapshot, diagnostic: Diagnostic, text: ReadText) -> tuple[Fix, ...]:
        looked.append(diagnostic.path)
        return fixes_for(snapshot, diagnostic, text)

    monkeypatch.setattr(apply_fixes, "fixes_for", counted)
    for number in range(40):
        folder = f"plans/F{number}"
        write_files(
            tmp_path, {f"{folder}/PLAN_F{number}.md": BOXED, f"{folder}/execution/feedbacks/APPROVED_11.md": "x"}
        )
    view = apply_document_fixes(Index(tmp_path), FixOptions(lambda _: True), quiet=True).view
    assert "[x]" in (tmp_path / "plans/F39/PLAN_F39.md").read_text(encoding="utf-8")
    assert len(looked) <= 4 * (len(view.diagnostics) + 40)


def test_only_what_was_selected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: BOXED, **APPROVED})
    check(tmp_path, capsys, "--fix", "--select", "plan-name")
    check(tmp_path, capsys, "plans/PAY/execution", "--fix")
    assert (tmp_path / PLAN).read_text(encoding="utf-8") == BOXED


def test_a_read_only_file_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {PLAN: BOXED, **APPROVED})
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.W_OK)
    _, shown, said = check(tmp_path, capsys, "--fix")
    assert "left out: Write `[x]`: plans/PAY/PLAN_PAY.md is read-only" in said and "checkbox-form" in shown
    assert (tmp_path / PLAN).read_text(encoding="utf-8") == BOXED


def test_what_is_no_utf8_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: BOXED, **APPROVED})
    data = BOXED.encode() + b"\xff\n"
    (tmp_path / PLAN).write_bytes(data)
    said = check(tmp_path, capsys, "--fix")[2]
    assert "is not valid UTF-8" in said
    assert (tmp_path / PLAN).read_bytes() == data


def test_fixes_are_part_of_the_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: TEXT, **APPROVED})
    (found,) = json.loads(check(tmp_path, capsys, "--format", "json", "--select", "plan-complete")[1])["diagnostics"]
    assert found["fixes"] == [
        {
            "title": "Write `✅ Complete`",
            "preferred": False,
            "edits": [
                {
                    "path": PLAN,
                    "range": {"start": {"line": 3, "column": 13}, "end": {"line": 3, "column": 24}},
                    "newText": "✅ Complete",
                }
            ],
        }
    ]


def test_annotations_of_a_workflow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = "plans/PAY, old"
    write_files(tmp_path, {f"{folder}/PLAN_PAY.md": TEXT, f"{folder}/execution/feedbacks/FIX_11.md": "x\n"})
    lines = check(tmp_path, capsys, "--format", "github", "--select", "fix-unresolved")[1].splitlines()
    assert lines[0].startswith(
        "::warning file=plans/PAY%2C old/PLAN_PAY.md,line=5,endLine=5,col=1,endColumn=23,title=fix-unresolved::1.1 needs a fix"
    )
    assert len(lines) == 1


TASK = "plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md"
LOGGED = "# TASK\n\n**Status**: In Progress\n\n- [X] one\n- [X] two\n"


def finished_by_the_first_box(snapshot: Snapshot, diagnostic: Diagnostic, text: ReadText) -> tuple[Fix, ...]:
    """Return the fixes of `fixes_for`, except that the fix of the first box also completes the execution."""
    fixes = fixes_for(snapshot, diagnostic, text)
    if (diagnostic.code, diagnostic.line) != ("checkbox-form", 5):
        return fixes
    (fix,) = fixes
    return (fix._replace(changes=(*fix.changes, TextChange(TASK, 2, 12, 23, "✅ Complete"))),)


def test_a_fix_that_changes_a_state_is_left_out_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check that only this fix is left out, not the other fixes of its code."""
    monkeypatch.setattr(apply_fixes, "fixes_for", finished_by_the_first_box)
    write_files(tmp_path, {PLAN: TEXT, TASK: LOGGED})
    _, shown, said = check(tmp_path, capsys, "--fix", "--select", "checkbox-form", "--format", "json")
    assert (tmp_path / TASK).read_text(encoding="utf-8") == LOGGED.replace("[X] two", "[x] two")
    why = "1.1 of PAY would be awaiting review, not active execution"
    assert f"{TASK}:5 checkbox-form: left out: Write `[x]`: {why}; apply it in the editor, or with" in said
    result = json.loads(shown)
    assert result["fixed"] == [{"path": TASK, "line": 6, "lines": [6], "code": "checkbox-form", "title": "Write `[x]`"}]
    (left,) = result["left_out"]
    assert (left["path"], left["line"], left["lines"], left["code"]) == (TASK, 5, [3, 5], "checkbox-form")
    assert left["reason"].startswith(why)
    check(tmp_path, capsys, "--fix", "--select", "checkbox-form", "--unsafe")
    assert (tmp_path / TASK).read_text(encoding="utf-8") == LOGGED.replace("[X]", "[x]").replace(
        "In Progress", "✅ Complete"
    )


def test_the_fix_that_closes_a_plan_is_always_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: TEXT, **APPROVED})
    _, _, said = check(tmp_path, capsys, "--fix")
    assert f"{PLAN}:3 plan-complete: left out: Write `✅ Complete`: it needs a decision" in said
    assert (tmp_path / PLAN).read_text(encoding="utf-8") == TEXT


def test_unsafe_makes_what_was_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: TEXT, **APPROVED})
    check(tmp_path, capsys, "--fix", "--select", "plan-complete", "--unsafe")
    assert (tmp_path / PLAN).read_text(encoding="utf-8") == TEXT.replace("In Progress", "✅ Complete")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--diff"], "--diff needs --fix"),
        (["--unsafe"], "--unsafe needs --fix"),
        (["--fix", "--unsafe"], "--unsafe needs --select"),
        (["--fix", "--diff", "--format", "sarif"], "--diff does not support --format sarif"),
    ],
)
def test_options_that_mean_nothing_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    code, shown, said = check(tmp_path, capsys, *arguments)
    assert code == 2 and says in said
    assert not shown or says in json.loads(shown)["runs"][0]["properties"]["error"]["message"]


@pytest.mark.parametrize("number", range(2))
def test_several_inserts_into_one_list(tmp_path: Path, number: int) -> None:
    """Apply several inserts at one place one after the other; together they would lose the comma between them."""
    first = ('"blocks": []', '"blocks": [ ]')[number]
    entries = [f'{{"achievement_id": "1.1", {first}}}']
    entries += [f'{{"achievement_id": "1.{n}", "dependencies": ["1.1"]}}' for n in (2, 3, 4)]
    path = "plans/PAY/parallel.json"
    write_files(tmp_path, {PLAN: TEXT, path: f'{{"achievements": [{", ".join(entries)}]}}'})
    apply_document_fixes(Index(tmp_path), FixOptions(lambda _: True), quiet=True)
    data = json.loads((tmp_path / path).read_text(encoding="utf-8"))
    assert data["achievements"][0]["blocks"] == ["1.2", "1.3", "1.4"]


@pytest.mark.parametrize("odd", ['"achievement_id": 1.1', '"achievement_id": "1.1", "dependencies": null'])
def test_an_entry_that_cannot_be_read_is_left_to_people(tmp_path: Path, odd: str) -> None:
    path = "plans/PAY/parallel.json"
    text = f'{{"achievements": [{{{odd}, "blocks": []}}, {{"achievement_id": "1.2", "dependencies": ["1.1"], "blocks": ["1.1"]}}]}}'
    write_files(tmp_path, {PLAN: TEXT, path: text})
    made = apply_document_fixes(Index(tmp_path), FixOptions(lambda _: True), quiet=True)
    after = json.loads((tmp_path / path).read_text(encoding="utf-8"))
    assert [entry.get("dependencies") for entry in after["achievements"]] == [
        entry.get("dependencies") for entry in json.loads(text)["achievements"]
    ]
    for diagnostic in made.view.diagnostics_at(path):
        for fix in fixes_for(made.view.snapshot, diagnostic, made.view.text):
            json.loads(changed_text((tmp_path / path).read_text(encoding="utf-8"), fix.changes))  # type: ignore[arg-type]  # of one text


@pytest.mark.parametrize("other", ["11.2", "1.2"])
def test_an_id_goes_into_the_entry_that_counts(tmp_path: Path, other: str) -> None:
    """Use an entry whose id only ends with the wanted id, and a first of two entries with one id: neither gets it."""
    entries = [
        f'{{"achievement_id": "{other}", "blocks": []}}',
        '{"achievement_id": "1.2", "blocks": []}',
        '{"achievement_id": "1.3", "dependencies": ["1.2"]}',
    ]
    path = "plans/PAY/parallel.json"
    write_files(tmp_path, {PLAN: TEXT, path: f'{{"achievements": [{", ".join(entries)}]}}'})
    apply_document_fixes(Index(tmp_path), FixOptions(lambda _: True), quiet=True)
    data = json.loads((tmp_path / path).read_text(encoding="utf-8"))
    assert [entry.get("blocks") for entry in data["achievements"]] == [[], ["1.3"], None]


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60), st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_rewriting_is_whole_or_not_at_all(before: str, after: str, other: str, mark: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        file = root / "a.md"
        file.write_bytes(mark + before.removeprefix("\ufeff").encode())
        file.chmod(0o640)
        rewrite_file(root, "a.md", before.removeprefix("\ufeff"), after)
        assert file.read_bytes() == mark + after.encode()
        assert sys.platform == "win32" or stat.S_IMODE(file.stat().st_mode) == 0o640
        if other != after and not after.startswith("\ufeff"):
            with pytest.raises(WriteError, match="has changed"):
                rewrite_file(root, "a.md", other, "x")
            assert file.read_bytes() == mark + after.encode()
        assert [path.name for path in root.iterdir()] == ["a.md"]
