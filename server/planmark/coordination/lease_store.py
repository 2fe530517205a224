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
    read_changed_leases,
    read_leases,
    write_lease,
)
from planmark.storage.lease_journal import journal_position
from planmark.storage.machine import host_name
from planmark.storage.timestamps import now_seconds

Leases = dict[LeaseKey, StoredLease]


def current_machine_state() -> MachineState:
    """Return the current time, this machine, and which of its processes have ended."""
    return MachineState(now_seconds(), host_name(), _has_ended)


def _has_ended(process: LeaseProcess) -> bool:
    # Imported only for a lease with a process, because psutil takes as long to import as a small command runs.
    from planmark.storage.processes import ProcessIdentity, has_ended

    return has_ended(ProcessIdentity(process.pid, process.started, process.space))


class LeaseStore:
    """The leases of the repository, or of the workspace without git. All its work trees share them."""

    def __init__(self, root: Path) -> None:
        self.place: LeasePlace = lease_place(root)
        self._files: dict[LeaseName, LeaseFile] = {}
        self._leases: Leases = {}

    def read(self) -> Leases:
        """Return all leases by key, each as one process wrote it. Raises LeaseFolderError."""
        self._replace_files(read_leases(self.place.folder, self._files))
        return dict(self._leases)

    def _replace_files(self, files: dict[LeaseName, LeaseFile]) -> None:
        """Replace the files that were read before, and read the leases that changed."""
        for name, file in files.items():
            before = self._files.get(name)
            if before is not file and (
                before is None or before.data != file.data or before.write_time != file.write_time
            ):
                self._leases[LeaseKey(*name)] = stored_lease(file)
        for name in self._files.keys() - files.keys():
            del self._leases[LeaseKey(*name)]
        self._files = files

    def look(self) -> LeaseLook:
        """Return what the leases show now. Raises LeaseFolderError."""
        return make_look(self.read().values(), self.place.prefix, current_machine_state())

    @contextlib.contextmanager
    def locked_leases(self) -> Iterator[Leases]:
        """Hold the lock for a block, and return the leases at its begin. Raises LeaseBusyError and LeaseFolderError."""
        # Others wait for the lock meanwhile: most files are read before.
        position = journal_position(self.place.folder)
        self._replace_files(read_leases(self.place.folder, self._files))
        with lock_leases(self.place.folder):
            self._replace_files(read_changed_leases(self.place.folder, self._files, position))
            yield dict(self._leases)

    def write(self, leases: Leases, lease: Lease) -> None:
        """Write a lease, and put it into `leases`. The caller holds the lock. Raises LeaseFolderError.

        A file that is not a lease is kept under a different name.
        """
        key = lease_key_of(lease)
        stored_lease = leases.get(key)
        if stored_lease is not None and stored_lease.lease is None:
            keep_aside(self.place.folder, key)
        write_lease(self.place.folder, key, lease_bytes(lease))
        leases[key] = StoredLease(key, lease, stored_lease.write_time if stored_lease else 0.0, lease.generation)

    def write_foreign_content(self, leases: Leases, key: LeaseKey, data: bytes) -> None:
        """Write what a remote has instead of a lease. The caller holds the lock. Raises LeaseFolderError."""
        write_lease(self.place.folder, key, data)
        leases[key] = self.read()[key]

    def path_of(self, key: LeaseKey) -> Path:
        """Return the path of the file of a lease."""
        return self.place.folder / key.plan / f"{key.item}.json"
