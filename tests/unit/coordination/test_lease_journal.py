"""The journal of leases: the holder of the lock sees each lease as a new process reads it from the disk."""

from __future__ import annotations

import contextlib
import functools
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lease_helpers import asker, at, work
from planmark.coordination import lease_store
from planmark.coordination.lease_rules import DEFAULT_LEASE_TERMS, give_lease
from planmark.coordination.lease_store import MAX_MANUAL_CHANGE_DELAY_SECONDS, LeaseStore
from planmark.storage import lease_files, lease_journal
from planmark.storage.lease_files import LeaseFile, LeaseFolderError, LeaseName
from planmark.storage.lease_journal import JOURNAL_FILE_NAME, note_change

ITEMS = ("1.1", "1.2", "2.1")
WORK = [work(item) for item in ITEMS]


def give(store: LeaseStore, number: int, agent: str) -> None:
    wanted = WORK[number]
    with store.locked_leases() as leases:
        lease = give_lease(
            wanted, leases.get(wanted.key), asker(agent), at(), DEFAULT_LEASE_TERMS, "lse_00000000000000aa"
        )
        store.write(leases, lease)


def append(text: bytes) -> Callable[[Path], None]:
    def damage(journal: Path) -> None:
        with journal.open("ab") as file:
            file.write(text)

    return damage


DAMAGES: dict[str, Callable[[Path], None]] = {
    "none": lambda _: None,
    "gone": lambda journal: journal.unlink(missing_ok=True),
    "empty": lambda journal: journal.write_bytes(b""),
    "half a line": append(b'["work-sp'),
    "not a name": append(b"[1, 2, 3]\n"),
    "not text": append(b"\xff\xfe\n"),
    "a number": append(b"7\n"),
    "too long": append(b" " * 3_000),
}
ACTS = st.one_of(
    st.tuples(st.just("give"), st.integers(0, 2), st.integers(0, 2)),
    st.tuples(st.just("race"), st.integers(0, 2), st.integers(0, 2)),
    st.tuples(st.just("damage"), st.sampled_from(sorted(DAMAGES)), st.just(0)),
    st.tuples(st.just("delete by hand"), st.integers(0, 2), st.just(0)),
)


@contextlib.contextmanager
def change_before_the_lock(change: Callable[[], None]) -> Iterator[None]:
    """Let a different process change leases after the next one has read all files, and before it has the lock."""
    lock_leases = lease_store.lock_leases

    def lock_later(folder: Path) -> contextlib.AbstractContextManager[None]:
        patch.undo()
        change()
        return lock_leases(folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lease_store, "lock_leases", lock_later)
        yield


@given(st.lists(ACTS, max_size=12))
def test_under_the_lock_each_lease_is_as_on_disk(acts: list[tuple[str, int | str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(lease_journal, "MAX_JOURNAL_BYTES", 2_000)
        patch.setenv("PLANMARK_CACHE", f"{folder}/cache")
        clock = [0.0]
        patch.setattr(lease_store, "monotonic_seconds", lambda: clock[0])
        root = Path(folder).resolve()
        stores = [LeaseStore(root) for _ in range(3)]
        for count, (act, first, second) in enumerate(acts):
            race: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
            if act == "give":
                give(stores[int(first)], second, f"agent-{count}")
            elif act == "race":
                race = change_before_the_lock(functools.partial(give, stores[int(first)], second, f"late-{count}"))
            elif act == "damage" and stores[0].place.folder.exists():
                DAMAGES[str(first)](stores[0].place.folder / JOURNAL_FILE_NAME)
            elif act == "delete by hand":
                stores[0].path_of(WORK[int(first)].key).unlink(missing_ok=True)
                clock[0] += MAX_MANUAL_CHANGE_DELAY_SECONDS
            with race, stores[second].locked_leases() as leases:
                assert leases == LeaseStore(root).read()


@pytest.mark.parametrize("content", [b"by hand", None])
def test_a_file_that_was_changed_by_hand_just_now_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    monkeypatch.setattr(lease_store, "monotonic_seconds", lambda: 0.0)
    store = LeaseStore(tmp_path)
    for number in range(3):
        give(store, number, "ada")
    path = store.path_of(WORK[0].key)
    path.unlink() if content is None else path.write_bytes(content)
    give(store, 0, "ada")
    assert [kept.read_bytes() for kept in path.parent.glob("*.unreadable")] == ([] if content is None else [content])
    with store.locked_leases() as leases:
        assert leases == LeaseStore(tmp_path).read()
        assert leases[WORK[0].key].lease is not None


def test_a_link_in_place_of_a_lease_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_store, "monotonic_seconds", lambda: 0.0)
    store = LeaseStore(tmp_path)
    for number in (1, 2):
        give(store, number, "ada")
    path = store.path_of(WORK[0].key)
    path.symlink_to(tmp_path / "elsewhere")
    give(store, 0, "ada")
    assert [kept.is_symlink() for kept in path.parent.glob("*.unreadable")] == [True]
    assert not path.is_symlink() and not (tmp_path / "elsewhere").exists()


def test_a_file_that_becomes_readable_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LeaseStore(tmp_path)
    give(store, 0, "ada")
    path = store.path_of(WORK[0].key)
    os.utime(path, (1_767_225_600.5, 1_767_225_600.5))
    with monkeypatch.context() as patch:
        patch.setattr(lease_files.os, "open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "denied")))
        assert store.read()[WORK[0].key].lease is None
    assert store.read()[WORK[0].key].lease is not None


def test_the_next_change_reads_only_what_has_changed_since_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_store, "monotonic_seconds", lambda: 0.0)
    store, other = LeaseStore(tmp_path), LeaseStore(tmp_path)
    for number in range(3):
        give(store, number, "ada")
    with store.locked_leases():
        pass
    for number in (2, 1):
        give(other, number, "bob")
    names: list[LeaseName] = []
    read = lease_files._read_lease_file
    monkeypatch.setattr(
        lease_files, "_read_lease_file", lambda path, name, file: (names.append(name), read(path, name, file))[1]
    )
    with store.locked_leases() as leases:
        assert sorted(names) == [WORK[1].key, WORK[2].key]
        assert leases == LeaseStore(tmp_path).read()


def test_only_changed_files_are_read_under_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, other = LeaseStore(tmp_path), LeaseStore(tmp_path)
    for number in range(3):
        give(store, number, "ada")
    names: list[LeaseName] = []
    read = lease_files._read_lease_file

    def noting_read(path: str, name: LeaseName, file: LeaseFile | None) -> LeaseFile | None:
        names.append(name)
        return read(path, name, file)

    monkeypatch.setattr(lease_files, "_read_lease_file", noting_read)
    with change_before_the_lock(lambda: (give(other, 1, "bob"), names.clear())[1]), store.locked_leases() as leases:
        # The last line before the position may belong to a file that was not written yet.
        assert set(names) == {WORK[1].key, WORK[2].key}
        assert leases[WORK[1].key].generation == 2


def test_a_file_that_is_written_after_its_line_is_read_again(tmp_path: Path) -> None:
    store, other = LeaseStore(tmp_path), LeaseStore(tmp_path)
    for number in range(3):
        give(store, number, "ada")
    note_change(other.place.folder, WORK[0].key)

    def write_without_a_line() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lease_files, "note_change", lambda _folder, _name: None)
            give(other, 0, "bob")

    with change_before_the_lock(write_without_a_line), store.locked_leases() as leases:
        assert leases[WORK[0].key].generation == 2


def test_a_journal_that_cannot_be_written_changes_no_lease(tmp_path: Path) -> None:
    store = LeaseStore(tmp_path)
    (store.place.folder / JOURNAL_FILE_NAME).mkdir(parents=True)
    with pytest.raises(LeaseFolderError, match="no lease has changed"):
        give(store, 0, "ada")
    assert store.read() == {}
