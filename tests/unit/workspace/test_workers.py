"""Files that are read in processes of their own are read as here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import needs_fork
from planmark.checks.examined import examine_packed
from planmark.workspace import workers
from planmark.workspace.index import Index
from planmark.workspace.workers import FEWEST, processes_for

PLAN = "**Status**: In Progress\n\n**Achievement 1.1**: Title {}\n\nSee SUBPLAN_GONE_11.md.\n"


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """More documents than one process reads."""
    for number in range(FEWEST + 20):
        folder = tmp_path / f"plans/F{number}"
        folder.mkdir(parents=True)
        (folder / f"PLAN_F{number}.md").write_text(PLAN.format(number), encoding="utf-8")
    (tmp_path / "plans/F0/APPROVED_11.md").write_bytes(b"\xff\xfe\0")
    (tmp_path / "plans/F1/SUBPLAN_F1_11.md").write_bytes(b"\x80 not UTF-8")
    (tmp_path / "plans/F2/parallel.json").write_text('{"achievements": [{"achievement_id": "\\ud800"}]}', "utf-8")
    return tmp_path


def index_of(root: Path, processes: int) -> Index:
    return Index(root, {"index.processes": processes}, examine_packed)


def test_the_snapshot_is_the_same_whoever_read(many: Path) -> None:
    alone, together = index_of(many, 1).refresh(), index_of(many, 2).refresh()
    assert dict(alone.documents) == dict(together.documents)
    assert (alone.plans, alone.problems, alone.names.keys()) == (
        together.plans,
        together.problems,
        together.names.keys(),
    )
    assert not alone.examined
    assert together.examined.keys() == together.documents.keys()


def test_a_worker_that_ends_leaves_nothing_unread(
    many: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pools = []
    made = workers.ProcessPoolExecutor

    def remembered(*args: object, **kwargs: object) -> object:
        pools.append(made(*args, **kwargs))  # type: ignore[arg-type]
        return pools[0]

    monkeypatch.setattr(workers, "ProcessPoolExecutor", remembered)
    monkeypatch.setattr(workers, "BATCH", 1)
    index = index_of(many, 2)
    for done, _ in index.look():
        if done == 1:
            for process in pools[0]._processes.values():
                os.kill(process.pid, signal.SIGTERM)
    assert len(index.snapshot().documents) == FEWEST + 23
    assert "a process that reads files has ended" in caplog.text


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
    """What a script that reads a workspace says."""
    script = root / "script.py"
    script.write_text(UNGUARDED, encoding="utf-8")
    command = [sys.executable, str(script), str(root), *arguments]
    return subprocess.run(command, capture_output=True, timeout=120, text=True, check=True).stdout.split()


def test_a_script_that_its_workers_cannot_import_reads_alone(many: Path) -> None:
    """A script with threads is not copied: each worker imports it anew, and begins to read anew, which Python refuses."""
    for number in range(3000):
        (many / f"EXECUTION_CASE-STUDY_{number:0100}.md").touch()
    assert run_script(many, "thread") == [str(FEWEST + 23)]


@needs_fork
def test_where_no_other_thread_is_the_process_is_copied(many: Path) -> None:
    assert run_script(many) == ["copied", str(FEWEST + 23)]


def test_a_look_that_is_given_up_ends_its_workers(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = []
    made = workers.ProcessPoolExecutor

    class Watched(made):  # type: ignore[misc, valid-type]
        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            ended.append((wait, cancel_futures))
            super().shutdown(wait, cancel_futures=cancel_futures)

    monkeypatch.setattr(workers, "ProcessPoolExecutor", Watched)
    look = index_of(many, 2).look()
    next(look)
    next(look)
    look.close()  # type: ignore[attr-defined]
    assert ended == [(False, True)]


def test_few_files_are_read_in_one_process() -> None:
    assert processes_for(FEWEST - 1, 0) == 1
    assert processes_for(FEWEST, 3) == 3
    assert 1 <= processes_for(FEWEST, 0) <= workers.MAX_PROCESSES
