"""The folder of leases, with one JSON file for each lease. One process at a time changes the files.

All work trees of a git repository share the folder, and git never commits it. If a process is killed, each file has
either its old or its new content. The files are not synced to the disk, because a power failure also ends the agents.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from planmark.storage.cache_dir import cache_folder
from planmark.storage.file_lock import hold_lock
from planmark.storage.git_checkout import checkout_of
from planmark.storage.lease_journal import note_change
from planmark.storage.safe_read import READ_FLAGS
from planmark.storage.timestamps import is_settled

LOCK_SECONDS = 2.0
"""Maximum number of seconds for which one process may hold the lock of the leases while other processes wait."""
LOCK_FILE, LEASE_SUFFIX, UNFINISHED_FILE = "lock", ".json", ".new"
"""The name of the lock file, the suffix of a lease file, and the suffix of an incomplete file."""
REMOTE_LOCK_FILE, REMOTE_NOTES_FILE = "remote.lock", "remote.json"
"""The names of the lock file and of the notes for the work with the remote, in the folder of leases."""
REMOTE_LOCK_SECONDS = 60.0
"""Maximum number of seconds that one process may work with the remote while other processes wait."""
MAX_BYTES = 1_000_000
"""Maximum size of the file of a lease in bytes. A larger file is not a lease."""

LeaseName = tuple[str, str]
"""The name of the folder for the plan of a lease, and the name of the file for the item, without LEASE_SUFFIX."""
LeaseStamp = tuple[int, int, int]
"""The inode number of a file, the time of its last change in nanoseconds, and its size in bytes."""
NO_STAMP: LeaseStamp = (0, 0, 0)
"""The stamp in place of the unknown stamp of a file that this process has just written. It is different from every real
stamp, so the next read loads the file.
"""


class LeasePlace(NamedTuple):
    """The location of the leases of a workspace, and the location of the workspace in its work tree. `folder` is the
    folder of the leases.

    `tree` is the top of the work tree; without git, `tree` is the workspace. `prefix` is the path of the workspace from
    `tree`: "", or a path with a slash at the end. All work trees of a repository have the same `folder`.
    """

    folder: Path
    tree: Path
    prefix: str


class LeaseFile(NamedTuple):
    """The file of a lease, as it was read.

    `data` is the content, None if the file cannot be read. `write_time` is in seconds since the epoch. `is_settled`
    tells whether it is certain that each later change gives the file a new stamp.
    """

    name: LeaseName
    stamp: LeaseStamp
    write_time: float
    data: bytes | None
    is_settled: bool


class LeaseFolderError(Exception):
    """The folder of leases cannot be read, locked or written. The message names the folder and the reason."""


class LeaseBusyError(Exception):
    """A different process has not released the lock in time."""


def lease_place(root: Path) -> LeasePlace:
    """Return the place of the leases of a workspace. `root` is the resolved path of the workspace.

    The leases are inside the git folder of the repository. Without a repository, they are in the user's cache folder.
    """
    checkout = checkout_of(root)
    if checkout is None:
        digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
        return LeasePlace(cache_folder() / "leases" / digest, root, "")
    relative_root = root.relative_to(checkout.top).as_posix()
    prefix = "" if relative_root == "." else f"{relative_root}/"
    return LeasePlace(checkout.common_folder.resolve() / "planmark" / "leases", checkout.top, prefix)


def lease_folders(root: Path) -> tuple[str, ...] | None:
    """Return the folders whose modification times change with the leases of a workspace, as paths relative to the
    workspace.

    The folders may not exist. Return None if a folder cannot be read, or has no path relative to the workspace.
    """
    folder = lease_place(root).folder
    try:
        plan_folders = [folder / entry.name for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        plan_folders = []
    except OSError:
        return None
    try:
        return tuple(Path(os.path.relpath(path, root)).as_posix() for path in (folder, *sorted(plan_folders)))
    except ValueError:
        # On Windows, the workspace and the cache folder may be on two disks.
        return None


def lock_leases(folder: Path) -> contextlib.AbstractContextManager[None]:
    """Create the folder of leases, and hold its lock during the block of the `with` statement.

    Raises LeaseBusyError if a process holds the lock for LOCK_SECONDS. Raises LeaseFolderError if the folder cannot be
    locked.
    """
    return _lock_file(folder, LOCK_FILE, LOCK_SECONDS)


def lock_remote(folder: Path) -> contextlib.AbstractContextManager[None]:
    """Hold the lock for work with a remote during the block of the `with` statement.

    The holder may also take the lock of `lock_leases`. Raises LeaseBusyError if a process holds the lock for
    REMOTE_LOCK_SECONDS. Raises LeaseFolderError if the folder cannot be locked.
    """
    return _lock_file(folder, REMOTE_LOCK_FILE, REMOTE_LOCK_SECONDS)


@contextlib.contextmanager
def _lock_file(folder: Path, name: str, seconds: float) -> Iterator[None]:
    """Hold the lock of the file `name` in the folder of leases, during the block of the `with` statement."""
    with contextlib.ExitStack() as locks:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            locks.enter_context(hold_lock(folder / name, seconds, is_per_holder=True))
        except TimeoutError:
            raise LeaseBusyError(f"the leases are busy: a process has locked {folder} for {seconds:g} s") from None
        except OSError as error:
            raise LeaseFolderError(f"the leases in {folder} cannot be locked: {error.strerror or error}") from None
        yield


def read_leases(folder: Path, known_files: Mapping[LeaseName, LeaseFile]) -> dict[LeaseName, LeaseFile]:
    """Return a mapping from the name of a lease to its file. The function takes no lock.

    A file is not read again if its stamp is the same as in `known_files`. Raises LeaseFolderError if the folder exists,
    but cannot be listed.
    """
    lease_files: dict[LeaseName, LeaseFile] = {}
    try:
        plan_names = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
        for plan_name in plan_names:
            for entry in os.scandir(folder / plan_name):
                if entry.name.endswith(LEASE_SUFFIX):
                    name = plan_name, entry.name.removesuffix(LEASE_SUFFIX)
                    file = _read_lease_file(entry.path, name, known_files.get(name))
                    if file is not None:
                        lease_files[name] = file
    except FileNotFoundError:
        return lease_files
    except OSError as error:
        raise LeaseFolderError(f"the leases in {folder} cannot be read: {error.strerror or error}") from None
    return lease_files


def read_lease(folder: Path, name: LeaseName) -> LeaseFile | None:
    """Return the file of a lease; None if there is no such file. Raises LeaseFolderError."""
    try:
        return _read_lease_file(f"{folder}{os.sep}{name[0]}{os.sep}{name[1]}{LEASE_SUFFIX}", name, None)
    except OSError as error:
        raise LeaseFolderError(f"the leases in {folder} cannot be read: {error.strerror or error}") from None


def write_lease(folder: Path, name: LeaseName, data: bytes) -> LeaseFile:
    """Write the file of a lease, and return the file. If the process is killed, the file has its old or its new
    content.

    The caller holds the lock of `lock_leases`. Raises LeaseFolderError.
    """
    plan, item = name
    target = folder / plan / f"{item}{LEASE_SUFFIX}"
    try:
        note_change(folder, name)
    except OSError as error:
        raise _write_error(target, error) from None
    _replace_file(target, data)
    return LeaseFile(name, NO_STAMP, time.time(), data, is_settled=False)


def read_remote_notes(folder: Path) -> bytes:
    """Return the notes about the refs of the remote; empty bytes if there are no notes. Raises LeaseFolderError."""
    try:
        return (folder / REMOTE_NOTES_FILE).read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise LeaseFolderError(f"{folder / REMOTE_NOTES_FILE} cannot be read: {error.strerror or error}") from None


def write_remote_notes(folder: Path, data: bytes) -> None:
    """Write the notes about the refs of the remote. If the process is killed, the file has its old or its new content.

    The caller holds the lock of `lock_remote`. Raises LeaseFolderError.
    """
    _replace_file(folder / REMOTE_NOTES_FILE, data)


def _replace_file(target: Path, data: bytes) -> None:
    """Replace the file `target` by a new file with the content `data`. Raises LeaseFolderError."""
    # Only the holder of a lock writes. So the unfinished file of a killed process can be overwritten.
    unfinished_path = target.parent / UNFINISHED_FILE
    try:
        target.parent.mkdir(exist_ok=True)
        unfinished_path.write_bytes(data)
        unfinished_path.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished_path.unlink(missing_ok=True)
        raise _write_error(target, error) from None


def _write_error(target: Path, error: OSError) -> LeaseFolderError:
    return LeaseFolderError(f"{target} cannot be written: {error.strerror or error}; no lease has changed")


def keep_invalid_file(folder: Path, name: LeaseName) -> None:
    """Keep a file that is not a lease: give it a second name, so that a new lease with the first name does not destroy
    it.

    The caller holds the lock of `lock_leases`. Raises LeaseFolderError.
    """
    plan, item = name
    target = folder / plan / f"{item}{LEASE_SUFFIX}"
    try:
        aside_path = target.with_suffix(f".{os.lstat(target).st_mtime_ns}.unreadable")
        try:
            os.link(target, aside_path, follow_symlinks=False)
        except OSError:
            # Some file systems have no hard links. The file may be missing for a moment, because the item is free.
            target.replace(aside_path)
    except OSError as error:
        raise LeaseFolderError(f"{target} cannot be kept: {error.strerror or error}; no lease has changed") from None


def _read_lease_file(path: str, name: LeaseName, known_file: LeaseFile | None) -> LeaseFile | None:
    """Return the file of a lease; None if there is no such file.

    The result is `known_file` if the file has not changed. Otherwise the file is read.
    """
    data: bytes | None = None
    status: os.stat_result | None = None
    try:
        status = os.lstat(path)
        if known_file is not None and known_file.is_settled and known_file.stamp == _stamp_of(status):
            return known_file
        if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_BYTES:
            descriptor = os.open(path, READ_FLAGS | getattr(os, "O_NOFOLLOW", 0))
            try:
                status = os.fstat(descriptor)
                data = os.read(descriptor, min(MAX_BYTES, status.st_size + 1))
            finally:
                os.close(descriptor)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        if status is None:
            raise
    # A disk soon gives the inode of a replaced file to a new file, perhaps with the same time and size. A file that
    # could not be read may be readable later, without a change of its stamp.
    is_file_settled = data is not None and is_settled(status.st_mtime_ns, time.time_ns())
    return LeaseFile(name, _stamp_of(status), status.st_mtime, data, is_file_settled)


def _stamp_of(status: os.stat_result) -> LeaseStamp:
    return status.st_ino, status.st_mtime_ns, status.st_size
