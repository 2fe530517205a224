"""The leases of a repository on disk: read without a lock, changed by one process at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from planmark.coordination.lease import Lease, LeaseProcess, StoredLease, lease_bytes, stored_lease
from planmark.coordination.lease_look import LeaseLook, make_look
from planmark.coordination.lease_names import LeaseKey
from planmark.coordination.lease_rules import MachineState, lease_key_of
from planmark.storage.lease_files import (
    LeaseFile,
    LeaseName,
    LeasePlace,
    keep_aside,
    lease_place,
    lock_leases,
    read_lease,
    read_leases,
    write_lease,
)
from planmark.storage.lease_journal import JournalPosition, changes_since
from planmark.storage.machine import host_name
from planmark.storage.timestamps import elapsed_seconds, now_seconds

Leases = dict[LeaseKey, StoredLease]
SECONDS_TO_HAND_CHANGE = 0.25
"""Maximum seconds until a change by hand, which is not in the journal, is seen under the lock."""


def current_machine_state() -> MachineState:
    """Return the current time, this machine, and which of its processes have ended."""
    return MachineState(now_seconds(), host_name(), _has_ended)


def _has_ended(process: LeaseProcess) -> bool:
    # Imported only for a lease with a process, because psutil takes as long to import as a small command runs.
    from planmark.storage.processes import ProcessIdentity, has_ended

    return has_ended(ProcessIdentity(process.pid, process.started, process.space))


class LeaseStore:
    """The leases of a repository, which all its work trees share, or of a workspace without git."""

    def __init__(self, root: Path) -> None:
        self.place: LeasePlace = lease_place(root)
        self._files: dict[LeaseName, LeaseFile] = {}
        self._leases: Leases = {}
        self._position: JournalPosition | None = None
        self._next_full_read = 0.0

    def read(self) -> Leases:
        """Return all leases by key, each as one process wrote it. Raises LeaseFolderError."""
        self._replace_files(read_leases(self.place.folder, self._files))
        return dict(self._leases)

    def _replace_files(self, files: dict[LeaseName, LeaseFile]) -> None:
        """Replace the files that were read before, and read the leases that changed."""
        for name in self._files.keys() - files.keys():
            self._replace_file(name, None)
        for name, file in files.items():
            self._replace_file(name, file)

    def _replace_file(self, name: LeaseName, file: LeaseFile | None) -> None:
        before = self._files.get(name)
        if file is before:
            return
        if file is None:
            del self._files[name], self._leases[LeaseKey(*name)]
            return
        if before is None or before.data != file.data or before.write_time != file.write_time:
            self._leases[LeaseKey(*name)] = stored_lease(file)
        self._files[name] = file

    def look(self) -> LeaseLook:
        """Return what the leases show now. Raises LeaseFolderError."""
        return make_look(self.read().values(), self.place.prefix, current_machine_state())

    @contextlib.contextmanager
    def locked_leases(self) -> Iterator[Leases]:
        """Hold the lock for a block, and return the leases at its begin. Raises LeaseBusyError and LeaseFolderError."""
        # Others wait for the lock meanwhile: most files are read before.
        self._read_changes(is_locked=False)
        with lock_leases(self.place.folder):
            self._read_changes(is_locked=True)
            yield dict(self._leases)

    def _read_changes(self, *, is_locked: bool) -> None:
        """Read the files that changed since the last call, or all files if the journal cannot tell or it is time."""
        # With 200 leases, asking for the time of each file takes a third of the time of a change.
        if elapsed_seconds() >= self._next_full_read:
            self._position = None
            self._next_full_read = elapsed_seconds() + SECONDS_TO_HAND_CHANGE
        changes = changes_since(self.place.folder, self._position, is_locked=is_locked)
        if changes.names is None:
            self._replace_files(read_leases(self.place.folder, self._files))
        for name in changes.names or ():
            self._replace_file(name, read_lease(self.place.folder, name))
        self._position = changes.position

    def write(self, leases: Leases, lease: Lease) -> None:
        """Write a lease, and put it into `leases`. The caller holds the lock. Raises LeaseFolderError.

        A file that is not a lease, or that was changed by hand since it was read, is kept under a different name.
        """
        key = lease_key_of(lease)
        previous_lease = leases.get(key)
        self._keep_aside_if_changed(key, is_lease=previous_lease is None or previous_lease.lease is not None)
        self._files[key] = write_lease(self.place.folder, key, lease_bytes(lease))
        write_time = previous_lease.write_time if previous_lease is not None else 0.0
        self._leases[key] = leases[key] = StoredLease(key, lease, write_time, lease.generation)

    def write_foreign_content(self, leases: Leases, key: LeaseKey, data: bytes) -> None:
        """Write what a remote has instead of a lease. The caller holds the lock. Raises LeaseFolderError.

        A file that was changed by hand since it was read is kept under a different name.
        """
        self._keep_aside_if_changed(key, is_lease=True)
        self._files[key] = write_lease(self.place.folder, key, data)
        self._leases[key] = leases[key] = stored_lease(self._files[key])

    def _keep_aside_if_changed(self, key: LeaseKey, *, is_lease: bool) -> None:
        """Keep a file that is about to be replaced, if it is not as it was read, or if it is not a lease."""
        known_file, file = self._files.get(key), read_lease(self.place.folder, key)
        if file is not None and (not is_lease or known_file is None or known_file.data != file.data):
            keep_aside(self.place.folder, key)

    def path_of(self, key: LeaseKey) -> Path:
        """Return the path of the file of a lease."""
        return self.place.folder / key.plan / f"{key.item}.json"
