"""Files that workers read give the same documents as files that this process reads."""

from __future__ import annotations

import os
import subprocess
import sys
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from conftest import needs_fork
from lsp_client import eventually
from planmark.diagnostics.document_diagnostics import check_and_pack
from planmark.workspace import parse_workers
from planmark.workspace.index import Index
from planmark.workspace.parse_workers import MIN_FILES_FOR_WORKERS, Worker, process_count_for

PLAN = "**Status**: In Progress\n\n**Achievement 1.1**: Title {}\n\nSee SUBPLAN_GONE_11.md.\n"


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Enough documents for workers."""
    for number in range(MIN_FILES_FOR_WORKERS + 20):
        folder = tmp_path / f"plans/F{number}"
        folder.mkdir(parents=True)
        (folder / f"PLAN_F{number}.md").write_text(PLAN.format(number), encoding="utf-8")
    (tmp_path / "plans/F0/APPROVED_11.md").write_bytes(b"\xff\xfe\0")
    (tmp_path / "plans/F1/SUBPLAN_F1_11.md").write_bytes(b"\x80 not UTF-8")
    (tmp_path / "plans/F2/parallel.json").write_text('{"achievements": [{"achievement_id": "\\ud800"}]}', "utf-8")
    return tmp_path


def index_of(root: Path, processes: int) -> Index:
    return Index(root, {"index.processes": processes}, check_and_pack)


def test_the_snapshot_is_the_same_whoever_read(many: Path) -> None:
    alone, together = index_of(many, 1).refresh(), index_of(many, 2).refresh()
    assert dict(alone.documents) == dict(together.documents)
    assert (alone.plans, alone.problems, alone.names.keys()) == (
        together.plans,
        together.problems,
        together.names.keys(),
    )
    assert not alone.packed_diagnostics
    assert together.packed_diagnostics.keys() == together.documents.keys()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Worker]:
    """The started workers, in order."""
    found: list[Worker] = []
    start = parse_workers._start_worker

    def remembered(known: list[Worker], handed: Any) -> bool:
        done = start(known, handed)
        found.extend(known[-1:] if done else [])
        return done

    monkeypatch.setattr(parse_workers, "_start_worker", remembered)
    return found


def test_a_worker_that_ends_leaves_nothing_unread(
    many: Path, started: list[Worker], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(parse_workers, "MAX_BATCH_FILES", 1)
    index = index_of(many, 2)
    for done, _ in index.scan():
        if done == 1:
            started[0].process.terminate()
    assert len(index.snapshot().documents) == MIN_FILES_FOR_WORKERS + 23
    assert "a process that reads files has ended" in caplog.text


def half_an_answer(pipe: Connection, _: list[Connection], __: object) -> None:
    """Behave as a worker that is killed while it writes an answer."""
    pipe.recv()
    os.write(pipe.fileno(), b"\0\0\1\0")
    os._exit(1)


def test_a_worker_that_ends_while_it_answers_leaves_nothing_unread(
    many: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(parse_workers, "_run_worker", half_an_answer)
    monkeypatch.setattr(parse_workers, "_may_fork", lambda: False)
    assert len(index_of(many, 3).refresh().documents) == MIN_FILES_FOR_WORKERS + 23
    assert caplog.text.count("the rest is read without it") == 2


@pytest.mark.parametrize("last", [0, 1])
def test_where_no_more_processes_can_be_started_those_that_are_do_it(
    many: Path, started: list[Worker], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, last: int
) -> None:
    begin = BaseProcess.start

    def limited(process: BaseProcess) -> None:
        if len(started) == last:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        begin(process)

    monkeypatch.setattr(BaseProcess, "start", limited)
    assert len(index_of(many, 4).refresh().documents) == MIN_FILES_FOR_WORKERS + 23
    assert len(started) == last
    assert "no process can be started to read files" in caplog.text


def test_where_no_file_can_be_handed_over_all_is_read_here(
    many: Path, started: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: str) -> tuple[int, str]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parse_workers, "_may_fork", lambda: False)
    monkeypatch.setattr(parse_workers.tempfile, "mkstemp", full)
    assert len(index_of(many, 2).refresh().documents) == MIN_FILES_FOR_WORKERS + 23
    assert not started


UNGUARDED = """
import os, sys, threading
from pathlib import Path
from planmark.workspace.index import Index
if "thread" in sys.argv:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
os.register_at_fork(before=lambda: print("copied"))
print(len(Index(Path(sys.argv[1]), {"index.processes": 2}).refresh().documents))
"""


def run_script(root: Path, *arguments: str) -> list[str]:
    """Return the output of a script that reads a workspace."""
    script = root / "script.py"
    script.write_text(UNGUARDED, encoding="utf-8")
    command = [sys.executable, str(script), str(root), *arguments]
    return subprocess.run(command, capture_output=True, timeout=120, text=True, check=True).stdout.split()


def test_a_script_that_its_workers_cannot_import_reads_alone(many: Path) -> None:
    """Use threads to prevent a fork. Each worker would import the script and start workers, which Python refuses."""
    for number in range(3000):
        (many / f"EXECUTION_CASE-STUDY_{number:0100}.md").touch()
    assert run_script(many, "thread") == [str(MIN_FILES_FOR_WORKERS + 23)]


@needs_fork
def test_where_no_other_thread_is_the_process_is_copied(many: Path) -> None:
    assert run_script(many) == ["copied", str(MIN_FILES_FOR_WORKERS + 23)]


def test_a_look_that_is_given_up_ends_its_workers(many: Path, started: list[Worker]) -> None:
    look = index_of(many, 3).scan()
    next(look)
    next(look)
    look.close()  # type: ignore[attr-defined]
    assert len(started) == 2
    # Another thread joins the workers too. While it takes the exit code of one, that code is `None` here.
    assert eventually(lambda: [worker.process.exitcode for worker in started] == [0, 0])


def test_few_files_are_read_in_one_process() -> None:
    assert process_count_for(MIN_FILES_FOR_WORKERS - 1, 0) == 1
    assert process_count_for(MIN_FILES_FOR_WORKERS, 3) == 3
    assert 1 <= process_count_for(MIN_FILES_FOR_WORKERS, 0) <= parse_workers.MAX_PROCESSES
