"""The file of records in the cache folder: lines of JSON that any number of processes append, in two generations.

A lock keeps writers from one another, so that none cuts a line of another one or moves its file away; readers need none.
Imports nothing large.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from planmark.workspace.cache import cache_folder
from planmark.workspace.locking import APPENDING, NO_WAIT, locked

NAME, OLDER, LOCK = "records.ndjson", "records.1.ndjson", "records.lock"
LOCK_SECONDS = 0.2
"""So long a writer waits for another one; then its lines are not written."""


def records_folder() -> Path:
    """Where the records are; it need not exist yet."""
    return cache_folder() / "metrics"


def append_lines(lines: bytes, max_bytes: int) -> None:
    """Appends whole lines, all or none; before the file would grow over `max_bytes` it becomes the older one.

    Raises OSError where it cannot be written, TimeoutError where another process writes for too long.
    """
    folder = records_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(folder / LOCK, LOCK_SECONDS):
        path = folder / NAME
        # Where that cannot be, as while somebody reads it on Windows, the file grows on.
        with contextlib.suppress(OSError):
            size = path.stat().st_size
            if size and size + len(lines) > max_bytes:
                path.replace(folder / OLDER)
        descriptor = os.open(path, APPENDING | NO_WAIT, 0o600)
        try:
            _append(descriptor, lines)
        finally:
            os.close(descriptor)


def _append(descriptor: int, lines: bytes) -> None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(f"{NAME} is no regular file")
    if status.st_size and not _ends_a_line(descriptor, status.st_size):
        lines = b"\n" + lines
    rest = memoryview(lines)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError:
        # As when the disk is full: no half of a line stays.
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, status.st_size)
        raise


def _ends_a_line(descriptor: int, size: int) -> bool:
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1) == b"\n"
