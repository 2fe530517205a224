"""The leases of a repository on disk. They are read without a lock, and changed by one process at a time."""

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
    keep_invalid_file,
    lease_place,
    lock_leases,
    read_lease,
    read_leases,
    write_lease,
)
from planmark.storage.lease_journal import JournalPosition, journal_changes_since
from planmark.storage.machine import host_name
from planmark.storage.timestamps import monotonic_seconds, now_seconds

Leases = dict[LeaseKey, StoredLease]
"""Mapping from the key of a lease to the stored lease. A caller with the lock may change it."""
MAX_MANUAL_CHANGE_DELAY_SECONDS = 0.25
"""Maximum number of seconds until a process with the lock notices that a person has changed a file.

The journal does not contain such a change.
"""


def current_machine_state() -> MachineState:
    """Return the current time, the name of this machine, and a check whether a process has ended."""
    return MachineState(now_seconds(), host_name(), _has_ended)


def _has_ended(process: LeaseProcess) -> bool:
    # Imported only for a lease with a process, because psutil takes as long to import as a small command runs.
    from planmark.storage.processes import ProcessIdentity, has_ended

    return has_ended(ProcessIdentity(process.pid, process.started, process.space))


class LeaseStore:
    """The leases of a repository, or of a workspace without git. All work trees of a repository share them."""

    def __init__(self, root: Path) -> None:
        self.place: LeasePlace = lease_place(root)
        self._files: dict[LeaseName, LeaseFile] = {}
        self._leases: Leases = {}
        self._position: JournalPosition | None = None
        self._next_full_read = 0.0

    def read(self) -> Leases:
        """Return a mapping from the key of each lease to the stored lease. Raises LeaseFolderError.

        Each file is read as one process has written it, and never in part.
        """
        self._replace_files(read_leases(self.place.folder, self._files))
        return dict(self._leases)

    def _replace_files(self, files: dict[LeaseName, LeaseFile]) -> None:
        """Put `files` in place of the files that were read before. Decode only the leases whose files have changed."""
        for name in self._files.keys() - files.keys():
            self._replace_file(name, None)
        for name, file in files.items():
            self._replace_file(name, file)

    def _replace_file(self, name: LeaseName, file: LeaseFile | None) -> None:
        """Put a file and its lease in place of those that were read before. If `file` is None, remove both."""
        file_before = self._files.get(name)
        if file is file_before:
            return
        if file is None:
            del self._files[name], self._leases[LeaseKey(*name)]
            return
        if file_before is None or file_before.data != file.data or file_before.write_time != file.write_time:
            self._leases[LeaseKey(*name)] = stored_lease(file)
        self._files[name] = file

    def look(self) -> LeaseLook:
        """Return the leases at this moment, for code that shows them. Raises LeaseFolderError."""
        return make_look(self.read().values(), self.place.prefix, current_machine_state())

    @contextlib.contextmanager
    def locked_leases(self) -> Iterator[Leases]:
        """Hold the lock during the block of the `with` statement, and yield the leases at the beginning of the block.

        Raises LeaseBusyError and LeaseFolderError.
        """
        # Other processes wait while this process holds the lock. So most files are read before.
        self._read_changes(is_locked=False)
        with lock_leases(self.place.folder):
            self._read_changes(is_locked=True)
            yield dict(self._leases)

    def _read_changes(self, *, is_locked: bool) -> None:
        """Read the files that have changed since the last call.

        If the journal cannot tell which files have changed, all files are read. All files are also read every
        MAX_MANUAL_CHANGE_DELAY_SECONDS seconds.
        """
        # The journal avoids a check of each file. With 200 leases, this check takes a third of the time of a change.
        if monotonic_seconds() >= self._next_full_read:
            self._position = None
            self._next_full_read = monotonic_seconds() + MAX_MANUAL_CHANGE_DELAY_SECONDS
        changes = journal_changes_since(self.place.folder, self._position, is_locked=is_locked)
        if changes.names is None:
            self._replace_files(read_leases(self.place.folder, self._files))
        for name in changes.names or ():
            self._replace_file(name, read_lease(self.place.folder, name))
        self._position = changes.position

    def write(self, leases: Leases, lease: Lease) -> None:
        """Write a lease to its file, and put it into `leases`. The caller holds the lock. Raises LeaseFolderError.

        If the old file is not a lease, or a person has changed it since it was read, it is kept under a different name.
        """
        key = lease_key_of(lease)
        previous_stored = leases.get(key)
        self._keep_aside_if_changed(key, is_lease=previous_stored is None or previous_stored.lease is not None)
        self._files[key] = write_lease(self.place.folder, key, lease_bytes(lease))
        write_time = previous_stored.write_time if previous_stored is not None else 0.0
        self._leases[key] = leases[key] = StoredLease(key, lease, write_time, lease.generation)

    def write_foreign_content(self, leases: Leases, key: LeaseKey, data: bytes) -> None:
        """Write the content of a ref of the remote into the file of a lease. The content is not a lease.

        The caller holds the lock. If a person has changed the old file since it was read, it is kept under a different
        name. Raises LeaseFolderError.
        """
        self._keep_aside_if_changed(key, is_lease=True)
        self._files[key] = write_lease(self.place.folder, key, data)
        self._leases[key] = leases[key] = stored_lease(self._files[key])

    def _keep_aside_if_changed(self, key: LeaseKey, *, is_lease: bool) -> None:
        """Keep the file of a lease under a different name, before it is replaced.

        This happens only if the file has changed since it was read, or if it is not a lease (`is_lease` is False).
        """
        known_file, file = self._files.get(key), read_lease(self.place.folder, key)
        if file is not None and (not is_lease or known_file is None or known_file.data != file.data):
            keep_invalid_file(self.place.folder, key)

    def path_of(self, key: LeaseKey) -> Path:
        """Return the path of the file of a lease."""
        return self.place.folder / key.plan / f"{key.item}.json"
