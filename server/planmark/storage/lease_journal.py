"""The journal of a folder of leases: the names of the changed files, in the order of the changes.

With the journal, the holder of the lock reads only the files that have changed. One line is one change:
`["PLAN","ITEM"]`. A process writes the line before it writes the file. So a killed process leaves at most one line
about a file that has not changed. The first line is random. If a journal is too long, a process empties it and writes a
new first line. A change that a person makes is not in the journal. So each process also reads all files from time to
time.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

import msgspec

from planmark.storage.file_lock import APPEND_FLAGS

JOURNAL_FILE_NAME = "changes"
"""The name of the journal in the folder of leases."""
MAX_JOURNAL_BYTES = 1_000_000
"""Size in bytes above which a journal is emptied, and begins again with a new first line."""
MAX_CHANGE_LINE_BYTES = 4096
"""Maximum size of a line in bytes. If the position is unknown, only this number of bytes at the end of the journal is
searched for the end of a line.
"""
_RANDOM_BYTES = 16
"""Number of random bytes in the first line of a journal, which has two hexadecimal digits for each."""
_FIRST_LINE_BYTES = 2 * _RANDOM_BYTES + 1
_CHANGE_LINE = re.compile(rb'\["([\w%.-]+)","([\w%.-]+)"\]')


class JournalPosition(NamedTuple):
    """A position in a journal: the first line of the journal, and the number of bytes before the position."""

    first_line: bytes
    offset: int


class JournalChanges(NamedTuple):
    """The names of the leases that have changed since a position, and the new position for the next call.

    `names` is None if the journal cannot tell which leases have changed. `position` is None if the journal cannot be
    read, so that the next call has no position either.
    """

    names: frozenset[tuple[str, str]] | None
    position: JournalPosition | None


def journal_changes_since(folder: Path, position: JournalPosition | None, *, is_locked: bool) -> JournalChanges:
    """Return the changes in the journal since a position.

    `is_locked` tells whether the caller holds the lock of the leases. If not, the last line is left for the next call,
    because the lease file that it names may not be written yet. The lease files of all earlier lines are written,
    because only the holder of the lock writes.
    """
    try:
        with (folder / JOURNAL_FILE_NAME).open("rb") as journal:
            first_line = journal.read(_FIRST_LINE_BYTES)
            size = journal.seek(0, os.SEEK_END)
            is_known = position is not None and position.first_line == first_line and position.offset <= size
            start = position.offset if position and is_known else max(len(first_line), size - MAX_CHANGE_LINE_BYTES)
            journal.seek(start)
            data = journal.read(MAX_JOURNAL_BYTES)
    except OSError:
        return JournalChanges(None, None)
    if not is_locked:
        data = data[: data.rfind(b"\n", 0, -1) + 1]
        if not (data or is_known or start == len(first_line)):
            return JournalChanges(None, None)
    next_position = JournalPosition(first_line, start + len(data))
    matches = [_CHANGE_LINE.fullmatch(line) for line in set(data.splitlines())]
    # A killed process may have left a part of a line.
    if not is_known or None in matches:
        return JournalChanges(None, next_position)
    return JournalChanges(
        frozenset((match[1].decode(), match[2].decode()) for match in matches if match is not None), next_position
    )


def note_change(folder: Path, name: tuple[str, str]) -> None:
    """Write to the journal that the file of a lease will change. The caller holds the lock. Raises OSError."""
    descriptor = os.open(folder / JOURNAL_FILE_NAME, APPEND_FLAGS, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size > MAX_JOURNAL_BYTES:
            os.ftruncate(descriptor, 0)
            size = 0
        first_line = b"" if size else os.urandom(_RANDOM_BYTES).hex().encode() + b"\n"
        os.write(descriptor, first_line + msgspec.json.encode(name) + b"\n")
    finally:
        os.close(descriptor)
