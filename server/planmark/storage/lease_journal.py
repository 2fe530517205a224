"""The journal of a folder of leases: which files changed, in order, so that the holder of the lock reads only these.

One line is one change: `["PLAN","ITEM"]`. A change is noted before its file is written, so that a killed process leaves
at most a line too many. The first line is random, and a journal that grew too long begins again with a different one.
A change by hand is not in the journal: each process also reads all files from time to time.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import msgspec

from planmark.storage.file_lock import APPEND_FLAGS

JOURNAL = "changes"
MAX_JOURNAL_BYTES = 1_000_000
"""The size from which a journal begins again."""
MAX_LINE_BYTES = 4096
"""Maximum size of a line; after a longer one, all files are read."""
_RANDOM_BYTES = 16
_LINE_DECODER = msgspec.json.Decoder(tuple[str, str])


class JournalPosition(NamedTuple):
    """A place in a journal: the first line of the journal, and the number of bytes before the place."""

    first_line: bytes
    offset: int


def journal_position(folder: Path) -> JournalPosition | None:
    """Return the place before the last line of the journal; None without a readable journal.

    Only the holder of the lock writes, so the files of all lines but the last are already written.
    """
    try:
        with (folder / JOURNAL).open("rb") as journal:
            first_line = journal.read(2 * _RANDOM_BYTES + 1)
            size = journal.seek(0, os.SEEK_END)
            start = max(len(first_line), size - MAX_LINE_BYTES)
            journal.seek(start)
            tail = journal.read(MAX_LINE_BYTES)
    except OSError:
        return None
    last_line_end = tail.rfind(b"\n", 0, -1) + 1
    return JournalPosition(first_line, start + last_line_end) if last_line_end or start == len(first_line) else None


def changes_since(folder: Path, position: JournalPosition | None) -> set[tuple[str, str]] | None:
    """Return the names of the leases that changed since a position; None if the journal cannot tell."""
    if position is None:
        return None
    try:
        with (folder / JOURNAL).open("rb") as journal:
            if journal.read(len(position.first_line)) != position.first_line:
                return None
            journal.seek(position.offset)
            lines = set(journal.read(MAX_JOURNAL_BYTES).splitlines())
        return {_LINE_DECODER.decode(line) for line in lines}
    except (OSError, ValueError):
        # A killed process may have left a part of a line, or a process may write one now.
        return None


def note_change(folder: Path, name: tuple[str, str]) -> None:
    """Note that the file of a lease is about to change. The caller holds the lock. Raises OSError."""
    descriptor = os.open(folder / JOURNAL, APPEND_FLAGS, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size > MAX_JOURNAL_BYTES:
            os.ftruncate(descriptor, 0)
            size = 0
        first_line = b"" if size else os.urandom(_RANDOM_BYTES).hex().encode() + b"\n"
        os.write(descriptor, first_line + msgspec.json.encode(name) + b"\n")
    finally:
        os.close(descriptor)
