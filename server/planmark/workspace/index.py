"""The index of a workspace, the only object that changes the state of the workspace.

The index reads the files, reuses unchanged entries, and publishes immutable snapshots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from planmark.metrics.trace import Timer
from planmark.storage.git_checkout import GIT_ENTRY
from planmark.storage.paths import existence_by_path, refuse_forbidden
from planmark.workspace.case_index import CaseIndex
from planmark.workspace.crash_guard_file import guard_the_parser
from planmark.workspace.entry_table import EntryTable
from planmark.workspace.existence import Existence
from planmark.workspace.file_entries import (
    KINDS_IN_READ_ORDER,
    DocumentChecker,
    FileEntry,
    ReadOptions,
    kind_of,
    read_from_disk,
    read_from_overlay,
)
from planmark.workspace.file_table import FileTable
from planmark.workspace.overlays import Overlays
from planmark.workspace.scan import FiltersByFolder, Listing, Stamp, check_path, is_document, walk
from planmark.workspace.settings import Settings, load_settings, vocabulary_of
from planmark.workspace.snapshot import Snapshot, empty_snapshot
from planmark.workspace.snapshot_builder import SnapshotBuilder
from planmark.workspace.store import Store
from planmark.workspace.text_cache import TextCache
from planmark.workspace.text_memo import TextMemo

ReportProgress = Callable[[int, int], None]
"""A function that receives the number of files read so far, and the number of all files."""

OpenStore = Callable[[Path, Settings], Store | None]
"""A function that opens the store of a workspace for its settings."""


def no_store(_root: Path, _settings: Settings) -> None:
    """Return None. This is the `open_store` of an index that has no store."""


def no_progress(_done_count: int, _total_count: int) -> None:
    """Ignore the progress."""


class Index:
    """The last known files of one workspace, and the texts of documents that are open in editors.

    An index has four tables: the files on the disk; the entries of the files that were read; the texts in editors that
    count in place of files; and the existence of the paths that documents name. `scan` and `snapshot` update the tables
    from the disk, and a builder makes the snapshots.
    """

    def __init__(
        self,
        root: Path,
        overrides: Mapping[str, object] | None = None,
        check_document: DocumentChecker | None = None,
        open_store: OpenStore = no_store,
    ) -> None:
        """Open an index of the workspace at `root`.

        `overrides` are settings (by key) that override the settings of the workspace. `check_document` checks documents
        in the workers when many files are read together. `open_store` opens the store with the results of earlier
        processes.

        Raises WorkspaceError if `root` is not a folder or must not be a workspace.
        """
        self.root = refuse_forbidden(root)
        guard_the_parser()
        self._check_document = check_document
        self._overrides = overrides or {}
        self._settings = load_settings(self.root, self._overrides)
        self._vocabulary = vocabulary_of(self._settings)
        self._open_store = open_store
        self._file_table = FileTable()
        self.entries = EntryTable(open_store(self.root, self._settings))
        self._overlays = Overlays(self.root, self._settings)
        self._texts = TextCache()
        self._existence = Existence(self.root)
        self._builder = self._new_builder()
        self.cases = CaseIndex(self.root if self.entries.store is not None else None, self.digest_of)
        self.search_memo: TextMemo[Any] = TextMemo(self.digest_of)
        """The values that searches made from texts."""
        self._is_complete = False
        self._last_snapshot = empty_snapshot(self.root, self._settings, 0)
        self._has_other_changes = True
        """True if an input of the snapshot other than an entry has changed since the last snapshot."""

    def _new_builder(self) -> SnapshotBuilder:
        return SnapshotBuilder(self._settings, self._file_table, self.entries, self._overlays, self._existence)

    def refresh(self, progress: ReportProgress = no_progress) -> Snapshot:
        """Scan the disk and return a snapshot.

        Before each file, `progress` gets the number of files read so far and the number of all files.
        """
        for done_count, total_count in self.scan():
            progress(done_count, total_count)
        return self.snapshot()

    def scan(self) -> Iterator[tuple[int, int]]:
        """List the files, and read the changed files. PLANs and verdicts are read first.

        Before each file, yield the number of files read so far and the number of all files. At each yield, `snapshot`
        returns a snapshot of the files read so far.
        """
        self._configure()
        self._file_table.begin_listing()
        for _ in self._update_listing():
            yield 0, 0
        kinds = {path: kind for path in self._file_table.stamps if self._reads_kind(kind := kind_of(path))}
        wanted_paths = [path for path in kinds if not self._needs_no_read(path, kinds[path])]
        wanted_paths.sort(key=lambda path: (_rank_of_kind(kinds[path]), path))
        self.entries.parsed_count = 0
        done_count, total_count = len(kinds) - len(wanted_paths), len(kinds)
        yield done_count, total_count
        loads_from_store = self.entries.can_load
        stored_entries: dict[str, FileEntry] = {}
        for path, entry in self.entries.load(wanted_paths, self._file_table.stamps):
            stored_entries[path] = entry
            if self._is_current_entry(path, entry) and not self._file_table.was_checked_since_listing(path):
                self.entries.load_counts.hits += 1
                self._take(path, entry, entry)
                done_count += 1
            yield done_count, total_count
        wanted_paths = [
            path for path in wanted_paths if path in self._file_table.stamps and not self._is_unchanged_since_read(path)
        ]
        self.entries.load_counts.misses += len(wanted_paths) if loads_from_store else 0
        for path_and_entry in self._read(wanted_paths, stored_entries):
            if path_and_entry is not None:
                path, entry = path_and_entry
                if not self._file_table.was_checked_since_listing(path):
                    self._take(path, entry, stored_entries.get(path))
                done_count += 1
            yield done_count, total_count
        for has_other_change in self._existence.check_all(self.entries.deliverable_paths()):
            self._has_other_changes |= has_other_change
            yield total_count, total_count
        self._has_other_changes |= (
            self._existence.forget_unnamed(self.entries.deliverable_paths()) or not self._is_complete
        )
        self._is_complete = True

    def _reads_kind(self, kind: str | None) -> bool:
        """Tell whether the index reads files of a kind (see `kind_of`)."""
        return self._check_document is not None or kind in KINDS_IN_READ_ORDER

    def _needs_no_read(self, path: str, kind: str | None) -> bool:
        """Tell whether a file need not be read: its text is open in an editor, or the file is unchanged.

        An unchanged file adds a hit to the counts of its `kind`.
        """
        if path in self._overlays.counted_texts:
            return True
        is_read = self._is_unchanged_since_read(path)
        self.entries.count_scan_hit(kind, is_read)
        return is_read

    def _is_unchanged_since_read(self, path: str) -> bool:
        """Tell whether a file is certainly unchanged since the last read."""
        entry = self.entries.by_path.get(path)
        return entry is not None and self._is_current_entry(path, entry)

    def _is_current_entry(self, path: str, entry: FileEntry) -> bool:
        """Tell whether an entry matches the current stamp of its file and has all values that the index needs."""
        lacks_mentions = self._check_document is not None and entry.mentioned_words is None
        return entry.settled and entry.stamp == self._file_table.stamps.get(path) and not lacks_mentions

    def _read(
        self, paths: Sequence[str], stored_entries: Mapping[str, FileEntry]
    ) -> Iterator[tuple[str, FileEntry] | None]:
        """Read the files at `paths`, and yield two values for each file: its path and its entry.

        Between files, the function may yield None, so that the caller can do other work. `stored_entries` are the
        entries of the store by path. If the text of a file is the same as the text of its earlier entry, the earlier
        entry is reused.
        """
        entries = {
            path: entry for path in paths if (entry := self.entries.by_path.get(path) or stored_entries.get(path))
        }
        for path, entry in entries.items():
            if stamp := self._file_table.stamps.get(path):
                yield path, read_from_disk(self._read_options(None), path, stamp, entry)
        new_paths = [path for path in paths if path not in entries]
        if not new_paths:
            return
        from planmark.workspace.parse_workers import process_count_for, read_entries

        process_count = process_count_for(len(new_paths), self._settings["index.processes"])
        check_document = self._check_document if process_count > 1 else None
        listed_files = [(path, stamp) for path in new_paths if (stamp := self._file_table.stamps.get(path))]
        yield from read_entries(self._read_options(check_document), listed_files, process_count)

    @property
    def parsed_count(self) -> int:
        """The number of files whose changed text was parsed since the last scan began."""
        return self.entries.parsed_count

    @property
    def listing(self) -> Listing:
        """The result of the last walk."""
        return self._file_table.listing

    @property
    def is_listing_outdated(self) -> bool:
        """Whether a `refresh` is needed, because a check of a file since the last listing found that other paths are
        skipped now.
        """
        return self._file_table.is_listing_outdated

    @property
    def has_unreported_change(self) -> bool:
        """Whether the last scan found a change of a file that `mark_stale` had not reported before."""
        return self._file_table.has_unreported_change

    @property
    def existence(self) -> Mapping[str, bool]:
        """Mapping from a path that a document names to whether a file or folder existed there at the last check."""
        return self._existence.results

    def _read_options(self, check_document: DocumentChecker | None) -> ReadOptions:
        """Return the parameters of reading; `check_document` checks the documents while they are read."""
        names = (
            frozenset(path.rpartition("/")[2] for path in self._file_table.stamps) if check_document else frozenset()
        )
        return ReadOptions(
            self.root, self._settings, self._vocabulary, names, check_document, self._check_document is not None
        )

    def _take(self, path: str, entry: FileEntry, stored_entry: FileEntry | None = None) -> None:
        """Add `entry`, which was read from a file. If the file has changed or disappeared meanwhile, add nothing.

        Also add nothing if the document is open in an editor, and its text there counts. `stored_entry` is the entry of the file in the store.
        """
        if self._file_table.stamps.get(path) == entry.stamp and path not in self._overlays.counted_texts:
            self._has_other_changes |= self.entries.take(path, entry, stored_entry)

    @property
    def settings(self) -> Settings:
        """The settings that the last scan read."""
        return self._settings

    def set_overlay(self, path: str, text: str | None, stamp: Stamp | None = None) -> None:
        """Use `text`, the text of a document in an editor, instead of the file at `path`.

        If `text` is None, the index uses the file again. The text of an ignored file is not used. If `text` has no
        unsaved changes, `stamp` is the stamp of the file; `text` is used only while the file has this stamp.
        """
        if text is None:
            self._overlays.drop(path)
            self._file_table.stale_paths.add(path)
        elif is_document(path):
            if not self._overlays.hold(path, text, stamp) or kind_of(path) not in KINDS_IN_READ_ORDER:
                self._apply_overlay(path)
            else:
                self._overlays.edit(path, text)

    def text_in_editor(self, path: str) -> str | None:
        """Return the text of a document in the editor; None if the document is not open.

        The text is also returned if it does not count in place of the file.
        """
        return self._overlays.text(path)

    @property
    def open_paths(self) -> tuple[str, ...]:
        """The paths of all documents that are open in an editor."""
        return self._overlays.paths

    def mark_stale(self, paths: Sequence[str]) -> bool:
        """Mark files as changed on the disk. Return False if a `refresh` is needed.

        A `refresh` is needed if `paths` has a folder with documents, or a file that decides which files are read.
        """
        documents = {path for path in paths if is_document(path)}
        other_paths = [path for path in paths if path not in documents]
        self._file_table.stale_paths |= documents
        self._file_table.note_changed_folders(other_paths)
        self._existence.note_changes(paths)
        return not any(
            self._file_table.may_change_existence(path, self.root) for path in other_paths if path != GIT_ENTRY
        )

    def configure(self, overrides: Mapping[str, object]) -> None:
        """Set the settings that override the settings of the workspace. The next `refresh` applies `overrides`."""
        self._overrides = overrides

    def snapshot(self) -> Snapshot:
        """Return the current snapshot. If nothing changed since the last call, return the same object."""
        self._overlays.edited_paths -= self._file_table.stale_paths
        folders: FiltersByFolder = {}
        while self._file_table.stale_paths:
            self._check_stamp(self._file_table.stale_paths.pop(), folders)
        while self._overlays.edited_paths:
            self._read_overlay(self._overlays.edited_paths.pop())
        self._has_other_changes |= self._existence.recheck()
        if self._has_other_changes or self.entries.changed_paths:
            self._last_snapshot = self._builder.build(
                self._last_snapshot, has_other_changes=self._has_other_changes, is_complete=self._is_complete
            )
            self._has_other_changes = False
            self.entries.changed_paths = set()
        return self._last_snapshot

    def text_reader(self) -> Callable[[str], str]:
        """Return a function that returns the text of a document by its path, "" if the document is unreadable.

        The text in an editor takes precedence over the text on disk.
        """
        return self._texts.reader(self.root, self._settings, self._overlays.counted_texts, self._file_table.stamps)

    def _apply_overlay(self, path: str) -> None:
        """Decide again whether the editor's text of a document counts, from its file and the current settings."""
        if self._overlays.apply(path):
            self._file_table.stale_paths.add(path)

    def changed_ns(self, path: str) -> int:
        """Return the time of the last change of a listed file in nanoseconds, 0 for any other path."""
        stamp = self._file_table.stamps.get(path)
        return stamp.changed_ns if stamp else 0

    def digest_of(self, path: str) -> bytes:
        """Return the digest of the current text of a document; b"" if the document was not read."""
        entry = self.entries.by_path.get(path)
        return entry.digest if entry else b""

    def exists(self, path: str) -> bool:
        """Tell whether a file or folder exists now at a path relative to the workspace; False for a path outside."""
        return existence_by_path(self.root, (path,))[path]

    def _configure(self) -> None:
        """Read the settings.

        If the settings have changed, continue with an empty snapshot and the store of the new settings.
        """
        settings = load_settings(self.root, self._overrides)
        if settings == self._settings:
            return
        self._settings, self._overlays.settings, self._has_other_changes = settings, settings, True
        self._builder = self._new_builder()
        self._last_snapshot = empty_snapshot(self.root, settings, self._last_snapshot.revision)
        self.entries.reset(self._open_store(self.root, settings))
        self.entries.changed_paths.update(self._file_table.stamps, self._overlays.counted_texts)
        if (vocabulary := vocabulary_of(settings)) != self._vocabulary:
            self._vocabulary = vocabulary
            self.search_memo = TextMemo(self.digest_of)
            self.entries.by_path.clear()
            self._file_table.stale_paths.update(self._overlays.counted_texts)

    def _update_listing(self) -> Iterator[None]:
        """Walk over the workspace in steps, and replace the files of the file table by the new listing."""
        walking = walk(self.root, self._settings)
        while True:
            with Timer("walk"):
                try:
                    next(walking)
                except StopIteration as end:
                    listing: Listing = end.value
                    break
            yield
        changed_paths, has_other_change = self._file_table.end_listing(listing)
        self._has_other_changes |= has_other_change
        self.entries.changed_paths |= changed_paths
        self._file_table.stale_paths |= self._file_table.files_in_changed_folders()
        for path in self.open_paths:
            self._apply_overlay(path)
        for path in self.entries.by_path.keys() - self._file_table.stamps.keys() - self._overlays.counted_texts.keys():
            self._has_other_changes |= self.entries.remove(path)

    def _check_stamp(self, path: str, folders: FiltersByFolder) -> None:
        """Check the stamp of a file on the disk, and read the file again.

        `folders` keeps the rules of each folder that was checked, for later checks.
        """
        result = check_path(self.root, path, self._settings, folders)
        self._overlays.apply(path)
        has_counted_text = path in self._overlays.counted_texts and not isinstance(result, Stamp)
        has_new_stamp, has_other_change = self._file_table.store_check_result(
            path, None if has_counted_text else result
        )
        self._has_other_changes |= has_other_change
        if has_new_stamp:
            self.entries.changed_paths.add(path)
        if not self._reads_kind(kind_of(path)):
            self.entries.changed_paths.add(path)
        elif path in self._overlays.counted_texts:
            self._read_overlay(path)
        elif isinstance(result, Stamp):
            # Keep the text in the cache of texts, because a check of the changed document needs the text next.
            entry = read_from_disk(
                self._read_options(None), path, result, self.entries.by_path.get(path), self._texts.put
            )
            self._take(path, entry)
        else:
            self._has_other_changes |= self.entries.remove(path)

    def _read_overlay(self, path: str) -> None:
        """Parse the editor's text of a document."""
        text, sources = self._overlays.counted_texts[path], self._overlays.sources
        entry, sources[path] = read_from_overlay(
            self._read_options(None), path, text, self.entries.by_path.get(path), sources.get(path, ())
        )
        self._has_other_changes |= self.entries.put(path, entry)


def _rank_of_kind(kind: str | None) -> int:
    """Return the position of a kind in the order of reading; a kind that is not parsed comes last."""
    return KINDS_IN_READ_ORDER.index(kind) if kind in KINDS_IN_READ_ORDER else len(KINDS_IN_READ_ORDER)


def load_snapshot(root: Path) -> Snapshot:
    """Return a snapshot of the workspace at `root`, read from the disk.

    Raises WorkspaceError if `root` is not a folder or must not be a workspace.
    """
    return Index(root).refresh()
