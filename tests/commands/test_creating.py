"""Commands that write: the right file in the right place, whole, and never over an existing file."""

from __future__ import annotations

import datetime
import os
import re
import sys
import time
from pathlib import Path

import pytest

from fixture import write_files
from planmark.cli.main import main
from planmark.workspace.atomic_write import WriteError, create_file
from planmark.workspace.workspace_edits import CreateFile

PLAN = "work-space/plans/PAY/PLAN_PAY.md"


def run(root: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command; return its exit code, standard output and standard error."""
    code = main(["--workspace", str(root), *arguments])
    shown = capsys.readouterr()
    return code, shown.out.strip(), shown.err


def test_from_nothing_to_work_that_is_not_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, capsys, "init")[1].splitlines() == ["planmark.toml", "work-space/plans/"]
    assert run(tmp_path, capsys, "init")[1] == "nothing to do: everything already exists"
    assert run(tmp_path, capsys, "new", "PAY")[1] == PLAN
    assert run(tmp_path, capsys, "check")[0] == 0
    assert run(tmp_path, capsys, "create", "subplan", "@PAY", "1.1")[1].endswith("subplans/SUBPLAN_PAY_11.md")
    assert run(tmp_path, capsys, "create", "execution", "@PAY", "1.1")[1].endswith("EXECUTION_TASK_PAY_11_01.md")
    assert run(tmp_path, capsys, "create", "execution", "@PAY", "1.1")[1].endswith("EXECUTION_TASK_PAY_11_02.md")
    code, shown, _ = run(tmp_path, capsys, "check")
    assert code == 1 and set(re.findall(r"(?:error|warning|information) ([\w-]+)", shown)) == {
        "placeholder-left",
        "status-contradicts-files",
    }
    code, _, said = run(tmp_path, capsys, "verdict", "approve", "@PAY", "1.1", "--reviewer", "Ada")
    assert code == 4 and "no EXECUTION_TASK of 1.1 is done" in said


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be set here")
@pytest.mark.parametrize("zone", ["XXX+12", "XXX-14"])
def test_a_new_plan_has_the_day_of_utc(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    with monkeypatch.context() as here:
        here.setenv("TZ", zone)
        time.tzset()
        before = datetime.datetime.now(datetime.timezone.utc).date()
        run(tmp_path, capsys, "new", "PAY")
        after = datetime.datetime.now(datetime.timezone.utc).date()
    time.tzset()
    created = re.search(r"\*\*Created\*\*: (\S+)", (tmp_path / PLAN).read_text(encoding="utf-8"))
    assert created and created[1] in (before.isoformat(), after.isoformat())


def test_a_new_plan_lies_beside_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {"docs/plans/A/PLAN_A.md": "**Achievement 1.1**: A\n"})
    assert run(tmp_path, capsys, "new", "B")[1] == "docs/plans/B/PLAN_B.md"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("new", "pay desk"), 2, "did you mean PAY-DESK?"),
        (("new", "PAY"), 2, "PAY exists already"),
        (("create", "execution", "@PAY", "1.1"), 2, "no SUBPLAN to execute"),
        (("create", "subplan", "@PAY", "9.9"), 2, "no achievement 9.9"),
        (("create", "nothing", "@PAY", "1.1"), 2, "takes subplan or execution"),
        (("verdict", "approve", "@PAY", "1.1"), 2, "--reviewer"),
        (("verdict", "approve", "@PAY", "1.1", "--reviewer", " "), 2, "needs its reviewer"),
    ],
)
def test_what_cannot_be_created(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, says: str
) -> None:
    write_files(tmp_path, {PLAN: "**Achievement 1.1**: A\n"})
    before = sorted(tmp_path.rglob("*"))
    found, _, said = run(tmp_path, capsys, *arguments)
    assert (found, says in said) == (code, True), said
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path.resolve()
    assert create_file(root, CreateFile("a/b.md", "x\n")).read_bytes() == b"x\n"
    with pytest.raises(WriteError, match="is not overwritten"):
        create_file(root, CreateFile("a/b.md", "y\n"))
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(WriteError, match="No space left"):
        create_file(root, CreateFile("a/c.md", "y\n"))
    assert sorted(path.name for path in (root / "a").iterdir()) == ["b.md"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_nothing_is_written_outside_the_workspace(tmp_path: Path) -> None:
    root = (tmp_path / "root").resolve()
    (root / "in").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    (root / "link").symlink_to(tmp_path / "out")
    for path in ("../out/x.md", "link/x.md", "in/../../out/x.md"):
        with pytest.raises(WriteError, match="outside"):
            create_file(root, CreateFile(path, "x"))
    assert list((tmp_path / "out").iterdir()) == []


def test_where_there_are_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    root = tmp_path.resolve()
    assert create_file(root, CreateFile("b.md", "x\n")).read_text() == "x\n"
    with pytest.raises(WriteError, match="is not overwritten"):
        create_file(root, CreateFile("b.md", "y\n"))
    assert (root / "b.md").read_text() == "x\n"


def test_the_budget_of_every_plan_and_of_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(
        tmp_path,
        {
            PLAN: "**Estimated Effort**: 3 hours\n\n**Achievement 1.1**: A\n\n- Effort: 2-3 hours\n\n**Achievement 1.2**: B\n"
        },
    )
    code, shown, _ = run(tmp_path, capsys, "budget")
    assert code == 0
    assert "create subplan  designer  2" in shown
    assert "Share of each tier: 2: 100%" in shown
    rows = run(tmp_path, capsys, "budget", "@PAY")[1].splitlines()
    assert [row.split()[1] for row in rows[1:3]] == ["1.1", "1.2"]
    write_files(tmp_path, {"planmark.toml": "[prompts]\ntokenBudget = 20\n"})
    code, shown, said = run(tmp_path, capsys, "budget")
    assert "no prompt" in shown and "after all reductions" in said


def test_without_a_clipboard_nothing_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {PLAN: "**Achievement 1.1**: A\n"})
    monkeypatch.setenv("PATH", "")
    code, shown, said = run(tmp_path, capsys, "next", "--copy")
    assert code == 0
    assert shown.startswith("# PAY 1.1")
    assert "no clipboard found" in said


@pytest.mark.skipif(sys.platform == "win32", reason="the program that stands in is a shell script")
def test_the_clipboard_gets_the_prompt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {PLAN: "**Achievement 1.1**: A\n"})
    program = tmp_path / "bin" / "wl-copy"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n/bin/cat > '{tmp_path}/copied'\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    _, shown, said = run(tmp_path, capsys, "next", "--copy")
    assert (tmp_path / "copied").read_text(encoding="utf-8").strip() == shown
    assert "copied to the clipboard" in said


@pytest.mark.parametrize("step", ["pause", "resume", "verify", "parallel"])
def test_steps_on_demand(tmp_path: Path, capsys: pytest.CaptureFixture[str], step: str) -> None:
    write_files(tmp_path, {PLAN: "**Achievement 1.1**: A\n"})
    assert run(tmp_path, capsys, "next", "--step", step)[0] == 0


def test_a_step_that_no_state_asks_for_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: "**Achievement 1.1**: A\n"})
    code, _, said = run(tmp_path, capsys, "next", "--step", "request_review")
    assert code == 2 and "its step is create_subplan" in said
    code, _, said = run(tmp_path, capsys, "next", "--step", "paus")
    assert code == 2 and "did you mean pause?" in said
