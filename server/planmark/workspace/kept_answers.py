"""Answers of earlier calls of the command line, each with the files that it was made from: an SQLite file per workspace.

An answer holds while everything it was made from is as it was. It is looked up before anything else is loaded, so nothing
large is imported here. What is new or gone is seen by the folders of the walk, not by walking.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import zlib
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from planmark.workspace.database import Database, code, open_database, path_of
from planmark.workspace.roots import existing
from planmark.workspace.ticks import is_settled

FORMAT = 1
"""Of the tables and of what is in them."""
MAX_ANSWERS = 4096
"""The answers that were kept last; older ones go."""
_FIELDS = 3
_ABSENT = (-1, -1, -1)

_SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS walk (
    id INTEGER PRIMARY KEY, digest BLOB NOT NULL, paths BLOB NOT NULL, stamps BLOB NOT NULL
)
""",
    """
CREATE TABLE IF NOT EXISTS answers (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, walk BLOB NOT NULL, crc INTEGER NOT NULL,
    code INTEGER NOT NULL, out TEXT NOT NULL, after TEXT NOT NULL, feature TEXT NOT NULL,
    step TEXT NOT NULL, tokens INTEGER NOT NULL, err TEXT NOT NULL, record_bytes INTEGER NOT NULL,
    paths BLOB NOT NULL, stamps BLOB NOT NULL, places BLOB NOT NULL, there BLOB NOT NULL
)
""",
)
_WALK = "SELECT digest, paths, stamps FROM walk"
_COLUMNS = "key, walk, crc, code, out, after, feature, step, tokens, err, record_bytes, paths, stamps, places, there"
_ANSWERS = f"SELECT {_COLUMNS} FROM answers"


class Answer(NamedTuple):
    """What a command has said: its exit code, standard output and standard error, and what its record says.

    Where the milliseconds that it took stand in the output, `out` ends before them and `after` follows. `feature` and
    `step` are "" where it is about none, `tokens` those of a prompt, else 0. `record_bytes` is the size of the file of
    records, 0 where none is written.
    """

    code: int
    out: str
    after: str
    feature: str = ""
    step: str = ""
    tokens: int = 0
    err: str = ""
    record_bytes: int = 0


class Inputs(NamedTuple):
    """What an answer was made from, as paths relative to the workspace.

    `walk` is what every answer depends on: folders, what decides which files are read, the PLANs; `files` are the others.
    `seen` are the times of modification (nanoseconds) that some of both had when they were read. `places` are the paths of
    which it was asked whether anything is there, with the answer.
    """

    walk: tuple[str, ...]
    files: tuple[str, ...]
    seen: Mapping[str, int]
    places: Mapping[str, bool]


class KeptAnswers(Database):
    """The answers about one workspace."""

    SCHEMA = _SCHEMA
    PROBES = (_WALK, _ANSWERS)

    def get(self, root: Path, key: str) -> Answer | None:
        """The answer that was kept for `key`; None where there is none, or something is not as it was."""
        with self._survived("read"):
            known = self._connect().execute(f"{_ANSWERS} WHERE key = ?", (key,)).fetchone()
            walk = self._connect().execute(_WALK).fetchone() if known else None
            if known is None or walk is None or walk[0] != known[1]:
                return None
            _, digest, crc, *answer = known
            paths, stamps, places, there = answer[-4:]
            if crc != _sum(key, digest, answer) or digest != _digest(*walk[1:]):
                raise sqlite3.DatabaseError("an answer is damaged")
            same = stamps_of(str(root), _split(walk[1])) == walk[2] and stamps_of(str(root), _split(paths)) == stamps
            if same and _presence(existing(root, _split(places)).values()) == there:
                return Answer(*answer[:-4])
        return None

    def put(self, root: Path, key: str, answer: Answer, inputs: Inputs, since_ns: int) -> bool:
        """Keeps an answer that was made from nothing read before `since_ns`. False where it cannot be kept.

        That is where an input was changed so late that another change might not show.
        """
        walk, stamps = stamps_of(str(root), inputs.walk), stamps_of(str(root), inputs.files)
        parts = ((inputs.walk, walk), (inputs.files, stamps))
        if not self.writable or not all(_is_as_read(*part, inputs.seen, since_ns) for part in parts):
            return False
        try:
            paths = _joined(inputs.walk)
            digest = _digest(paths, walk)
            files, places = _joined(inputs.files), _joined(inputs.places)
            row = [*answer, files, stamps, places, _presence(inputs.places.values())]
            values = (key, digest, _sum(key, digest, row), *row)
        except ValueError:
            # A name or a text with bytes that are none.
            return False
        with self._survived("written"):
            with self._writing() as connection:
                connection.execute("INSERT OR REPLACE INTO walk VALUES (0, ?, ?, ?)", (digest, paths, walk))
                marks = ", ".join("?" * len(values))
                connection.execute(f"INSERT OR REPLACE INTO answers ({_COLUMNS}) VALUES ({marks})", values)
                oldest = "(SELECT max(number) FROM answers) - ?"
                connection.execute(f"DELETE FROM answers WHERE number <= {oldest}", (MAX_ANSWERS,))
            return True
        return False


def open_answers(root: Path, *, make: bool) -> KeptAnswers | None:
    """The answers about a workspace; None where there can be none, or, unless they are to be made, where there are none."""
    terms = repr((FORMAT, code())).encode()
    if not make and not path_of(root, terms).exists():
        return None
    return open_database(KeptAnswers, root, terms)


def stamps_of(root: str, paths: Iterable[str]) -> bytes:
    """For each path the times of its last modification and its last change of any kind, in nanoseconds, and its size."""
    base, found = f"{root}/" if root else "", array("q")
    for path in paths:
        try:
            status = os.stat(base + path)  # noqa: PTH116 - thousands of them, before an answer
            found.extend((status.st_mtime_ns, status.st_ctime_ns, status.st_size))
        except (OSError, ValueError):
            found.extend(_ABSENT)
    return found.tobytes()


def _is_as_read(paths: Iterable[str], stamps: bytes, seen: Mapping[str, int], since_ns: int) -> bool:
    """Whether nothing has changed so shortly before `since_ns`, or since then, that what was read may be older."""
    times = array("q", stamps)
    for path, modified, changed in zip(paths, times[::_FIELDS], times[1::_FIELDS], strict=True):
        settled = is_settled(modified, since_ns) and is_settled(changed, since_ns)
        if seen.get(path, modified) != modified or not settled:
            return False
    return True


def libraries() -> str:
    """What says that other libraries are installed: the answers come through them."""
    folders = [place for place in sys.path if place.endswith("-packages")]
    return hashlib.blake2b(sys.version.encode() + stamps_of("", folders), digest_size=8).hexdigest()


def _joined(paths: Iterable[str]) -> bytes:
    return "\0".join(paths).encode()


def _split(paths: bytes) -> list[str]:
    return paths.decode().split("\0") if paths else []


def _presence(there: Iterable[bool]) -> bytes:
    return bytes(there)


def _digest(paths: bytes, stamps: bytes) -> bytes:
    return hashlib.blake2b(stamps + paths, digest_size=16).digest()


def _sum(key: str, digest: bytes, row: Iterable[object]) -> int:
    """Of all parts. Raises ValueError where one of them is no text."""
    found = 0
    for part in (key, digest, *row):
        found = zlib.crc32(part if isinstance(part, bytes) else str(part).encode(), found)
    return found
