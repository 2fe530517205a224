"""The result cache of the CLI: output of earlier calls with its inputs, in one SQLite file per workspace.

A cached result is valid while its inputs are unchanged. The CLI looks for a cached result before it loads other
modules, so this module imports no large modules. The cache detects new and deleted files by the modification times of
the walked folders, without a walk.
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

from planmark.storage.paths import existence_by_path
from planmark.storage.sqlite_file import Database, code_digest, open_database, store_path
from planmark.storage.timestamps import is_settled

TABLES_VERSION = 3
"""Version of the tables and of their content."""
PROMPT_SECONDS = 86_400.0
"""Time for which the units of a delivered prompt are kept."""
RENEWAL_SECONDS = 3_600.0
"""Age of a kept prompt from which a new delivery updates its time."""
MAX_RESULTS = 4096
"""Maximum number of cached results. The oldest are removed."""
_FIELDS_OF_STAMP = 3
_ABSENT_STAMP = (-1, -1, -1)

_SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS walk (
    id INTEGER PRIMARY KEY, digest BLOB NOT NULL, paths BLOB NOT NULL, stamps BLOB NOT NULL
)
""",
    """
CREATE TABLE IF NOT EXISTS answers (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, walk BLOB NOT NULL, crc INTEGER NOT NULL,
    code INTEGER NOT NULL, out TEXT NOT NULL, revision INTEGER, feature TEXT NOT NULL,
    step TEXT NOT NULL, tokens INTEGER NOT NULL, err TEXT NOT NULL, record_bytes INTEGER NOT NULL,
    prompt TEXT NOT NULL, paths BLOB NOT NULL, stamps BLOB NOT NULL, places BLOB NOT NULL, there BLOB NOT NULL
)
""",
    """
CREATE TABLE IF NOT EXISTS prompts (
    id TEXT NOT NULL, recipient TEXT NOT NULL, given REAL NOT NULL, units TEXT NOT NULL, PRIMARY KEY (id, recipient)
)
""",
)
_SELECT_WALK = "SELECT digest, paths, stamps FROM walk"
_COLUMNS = "key, walk, crc, code, out, revision, feature, step, tokens, err, record_bytes, prompt, paths, stamps, places, there"
_SELECT_ANSWERS = f"SELECT {_COLUMNS} FROM answers"


class CachedResult(NamedTuple):
    """The cached result of a command: exit code, standard output, standard error, and the data of its record.

    If the output is JSON with a member `run`, `out` is the text before this member, and `revision` is a value of this
    member; else `revision` is None. `feature` and `step` are "" if the command concerns no plan or step. `tokens` is
    the size of a prompt, else 0. `record_bytes` is the maximum size of the file of records in bytes, 0 if no record is
    written. `prompt` is the id of a prompt that the result delivers, else "".
    """

    code: int
    out: str
    revision: int | None = None
    feature: str = ""
    step: str = ""
    tokens: int = 0
    err: str = ""
    record_bytes: int = 0
    prompt: str = ""


class ResultInputs(NamedTuple):
    """The inputs of a cached result, as paths relative to the workspace.

    `walk` are the inputs of every result: folders, files that decide which files are read, and PLANs. `files` are the
    other inputs. `read_times` maps some paths to their modification times (nanoseconds) when they were read.
    `checked_paths` maps each path whose existence was checked to whether it existed.
    """

    walk: tuple[str, ...]
    files: tuple[str, ...]
    read_times: Mapping[str, int]
    checked_paths: Mapping[str, bool]


class ResultCache(Database):
    """The cached results of commands about one workspace."""

    SCHEMA = _SCHEMA
    PROBES = (_SELECT_WALK, _SELECT_ANSWERS, "SELECT id, recipient, given, units FROM prompts")

    def get(self, root: Path, key: str) -> CachedResult | None:
        """Return the cached result for `key`; None without a cached result, or if an input has changed."""
        with self._replace_if_damaged("read"):
            row = self._connect().execute(f"{_SELECT_ANSWERS} WHERE key = ?", (key,)).fetchone()
            walk = self._connect().execute(_SELECT_WALK).fetchone() if row else None
            if row is None or walk is None or walk[0] != row[1]:
                return None
            _, digest, crc, *result_row = row
            paths, stamps, places, presence = result_row[-4:]
            if crc != _checksum(key, digest, result_row) or digest != _digest(*walk[1:]):
                raise sqlite3.DatabaseError("an answer is damaged")
            has_same_stamps = (
                stamps_of(str(root), _split_paths(walk[1])) == walk[2]
                and stamps_of(str(root), _split_paths(paths)) == stamps
            )
            if has_same_stamps and _presence_bytes(existence_by_path(root, _split_paths(places)).values()) == presence:
                return CachedResult(*result_row[:-4])
        return None

    def put(self, root: Path, key: str, result: CachedResult, inputs: ResultInputs, since_ns: int) -> bool:
        """Cache a result whose inputs were read no earlier than `since_ns`.

        Return False if the result cannot be cached.

        A result cannot be cached if an input changed so recently that a further change might have the same time stamp.
        """
        walk, stamps = stamps_of(str(root), inputs.walk), stamps_of(str(root), inputs.files)
        parts = ((inputs.walk, walk), (inputs.files, stamps))
        if not self.writable or not all(_is_as_read(*part, inputs.read_times, since_ns) for part in parts):
            return False
        try:
            paths = _join_paths(inputs.walk)
            digest = _digest(paths, walk)
            files, places = _join_paths(inputs.files), _join_paths(inputs.checked_paths)
            row = [*result, files, stamps, places, _presence_bytes(inputs.checked_paths.values())]
            values = (key, digest, _checksum(key, digest, row), *row)
        except ValueError:
            # A name or a text is not valid Unicode.
            return False
        with self._replace_if_damaged("written"):
            with self._writing() as connection:
                connection.execute("INSERT OR REPLACE INTO walk VALUES (0, ?, ?, ?)", (digest, paths, walk))
                marks = ", ".join("?" * len(values))
                connection.execute(f"INSERT OR REPLACE INTO answers ({_COLUMNS}) VALUES ({marks})", values)
                oldest = "(SELECT max(number) FROM answers) - ?"
                connection.execute(f"DELETE FROM answers WHERE number <= {oldest}", (MAX_RESULTS,))
            return True
        return False

    def keep_prompt(self, prompt_id: str, recipient: str, units: str, now: float) -> bool:
        """Keep the units of a prompt that a recipient got, for a day. `now` is in seconds since the epoch.

        Return False if the cache cannot be written.
        """
        if not self.writable:
            return False
        with self._replace_if_damaged("written"):
            with self._writing() as connection:
                connection.execute("DELETE FROM prompts WHERE given < ?", (now - PROMPT_SECONDS - RENEWAL_SECONDS,))
                row = (prompt_id, recipient, now, units)
                connection.execute("INSERT OR REPLACE INTO prompts VALUES (?, ?, ?, ?)", row)
            return True
        return False

    def kept_prompts(self, prompt_id: str, now: float) -> list[tuple[str, str]]:
        """Return (recipient, units) of each delivery of a prompt in the last day, the newest first."""
        with self._replace_if_damaged("read"):
            query = "SELECT recipient, units FROM prompts WHERE id = ? AND given >= ? ORDER BY given DESC"
            oldest = now - PROMPT_SECONDS - RENEWAL_SECONDS
            return [(str(to), str(units)) for to, units in self._connect().execute(query, (prompt_id, oldest))]
        return []

    def renew_prompt(self, prompt_id: str, recipient: str, now: float) -> bool:
        """Keep a delivered prompt for one more day. Return False if its units are not kept any more."""
        with self._replace_if_damaged("read"):
            query = "SELECT recipient, given, units FROM prompts WHERE id = ?"
            rows = self._connect().execute(query, (prompt_id,)).fetchall()
            if any(to == recipient and given >= now - RENEWAL_SECONDS for to, given, _ in rows):
                return True
            return bool(rows) and self.keep_prompt(prompt_id, recipient, rows[0][2], now)
        return False


def open_result_cache(root: Path, *, make: bool) -> ResultCache | None:
    """Open the cached results of commands about a workspace.

    Return None on failure, or if the cache file does not exist and `make` is False.
    """
    version = repr((TABLES_VERSION, code_digest())).encode()
    if not make and not store_path(root, version).exists():
        return None
    return open_database(ResultCache, root, version)


def stamps_of(root: str, paths: Iterable[str]) -> bytes:
    """Return the stamps of paths: modification time and time of any change, both in nanoseconds, and size in bytes."""
    base, result = f"{root}/" if root else "", array("q")
    for path in paths:
        try:
            status = os.stat(base + path)  # noqa: PTH116 - thousands of them, before an answer
            result.extend((status.st_mtime_ns, status.st_ctime_ns, status.st_size))
        except (OSError, ValueError):
            result.extend(_ABSENT_STAMP)
    return result.tobytes()


def _is_as_read(paths: Iterable[str], stamps: bytes, read_times: Mapping[str, int], since_ns: int) -> bool:
    """Tell whether all paths are unchanged since `since_ns`.

    A change shortly before `since_ns` counts too, because the content read may be older.
    """
    times = array("q", stamps)
    for path, modified_time, changed_time in zip(
        paths, times[::_FIELDS_OF_STAMP], times[1::_FIELDS_OF_STAMP], strict=True
    ):
        settled = is_settled(modified_time, since_ns) and is_settled(changed_time, since_ns)
        if read_times.get(path, modified_time) != modified_time or not settled:
            return False
    return True


def libraries_digest() -> str:
    """Return a digest of the installed libraries. A change of a library may change results."""
    folders = [place for place in sys.path if place.endswith("-packages")]
    return hashlib.blake2b(sys.version.encode() + stamps_of("", folders), digest_size=8).hexdigest()


def _join_paths(paths: Iterable[str]) -> bytes:
    return "\0".join(paths).encode()


def _split_paths(paths: bytes) -> list[str]:
    return paths.decode().split("\0") if paths else []


def _presence_bytes(existing_flags: Iterable[bool]) -> bytes:
    return bytes(existing_flags)


def _digest(paths: bytes, stamps: bytes) -> bytes:
    return hashlib.blake2b(stamps + paths, digest_size=16).digest()


def _checksum(key: str, digest: bytes, row: Iterable[object]) -> int:
    """Return the checksum of all parts. Raises ValueError if a part cannot be encoded."""
    result = 0
    for part in (key, digest, *row):
        result = zlib.crc32(part if isinstance(part, bytes) else str(part).encode(), result)
    return result
