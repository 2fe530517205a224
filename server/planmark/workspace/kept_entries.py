"""What the store knows of the files of an index: what it gives at the first look, and what it has not been told yet."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from planmark.documents.document import Document
from planmark.workspace.files import Stamp
from planmark.workspace.reading import Entry, packed_entry, unpacked_entry
from planmark.workspace.store import Row, Store

logger = logging.getLogger(__name__)


class KeptEntries:
    """The entries of an index beside its store; without a store there is nothing to give and nothing to tell."""

    def __init__(self, store: Store | None) -> None:
        self.store = store
        self.untold: set[str] = set()
        """The files of which the store knows something else."""
        self._has_given = False

    @property
    def can_give(self) -> bool:
        """Whether there is a store that was not asked yet."""
        return self.store is not None and not self._has_given

    def give(self, wanted: Sequence[str], files: Mapping[str, Stamp]) -> Iterator[tuple[str, Entry]]:
        """What another process has read of `wanted` files, once; `files` are those that there are now."""
        if self.store is None or not self.can_give:
            return
        self._has_given = True
        rows = self.store.load()
        self.untold |= rows.keys() - files.keys()
        for path in wanted:
            if row := rows.get(path):
                try:
                    now = files.get(path)
                    # One object for one stamp: there are as many as files.
                    yield path, unpacked_entry(path, now if now and now == row.stamp else row.stamp, row.read)
                except ValueError as error:
                    logger.warning("what was kept of %s cannot be read, so the file is: %s", path, error)

    def tell(
        self, entries: dict[str, Entry], examined: Callable[[Document], bytes], limit: int | None
    ) -> dict[str, Row | None]:
        """What the store is to be told, and from now on is taken to know (None: the file is gone); at most `limit`.

        `examined` gives what was found in a document, b"" where nobody has looked; the entry then has it, too.
        """
        found: dict[str, Row | None] = {}
        for path in sorted(self.untold)[:limit] if self.store else ():
            self.untold.discard(path)
            entry = entries.get(path)
            if entry is None:
                found[path] = None
                continue
            if entry.document is not None and not entry.examined:
                entry = entries[path] = replace(entry, examined=examined(entry.document))
            if entry.stamp is not None:
                packed = packed_entry(entry)
                found[path] = Row(entry.stamp, packed) if packed else None
        return found
