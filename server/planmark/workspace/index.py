"""The only writer of a workspace's state.

The index reads the files, reuses unchanged entries, and publishes immutable snapshots.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from planmark.metrics.cache_stats import CacheCounts
from planmark.metrics.trace import Timer, profiled
from planmark.plans.document import Document
from planmark.storage.paths import existing, refuse_forbidden
from planmark.workspace.crash_guard_file import guard_the_parser
from planmark.workspace.existence import Existence
from planmark.workspace.file_entries import (
    READ_ORDER,
    DocumentChecker,
    FileEntry,
    ReadOptions,
    kind_of,
    read_from_disk,
    read_from_overlay,
    text_digest,
)
from planmark.workspace.file_names import renamed
from planmark.workspace.file_table import FileTable, unread
from planmark.workspace.kept_entries import StoreClient
from planmark.workspace.left_out import CHECKOUT, IGNORE_FILE
from planmark.workspace.overlays import Overlays
from planmark.workspace.ownership import new_ownership
from planmark.workspace.scan import Listing, Problem, Stamp, is_document, look_at, walk
from planmark.workspace.settings import Settings, load_settings, vocabulary_of
from planmark.workspace.sites import SharedNames, sites_after
from planmark.workspace.snapshot import Snapshot, empty_snapshot
from planmark.workspace.store import Store, StoreRow
from planmark.workspace.text_cache import TextCache

DECIDING_NAMES = frozenset({IGNORE_FILE, CHECKOUT, "planmark.toml", "pyproject.toml"})
"""Names of the files that decide which other files are read, and how. The `.git` of the root itself has no effect."""

Progress = Callable[[int, int], None]

OpenStore = Callable[[Path, Settings], Store | None]
"""A function that opens the store of a workspace for its settings."""


def no_store(_root: Path, _settings: Settings) -> None:
    """Return None, for an index without a store."""


def no_progress(_done: int, _of: int) -> None:
    """Ignore the progress."""


class Index:
    """The last known files of one workspace, and the texts of documents that are open in editors."""

    def __init__(
        self,
        root: Path,
        overrides: Mapping[str, object] | None = None,
        examine: DocumentChecker | None = None,
        open_store: OpenStore = no_store,
    ) -> None:
        """Open an index of the workspace at `root`.

        `overrides` are settings (by key) that override the workspace's own. `examine` checks documents in the workers
        when many files are read together. `open_store` opens the store with the results of earlier processes.

        Raises WorkspaceError if `root` is not a folder or must not be a workspace.
        """
        self.root = refuse_forbidden(root)
        guard_the_parser()
        self.parsed_count = 0
        """Number of files whose changed text was parsed since the last scan began."""
        self.counts: dict[str, CacheCounts] = {kind: CacheCounts() for kind in READ_ORDER}
        """Kind of document → number of file checks that found the file unchanged (hits) or parsed the file (misses)."""
        self.stored = CacheCounts()
        """Counts of the first scan: documents with (hits) and without (misses) a current entry in the store."""
        self._examine = examine
        self._overrides = overrides or {}
        self._settings = load_settings(self.root, self._overrides)
        self._vocabulary = vocabulary_of(self._settings)
        self._files = FileTable()
        self._entries: dict[str, FileEntry] = {}
        self._open_store = open_store
        self._kept = StoreClient(open_store(self.root, self._settings))
        self._overlays = Overlays(self.root)
        self._texts = TextCache()
        self._existence = Existence(self.root)
        """Path that a deliverable names → True if a file or folder exists there."""
        self._complete = False
        self._ownership = new_ownership(self._settings)
        self._shared = SharedNames()
        self._published = empty_snapshot(self.root, self._settings, 0)
        self._different: set[str] = set()
        """Files that appeared, disappeared or were read again since the last snapshot."""
        self._changed = True
        """True if any other input of the snapshot has changed since the last snapshot."""

    def refresh(self, progress: Progress = no_progress) -> Snapshot:
        """Scan the disk and return a snapshot; before each file, `progress` gets the numbers of files done and of all."""
        for done, of in self.scan():
            progress(done, of)
        return self.snapshot()

    def scan(self) -> Iterator[tuple[int, int]]:
        """List the files, and read the changed files, PLANs and verdicts first.

        Before each file, yield the number of files read so far and the number of all files. Between two files,
        `snapshot` returns the current state.
        """
        self._configure()
        self._files.begin()
        for _ in self._list():
            yield 0, 0
        kinds = {path: kind for path in self._files.stamps if self._reads(kind := kind_of(path))}
        wanted = [path for path in kinds if not self._is_known(path, kinds[path])]
        wanted.sort(key=lambda path: (_rank(kinds[path]), path))
        self.parsed_count = 0
        done, of = len(kinds) - len(wanted), len(kinds)
        yield done, of
        asks_store = self._kept.can_load
        kept: dict[str, FileEntry] = {}
        for path, entry in self._kept.load(wanted, self._files.stamps):
            kept[path] = entry
            if self._is_current(path, entry) and not self._files.is_newer(path):
                self.stored.hits += 1
                self._take(path, entry, entry)
                done += 1
            yield done, of
        wanted = [path for path in wanted if path in self._files.stamps and not self._is_read(path)]
        self.stored.misses += len(wanted) if asks_store else 0
        for read in self._read(wanted, kept):
            if read is not None:
                path, entry = read
                if not self._files.is_newer(path):
                    self._take(path, entry, kept.get(path))
                done += 1
            yield done, of
        for is_other in self._existence.look_at_all(self._named()):
            self._changed |= is_other
            yield of, of
        self._changed |= self._existence.forget_others(self._named()) or not self._complete
        self._complete = True

    def _named(self) -> set[str]:
        return {place for entry in self._entries.values() for place in entry.named}

    def _reads(self, kind: str | None) -> bool:
        """Tell whether the index reads files of a kind."""
        return self._examine is not None or kind in READ_ORDER

    def _is_known(self, path: str, kind: str | None) -> bool:
        if path in self._overlays.counting:
            return True
        known = self._is_read(path)
        if kind in self.counts:
            self.counts[kind].hits += known
        return known

    def _is_read(self, path: str) -> bool:
        """Tell whether a file is certainly unchanged since the last read."""
        entry = self._entries.get(path)
        return entry is not None and self._is_current(path, entry)

    def _is_current(self, path: str, entry: FileEntry) -> bool:
        """Tell whether an entry matches the current stamp of its file and has all values that the index needs."""
        lacks_mentions = self._examine is not None and entry.mentioned is None
        return entry.settled and entry.stamp == self._files.stamps.get(path) and not lacks_mentions

    def _read(self, paths: Sequence[str], kept: Mapping[str, FileEntry]) -> Iterator[tuple[str, FileEntry] | None]:
        """Yield the current entries of files. Sometimes yield None, so that the caller can do other work.

        A file in `kept` with a different stamp may still have the same text.
        """
        known = {path: entry for path in paths if (entry := self._entries.get(path) or kept.get(path))}
        for path, entry in known.items():
            if stamp := self._files.stamps.get(path):
                yield path, read_from_disk(self._terms(None), path, stamp, entry)
        new = [path for path in paths if path not in known]
        if not new:
            return
        from planmark.workspace.parse_workers import processes_for, read_entries

        processes = processes_for(len(new), self._settings["index.processes"])
        examine = self._examine if processes > 1 else None
        there = [(path, stamp) for path in new if (stamp := self._files.stamps.get(path))]
        yield from read_entries(self._terms(examine), there, processes)

    def pending_rows(
        self, examined: Callable[[Document], bytes], limit: int | None = None
    ) -> dict[str, StoreRow | None]:
        """Return the changes that the store does not have yet, as `StoreClient.tell` does."""
        return self._kept.collect_unsaved(self._entries, examined, limit)

    @property
    def has_unsaved(self) -> bool:
        """True if the index has changes that are not in the store yet."""
        return bool(self._kept.unsaved)

    def mark_unsaved(self, examined: Iterable[str]) -> None:
        """Mark documents as unsaved if the store received their entries before the check of the documents."""
        self._kept.unsaved |= {path for path in examined if (entry := self._entries.get(path)) and not entry.examined}

    @property
    def store(self) -> Store | None:
        """The store that keeps results for other processes."""
        return self._kept.store

    @property
    def stored_count(self) -> int:
        """The number of documents whose current entry is in the store."""
        return len(self._entries.keys() - self._kept.unsaved) if self._kept.store else 0

    @property
    def listing(self) -> Listing:
        """The result of the last walk."""
        return self._files.listing

    @property
    def is_listing_outdated(self) -> bool:
        """True if a `refresh` is needed, since a check of a single file skips another path than the last listing."""
        return self._files.is_outdated

    @property
    def existence(self) -> Mapping[str, bool]:
        """Path that a deliverable names → True if a file or folder existed there at the last check."""
        return self._existence.by_place

    def _terms(self, examine: DocumentChecker | None) -> ReadOptions:
        names = frozenset(path.rpartition("/")[2] for path in self._files.stamps) if examine else frozenset()
        return ReadOptions(self.root, self._settings, self._vocabulary, names, examine, self._examine is not None)

    def _take(self, path: str, entry: FileEntry, kept: FileEntry | None = None) -> None:
        """Store a read entry, unless the file has changed, disappeared or been opened since the listing.

        `kept` is the store's entry of the file.
        """
        if self._files.stamps.get(path) != entry.stamp or path in self._overlays.counting:
            return
        read = self._entries.get(path)
        known = read or kept
        same = known is not None and known.document is entry.document and known.record is entry.record
        self._count(path, hit=same)
        if read is not None and same and read.mentioned is entry.mentioned:
            self._entries[path] = entry
            self._kept.unsaved.add(path)
        else:
            self._keep(path, entry)
        if entry is kept:
            self._kept.unsaved.discard(path)

    def _count(self, path: str, *, hit: bool) -> None:
        if (kind := kind_of(path)) in self.counts:
            self.parsed_count += not hit
            self.counts[kind].hits += hit
            self.counts[kind].misses += not hit

    def counts_by_kind(self) -> dict[str, int]:
        """Return the number of parsed documents of each kind."""
        documents = [entry.document for entry in list(self._entries.values())]
        kinds = Counter(document.name.kind for document in documents if document)
        return {kind: kinds[kind] for kind in READ_ORDER}

    @property
    def settings(self) -> Settings:
        """The settings that the last scan read."""
        return self._settings

    def set_overlay(self, path: str, text: str | None, *, saved: bool = False) -> None:
        """Use `text`, the editor's text of `path`, instead of the file on disk; `text=None` returns to the file.

        The text of an ignored file does not count. A `saved` text has no unsaved changes and counts only while its file
        exists.
        """
        if text is None:
            self._overlays.drop(path)
            self._files.stale.add(path)
        elif is_document(path):
            if not self._overlays.hold(path, text, saved=saved) or kind_of(path) not in READ_ORDER:
                self._apply_overlay(path)
            else:
                self._overlays.edit(path, text)

    def was_read(self, path: str, text: str) -> bool:
        """Tell whether the file at a path had this text at the last read."""
        entry = self._entries.get(path)
        return entry is not None and entry.stamp is not None and entry.digest == text_digest(text)

    @property
    def open_paths(self) -> tuple[str, ...]:
        """The paths of all documents that are open in an editor."""
        return self._overlays.paths

    def mark_stale(self, paths: Sequence[str]) -> bool:
        """Mark files as changed on the disk. Return False if a `refresh` is needed.

        A folder with documents needs a `refresh`, and so does a file that decides which files are read.
        """
        documents = {path for path in paths if is_document(path)}
        others = [path for path in paths if path not in documents]
        self._files.stale |= documents
        self._files.tell(others)
        self._existence.tell(paths)
        return not any(self._decides(path) for path in others if path != CHECKOUT)

    def _decides(self, path: str) -> bool:
        return path.rpartition("/")[2] in DECIDING_NAMES or self._files.decides(path, self.root)

    def configure(self, overrides: Mapping[str, object]) -> None:
        """Set the settings that override the workspace's own. The next `refresh` applies them."""
        self._overrides = overrides

    def snapshot(self) -> Snapshot:
        """Return the current snapshot; the same object as before if nothing changed."""
        self._overlays.edited -= self._files.stale
        while self._files.stale:
            self._restat(self._files.stale.pop())
        while self._overlays.edited:
            self._read_overlay(self._overlays.edited.pop())
        self._changed |= self._existence.look_again()
        if self._changed or self._different:
            self._published = self._publish(self._published)
            self._changed = False
            self._different = set()
        return self._published

    def text_reader(self) -> Callable[[str], str]:
        """Return a function from a document's path to its text in the editor, else on disk; "" if unreadable."""
        return self._texts.reader(self.root, self._settings, self._overlays.counting, self._files.stamps)

    def _apply_overlay(self, path: str) -> None:
        """Start or stop using the editor's text of a document, depending on its file and the current settings."""
        if self._overlays.apply(path, self._settings):
            self._files.stale.add(path)

    def changed_ns(self, path: str) -> int:
        """Return the time of the last change of a listed file in nanoseconds, 0 for any other path."""
        stamp = self._files.stamps.get(path)
        return stamp.changed_ns if stamp else 0

    def exists(self, path: str) -> bool:
        """Tell whether a file or folder exists now at a path relative to the workspace; False for a path outside."""
        return existing(self.root, (path,))[path]

    def _configure(self) -> None:
        settings = load_settings(self.root, self._overrides)
        if settings == self._settings:
            return
        self._settings, self._changed = settings, True
        self._ownership = new_ownership(settings)
        self._published = empty_snapshot(self.root, settings, self._published.revision)
        self._kept = StoreClient(self._open_store(self.root, settings))
        self._kept.unsaved.update(self._entries)
        self._different.update(self._files.stamps, self._overlays.counting)
        self._entries = {path: replace(entry, examined=b"") for path, entry in self._entries.items()}
        if (vocabulary := vocabulary_of(settings)) != self._vocabulary:
            self._vocabulary = vocabulary
            self._entries.clear()
            self._files.stale.update(self._overlays.counting)

    def _list(self) -> Iterator[None]:
        """Replace the known files by a new listing, in steps."""
        walking = walk(self.root, self._settings)
        while True:
            with Timer("walk"):
                try:
                    next(walking)
                except StopIteration as end:
                    listing: Listing = end.value
                    break
            yield
        different, is_other = self._files.end(listing)
        self._changed |= is_other
        self._different |= different
        self._files.stale |= self._files.doubtful()
        for path in self.open_paths:
            self._apply_overlay(path)
        for path in self._entries.keys() - self._files.stamps.keys() - self._overlays.counting.keys():
            self._forget(path)

    def _restat(self, path: str) -> None:
        found = look_at(self.root, path, self._settings)
        self._overlays.apply(path, self._settings)
        is_held = path in self._overlays.counting and not isinstance(found, Stamp)
        is_different, is_other = self._files.see(path, None if is_held else found)
        self._changed |= is_other
        if is_different:
            self._different.add(path)
        if not self._reads(kind_of(path)):
            self._different.add(path)
        elif path in self._overlays.counting:
            self._read_overlay(path)
        elif isinstance(found, Stamp):
            self._take(path, read_from_disk(self._terms(None), path, found, self._entries.get(path)))
        else:
            self._forget(path)

    def _read_overlay(self, path: str) -> None:
        text, sources = self._overlays.counting[path], self._overlays.sources
        entry, sources[path] = read_from_overlay(
            self._terms(None), path, text, self._entries.get(path), sources.get(path, ())
        )
        self._keep(path, entry)

    def _keep(self, path: str, entry: FileEntry) -> None:
        known = self._entries.get(path)
        self._changed |= (known.problem if known else None) != entry.problem
        self._entries[path] = entry
        self._different.add(path)
        self._kept.unsaved.add(path)

    def _forget(self, path: str) -> None:
        known = self._entries.pop(path, None)
        self._changed |= known is not None and known.problem is not None
        if known is not None:
            self._different.add(path)
            self._kept.unsaved.add(path)

    @profiled("discover")
    def _publish(self, before: Snapshot) -> Snapshot:
        there = {path for path in self._different if path in self._files.stamps or path in self._overlays.counting}
        names = before.names.changed(renamed(before, self._different, there))
        paths = (
            before.paths if names is before.names else tuple(sorted({*self._files.stamps, *self._overlays.counting}))
        )
        entries = self._shared.resolved(self._different, self._entries, paths)
        read = {path: entry.document if entry else None for path, entry in entries.items()}
        documents = before.documents.changed(read)
        records = before.records.changed({path: entry.record if entry else None for path, entry in entries.items()})
        same = not self._changed
        problems = before.problems if same else tuple(self._problems())
        skipped = before.skipped if same else self._files.all_skipped(unread(problems))
        given = self._ownership.update(
            self._shared.moved(entries),
            self._shared.others(paths),
            documents,
            lambda path: self._entries[path].capitals,
            lambda path: self._entries[path].digest,
            skipped,
        )
        found = self._existence.look({place for entry in entries.values() if entry for place in entry.named})
        return Snapshot(
            root=before.root,
            revision=before.revision + 1,
            complete=self._complete,
            settings=self._settings,
            paths=paths,
            names=names,
            documents=documents,
            examined=before.examined.changed(
                {path: (entry.examined or None) if entry else None for path, entry in entries.items()}
            ),
            records=records,
            sites=sites_after(before, records),
            mentioned=before.mentioned.changed(
                {path: entry.mentioned if entry else None for path, entry in entries.items()}
            ),
            table=given.table,
            plans=given.plans,
            owners=given.owners,
            orphans=given.orphans,
            strays=given.strays,
            misnamed=given.misnamed,
            problems=problems,
            skipped=skipped,
            ignored_folders=self._files.listing.ignored_folders,
            left_out=self._files.listing.left_out,
            checkouts=self._files.listing.checkouts,
            present=before.present if same and not any(found.values()) else self._existence.present(before.present),
            extensions=self._files.listing.extensions,
            others=self._files.listing.others,
            unread_plans=self._files.listing.unread_plans,
        )

    def _problems(self) -> Iterator[Problem]:
        for warning in self._settings.warnings:
            yield Problem(self._settings.source, "configuration", warning.message)
        yield from (self._files.troubles[at] for at in sorted(self._files.troubles))
        troubled = ((path, entry.problem) for path, entry in self._entries.items() if entry.problem)
        yield from (problem for _, problem in sorted(troubled, key=lambda known: known[0]))


def _rank(kind: str | None) -> int:
    return READ_ORDER.index(kind) if kind in READ_ORDER else len(READ_ORDER)


def load(root: Path) -> Snapshot:
    """Return a snapshot of the workspace at `root`, read from the disk. Raises WorkspaceError as `Index` does."""
    return Index(root).refresh()
