"""What was read of a workspace, kept from one process to the next: an SQLite file in the user's cache folder.

Whatever is wrong with it costs one line in the log and some time, never an answer: a store is only a shorter way to what
reading the files gives. Editors, command lines and agents share it.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import logging
import os
import sqlite3
import sys
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from planmark import __version__
from planmark.workspace.cache import cache_folder, write_cached
from planmark.workspace.files import Stamp
from planmark.workspace.locking import locked
from planmark.workspace.settings import Settings

FORMAT = 1
"""Of the tables and of what is in them."""
FOLDER = "store"
BUSY_SECONDS = 0.5
"""So long another process may write before this one gives up its own writing."""
LOCK_SECONDS = 2.0
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs"})
"""File systems over which processes cannot share the memory that a store needs."""

logger = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    path TEXT PRIMARY KEY, mtime_ns INTEGER NOT NULL, size INTEGER NOT NULL, crc INTEGER NOT NULL, read BLOB NOT NULL
) WITHOUT ROWID
"""
_SELECT = "SELECT path, mtime_ns, size, crc, read FROM documents"


class Row(NamedTuple):
    """A document as it was read: the stamp of the file, and the entry as bytes."""

    stamp: Stamp
    read: bytes


class Store:
    """One open store; each thread has a connection of its own."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        """Raises OSError, sqlite3.Error or TimeoutError where it cannot be used."""
        self.path = path
        self.writable = writable
        self.failed = ""
        """Why it is used no more; "" while it is."""
        self._connections = threading.local()
        self._opened: list[sqlite3.Connection] = []
        if writable:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with locked(path.with_name(f"{path.name}.lock"), LOCK_SECONDS):
                self._connect().execute(_SCHEMA)
            with contextlib.suppress(OSError):
                path.chmod(0o600)
        try:
            self._connect().execute(f"{_SELECT} LIMIT 0")
        except sqlite3.OperationalError as error:
            raise sqlite3.DatabaseError(f"its tables are others: {error}") from None

    def load(self) -> dict[str, Row]:
        """Every document by its path; none where the store cannot be read."""
        with self._survived("read"):
            rows = self._connect().execute(_SELECT).fetchall()
            found = {}
            for path, mtime_ns, size, crc, read in rows:
                if zlib.crc32(read) != crc:
                    raise sqlite3.DatabaseError(f"the entry of {path} is damaged")
                found[path] = Row(Stamp(mtime_ns, size), read)
            return found
        return {}

    def save(self, changes: Mapping[str, Row | None]) -> bool:
        """Puts documents in, or takes them out (None), all or none. False where that did not happen."""
        if not self.writable or self.failed:
            return False
        put = [
            (path, row.stamp.mtime_ns, row.stamp.size, zlib.crc32(row.read), row.read)
            for path, row in changes.items()
            if row
        ]
        gone = [(path,) for path, row in changes.items() if row is None]
        with self._survived("written"):
            connection = self._connect()
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.executemany("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)", put)
                connection.executemany("DELETE FROM documents WHERE path = ?", gone)
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
            return True
        return False

    def close(self) -> None:
        """Closes every connection."""
        for connection in self._opened:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _connect(self) -> sqlite3.Connection:
        known: sqlite3.Connection | None = getattr(self._connections, "own", None)
        if known is not None:
            return known
        options = "" if self.writable else "?mode=ro&immutable=1"
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}{options}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        self._opened.append(connection)
        if self.writable:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            if mode != "wal":
                raise sqlite3.OperationalError(f"its file system allows only the journal `{mode}`")
            # What a crash of the machine may lose or tear is noticed by the sums, and read again.
            connection.execute("PRAGMA synchronous = OFF")
        self._connections.own = connection
        return connection

    @contextlib.contextmanager
    def _survived(self, what: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            # Locked, full, read-only: another time it may do.
            logger.warning("the store %s could not be %s: %s", self.path, what, error)
        except (sqlite3.Error, OSError) as error:
            self.failed = str(error)
            logger.warning("the store %s is damaged and made anew: %s", self.path, error)
            _begin_anew(self.path)


def open_store(root: Path, settings: Settings) -> Store | None:
    """The store of a workspace under its settings; None, with a line in the log, where there can be none."""
    if not settings["cache.enable"]:
        return None
    try:
        path = _path_of(root, settings)
        if kind := _network(path.parent):
            logger.info("no store: %s is on a network (%s)", path.parent, kind)
            return None
        return _opened(path)
    except (OSError, sqlite3.Error) as error:
        logger.warning("no store, everything is read: %s", error)
        return None


def stores() -> list[Path]:
    """The files of all stores, of any workspace and version."""
    return sorted((cache_folder() / FOLDER).glob("*.sqlite"))


def clear(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Removes stores; what could not be removed comes with the reason, else with ""."""
    for path in paths:
        try:
            for part in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", ".lock"))):
                part.unlink(missing_ok=True)
            yield path, ""
        except OSError as error:
            yield path, error.strerror or str(error)


def base_of(root: Path) -> str:
    """What the names of all stores of a workspace begin with."""
    readable = "".join(character if character.isalnum() else "-" for character in root.name)[:40]
    return f"{readable}-{hashlib.blake2b(str(root).encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}-"


def _opened(path: Path) -> Store:
    try:
        return Store(path, writable=True)
    except PermissionError:
        return Store(path, writable=False)
    except sqlite3.OperationalError as error:
        if path.exists() and not os.access(path.parent, os.W_OK):
            return Store(path, writable=False)
        raise error
    except sqlite3.DatabaseError as error:
        logger.warning("the store %s is damaged and made anew: %s", path, error)
        return Store(_begin_anew(path), writable=True)


def _path_of(root: Path, settings: Settings) -> Path:
    terms = msgspec.json.encode((FORMAT, __version__, _code(), settings.values), order="sorted")
    digest = hashlib.blake2b(terms, digest_size=8).hexdigest()
    base = cache_folder() / FOLDER / f"{base_of(root)}{digest}"
    try:
        generation = int(base.with_suffix(".generation").read_text(encoding="ascii"))
    except (OSError, ValueError):
        generation = 0
    return base.with_name(f"{base.name}-{generation}.sqlite")


def _begin_anew(path: Path) -> Path:
    """The next generation of a store; another process may still hold the old file, so it stays until `clear`."""
    base, _, generation = path.stem.rpartition("-")
    number = int(generation) + 1
    write_cached(f"{FOLDER}/{base}.generation", str(number))
    return path.with_name(f"{base}-{number}.sqlite")


@functools.cache
def _code() -> str:
    """What says that the code is another one, be its version the same: of facts that other code made nothing is true."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(package.glob("*/*.py")):
        status = file.stat()
        digest.update(f"{file.name}{status.st_size}{status.st_mtime_ns}".encode())
    return digest.hexdigest()


def _network(folder: Path) -> str:
    """The kind of the network file system that a folder is on; "" where it is on none, or that cannot be told."""
    if not sys.platform.startswith("linux"):
        return ""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    around = {str(folder.absolute()), *map(str, folder.absolute().parents)}
    fitting = [fields for line in mounts if len(fields := line.split()) > 2 and fields[1] in around]
    kind = max(fitting, key=lambda fields: len(fields[1]))[2] if fitting else ""
    return kind if kind in NETWORK else ""
