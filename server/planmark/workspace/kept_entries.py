"""The link between an index and its store: entries for the first scan, and changes that are not in the store yet."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from planmark.plans.document import Document
from planmark.workspace.file_entries import FileEntry, pack_entry, unpack_entry
from planmark.workspace.scan import Stamp
from planmark.workspace.store import Store, StoreRow

logger = logging.getLogger(__name__)


class StoreClient:
    """The client of the store for an index. Without a store, the client returns no entries and stores no changes."""

    def __init__(self, store: Store | None) -> None:
        self.store = store
        self.unsaved: set[str] = set()
        """Files whose entry in the store is missing or out of date."""
        self._has_loaded = False

    @property
    def can_load(self) -> bool:
        """True if a store exists and its entries are not loaded yet."""
        return self.store is not None and not self._has_loaded

    def load(self, paths: Sequence[str], stamps: Mapping[str, Stamp]) -> Iterator[tuple[str, FileEntry]]:
        """Yield the store's entries of `paths`, only on the first call; `stamps` are all current files."""
        if self.store is None or not self.can_load:
            return
        self._has_loaded = True
        rows = self.store.load()
        self.unsaved |= rows.keys() - stamps.keys()
        for path in paths:
            if row := rows.get(path):
                try:
                    now = stamps.get(path)
                    # Reuse the stamp of the listing, which saves one object per file.
                    yield path, unpack_entry(path, now if now and now == row.stamp else row.stamp, row.read)
                except ValueError as error:
                    logger.warning("what was kept of %s cannot be read, so the file is: %s", path, error)

    def collect_unsaved(
        self, entries: dict[str, FileEntry], examined: Callable[[Document], bytes], limit: int | None
    ) -> dict[str, StoreRow | None]:
        """Return at most `limit` changes for the store, and mark these changes as saved.

        None stands for a deleted file, or for an entry that cannot be stored. `examined` returns the packed check
        results of a document, b"" if it was not checked. These results become part of the entry.
        """
        found: dict[str, StoreRow | None] = {}
        for path in sorted(self.unsaved)[:limit] if self.store else ():
            self.unsaved.discard(path)
            entry = entries.get(path)
            if entry is None:
                found[path] = None
                continue
            if entry.document is not None and not entry.examined:
                entry = entries[path] = replace(entry, examined=examined(entry.document))
            if entry.stamp is not None:
                packed = pack_entry(entry)
                found[path] = StoreRow(entry.stamp, packed) if packed else None
        return found
