"""The files of leases: whole, under one lock, and a file that is not a lease is neither trusted nor destroyed."""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from lease_helpers import START, asker, at, refused, taken, work
from planmark.coordination.lease import Lease, StoredLease, lease_bytes
from planmark.coordination.lease_rules import DEFAULT_LEASE_TERMS, give_lease
from planmark.coordination.lease_store import LeaseStore, current_machine_state
from planmark.storage import file_lock, lease_files
from planmark.storage.lease_files import LeaseBusyError, LeaseFolderError

KEY = work().key


@pytest.fixture
def store(tmp_path: Path) -> LeaseStore:
    (tmp_path / ".git/objects").mkdir(parents=True)
    (tmp_path / ".git/refs").mkdir()
    (tmp_path / ".git/HEAD").write_text("ref: refs/heads/main\n")
    return LeaseStore(tmp_path.resolve())


def give(store: LeaseStore, agent: str = "ada") -> Lease:
    with store.locked_leases() as leases:
        lease = give_lease(work(), leases.get(KEY), asker(agent), at(), DEFAULT_LEASE_TERMS, "lse_00000000000000aa")
        store.write(leases, lease)
        assert leases[KEY].lease == lease
    return lease


def test_a_lease_is_one_readable_file(store: LeaseStore) -> None:
    lease = give(store)
    path = store.place.folder / "work-space%2Fplans%2FPAY%2FPLAN_PAY.md/1.1.json"
    assert path == store.path_of(KEY)
    data = json.loads(path.read_text())
    assert (data["schema"], data["agent"], data["until"]) == ("planmark.lease/1", "ada", "2026-11-29T01:15:00Z")
    assert LeaseStore(store.place.tree).read()[KEY].lease == lease
    assert store.read() == store.read()


def test_reading_creates_nothing(store: LeaseStore) -> None:
    assert store.read() == {}
    assert not store.place.folder.exists()


def test_a_change_of_a_different_process_is_seen(store: LeaseStore) -> None:
    other = LeaseStore(store.place.tree)
    give(store)
    assert other.read()[KEY].generation == 1
    give(store, "bob")
    assert other.read()[KEY].generation == 2
    store.path_of(KEY).unlink()
    assert other.read() == {}


def newer(text: str) -> str:
    return text.replace("planmark.lease/1", "planmark.lease/2")


SPOILED: dict[str, tuple[Callable[[str], str], str, int]] = {
    "newer": (newer, "its schema is planmark.lease/2, and this version reads planmark.lease/1", 1),
    "half": (lambda text: text[:60], "it is not a lease", 0),
    "empty": (lambda _: "", "it is not a lease", 0),
    "no time": (lambda text: text.replace("2026-11-29T01:15:00Z", "2026-11-39T01:15:00Z"), "it is not a lease", 1),
    "deep": (lambda _: "[" * 100_000, "it is not a lease", 0),
    "no state": (lambda text: text.replace('"held"', '"owned"'), "it is not a lease", 1),
    "no generation": (lambda text: text.replace('"generation": 1', '"generation": 0'), "it is not a lease", 0),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_file_that_is_not_a_lease_counts_as_held_and_is_kept(store: LeaseStore, name: str) -> None:
    spoil, why, generation = SPOILED[name]
    give(store)
    path = store.path_of(KEY)
    text = spoil(path.read_text())
    path.write_text(text)
    os.utime(path, (START, START))
    stored = store.read()[KEY]
    assert stored.lease is None and stored.problem.startswith(why)
    assert (stored.generation, stored.write_time) == (generation, START)
    assert refused(store.read(), work(), asker("bob"), at(900)).kind == "unreadable"
    with store.locked_leases() as leases:
        lease = taken(leases, work(), asker("bob"), at(901))
        store.write({KEY: stored}, lease)
    assert lease.generation == generation + 1
    assert store.read()[KEY].lease == lease
    assert [one.read_text() for one in path.parent.glob("*.unreadable")] == [text]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes as files")
@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "loop"])
def test_what_is_no_plain_file_counts_as_held(store: LeaseStore, tmp_path: Path, kind: str) -> None:
    path = store.path_of(KEY)
    path.parent.mkdir(parents=True)
    (tmp_path / "out").write_bytes(lease_bytes(taken({}, work(), asker())))
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(tmp_path / "out")
        case "loop":
            path.symlink_to(path.name)
    assert store.read()[KEY].lease is None
    assert refused(store.read(), work(), asker(), current_machine_state()).kind == "unreadable"


def test_a_huge_file_is_not_read(store: LeaseStore) -> None:
    give(store)
    with store.path_of(KEY).open("ab") as stream:
        stream.truncate(lease_files.MAX_BYTES + 1)
    assert store.read()[KEY].lease is None


def test_the_unfinished_file_of_a_dead_writer_is_no_lease(store: LeaseStore) -> None:
    lease = give(store)
    (store.path_of(KEY).parent / lease_files.UNFINISHED_FILE).write_text("{")
    assert [stored.lease for stored in store.read().values()] == [lease]
    give(store, "bob")
    assert [path.name for path in store.path_of(KEY).parent.iterdir()] == ["1.1.json"]


def test_a_holder_that_does_not_release_the_lock_is_named(store: LeaseStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_files, "LOCK_SECONDS", 0.05)
    with store.locked_leases(), pytest.raises(LeaseBusyError, match="the leases are busy"), store.locked_leases():
        pass
    with store.locked_leases() as leases:
        assert leases == {}


def test_readers_do_not_wait_for_the_lock(store: LeaseStore) -> None:
    lease = give(store)
    with store.locked_leases():
        assert LeaseStore(store.place.tree).read()[KEY].lease == lease


def test_a_disk_without_locks_is_said(store: LeaseStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_lock(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(file_lock, "_try_lock", no_lock)
    with pytest.raises(LeaseFolderError, match="cannot be locked: Input/output error"), store.locked_leases():
        pass
    assert store.read() == {}


def test_a_full_disk_changes_no_lease(store: LeaseStore, monkeypatch: pytest.MonkeyPatch) -> None:
    lease = give(store)

    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as stream:
            stream.write(data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(LeaseFolderError, match="No space left on device; no lease has changed"):
        give(store, "bob")
    assert store.read()[KEY].lease == lease
    assert [path.name for path in store.path_of(KEY).parent.iterdir()] == ["1.1.json"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(store: LeaseStore) -> None:
    (store.place.folder.parent).mkdir()
    store.place.folder.parent.chmod(0o500)
    with pytest.raises(LeaseFolderError, match="cannot be locked: Permission denied"):
        give(store)
    assert store.read() == {}


def test_a_file_in_the_place_of_the_folder_is_named(store: LeaseStore) -> None:
    store.place.folder.parent.mkdir()
    store.place.folder.write_text("")
    with pytest.raises(LeaseFolderError, match="cannot be read"):
        give(store)
    with pytest.raises(LeaseFolderError, match="cannot be read: Not a directory"):
        store.read()


def test_work_trees_share_their_leases(store: LeaseStore, tmp_path: Path) -> None:
    inner = tmp_path / ".git/worktrees/w"
    inner.mkdir(parents=True)
    (inner / "commondir").write_text("../..\n")
    (inner / "HEAD").write_text("ref: refs/heads/w\n")
    (tmp_path / "w").mkdir()
    (tmp_path / "w/.git").write_text(f"gitdir: {inner}\n")
    other = LeaseStore((tmp_path / "w").resolve())
    lease = give(store)
    assert other.read()[KEY].lease == lease
    assert other.place.tree != store.place.tree


def test_a_reader_never_sees_half_a_lease(store: LeaseStore) -> None:
    stop = threading.Event()
    seen: list[StoredLease] = []

    def read() -> None:
        reader = LeaseStore(store.place.tree)
        while not stop.is_set():
            seen.extend(stored for stored in reader.read().values() if stored.lease is None)

    reading = threading.Thread(target=read)
    reading.start()
    long = "x" * 5_000
    for turn in range(300):
        with store.locked_leases() as leases:
            lease = taken({}, work(), asker())
            store.write(leases, msgspec.structs.replace(lease, note=long[: turn * 16], generation=turn + 1))
    stop.set()
    reading.join()
    assert seen == []
