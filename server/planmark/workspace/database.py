"""SQLite files in the user's cache folder that processes share, and what to do when one is damaged, locked or not allowed.

Whatever is wrong with one costs a line in the log and some time, never an answer. Imports nothing large.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import sqlite3
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from planmark.workspace.cache import cache_folder, write_cached
from planmark.workspace.locking import locked

if TYPE_CHECKING:
    import logging

FOLDER = "store"
BUSY_SECONDS = 0.5
"""So long another process may write before this one gives up its own writing."""
LOCK_SECONDS = 2.0
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs"})
"""File systems over which processes cannot share the memory that a store needs."""
_NAME = re.compile(r"(?P<workspace>.{0,40})-[0-9a-f]{16}-[0-9a-f]{16}-[0-9]+\.sqlite")


class Database:
    """One open file; each thread has a connection of its own."""

    SCHEMA: ClassVar[tuple[str, ...]]
    """What makes the tables, where they are not there."""
    PROBES: ClassVar[tuple[str, ...]]
    """What fails where the tables are others."""

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
                for statement in self.SCHEMA:
                    self._connect().execute(statement)
            with contextlib.suppress(OSError):
                path.chmod(0o600)
        try:
            for probe in self.PROBES:
                self._connect().execute(f"{probe} LIMIT 0")
        except sqlite3.OperationalError as error:
            raise sqlite3.DatabaseError(f"its tables are others: {error}") from None

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
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are made all or none."""
        connection = self._connect()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    @contextlib.contextmanager
    def _survived(self, what: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            # Locked, full, read-only: another time it may do.
            log().warning("the store %s could not be %s: %s", self.path, what, error)
        except (sqlite3.Error, OSError) as error:
            self.failed = str(error)
            log().warning("the store %s is damaged and made anew: %s", self.path, error)
            _begin_anew(self.path)


Opened = TypeVar("Opened", bound=Database)


def open_database(kind: type[Opened], root: Path, terms: bytes) -> Opened | None:
    """The file of a workspace for these terms; None, with a line in the log, where there can be none."""
    try:
        path = path_of(root, terms)
        if network := _network(path.parent):
            log().info("no store: %s is on a network (%s)", path.parent, network)
            return None
        return _opened(kind, path)
    except (OSError, sqlite3.Error) as error:
        log().warning("no store, everything is read: %s", error)
        return None


def path_of(root: Path, terms: bytes) -> Path:
    """Where the file of a workspace for these terms is, or would be."""
    digest = hashlib.blake2b(terms, digest_size=8).hexdigest()
    base = cache_folder() / FOLDER / f"{base_of(root)}{digest}"
    try:
        generation = int(base.with_suffix(".generation").read_text(encoding="ascii"))
    except (OSError, ValueError):
        generation = 0
    return base.with_name(f"{base.name}-{generation}.sqlite")


def workspace_of(path: Path) -> str:
    """The name of the workspace that a store is of, as far as the file's name tells."""
    match = _NAME.fullmatch(path.name)
    return match["workspace"] if match else ""


def base_of(root: Path) -> str:
    """What the names of all stores of a workspace begin with."""
    readable = "".join(character if character.isalnum() else "-" for character in root.name)[:40]
    return f"{readable}-{hashlib.blake2b(str(root).encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}-"


def stores() -> list[Path]:
    """The files of all stores, of any workspace and version; nothing that only lies beside them."""
    found = (cache_folder() / FOLDER).glob("*.sqlite")
    return sorted(path for path in found if _NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink())


def clear(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Removes stores; what could not be removed comes with the reason, else with "".

    A store that another process has open stays: at its end SQLite would remove files of a new one of the same name.
    """
    for path in paths:
        try:
            if _is_held(path):
                yield path, "another process has it open, as an editor's server has: end that first"
                continue
            for part in parts_of(path):
                part.unlink(missing_ok=True)
            yield path, ""
        except OSError as error:
            yield path, error.strerror or str(error)


def parts_of(path: Path) -> list[Path]:
    """The files that a store may consist of."""
    generation = path.with_name(f"{path.stem.rpartition('-')[0]}.generation")
    return [path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", ".lock")), generation]


def rows_of(path: Path, tables: Sequence[str]) -> dict[str, int]:
    """How many rows each table of a store has, of those that it has. Raises sqlite3.Error."""
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables if name in there
        }


def _is_held(path: Path) -> bool:
    """Whether another process has a store open."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            return False
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    except sqlite3.DatabaseError:
        return False


@functools.cache
def code() -> str:
    """What says that the code is another one, be its version the same: of facts that other code made nothing is true."""
    digest = hashlib.blake2b(digest_size=8)
    for name, status in sorted(_files_of(str(Path(__file__).resolve().parent.parent), "")):
        digest.update(f"{name}{status.st_size}{status.st_mtime_ns}".encode())
    return digest.hexdigest()


def log() -> logging.Logger:
    """The log, which is loaded only where there is something to say."""
    import logging

    return logging.getLogger(__name__)


def _files_of(folder: str, name: str) -> Iterator[tuple[str, os.stat_result]]:
    """The code and the templates of the package, by relative path."""
    with os.scandir(folder) as entries:
        for entry in entries:
            path = f"{name}/{entry.name}"
            if entry.name.endswith((".py", ".j2")):
                yield path, entry.stat()
            elif entry.name != "__pycache__" and entry.is_dir():
                yield from _files_of(entry.path, path)


def _opened(kind: type[Opened], path: Path) -> Opened:
    try:
        return kind(path, writable=True)
    except PermissionError:
        return kind(path, writable=False)
    except sqlite3.OperationalError as error:
        if path.exists() and not os.access(path.parent, os.W_OK):
            return kind(path, writable=False)
        raise error
    except sqlite3.DatabaseError as error:
        log().warning("the store %s is damaged and made anew: %s", path, error)
        return kind(_begin_anew(path), writable=True)


def _begin_anew(path: Path) -> Path:
    """The next generation of a store; another process may still hold the old file, so it stays until `clear`."""
    base, _, generation = path.stem.rpartition("-")
    number = int(generation) + 1
    write_cached(f"{FOLDER}/{base}.generation", str(number))
    return path.with_name(f"{base}-{number}.sqlite")


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
