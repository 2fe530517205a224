"""The table of entries: the last result of reading each file. The table loads entries from the store, and collects
entries to save there.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from planmark.metrics.cache_stats import CacheCounts
from planmark.plans.document import Document
from planmark.workspace.file_entries import (
    KINDS_IN_READ_ORDER,
    FileEntry,
    kind_of,
    pack_entry,
    text_digest,
    unpack_entry,
)
from planmark.workspace.scan import Problem, Stamp
from planmark.workspace.store import Store, StoreRow

logger = logging.getLogger(__name__)


class EntryTable:
    """The entries of all files, by path.

    The table records which entries changed, and which entries the store does not have. If there is no store, no entry
    is loaded or saved.
    """

    def __init__(self, store: Store | None) -> None:
        self.by_path: dict[str, FileEntry] = {}
        self.changed_paths: set[str] = set()
        """Files that appeared, disappeared or were read again since the last snapshot."""
        self.parsed_count = 0
        """Number of files whose changed text was parsed since the last scan began."""
        self.counts: dict[str, CacheCounts] = {kind: CacheCounts() for kind in KINDS_IN_READ_ORDER}
        """Mapping from a kind of document to its counts of file checks.

        A hit is a check that found the file unchanged. A miss is a check after which the file was parsed.
        """
        self.load_counts = CacheCounts()
        """Counts of the first scan.

        A hit is a document with a current entry in the store, a miss any other document.
        """
        self.store = store
        self.unsaved_paths: set[str] = set()
        """Files whose entry in the store is missing or out of date."""
        self._has_loaded = False

    def take(self, path: str, entry: FileEntry, stored_entry: FileEntry | None) -> bool:
        """Add the entry of a file that was read. Return whether the problem of the file changed.

        `stored_entry` is the entry of the file in the store, None if the store has no entry of the file.
        """
        last_entry = self.by_path.get(path)
        previous_entry = last_entry or stored_entry
        is_unchanged = (
            previous_entry is not None
            and previous_entry.document is entry.document
            and previous_entry.record is entry.record
        )
        self._count(path, is_hit=is_unchanged)
        has_new_problem = False
        if last_entry is not None and is_unchanged and last_entry.mentioned_words is entry.mentioned_words:
            self.by_path[path] = entry
            self.unsaved_paths.add(path)
        else:
            has_new_problem = self.put(path, entry)
        if entry is stored_entry:
            self.unsaved_paths.discard(path)
        return has_new_problem

    def put(self, path: str, entry: FileEntry) -> bool:
        """Replace the entry of a file. Return whether the problem of the file changed."""
        last_entry = self.by_path.get(path)
        self.by_path[path] = entry
        self.changed_paths.add(path)
        self.unsaved_paths.add(path)
        return (last_entry.problem if last_entry else None) != entry.problem

    def remove(self, path: str) -> bool:
        """Remove the entry of a file. Return whether the file had a problem."""
        last_entry = self.by_path.pop(path, None)
        if last_entry is None:
            return False
        self.changed_paths.add(path)
        self.unsaved_paths.add(path)
        return last_entry.problem is not None

    def reset(self, store: Store | None) -> None:
        """Replace the store after a change of the settings.

        All entries become unsaved, and lose their check results.
        """
        self.store, self._has_loaded = store, False
        self.unsaved_paths = set(self.by_path)
        self.by_path = {path: replace(entry, packed_diagnostics=b"") for path, entry in self.by_path.items()}

    def count_scan_hit(self, kind: str | None, is_hit: bool) -> None:
        """Add a hit to the counts of `kind` if `is_hit` is True, because the scan found a file of this kind unchanged."""
        if kind in self.counts:
            self.counts[kind].hits += is_hit

    def _count(self, path: str, *, is_hit: bool) -> None:
        """Count a file check: `is_hit` tells whether the file was unchanged."""
        if (kind := kind_of(path)) in self.counts:
            self.parsed_count += not is_hit
            self.counts[kind].hits += is_hit
            self.counts[kind].misses += not is_hit

    def counts_by_kind(self) -> dict[str, int]:
        """Return the number of parsed documents of each kind."""
        documents = [entry.document for entry in list(self.by_path.values())]
        kinds = Counter(document.name.kind for document in documents if document)
        return {kind: kinds[kind] for kind in KINDS_IN_READ_ORDER}

    def deliverable_paths(self) -> set[str]:
        """Return the paths that the documents name as their deliverables."""
        return {path for entry in self.by_path.values() for path in entry.named}

    def problems(self) -> list[Problem]:
        """Return the problems of all files, sorted by path."""
        problems = {path: entry.problem for path, entry in self.by_path.items() if entry.problem}
        return [problems[path] for path in sorted(problems)]

    def stamp_when_read(self, path: str, text: str) -> Stamp | None:
        """Return the stamp that the file had at the last read, if its text was `text` then; else None."""
        entry = self.by_path.get(path)
        return entry.stamp if entry is not None and entry.digest == text_digest(text) else None

    @property
    def can_load(self) -> bool:
        """True if a store exists and its entries are not loaded yet."""
        return self.store is not None and not self._has_loaded

    def load(self, paths: Sequence[str], stamps: Mapping[str, Stamp]) -> Iterator[tuple[str, FileEntry]]:
        """Yield two values for each of `paths` that the store has: the path and the stored entry.

        `stamps` are the stamps of all current files by path. Only the first call yields values.
        """
        if self.store is None or not self.can_load:
            return
        self._has_loaded = True
        rows = self.store.load()
        self.unsaved_paths |= rows.keys() - stamps.keys()
        for path in paths:
            if row := rows.get(path):
                try:
                    current_stamp = stamps.get(path)
                    # Reuse the stamp of the listing, which saves one object per file.
                    stamp = current_stamp if current_stamp and current_stamp == row.stamp else row.stamp
                    yield path, unpack_entry(path, stamp, row.entry_bytes)
                except ValueError as error:
                    logger.warning("the stored entry of %s cannot be read, so the file is read: %s", path, error)

    def collect_unsaved(
        self, pack_diagnostics: Callable[[Document], bytes], limit: int | None = None
    ) -> dict[str, StoreRow | None]:
        """Return at most `limit` changes for the store, and mark these changes as saved.

        The result is a mapping from a path to the new row. A row is None if the file was deleted, or if its entry
        cannot be stored. `pack_diagnostics` returns the packed check results of a document, b"" if the document was not
        checked. These results become part of the entry.
        """
        rows: dict[str, StoreRow | None] = {}
        for path in sorted(self.unsaved_paths)[:limit] if self.store else ():
            self.unsaved_paths.discard(path)
            entry = self.by_path.get(path)
            if entry is None:
                rows[path] = None
                continue
            if entry.document is not None and not entry.packed_diagnostics:
                entry = self.by_path[path] = replace(entry, packed_diagnostics=pack_diagnostics(entry.document))
            if entry.stamp is not None:
                packed_bytes = pack_entry(entry)
                rows[path] = StoreRow(entry.stamp, packed_bytes) if packed_bytes else None
        return rows

    def mark_unsaved(self, paths: Iterable[str]) -> None:
        """Mark the documents at `paths` as unsaved if their entries contain no check results yet."""
        self.unsaved_paths |= {
            path for path in paths if (entry := self.by_path.get(path)) and not entry.packed_diagnostics
        }

    @property
    def stored_count(self) -> int:
        """The number of documents whose current entry is in the store."""
        return len(self.by_path.keys() - self.unsaved_paths) if self.store else 0
