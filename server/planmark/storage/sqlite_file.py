"""The SQLite files that processes share in the user's cache folder.

If a file is locked or damaged, the process writes a line to the log and goes on, so that no command fails. This module
imports no large modules.
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

from planmark.storage.cache_dir import cache_folder, write_cached
from planmark.storage.file_lock import hold_lock

if TYPE_CHECKING:
    import logging

STORE_FOLDER = "store"
"""The name of the folder of the SQLite files in the cache folder."""
WRITE_WAIT_SECONDS = 0.5
"""Maximum number of seconds that a write waits for another process that writes."""
LOCK_SECONDS = 2.0
"""Maximum number of seconds that a process waits for another process that creates the tables."""
NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs"})
"""Types of network file systems.

On such a file system, processes cannot share the memory that the WAL journal of SQLite needs.
"""
_STORE_NAME = re.compile(r"(?P<workspace>.{0,40})-[0-9a-f]{16}-[0-9a-f]{16}-[0-9]+\.sqlite")
"""Pattern for the file name of a store: the name of the workspace, two digests and the generation."""


class Database:
    """An open SQLite file. Each thread has its own connection."""

    SCHEMA: ClassVar[tuple[str, ...]]
    """The statements that create the tables if they are missing."""
    PROBES: ClassVar[tuple[str, ...]]
    """Queries that fail if the tables do not have the expected columns."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        """Open the file. If `writable` is True, create the missing tables.

        Raises OSError, sqlite3.Error or TimeoutError if the file cannot be used.
        """
        self.path = path
        self.writable = writable
        self.failed = ""
        """The error because of which the file is no longer used; "" if there was no error."""
        self._connections = threading.local()
        self._opened: list[sqlite3.Connection] = []
        if writable:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with hold_lock(path.with_name(f"{path.name}.lock"), LOCK_SECONDS):
                for statement in self.SCHEMA:
                    self._connect().execute(statement)
            with contextlib.suppress(OSError):
                path.chmod(0o600)
        try:
            for probe in self.PROBES:
                self._connect().execute(f"{probe} LIMIT 0")
        except sqlite3.OperationalError as error:
            raise sqlite3.DatabaseError(f"its tables are not the expected ones: {error}") from None

    def close(self) -> None:
        """Close the connections of all threads."""
        for connection in self._opened:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _connect(self) -> sqlite3.Connection:
        """Return the connection of the current thread. The first call in a thread opens the connection."""
        thread_connection: sqlite3.Connection | None = getattr(self._connections, "own", None)
        if thread_connection is not None:
            return thread_connection
        options = "" if self.writable else "?mode=ro&immutable=1"
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}{options}",
            uri=True,
            timeout=WRITE_WAIT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        self._opened.append(connection)
        if self.writable:
            # A crash of the machine may lose or corrupt data. The checksums detect that, and the files are read again.
            # This statement comes first. Otherwise a new file would wait for the disk when its journal is made.
            connection.execute("PRAGMA synchronous = OFF")
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            if mode != "wal":
                raise sqlite3.OperationalError(f"its file system allows only the journal `{mode}`")
        self._connections.own = connection
        return connection

    @contextlib.contextmanager
    def _write_transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection with a transaction, for the block of the `with` statement.

        The transaction is committed after the block. If the block raises an exception, the transaction is rolled back.
        """
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
    def _handle_database_errors(self, participle: str) -> Iterator[None]:
        """Catch each error of SQLite or the operating system in the `with` block, and write the error to the log. Every
        error except `sqlite3.OperationalError` counts as damage, and starts the next generation of the file.

        `participle` is the word of the log for what the block does with the file: `read` or `written`.
        """
        try:
            yield
        except sqlite3.OperationalError as error:
            # The file is locked, or the disk is full or read-only. A later try may succeed.
            logger().warning("the store %s could not be %s: %s", self.path, participle, error)
        except (sqlite3.Error, OSError) as error:
            self.failed = str(error)
            logger().warning("the store %s is damaged and is rebuilt: %s", self.path, error)
            _start_next_generation(self.path)


DatabaseT = TypeVar("DatabaseT", bound=Database)


def open_database(kind: type[DatabaseT], root: Path, version: bytes) -> DatabaseT | None:
    """Open the database of class `kind` for a workspace and a version of its content.

    If it cannot be opened, write a line to the log and return None.
    """
    try:
        path = store_path(root, version)
        if network_type := _network_file_system(path.parent):
            logger().info("no store: %s is on a network (%s)", path.parent, network_type)
            return None
        return _open_store(kind, path)
    except (OSError, sqlite3.Error) as error:
        logger().warning("no store, everything is read: %s", error)
        return None


def store_path(root: Path, version: bytes) -> Path:
    """Return the path of the SQLite file of a workspace for a version of the content of the file.

    The file may not exist.
    """
    digest = hashlib.blake2b(version, digest_size=8).hexdigest()
    base = cache_folder() / STORE_FOLDER / f"{store_name_prefix(root)}{digest}"
    try:
        generation = int(base.with_suffix(".generation").read_text(encoding="ascii"))
    except (OSError, ValueError):
        generation = 0
    return base.with_name(f"{base.name}-{generation}.sqlite")


def workspace_of_store(path: Path) -> str:
    """Return the name of the workspace that the file name of a store contains, at most 40 characters.

    Return "" if the file is not a store.
    """
    match = _STORE_NAME.fullmatch(path.name)
    return match["workspace"] if match else ""


def store_name_prefix(root: Path) -> str:
    """Return the text with which the file names of all stores of a workspace begin."""
    readable_name = "".join(character if character.isalnum() else "-" for character in root.name)[:40]
    return f"{readable_name}-{hashlib.blake2b(str(root).encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}-"


def store_paths() -> list[Path]:
    """Return the paths of all stores, of all workspaces and versions. Other files of the folder are left out."""
    paths = (cache_folder() / STORE_FOLDER).glob("*.sqlite")
    return sorted(
        path for path in paths if _STORE_NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink()
    )


def remove_stores(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Remove stores. Yield a tuple for each: its path, and the reason why it cannot be removed, "" if it is removed.

    A store that a different process has open is not removed. Otherwise, SQLite would remove files of a new store with
    the same name when that process ends.
    """
    for path in paths:
        try:
            if _is_open_elsewhere(path):
                yield path, "another process has it open, as an editor's server has: end that first"
                continue
            for file in store_files(path):
                file.unlink(missing_ok=True)
            yield path, ""
        except OSError as error:
            yield path, error.strerror or str(error)


def store_files(path: Path) -> list[Path]:
    """Return the paths of all files that a store may have: the database, its WAL files, its lock and its generation."""
    generation = path.with_name(f"{path.stem.rpartition('-')[0]}.generation")
    return [path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", ".lock")), generation]


def row_counts(path: Path, tables: Sequence[str]) -> dict[str, int]:
    """Return a mapping from the name of a table to the number of its rows. Raises sqlite3.Error.

    Tables that do not exist in the store are left out.
    """
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        table_names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in tables
            if name in table_names
        }


def _is_open_elsewhere(path: Path) -> bool:
    """Tell whether another process has the store open."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=WRITE_WAIT_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            return False
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    except sqlite3.DatabaseError:
        return False


@functools.cache
def code_digest() -> str:
    """Return a digest of the code of the package, made from the sizes and times of its files.

    Facts that different code has stored are not valid, even if both versions of the code have the same version number.
    """
    digest = hashlib.blake2b(digest_size=8)
    for name, status in sorted(_package_files(str(Path(__file__).resolve().parent.parent), "")):
        digest.update(f"{name}{status.st_size}{status.st_mtime_ns}".encode())
    return digest.hexdigest()


def logger() -> logging.Logger:
    """Return the logger of this module. `logging` is imported only here, when there is something to log."""
    import logging

    return logging.getLogger(__name__)


def _package_files(folder: str, relative_folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the relative path and the status of each file of the package: code, templates and catalogues."""
    with os.scandir(folder) as entries:
        for entry in entries:
            path = f"{relative_folder}/{entry.name}"
            if entry.name.endswith((".py", ".j2", ".toml")):
                yield path, entry.stat()
            elif entry.name != "__pycache__" and entry.is_dir():
                yield from _package_files(entry.path, path)


def _open_store(kind: type[DatabaseT], path: Path) -> DatabaseT:
    """Open a store. If it cannot be written, open it only for reading. If it is damaged, begin a new store."""
    try:
        return kind(path, writable=True)
    except PermissionError:
        return kind(path, writable=False)
    except sqlite3.OperationalError as error:
        if path.exists() and not os.access(path.parent, os.W_OK):
            return kind(path, writable=False)
        raise error
    except sqlite3.DatabaseError as error:
        logger().warning("the store %s is damaged and is rebuilt: %s", path, error)
        return kind(_start_next_generation(path), writable=True)


def _start_next_generation(path: Path) -> Path:
    """Start the next generation of a store, and return the path of its file.

    The old file stays until `remove_stores` removes it, because another process may have it open.
    """
    base, _, generation = path.stem.rpartition("-")
    number = int(generation) + 1
    write_cached(f"{STORE_FOLDER}/{base}.generation", str(number))
    return path.with_name(f"{base}-{number}.sqlite")


def _network_file_system(folder: Path) -> str:
    """Return the type of the network file system that contains a folder.

    Return "" if the disk is local, or if the type is unknown.
    """
    if not sys.platform.startswith("linux"):
        return ""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    enclosing_folders = {str(folder.absolute()), *map(str, folder.absolute().parents)}
    mount_fields = [fields for line in mounts if len(fields := line.split()) > 2 and fields[1] in enclosing_folders]
    type_name = max(mount_fields, key=lambda fields: len(fields[1]))[2] if mount_fields else ""
    return type_name if type_name in NETWORK_FILE_SYSTEMS else ""
