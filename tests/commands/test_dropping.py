"""`planmark drop`: the mark that it writes, and the cases in which it writes none."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import Run, runner
from fixture import write_files

PLAN = "plans/PAY/PLAN_PAY.md"
FEEDBACKS = "plans/PAY/execution/feedbacks"
NOTE = ("--note", "nobody asked for it")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    (tmp_path / ".git").mkdir()
    return runner(capsys, "--workspace", str(tmp_path))


def plan(root: Path, line: str, index: str = "") -> bytes:
    listed = f"## Achievement Index\n\n- Achievement 1.1: A\n{index}\n\n## Priority 1\n\n" if index else ""
    text = f"# PLAN\n\n{listed}**Achievement 1.1**: A\n\n{line}\n"
    write_files(root, {PLAN: text})
    return text.encode()


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("**Achievement 1.2**: B", "**Achievement 1.2**: B (DROPPED: nobody asked for it)"),
        ("**Achievement 1.2: B**", "**Achievement 1.2: B (DROPPED: nobody asked for it)**"),
        ("**Achievement 1.2: B** ⏱️ 4-6 hours", "**Achievement 1.2: B (DROPPED: nobody asked for it)** ⏱️ 4-6 hours"),
        ("### Achievement 1.2: B", "### Achievement 1.2: B (DROPPED: nobody asked for it)"),
        ("### Achievement 1.2: B ###", "### Achievement 1.2: B (DROPPED: nobody asked for it) ###"),
        ("#### **Achievement 1.2**: B", "#### **Achievement 1.2**: B (DROPPED: nobody asked for it)"),
        ("**Achievement 1.2**: B (4-6h)", "**Achievement 1.2**: B (DROPPED: nobody asked for it) (4-6h)"),
        ("**Achievement 1.2**: B  ", "**Achievement 1.2**: B (DROPPED: nobody asked for it)  "),
        ("**Achievement 1.2**", "**Achievement 1.2** (DROPPED: nobody asked for it)"),
        ("**Achievement 1.2**: B ✅", "**Achievement 1.2**: B ✅ (DROPPED: nobody asked for it)"),
    ],
)
def test_the_mark_stands_behind_the_title(tmp_path: Path, run: Run, line: str, after: str) -> None:
    before = plan(tmp_path, line)
    assert run("drop", "@PAY", "1.2", *NOTE).out == f"{PLAN}\n"
    assert (tmp_path / PLAN).read_bytes() == before.replace(f"{line}\n".encode(), f"{after}\n".encode())
    assert "0/1 approved, 1 dropped" in run("status", "@PAY").out


@pytest.mark.parametrize(
    ("index", "after"),
    [
        ("- Achievement 1.2: B", "- Achievement 1.2: B (DROPPED)"),
        ("- [ ] Achievement 1.2: B (2h)", "- [ ] Achievement 1.2: B (DROPPED) (2h)"),
        ("| 1.2 | B | 2 h |", "| 1.2 | B (DROPPED) | 2 h |"),
        ("- Achievement 1.2: B (CANCELLED)", None),
    ],
)
def test_the_index_gets_the_mark_too(tmp_path: Path, run: Run, index: str, after: str | None) -> None:
    before = plan(tmp_path, "**Achievement 1.2**: B", index)
    result = run("drop", "@PAY", "1.2", *NOTE)
    if after is None:
        assert (result.code, (tmp_path / PLAN).read_bytes()) == (3, before)
        return
    marked = before.replace(index.encode(), after.encode())
    marked = marked.replace(b"1.2**: B\n", b"1.2**: B (DROPPED: nobody asked for it)\n")
    assert (tmp_path / PLAN).read_bytes() == marked


def test_line_ends_and_the_byte_order_mark_stay(tmp_path: Path, run: Run) -> None:
    before = b"\xef\xbb\xbf# PLAN\r\n\r\n**Achievement 1.2**: B\r\n\r\n- Effort: 2 h\r\n"
    (tmp_path / PLAN).parent.mkdir(parents=True)
    (tmp_path / PLAN).write_bytes(before)
    assert run("drop", "@PAY", "1.2", *NOTE).code == 0
    assert (tmp_path / PLAN).read_bytes() == before.replace(b": B\r", b": B (DROPPED: nobody asked for it)\r")


def test_an_achievement_that_only_the_index_has(tmp_path: Path, run: Run) -> None:
    write_files(tmp_path, {PLAN: "# PLAN\n\n## Achievement Index\n\n- Achievement 1.1: A\n- Achievement 1.2: B\n"})
    assert run("drop", "@PAY", "1.2", *NOTE).code == 0
    assert "- Achievement 1.2: B (DROPPED: nobody asked for it)\n" in (tmp_path / PLAN).read_text("utf-8")


@pytest.mark.parametrize(
    "note",
    [
        "see (a) and (b)",
        "**bold** ~~struck~~ `code`",
        "two\nlines",
        "a | b",
        "<del>x</del>",
        "a) b (c",
        "Achievement 9.9: x",
    ],
)
def test_what_a_note_holds_does_not_break_the_mark(tmp_path: Path, run: Run, note: str) -> None:
    plan(tmp_path, "**Achievement 1.2: B**")
    assert run("drop", "@PAY", "1.2", "--note", note).code == 0
    states = {a["id"]: a["state"] for a in run("status", "--json").data["workspaces"][0]["plans"][0]["achievements"]}
    assert states == {"1.1": "no_subplan", "1.2": "dropped"}


def test_a_dry_run_writes_nothing(tmp_path: Path, run: Run) -> None:
    before = plan(tmp_path, "**Achievement 1.2**: B")
    result = run("drop", "@PAY", "1.2", *NOTE, "--dry-run")
    assert (result.code, (tmp_path / PLAN).read_bytes()) == (0, before)
    assert "-**Achievement 1.2**: B\n+**Achievement 1.2**: B (DROPPED: nobody asked for it)\n" in result.out


@pytest.mark.parametrize(
    ("line", "note", "code", "says"),
    [
        ("**Achievement 1.2**: B", " ", 2, "the note is empty"),
        ("**Achievement 1.2**: B", "x" * 301, 2, "the maximum is 300"),
        ("**Achievement 1.2**: ~~B~~", "x", 3, "1.2 is dropped already (plans/PAY/PLAN_PAY.md:5)"),
        ("", "x", 2, "no achievement 1.2"),
    ],
)
def test_what_cannot_be_dropped(tmp_path: Path, run: Run, line: str, note: str, code: int, says: str) -> None:
    before = plan(tmp_path, line)
    result = run("drop", "@PAY", "1.2", "--note", note)
    assert (result.code, (tmp_path / PLAN).read_bytes()) == (code, before)
    assert says in result.err


def test_what_is_approved_is_not_dropped(tmp_path: Path, run: Run) -> None:
    before = plan(tmp_path, "**Achievement 1.2**: B")
    write_files(tmp_path, {f"{FEEDBACKS}/APPROVED_12.md": "# APPROVED: Achievement 1.2\n\n**Status**: ✅ Approved\n"})
    write_files(tmp_path, {"plans/PAY/subplans/SUBPLAN_PAY_12.md": "# S\n\n## Objective\n\nx\n"})
    result = run("drop", "@PAY", "1.2", *NOTE)
    assert (result.code, (tmp_path / PLAN).read_bytes()) == (4, before)
    assert "1.2 is approved" in result.err


def test_a_note_is_needed(tmp_path: Path, run: Run) -> None:
    plan(tmp_path, "**Achievement 1.2**: B")
    assert run("drop", "@PAY", "1.2").code == 2


@pytest.mark.parametrize("kind", ["subplan", "execution"])
def test_nothing_is_created_for_what_is_dropped(tmp_path: Path, run: Run, kind: str) -> None:
    plan(tmp_path, "**Achievement 1.2**: ~~B~~")
    write_files(tmp_path, {"plans/PAY/subplans/SUBPLAN_PAY_12.md": "# S\n\n## Objective\n\nx\n"})
    result = run("create", kind, "@PAY", "1.2")
    assert (result.code, result.out) == (4, "")
    assert "1.2 is dropped (plans/PAY/PLAN_PAY.md:5: **Achievement 1.2**: ~~B~~): remove that text first" in result.err


def test_a_subplan_that_is_taken_back_is_not_created_again(tmp_path: Path, run: Run) -> None:
    plan(tmp_path, "**Achievement 1.2**: B")
    write_files(tmp_path, {"subplans/SUBPLAN_PAY_12.md": "# S\n\n**Status**: Obsolete\n\n## Objective\n\nx\n"})
    result = run("create", "subplan", "@PAY", "1.2")
    assert result.code == 2
    assert "subplans/SUBPLAN_PAY_12.md exists, and its Status withdraws it" in result.err


def test_a_dropped_achievement_has_no_prompt(tmp_path: Path, run: Run) -> None:
    plan(tmp_path, "**Achievement 1.2**: ~~B~~")
    result = run("next", "@PAY", "--achievement", "1.2")
    assert (result.code, result.out) == (3, "")
    assert "1.2 is dropped" in result.err
