"""The records of events in the cache folder: lines of JSON in two files, the current file and an older file.

Many processes append lines. Each writer takes a lock, so that two writers never mix their lines, and never replace the
file at the same time. Readers need no lock. This module imports no large modules.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from planmark.storage.cache_dir import cache_folder
from planmark.storage.file_lock import APPEND_FLAGS, NO_WAIT_FLAG, hold_lock

RECORDS_FILE, OLDER_RECORDS_FILE, RECORDS_LOCK_FILE = "records.ndjson", "records.1.ndjson", "records.lock"
LOCK_SECONDS = 0.2
"""Maximum seconds that a writer waits for the lock. After this time, the writer discards its lines."""


def records_folder() -> Path:
    """Return the folder of the records, which may not exist yet."""
    return cache_folder() / "metrics"


def append_lines(lines: bytes, max_bytes: int) -> None:
    """Append all lines to the current file, or none of them.

    If the file would become larger than `max_bytes`, it first becomes the older file. Raises OSError if the file cannot
    be written. Raises TimeoutError if other processes hold the lock for LOCK_SECONDS.
    """
    folder = records_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with hold_lock(folder / RECORDS_LOCK_FILE, LOCK_SECONDS):
        path = folder / RECORDS_FILE
        # On Windows, the file cannot be replaced while a process reads it. Then the file grows beyond `max_bytes`.
        with contextlib.suppress(OSError):
            size = path.stat().st_size
            if size and size + len(lines) > max_bytes:
                path.replace(folder / OLDER_RECORDS_FILE)
        descriptor = os.open(path, APPEND_FLAGS | NO_WAIT_FLAG, 0o600)
        try:
            _append(descriptor, lines)
        finally:
            os.close(descriptor)


def _append(descriptor: int, lines: bytes) -> None:
    """Append lines to an open file. If the last line of the file has no line end, add a line end first."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(f"{RECORDS_FILE} is not a regular file")
    if status.st_size and not _has_final_line_end(descriptor, status.st_size):
        lines = b"\n" + lines
    remaining_bytes = memoryview(lines)
    try:
        while remaining_bytes:
            remaining_bytes = remaining_bytes[os.write(descriptor, remaining_bytes) :]
    except OSError:
        # On an error, such as a full disk, remove the incomplete line.
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, status.st_size)
        raise


def _has_final_line_end(descriptor: int, size: int) -> bool:
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1) == b"\n"
