"""A process that is killed while it writes leaves the old file or the whole new file, and blocks no later write."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from command_line import runner
from conftest import REPOSITORY
from fixture import write_files
from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO
from planmark.workspace.atomic_write import UNFINISHED_PREFIX, WriteError, create_file, rewrite_file
from planmark.workspace.scan import is_document
from planmark.workspace.workspace_edits import CreateFile
from sample_plan import FEEDBACKS, PLAN, TEXT

KILLED = REPOSITORY / "tests" / "kill_points.py"
EVERY = int(os.environ.get("PLANMARK_KILLED_EVERY", "41"))
"""Steps between two kills; 1 in `make soak`, which kills at every step."""
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
"""The time in a verdict, which differs between the killed processes."""
CLAIMED = TEXT.replace("- Achievement 1.1", "- ✅ Achievement 1.1")
APPROVED = {f"{FEEDBACKS}/APPROVED_11.md": "**Review Date**: 2026-01-02\n", f"{FEEDBACKS}/APPROVED_12.md": "x\n"}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork a process to be killed")


@pytest.mark.parametrize(
    ("texts", "arguments", "again"),
    [
        (
            {PLAN: TEXT},
            ["verdict", "approve", "@PAY", "1.1", "--reviewer", "Ada", "--force", "--note", "All works."],
            NOTHING_TO_DO,
        ),
        ({PLAN: TEXT}, ["create", "subplan", "@PAY", "1.1"], BAD_USAGE),
        ({PLAN: TEXT}, ["new", "TILL"], BAD_USAGE),
        ({PLAN: TEXT}, ["init"], DONE),
        ({PLAN: CLAIMED}, ["adopt", "@PAY", "--write", "--reviewer", "Ada"], None),
        (
            {PLAN: TEXT.replace("\n", "\r\n"), **APPROVED},
            ["check", "--fix", "--select", "plan-complete", "--unsafe"],
            None,
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_every_death_leaves_old_or_new(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], texts: dict[str, str], arguments: list[str], again: int | None
) -> None:
    root = tmp_path.resolve()
    write_files(root, texts)
    command = [sys.executable, str(KILLED), str(EVERY), str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    *deaths, finished = [json.loads(TIME.sub("NOW", line)) for line in done.stdout.splitlines()]
    new = {path: text for path, text in finished.items() if texts.get(path) != text}
    assert len(new) >= 1, "the command has written nothing"
    assert len(deaths) > 90 // EVERY
    for left in deaths:
        for path, text in left.items():
            assert text in (texts.get(path), new.get(path)) or Path(path).name.startswith(UNFINISHED_PREFIX), path
            assert not (Path(path).name.startswith(UNFINISHED_PREFIX) and is_document(Path(path).name))
        assert left.keys() >= texts.keys()
    assert not [path for path in finished if Path(path).name.startswith(UNFINISHED_PREFIX)]
    # After the last kill the files were restored and the command ran to its end: leftovers did not block it.
    planmark = runner(capsys, "--workspace", str(root))
    if again is not None:
        assert planmark(*arguments).code == again
    assert planmark("status").code == DONE


def test_what_a_dead_writer_has_left_is_removed(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    write_files(root, {f"{UNFINISHED_PREFIX}old": "half", f"{UNFINISHED_PREFIX}new": "half", "a.md": "one\n"})
    past = time.time() - 3600
    os.utime(root / f"{UNFINISHED_PREFIX}old", (past, past))
    rewrite_file(root, "a.md", "one\n", "two\n")
    assert sorted(path.name for path in root.iterdir()) == [f"{UNFINISHED_PREFIX}new", "a.md"]


def test_a_file_that_was_just_made_by_a_dead_writer_can_be_changed(tmp_path: Path) -> None:
    """Leave the files of a writer that died after it named the file and before it removed the temporary name."""
    root = tmp_path.resolve()
    write_files(root, {"a.md": "one\n"})
    (root / f"{UNFINISHED_PREFIX}x").hardlink_to(root / "a.md")
    rewrite_file(root, "a.md", "one\n", "two\n")
    assert [(path.name, path.read_text()) for path in root.iterdir()] == [("a.md", "two\n")]


def test_a_file_with_two_names_stays_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: TEXT, **APPROVED})
    (tmp_path / "copy").hardlink_to(tmp_path / PLAN)
    shown = runner(capsys, "--workspace", str(tmp_path))("check", "--fix", "--select", "plan-complete", "--unsafe")
    assert f"{PLAN} has 2 names (hard links)" in shown.err
    assert "plan-complete" in shown.out
    assert (tmp_path / PLAN).samefile(tmp_path / "copy")
    assert (tmp_path / PLAN).read_text() == TEXT


def test_a_link_to_a_document_stays_a_link(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    write_files(root, {"docs/a.md": "one\r\n"})
    (root / "b.md").symlink_to("docs/a.md")
    rewrite_file(root, "b.md", "one\r\n", "two\r\n")
    assert (root / "b.md").is_symlink()
    assert (root / "docs/a.md").read_bytes() == b"two\r\n"


@pytest.mark.parametrize("kind", ["pipe", "outside", "gone", "folder", "loop"])
def test_what_is_no_plain_file_inside_is_not_written(tmp_path: Path, kind: str) -> None:
    root = tmp_path.resolve() / "root"
    write_files(root, {"x.md": "x"})
    (tmp_path / "out.md").write_text("one\n")
    match kind:
        case "pipe":
            os.mkfifo(root / "a.md")
        case "outside":
            (root / "a.md").symlink_to(tmp_path / "out.md")
        case "folder":
            (root / "a.md").mkdir()
        case "loop":
            (root / "a.md").symlink_to("a.md")
    with pytest.raises(WriteError, match="nothing was written"):
        rewrite_file(root, "a.md", "one\n", "two\n")
    assert (tmp_path / "out.md").read_text() == "one\n"


def test_a_new_file_does_not_take_the_place_of_a_broken_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path.resolve()
    (root / "a.md").symlink_to("nothing")
    for hard_links in (True, False):
        if not hard_links:
            monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(PermissionError(1, "no hard links")))
        with pytest.raises(WriteError, match="exists already"):
            create_file(root, CreateFile("a.md", "new\n"))
    assert [path.name for path in root.iterdir()] == ["a.md"]


def test_who_cannot_keep_a_lock_writes_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "no-folder").write_text("x")
    monkeypatch.setenv("PLANMARK_CACHE", str(tmp_path / "no-folder"))
    root = tmp_path.resolve() / "root"
    write_files(root, {"a.md": "one\n"})
    rewrite_file(root, "a.md", "one\n", "two\n")
    assert (root / "a.md").read_text() == "two\n"
