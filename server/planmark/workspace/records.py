"""The file of records in the cache folder: lines of JSON that any number of processes append, in two generations.

A lock keeps writers from one another, so that none cuts a line of another one or moves its file away; readers need none.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO

from planmark.documents.names import parse_name
from planmark.metrics.recorder import Event
from planmark.metrics.records import line_of, record_of
from planmark.workspace.cache import cache_folder
from planmark.workspace.locking import APPENDING, NO_WAIT, locked

NAME, OLDER, LOCK = "records.ndjson", "records.1.ndjson", "records.lock"
LOCK_SECONDS = 0.2
"""So long a writer waits for another one; then its lines are not written."""
MAX_LINE = 1_000_000
"""Bytes; what is longer is no record."""
Kept = tuple[float, Event]
"""Seconds since 1970, by the wall clock, when an event ended, and the event."""


def records_folder() -> Path:
    """Where the records are; it need not exist yet."""
    return cache_folder() / "metrics"


def lines_of(kept: Iterable[Kept]) -> bytes:
    """Events as lines of the file."""
    pid = os.getpid()
    return b"".join(line_of(record_of(event, _feature(event.about), _utc(at), at, pid)) for at, event in kept)


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


def read_records() -> Iterator[bytes]:
    """The lines of both generations, the older ones first; what cannot be read is left out."""
    newer = _opened(records_folder() / NAME)
    older = _opened(records_folder() / OLDER)
    if newer and older and os.path.sameopenfile(newer.fileno(), older.fileno()):
        # It became the older one between the two.
        newer.close()
        newer = None
    for stream in (older, newer):
        if stream is not None:
            with stream:
                yield from iter(lambda stream=stream: stream.readline(MAX_LINE), b"")  # type: ignore[misc]


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


def _opened(path: Path) -> BinaryIO | None:
    try:
        return path.open("rb") if path.is_file() else None
    except OSError:
        return None


def _feature(about: str | None) -> str | None:
    """The feature that an event is about, where it names a document by the methodology's grammar."""
    name = parse_name(about.rpartition("/")[2]) if about and about.endswith((".md", ".json")) else None
    return name.feature if name else about


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds")
