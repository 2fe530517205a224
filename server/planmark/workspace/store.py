"""The parsed documents of a workspace, stored for the next process: an SQLite file in the user's cache folder.

A store only saves time: it returns the same facts as parsing the files. Editors, CLI calls and agents share the store.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from planmark import __version__
from planmark.storage.sqlite_file import Database, code_digest, open_database
from planmark.workspace.scan import Stamp
from planmark.workspace.settings import Settings

TABLES_VERSION = 5
"""Version of the tables and of their content."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    path TEXT PRIMARY KEY, stamp BLOB NOT NULL, crc INTEGER NOT NULL, read BLOB NOT NULL
) WITHOUT ROWID
"""
_SELECT = "SELECT path, stamp, crc, read FROM documents"
_ENCODER, _DECODER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Stamp)


class StoreRow(NamedTuple):
    """One parsed document: the stamp of its file, and its packed entry (see `pack_entry`)."""

    stamp: Stamp
    entry_bytes: bytes


class Store(Database):
    """The store of one workspace, as an open SQLite file."""

    SCHEMA = (_SCHEMA,)
    PROBES = (_SELECT,)

    def load(self) -> dict[str, StoreRow]:
        """Return the row of every document by path. If the store cannot be read, return an empty dictionary."""
        with self._handle_database_errors("read"):
            rows = self._connect().execute(_SELECT).fetchall()
            result = {}
            for path, stamp, crc, row_bytes in rows:
                if zlib.crc32(row_bytes, zlib.crc32(stamp)) != crc:
                    raise sqlite3.DatabaseError(f"the entry of {path} is damaged")
                result[path] = StoreRow(_DECODER.decode(stamp), row_bytes)
            return result
        return {}

    def save(self, changes: Mapping[str, StoreRow | None]) -> bool:
        """Write `changes`, a mapping from paths to new rows, in one transaction. None as a new row deletes the row.

        Return False if the transaction failed.
        """
        if not self.writable or self.failed:
            return False
        new_rows = [(path, *_encode_row(row)) for path, row in changes.items() if row]
        removed_rows = [(path,) for path, row in changes.items() if row is None]
        with self._handle_database_errors("written"):
            with self._write_transaction() as connection:
                connection.executemany("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)", new_rows)
                connection.executemany("DELETE FROM documents WHERE path = ?", removed_rows)
            return True
        return False


def _encode_row(row: StoreRow) -> tuple[bytes, int, bytes]:
    """Return the values of a row: the stamp as bytes, the checksum of the stamp and the entry, and the entry."""
    stamp = _ENCODER.encode(row.stamp)
    return stamp, zlib.crc32(row.entry_bytes, zlib.crc32(stamp)), row.entry_bytes


def open_store(root: Path, settings: Settings) -> Store | None:
    """Open the store of a workspace for its settings.

    Return None if the setting `cache.enable` is off, or if the store cannot be opened.
    """
    if not settings["cache.enable"]:
        return None
    version = msgspec.json.encode((TABLES_VERSION, __version__, code_digest(), settings.values), order="sorted")
    return open_database(Store, root, version)
