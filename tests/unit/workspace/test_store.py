"""The store: what it saves, and that no damage to it changes an answer."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from fixture import write_files
from planmark.markdown import blocks
from planmark.queries.persistent_index import open_index, save
from planmark.queries.workspace_view import View, build_view
from planmark.storage import sqlite_file
from planmark.storage.sqlite_file import store_paths
from planmark.workspace.index import Index
from planmark.workspace.scan import Stamp
from planmark.workspace.settings import DEFAULTS
from planmark.workspace.store import Store, StoreRow, open_store
from stored_workspace import FILES, LONG_AGO, write_stored


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace in which no file has changed for a while."""
    return write_stored(tmp_path / "ws")


def opened(root: Path) -> tuple[Index, View]:
    """Open the workspace as a new process does, and save it to the store."""
    index = open_index(root)
    view = build_view(index.refresh(), index.text_reader(), index.parsed_count, exists=index.exists)
    assert view.diagnostics
    save(index, view)
    if index.entries.store:
        index.entries.store.close()
    return index, view


def said(view: View) -> object:
    return view.snapshot.plans, view.diagnostics, [judged.state for judged in view.evaluations.values()]


def only_store() -> Path:
    (path,) = store_paths()
    return path


def test_a_new_store_does_not_wait_for_the_disk(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect, statements = sqlite3.connect, list[str]()

    def traced_connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(statements.append)
        return connection

    monkeypatch.setattr(sqlite3, "connect", traced_connect)
    opened(root)
    assert statements[:2] == ["PRAGMA synchronous = OFF", "PRAGMA journal_mode = WAL"]


def test_a_second_process_reads_and_parses_nothing_and_says_the_same(root: Path) -> None:
    first, before = opened(root)
    assert first.parsed_count == len(FILES)
    parsed = blocks.counts.misses
    again, after = opened(root)
    assert (again.parsed_count, blocks.counts.misses) == (0, parsed)
    assert said(after) == said(before)
    assert sum(known.hits for known in again.entries.counts.values()) == len(FILES)
    assert (first.entries.load_counts.hits, first.entries.load_counts.misses, first.entries.stored_count) == (
        0,
        len(FILES),
        len(FILES),
    )
    assert (again.entries.load_counts.hits, again.entries.load_counts.misses, again.entries.stored_count) == (
        len(FILES),
        0,
        len(FILES),
    )


def test_only_what_has_changed_is_read(root: Path) -> None:
    opened(root)
    (root / "plans/PAY/PLAN_PAY.md").write_text("**Achievement 1.1**: Returns\n\nSee SUBPLAN_PAY_11.md.\n", "utf-8")
    (root / "plans/PAY/parallel.json").unlink()
    write_files(root, {"plans/PAY/subplans/SUBPLAN_PAY_12.md": "# SUBPLAN\n"})
    again, after = opened(root)
    assert again.parsed_count == 2
    fresh = Index(root)
    assert said(after) == said(build_view(fresh.refresh(), fresh.text_reader(), exists=fresh.exists))
    assert opened(root)[0].parsed_count <= 2


def test_a_file_that_was_only_touched_is_not_parsed_again(root: Path) -> None:
    opened(root)
    os.utime(root / "plans/PAY/PLAN_PAY.md")
    parsed = blocks.counts.misses
    assert opened(root)[0].parsed_count == 0
    assert blocks.counts.misses == parsed


def test_a_file_that_may_change_within_the_tick_of_the_clock_is_looked_at_again(root: Path) -> None:
    path = root / "plans/PAY/PLAN_PAY.md"
    path.write_text("**Achievement 1.1**: AAA\n", encoding="utf-8")
    stamp = path.stat()
    opened(root)
    path.write_text("**Achievement 1.1**: BBB\n", encoding="utf-8")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    unsettled, view = opened(root)
    settled = unsettled.parsed_count == 0
    # A slow machine may read the file after the tick. Then the modification time cannot be trusted in this case,
    # either.
    assert settled or view.snapshot.plans[0].facts.achievements[0].title == "BBB"


@pytest.mark.parametrize("mtime_ns", [LONG_AGO // 1_000_000_000 * 1_000_000_000, 4_000_000_000_000_000_000])
def test_times_of_whole_seconds_and_of_the_future_are_read_right(root: Path, mtime_ns: int) -> None:
    path = root / "plans/PAY/PLAN_PAY.md"
    os.utime(path, ns=(mtime_ns, mtime_ns))
    opened(root)
    path.write_text(FILES["plans/PAY/PLAN_PAY.md"].replace("Refunds", "Returns"), encoding="utf-8")
    os.utime(path, ns=(mtime_ns, mtime_ns))
    _, view = opened(root)
    titles = [plan.facts.achievements[0].title for plan in view.snapshot.plans]
    # A file with a time in the future is read each time. Windows shows no other sign of a change.
    assert titles == (["Returns"] if mtime_ns > LONG_AGO or os.name != "nt" else ["Refunds"])


@pytest.mark.skipif(os.name == "nt", reason="Windows tells neither inode nor the time of the last change")
@pytest.mark.parametrize("replaced", [True, False], ids=["another file", "the same file"])
def test_a_file_of_the_same_size_and_time_is_read_again(root: Path, replaced: bool) -> None:
    """Replace a file as a tar with normalised times, an image layer or `rsync -t` does."""
    path = root / "plans/PAY/PLAN_PAY.md"
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    opened(root)
    target = root / "new" if replaced else path
    target.write_text(FILES["plans/PAY/PLAN_PAY.md"].replace("Refunds", "Returns"), encoding="utf-8")
    os.utime(target, ns=(LONG_AGO, LONG_AGO))
    target.replace(path)
    _, view = opened(root)
    assert [plan.facts.achievements[0].title for plan in view.snapshot.plans] == ["Returns"]


def test_other_settings_have_a_store_of_their_own(root: Path) -> None:
    opened(root)
    (root / "planmark.toml").write_text("[prompts]\ntokenBudget = 4000\n", encoding="utf-8")
    assert opened(root)[0].parsed_count == len(FILES)
    assert len(store_paths()) == 2


def test_other_code_has_a_store_of_its_own(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(root)
    monkeypatch.setattr("planmark.workspace.store.code_digest", lambda: "other")
    assert opened(root)[0].parsed_count == len(FILES)


def test_who_wants_no_store_has_none(root: Path) -> None:
    (root / "planmark.toml").write_text("[cache]\nenable = false\n", encoding="utf-8")
    assert opened(root)[0].entries.store is None and store_paths() == []


@pytest.mark.parametrize("damage", ["no database", "empty", "cut", "sums", "entry", "table"])
def test_a_damaged_store_costs_a_line_in_the_log_and_is_made_again(
    root: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    _, before = opened(root)
    path = only_store()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = DELETE")
    if damage == "sums":
        connection.execute("UPDATE documents SET crc = crc + 1")
    elif damage == "entry":
        connection.execute("UPDATE documents SET read = x'00', crc = 3523407757")
    elif damage == "table":
        connection.execute("DROP TABLE documents")
        connection.execute("CREATE TABLE documents (other TEXT)")
    connection.commit()
    connection.close()
    content = path.read_bytes()
    path.write_bytes(
        {"no database": b"no database" * 500, "empty": b"", "cut": content[: len(content) // 2]}.get(damage, content)
    )
    again, after = opened(root)
    assert said(after) == said(before)
    assert again.parsed_count == len(FILES)
    if damage != "empty":
        assert (
            1 <= len([r for r in caplog.records if "store" in r.getMessage() or "kept" in r.getMessage()]) <= len(FILES)
        )
    opened(root)
    assert opened(root)[0].parsed_count == 0


def test_a_store_that_another_process_locks_is_left_alone(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    opened(root)
    monkeypatch.setattr(sqlite_file, "WRITE_WAIT_SECONDS", 0.01)
    (root / "plans/PAY/PLAN_PAY.md").write_text("**Achievement 1.1**: Returns\n", encoding="utf-8")
    other = sqlite3.connect(only_store(), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    _, view = opened(root)
    assert view.snapshot.plans[0].facts.achievements[0].title == "Returns"
    assert "locked" in caplog.text
    other.execute("ROLLBACK")
    other.close()


def test_a_full_disk_keeps_nothing_and_breaks_nothing(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    index = open_index(root)
    assert index.entries.store
    index.entries.store._connect().execute("PRAGMA max_page_count = 2")
    index.refresh()
    assert not index.entries.store.save({f"{number}": StoreRow(Stamp(1, 1), b"x" * 4000) for number in range(50)})
    assert "full" in caplog.text
    assert index.entries.store.load() == {}


@pytest.mark.skipif(
    os.name == "nt" or getattr(os, "geteuid", lambda: 0)() == 0, reason="who may do everything can write everywhere"
)
def test_a_read_only_folder_is_read(root: Path) -> None:
    opened(root)
    folder = only_store().parent
    folder.chmod(0o500)
    try:
        assert opened(root)[0].parsed_count == 0
    finally:
        folder.chmod(0o700)


def test_a_store_that_cannot_be_written_is_read(root: Path) -> None:
    opened(root)
    made = Store(only_store(), writable=False)
    assert len(made.load()) == len(FILES)
    assert not made.save({"x": None})
    made.close()


def test_no_folder_for_it_means_no_store(root: Path, cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache.mkdir()
    (cache / "store").write_text("in the way", encoding="utf-8")
    assert opened(root)[0].entries.store is None
    assert "no store" in caplog.text


def test_a_store_on_a_network_is_not_used(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "_network_file_system", lambda _: "nfs4")
    assert open_store(root, DEFAULTS) is None
