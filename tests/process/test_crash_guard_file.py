"""A section that crashes the native parser ends at most one process; it is named, and skipped until it changes."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import crashing_parser
from conftest import REPOSITORY, needs_fork
from crashing_parser import HANGS, KILLS
from fixture import write_files
from lsp_client import ProcessClient
from planmark.markdown import blocks
from planmark.markdown.crash_guard import NullGuard, set_guard
from planmark.markdown.sections import split_into_sections
from planmark.queries.workspace_view import build_view
from planmark.workspace import crash_guard_file, parse_workers
from planmark.workspace.crash_guard_file import NO_DIGEST, FileCrashGuard
from planmark.workspace.index import Index
from planmark.workspace.parse_workers import MIN_FILES_FOR_WORKERS

PLAN = "**Achievement 1.1**: A\n"
BAD = "plans/F0/EXECUTION_TASK_F0_11_99.md"
WRONG = f"# T\n\n- **Status**: {KILLS}\n\n## Good\n\n- **Next**: x\n"
WITH_THAT_PARSER = (
    f"import sys; sys.path[:0] = [{str(REPOSITORY / 'server')!r}, {str(REPOSITORY / 'tests')!r}]; "
    "import crashing_parser; crashing_parser.install(); from planmark.cli.main import main; sys.exit(main(sys.argv[1:]))"
)


@pytest.fixture(autouse=True)
def own_guard() -> Iterator[None]:
    """A separate guard for each test, so that it knows no other cache folder."""
    set_guard(NullGuard())
    yield
    set_guard(NullGuard())


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Enough documents for workers; the last one, which a worker reads, crashes the parser."""
    files = {f"plans/F{n}/PLAN_F{n}.md": PLAN for n in range(MIN_FILES_FOR_WORKERS)}
    files |= {f"plans/F0/EXECUTION_TASK_F0_11_{n}.md": "# T\n\n- **Status**: done\n" for n in range(10, 90)}
    write_files(tmp_path / "ws", {**files, BAD: WRONG})
    return tmp_path / "ws"


@pytest.mark.parametrize("word", [KILLS, HANGS])
def test_a_worker_that_the_parser_ends_costs_one_section(
    many: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, word: str
) -> None:
    monkeypatch.setattr(parse_workers, "_may_fork", lambda: False)
    monkeypatch.setattr(crash_guard_file, "ISOLATED_MODULE_CODE", crashing_parser.trial())
    monkeypatch.setattr(crash_guard_file, "TRIAL_SECONDS", 5.0)
    monkeypatch.setattr(parse_workers, "STALLED_SECONDS", 8.0)
    caplog.set_level(logging.WARNING, "planmark")
    (many / BAD).write_text(WRONG.replace(KILLS, word), encoding="utf-8")
    index = Index(many, {"index.processes": 2}, crashing_parser.examine)
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    assert len(view.snapshot.documents) == MIN_FILES_FOR_WORKERS + 81
    (found,) = [finding for finding in view.diagnostics if finding.code == "file-unreadable"]
    assert (found.path, found.line) == (BAD, 1)
    assert "the parser crashes on this section" in found.message
    assert "crashed in the parser, and a new process replaces it" in caplog.text


@needs_fork
def test_a_copy_of_the_command_that_the_parser_ends_costs_one_section(many: Path) -> None:
    """Run a command with that parser: it survives only if a forked copy with its own guard crashes first."""
    done = check(many)
    assert done.returncode == 1, done.stderr
    assert BAD in done.stdout and "the parser crashes on this section" in done.stdout
    assert "crashed in the parser, and a new process replaces it" in done.stderr


def test_after_a_crash_of_the_command_the_next_one_says_what_it_was(tmp_path: Path) -> None:
    """Let the command itself read few files. It crashes once, and not again while that section stays the same."""
    write_files(tmp_path, {"plans/F0/PLAN_F0.md": PLAN, BAD: WRONG})
    first, second, third = (check(tmp_path) for _ in range(3))
    assert first.returncode not in (0, 1)
    for done in (second, third):
        assert done.returncode == 1
        assert f"{BAD}" in done.stdout and "the parser crashes on this section" in done.stdout
    (tmp_path / BAD).write_text(WRONG.replace(KILLS, "done"), encoding="utf-8")
    mended = check(tmp_path)
    assert mended.returncode in (0, 1) and "the parser crashes" not in mended.stdout


def test_a_server_that_was_ended_serves_when_it_is_started_again(tmp_path: Path) -> None:
    write_files(tmp_path, {"plans/F0/PLAN_F0.md": PLAN, BAD: WRONG})
    command = [sys.executable, "-c", WITH_THAT_PARSER, "serve"]
    first = ProcessClient(command)
    first.send("initialize", {"processId": None, "rootUri": tmp_path.as_uri(), "capabilities": {}})
    first.notify("initialized", {})
    assert first.process.wait(30) != 0
    again = ProcessClient(command)
    try:
        again.begin([tmp_path])
        uri = again.open(tmp_path / BAD)
        report = again.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        assert "file-unreadable" in [item["code"] for item in report["items"]]
        again.change(uri, 2, "x\n", (0, 0, 0, 0))
        assert again.request("planmark/status")["workspaces"][0]["plans"]
        again.close(log="ends the parser")
    finally:
        again.kill()


def check(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITH_THAT_PARSER, "--workspace", str(root), "check"]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)


def test_what_is_suspected_wrongly_is_tried_once_and_read(tmp_path: Path) -> None:
    """Leave the file of a killed process, which raises a suspicion as well."""
    (section,) = (placed.section for placed in split_into_sections("# T\n\n- a\n"))
    (tmp_path / f"1-ab{crash_guard_file.IN_PROGRESS_SUFFIX}").write_bytes(section.digest)
    guard = FileCrashGuard(tmp_path)
    assert guard.collect() == {section.digest}
    assert not guard.refuses(section.digest, section.text)
    assert [path.name for path in tmp_path.iterdir()] == [guard._digest_file.name]
    assert not FileCrashGuard(tmp_path).collect()


def test_what_is_parsed_is_written_down_while_it_is(tmp_path: Path) -> None:
    guard = FileCrashGuard(tmp_path)
    assert not guard.refuses(b"d" * 16, "x")
    guard.begin(b"d" * 16)
    other = FileCrashGuard(tmp_path)
    assert not other.collect(), "its process still lives"
    assert guard._digest_file.read_bytes() == b"d" * 16
    guard.end()
    assert guard._digest_file.read_bytes() == NO_DIGEST


@pytest.mark.parametrize("content", [b"", b"short", NO_DIGEST, b"x" * 5000])
def test_what_is_left_behind_may_be_anything(tmp_path: Path, content: bytes) -> None:
    (tmp_path / f"1-ab{crash_guard_file.IN_PROGRESS_SUFFIX}").write_bytes(content)
    (tmp_path / "deadly-zz").touch()
    (tmp_path / "suspected-").touch()
    assert FileCrashGuard(tmp_path).collect() <= {b"x" * 16, b""}


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "geteuid"), reason="rights of folders are POSIX's")
def test_without_a_folder_to_write_into_everything_is_read(tmp_path: Path) -> None:
    (tmp_path / "no").write_text("a file where the folder should be", encoding="utf-8")
    guard = FileCrashGuard(tmp_path / "no" / "folder")
    assert not guard.refuses(b"d" * 16, "x")
    guard.begin(b"d" * 16)
    guard.end()
    set_guard(guard)
    (section,) = (placed.section for placed in split_into_sections("# T\n\n- a\n"))
    blocks.clear_cache()
    assert blocks.parse_blocks(section).items
