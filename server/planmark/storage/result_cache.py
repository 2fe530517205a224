"""The result cache of the CLI: the output of earlier calls, with the inputs of each output.

Each workspace has one SQLite file. A cached result is valid while its inputs are unchanged. The CLI looks for a cached
result before it loads other modules. So this module imports no large modules. The modification times of the folders
show whether files are new or deleted. So no walk over the files is necessary.
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
PROMPT_RETENTION_SECONDS = 86_400.0
"""Minimum number of seconds for which the units of a delivered prompt are kept. They may be kept for MIN_RENEWAL_SECONDS
more.
"""
MIN_RENEWAL_SECONDS = 3_600.0
"""Minimum number of seconds between two renewals of a kept prompt. An earlier delivery does not renew the prompt."""
MAX_RESULTS = 4096
"""Maximum number of cached results. If there are more, the oldest are removed."""
_FIELDS_OF_STAMP = 3
"""Number of integers in a stamp (see `stamps_of`)."""
_ABSENT_STAMP = (-1, -1, -1)
"""The stamp of a path at which there is no file or folder."""

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
_RESULT_COLUMNS = "key, walk, crc, code, out, revision, feature, step, tokens, err, record_bytes, prompt, paths, stamps, places, there"
_SELECT_RESULTS = f"SELECT {_RESULT_COLUMNS} FROM answers"


class CachedResult(NamedTuple):
    """The cached result of a command. `code` is the exit code, `out` standard output, and `err` standard error.

    The output may be JSON with a member `run`. Then `out` is the text before this member, and `revision` is the
    revision of the snapshot, a value of the member. Otherwise `revision` is None. `feature` and `step` are "" if the
    command is about no plan or no step. `tokens` is the number of tokens of the prompt in `out`, 0 if there is no
    prompt. `record_bytes` is the maximum size of the file of records in bytes, 0 if no record is written. `prompt` is
    the id of the prompt that the result delivers, "" if there is no prompt.
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
    """The inputs of a cached result. Paths are relative to the workspace.

    `walk` are the inputs that all results have: folders, PLANs, and files that decide which files are read. `files` are
    the other inputs. `read_times` maps some paths to their modification times in nanoseconds, at the moment when they
    were read. `checked_paths` maps a path whose existence was checked to whether it existed.
    """

    walk: tuple[str, ...]
    files: tuple[str, ...]
    read_times: Mapping[str, int]
    checked_paths: Mapping[str, bool]


class ResultCache(Database):
    """The cached results of the commands about one workspace, and the units of delivered prompts."""

    SCHEMA = _SCHEMA
    PROBES = (_SELECT_WALK, _SELECT_RESULTS, "SELECT id, recipient, given, units FROM prompts")

    def get(self, root: Path, key: str) -> CachedResult | None:
        """Return the cached result for `key`. Return None if there is none, or if an input has changed."""
        with self._handle_database_errors("read"):
            row = self._connect().execute(f"{_SELECT_RESULTS} WHERE key = ?", (key,)).fetchone()
            walk_row = self._connect().execute(_SELECT_WALK).fetchone() if row else None
            if row is None or walk_row is None or walk_row[0] != row[1]:
                return None
            _, digest, stored_checksum, *result_row = row
            file_paths, file_stamps, checked_paths, presence = result_row[-4:]
            if stored_checksum != _checksum(key, digest, result_row) or digest != _digest(*walk_row[1:]):
                raise sqlite3.DatabaseError("an answer is damaged")
            has_same_stamps = (
                stamps_of(str(root), _split_paths(walk_row[1])) == walk_row[2]
                and stamps_of(str(root), _split_paths(file_paths)) == file_stamps
            )
            if (
                has_same_stamps
                and _presence_bytes(existence_by_path(root, _split_paths(checked_paths)).values()) == presence
            ):
                return CachedResult(*result_row[:-4])
        return None

    def put(self, root: Path, key: str, result: CachedResult, inputs: ResultInputs, since_ns: int) -> bool:
        """Cache a result, and return True. Return False if the result cannot be cached.

        The inputs were read at the time `since_ns` or later. A result cannot be cached if an input changed shortly
        before `since_ns`, because a further change might then give the input the same time stamp.
        """
        walk_stamps, file_stamps = stamps_of(str(root), inputs.walk), stamps_of(str(root), inputs.files)
        stamped_paths = ((inputs.walk, walk_stamps), (inputs.files, file_stamps))
        if not self.writable or not all(
            _are_unchanged_since_read(*paths_and_stamps, inputs.read_times, since_ns)
            for paths_and_stamps in stamped_paths
        ):
            return False
        try:
            walk_paths = _join_paths(inputs.walk)
            digest = _digest(walk_paths, walk_stamps)
            file_paths, checked_paths = _join_paths(inputs.files), _join_paths(inputs.checked_paths)
            row = [*result, file_paths, file_stamps, checked_paths, _presence_bytes(inputs.checked_paths.values())]
            values = (key, digest, _checksum(key, digest, row), *row)
        except ValueError:
            # A name or a text is not valid Unicode.
            return False
        with self._handle_database_errors("written"):
            with self._write_transaction() as connection:
                connection.execute("INSERT OR REPLACE INTO walk VALUES (0, ?, ?, ?)", (digest, walk_paths, walk_stamps))
                marks = ", ".join("?" * len(values))
                connection.execute(f"INSERT OR REPLACE INTO answers ({_RESULT_COLUMNS}) VALUES ({marks})", values)
                oldest = "(SELECT max(number) FROM answers) - ?"
                connection.execute(f"DELETE FROM answers WHERE number <= {oldest}", (MAX_RESULTS,))
            return True
        return False

    def keep_prompt(self, prompt_id: str, recipient: str, units: str, now: float) -> bool:
        """Keep the units of a prompt that a recipient got, for at least PROMPT_RETENTION_SECONDS. Return False if the cache
        cannot be written.

        `now` is in seconds since the epoch.
        """
        if not self.writable:
            return False
        with self._handle_database_errors("written"):
            with self._write_transaction() as connection:
                connection.execute(
                    "DELETE FROM prompts WHERE given < ?", (now - PROMPT_RETENTION_SECONDS - MIN_RENEWAL_SECONDS,)
                )
                row = (prompt_id, recipient, now, units)
                connection.execute("INSERT OR REPLACE INTO prompts VALUES (?, ?, ?, ?)", row)
            return True
        return False

    def kept_prompts(self, prompt_id: str, now: float) -> list[tuple[str, str]]:
        """Return a tuple for each delivery of a prompt whose units are still kept: the recipient and the units.

        The newest delivery is the first. `now` is in seconds since the epoch.
        """
        with self._handle_database_errors("read"):
            query = "SELECT recipient, units FROM prompts WHERE id = ? AND given >= ? ORDER BY given DESC"
            oldest_time = now - PROMPT_RETENTION_SECONDS - MIN_RENEWAL_SECONDS
            return [
                (str(recipient), str(units))
                for recipient, units in self._connect().execute(query, (prompt_id, oldest_time))
            ]
        return []

    def renew_prompt(self, prompt_id: str, recipient: str, now: float) -> bool:
        """Keep the units of a delivered prompt for a day from `now` on. Return False if the units are no longer kept.

        `now` is in seconds since the epoch.
        """
        with self._handle_database_errors("read"):
            query = "SELECT recipient, given, units FROM prompts WHERE id = ?"
            rows = self._connect().execute(query, (prompt_id,)).fetchall()
            if any(
                other_recipient == recipient and given >= now - MIN_RENEWAL_SECONDS
                for other_recipient, given, _ in rows
            ):
                return True
            return bool(rows) and self.keep_prompt(prompt_id, recipient, rows[0][2], now)
        return False


def open_result_cache(root: Path, *, make: bool) -> ResultCache | None:
    """Open the result cache of a workspace.

    Return None if it cannot be opened. If `make` is False, return None also if its file does not exist.
    """
    version = repr((TABLES_VERSION, code_digest())).encode()
    if not make and not store_path(root, version).exists():
        return None
    return open_database(ResultCache, root, version)


def stamps_of(root: str, paths: Iterable[str]) -> bytes:
    """Return the stamps of paths as bytes. A stamp has three integers.

    The integers are the modification time and the time of any change, both in nanoseconds, and the size in bytes.
    """
    prefix, stamps = f"{root}/" if root else "", array("q")
    for path in paths:
        try:
            status = os.stat(prefix + path)  # noqa: PTH116 - thousands of them, before an answer
            stamps.extend((status.st_mtime_ns, status.st_ctime_ns, status.st_size))
        except (OSError, ValueError):
            stamps.extend(_ABSENT_STAMP)
    return stamps.tobytes()


def _are_unchanged_since_read(
    paths: Iterable[str], stamps: bytes, read_times: Mapping[str, int], since_ns: int
) -> bool:
    """Tell whether it is certain that no path has changed since its content was read, at the time `since_ns` or later.

    The result is also False for a change shortly before `since_ns`, because a later change might have the same time.
    """
    times = array("q", stamps)
    for path, modified_time, changed_time in zip(
        paths, times[::_FIELDS_OF_STAMP], times[1::_FIELDS_OF_STAMP], strict=True
    ):
        are_times_settled = is_settled(modified_time, since_ns) and is_settled(changed_time, since_ns)
        if read_times.get(path, modified_time) != modified_time or not are_times_settled:
            return False
    return True


def libraries_digest() -> str:
    """Return a digest of the installed libraries. If a library changes, results may change."""
    folders = [folder for folder in sys.path if folder.endswith("-packages")]
    return hashlib.blake2b(sys.version.encode() + stamps_of("", folders), digest_size=8).hexdigest()


def _join_paths(paths: Iterable[str]) -> bytes:
    return "\0".join(paths).encode()


def _split_paths(paths: bytes) -> list[str]:
    return paths.decode().split("\0") if paths else []


def _presence_bytes(existing_flags: Iterable[bool]) -> bytes:
    """Return one byte for each flag: 1 if the checked path exists, else 0."""
    return bytes(existing_flags)


def _digest(paths: bytes, stamps: bytes) -> bytes:
    """Return the digest of the inputs in `ResultInputs.walk`, by their joined paths and their stamps."""
    return hashlib.blake2b(stamps + paths, digest_size=16).digest()


def _checksum(key: str, digest: bytes, row: Iterable[object]) -> int:
    """Return the checksum of a row of the cache with its key. Raises ValueError if a text in the row is not valid
    Unicode.
    """
    checksum = 0
    for part in (key, digest, *row):
        checksum = zlib.crc32(part if isinstance(part, bytes) else str(part).encode(), checksum)
    return checksum
