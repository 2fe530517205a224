"""The one writer: reads a workspace, keeps what did not change, and publishes immutable snapshots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from planmark.documents.document import Document
from planmark.documents.names import Kind
from planmark.documents.source import Source
from planmark.metrics.caches import CacheCounts
from planmark.metrics.trace import Timer, profiled
from planmark.workspace.file_names import renamed
from planmark.workspace.file_table import FileTable
from planmark.workspace.files import Listing, Problem, Stamp, is_document, is_listed, look_at, read_text, walk
from planmark.workspace.kept_entries import KeptEntries
from planmark.workspace.left_out import CHECKOUT, IGNORE_FILE
from planmark.workspace.ownership import Ownership
from planmark.workspace.parser_guard import guard_the_parser
from planmark.workspace.places import Places
from planmark.workspace.reading import READ_ORDER, Entry, Examine, Terms, held_entry, kind_of, read_entry
from planmark.workspace.roots import existing, refuse_forbidden
from planmark.workspace.settings import Settings, load_settings, vocabulary_of
from planmark.workspace.skipped import unread
from planmark.workspace.snapshot import Snapshot, nothing_known
from planmark.workspace.store import Row, Store

DECIDING = frozenset({IGNORE_FILE, CHECKOUT, "planmark.toml", "pyproject.toml"})
"""The files that say which others are read, and how; the root's own `.git` says nothing."""

MAX_TEXTS, MAX_TEXT = 64, 500_000
"""So many texts that were asked for are kept, of at most so many characters."""

Progress = Callable[[int, int], None]


OpenStore = Callable[[Path, Settings], Store | None]
"""Gives the store of a workspace under its settings."""


def no_store(_root: Path, _settings: Settings) -> None:
    """For an index that reads everything itself."""


def no_progress(_done: int, _of: int) -> None:
    """Tells nobody."""


class Index:
    """The files of one workspace as they were read last, and the texts that editors hold of them."""

    def __init__(
        self,
        root: Path,
        overrides: Mapping[str, object] | None = None,
        examine: Examine | None = None,
        open_store: OpenStore = no_store,
    ) -> None:
        """`overrides` are settings (by key) that go before the workspace's own; `examine` looks into documents where many
        are read at once; what was read before is taken from the store that `open_store` gives.

        Raises WorkspaceError where `root` is no folder or must not be a workspace.
        """
        self.root = refuse_forbidden(root)
        guard_the_parser()
        self.read = 0
        """How many files the last refresh has found with another text, and parsed."""
        self.counts: dict[Kind, CacheCounts] = {kind: CacheCounts() for kind in READ_ORDER}
        """Kind of document → how often a look found one unchanged, and how often one was read."""
        self.stored = CacheCounts()
        """How many documents the first look has found in the store as they are, and how many not."""
        self._examine = examine
        self._overrides = overrides or {}
        self._settings = load_settings(self.root, self._overrides)
        self._vocabulary = vocabulary_of(self._settings)
        self._files = FileTable()
        self._entries: dict[str, Entry] = {}
        self._open_store = open_store
        self._kept = KeptEntries(open_store(self.root, self._settings))
        self._held: dict[str, str] = {}
        self._buffers: dict[str, str] = {}
        """Those of the texts that editors hold whose files would be listed."""
        self._texts: dict[str, tuple[Stamp | None, str]] = {}
        """Path → the text of a file with this stamp, of those that were asked for last."""
        self._sources: dict[str, Source] = {}
        """Path → the sections of the text that an editor held last: after an edit most of them still stand."""
        self._stale: set[str] = set()
        """The files that may be others on the disk than they were."""
        self._edited: set[str] = set()
        """The files of which an editor holds another text than it did."""
        self._places = Places(self.root)
        """Which of the files that deliverables name are there."""
        self._complete = False
        self._ownership = Ownership(self._settings)
        self._published = nothing_known(self.root, self._settings, 0)
        self._different: set[str] = set()
        """The files that are there, gone, or read anew since the last snapshot."""
        self._changed = True
        """Whether anything else is different since then."""

    def refresh(self, progress: Progress = no_progress) -> Snapshot:
        """A snapshot of what the disk holds now; files whose stamp is unchanged are not read again.

        `progress` is told, before each file, how many are done, of how many.
        """
        for done, of in self.look():
            progress(done, of)
        return self.snapshot()

    def look(self) -> Iterator[tuple[int, int]]:
        """Lists the files and reads those that changed, PLANs and verdicts first.

        Yields, before each file, how many are done, of how many; between two files `snapshot` shows what is known.
        """
        self._configure()
        self._files.begin()
        for _ in self._list():
            yield 0, 0
        kinds = {path: kind for path in self._files.stamps if self._reads(kind := kind_of(path))}
        wanted = [path for path in kinds if not self._is_known(path, kinds[path])]
        wanted.sort(key=lambda path: (_rank(kinds[path]), path))
        self.read = 0
        done, of = len(kinds) - len(wanted), len(kinds)
        yield done, of
        asks_store = self._kept.can_give
        kept: dict[str, Entry] = {}
        for path, entry in self._kept.give(wanted, self._files.stamps):
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
        for is_other in self._places.look_at_all(self._named()):
            self._changed |= is_other
            yield of, of
        self._changed |= self._places.forget_others(self._named()) or not self._complete
        self._complete = True

    def _named(self) -> set[str]:
        return {place for entry in self._entries.values() for place in entry.named}

    def _reads(self, kind: Kind | None) -> bool:
        """Whether anything of files of a kind is wanted."""
        return self._examine is not None or kind in READ_ORDER

    def _is_known(self, path: str, kind: Kind | None) -> bool:
        if path in self._buffers:
            return True
        known = self._is_read(path)
        if kind in self.counts:
            self.counts[kind].hits += known
        return known

    def _is_read(self, path: str) -> bool:
        """Whether a file cannot have changed since it was read."""
        entry = self._entries.get(path)
        return entry is not None and self._is_current(path, entry)

    def _is_current(self, path: str, entry: Entry) -> bool:
        """Whether a file is still as an entry has it, and the entry says all that is wanted."""
        lacks_mentions = self._examine is not None and entry.mentioned is None
        return entry.settled and entry.stamp == self._files.stamps.get(path) and not lacks_mentions

    def _read(self, wanted: Sequence[str], kept: Mapping[str, Entry]) -> Iterator[tuple[str, Entry] | None]:
        """The files as they are now; nothing, now and then, where something else may be done.

        Of those that were `kept` with another stamp, the text may still be the same.
        """
        known = {path: entry for path in wanted if (entry := self._entries.get(path) or kept.get(path))}
        for path, entry in known.items():
            if stamp := self._files.stamps.get(path):
                yield path, read_entry(self._terms(None), path, stamp, entry)
        new = [path for path in wanted if path not in known]
        if not new:
            return
        from planmark.workspace.workers import processes_for, read_entries

        processes = processes_for(len(new), self._settings["index.processes"])
        examine = self._examine if processes > 1 else None
        there = [(path, stamp) for path in new if (stamp := self._files.stamps.get(path))]
        yield from read_entries(self._terms(examine), there, processes)

    def unsaved(self, examined: Callable[[Document], bytes], limit: int | None = None) -> dict[str, Row | None]:
        """What the store does not know yet, as `KeptEntries.tell` gives it."""
        return self._kept.tell(self._entries, examined, limit)

    @property
    def has_unsaved(self) -> bool:
        """Whether the store has not been told something yet."""
        return bool(self._kept.untold)

    def tell_again(self, examined: Iterable[str]) -> None:
        """Those of the documents that were kept before anybody has looked for findings are unsaved again."""
        self._kept.untold |= {path for path in examined if (entry := self._entries.get(path)) and not entry.examined}

    @property
    def store(self) -> Store | None:
        """Where what was read is kept for other processes."""
        return self._kept.store

    @property
    def in_store(self) -> int:
        """How many documents the store has as they are known here."""
        return len(self._entries.keys() - self._kept.untold) if self._kept.store else 0

    @property
    def listing(self) -> Listing:
        """The files as the last walk has found them."""
        return self._files.listing

    @property
    def probed(self) -> Mapping[str, bool]:
        """Which of the files that deliverables name are there, as it was seen last."""
        return self._places.known

    def _terms(self, examine: Examine | None) -> Terms:
        names = frozenset(path.rpartition("/")[2] for path in self._files.stamps) if examine else frozenset()
        return Terms(self.root, self._settings, self._vocabulary, names, examine, self._examine is not None)

    def _take(self, path: str, entry: Entry, kept: Entry | None = None) -> None:
        """Takes in what was read, unless the file has changed, gone or been opened since it was listed.

        `kept` is what the store has of it.
        """
        if self._files.stamps.get(path) != entry.stamp or path in self._buffers:
            return
        read = self._entries.get(path)
        known = read or kept
        same = known is not None and known.document is entry.document and known.capitals is entry.capitals
        self._count(path, hit=same)
        if read is not None and same and read.mentioned is entry.mentioned:
            self._entries[path] = entry
            self._kept.untold.add(path)
        else:
            self._keep(path, entry)
        if entry is kept:
            self._kept.untold.discard(path)

    def _count(self, path: str, *, hit: bool) -> None:
        if (kind := kind_of(path)) in self.counts:
            self.read += not hit
            self.counts[kind].hits += hit
            self.counts[kind].misses += not hit

    def kept(self) -> dict[Kind, int]:
        """Kind of document → how many are known as they were read last."""
        documents = [entry.document for entry in list(self._entries.values())]
        kinds = Counter(document.name.kind for document in documents if document)
        return {kind: kinds[kind] for kind in READ_ORDER}

    @property
    def settings(self) -> Settings:
        """The settings as they were read last."""
        return self._settings

    def edit(self, path: str, text: str | None) -> None:
        """The text that an editor holds of `path` counts instead of the disk's; None gives the file back.

        The text of a file that is ignored does not count.
        """
        if text is None:
            self._held.pop(path, None)
            self._buffers.pop(path, None)
            self._sources.pop(path, None)
            self._stale.add(path)
        elif is_document(path.rpartition("/")[2]):
            self._held[path] = text
            if path not in self._buffers or kind_of(path) not in READ_ORDER:
                self._hold(path)
            elif self._buffers[path] != text:
                self._buffers[path] = text
                self._edited.add(path)

    @property
    def held(self) -> tuple[str, ...]:
        """The files of which an editor holds the text."""
        return tuple(self._held)

    def touch(self, paths: Sequence[str]) -> bool:
        """Marks files as changed on the disk. False where a `refresh` is needed: a folder of documents, or a file that
        decides which files there are."""
        documents = {path for path in paths if is_document(path.rpartition("/")[2])}
        others = [path for path in paths if path not in documents]
        self._stale |= documents
        self._files.tell(others)
        self._places.tell(paths)
        return not any(self._decides(path) for path in others if path != CHECKOUT)

    def _decides(self, path: str) -> bool:
        return path.rpartition("/")[2] in DECIDING or self._files.decides(path, self.root)

    def configure(self, overrides: Mapping[str, object]) -> None:
        """Other settings that go before the workspace's own; the next `refresh` follows them."""
        self._overrides = overrides

    def snapshot(self) -> Snapshot:
        """What is known now; the same object as before where nothing changed."""
        self._edited -= self._stale
        while self._stale:
            self._look_at(self._stale.pop())
        while self._edited:
            self._take_held(self._edited.pop())
        self._changed |= self._places.look_again()
        if self._changed or self._different:
            self._published = self._publish(self._published)
            self._changed = False
            self._different = set()
        return self._published

    def reader(self) -> Callable[[str], str]:
        """Gives the text of a document by its path: an editor's, else the disk's; "" where it cannot be read."""
        buffers, settings, kept = dict(self._buffers), self._settings, self._texts
        files = self._files.stamps

        def text(path: str) -> str:
            held = buffers.get(path)
            if held is not None:
                return held
            stamp, known = files.get(path), kept.pop(path, None)
            if known is None or stamp is None or known[0] != stamp:
                known = stamp, read_text(self.root, path, settings)[0] or ""
            if stamp is not None and len(known[1]) <= MAX_TEXT:
                kept[path] = known
                if len(kept) > MAX_TEXTS:
                    del kept[next(iter(kept))]
            return known[1]

        return text

    def _hold(self, path: str) -> None:
        """Lets the text that an editor holds count, or not, as the settings now have it."""
        text = self._held[path] if is_listed(self.root, path, self._settings) else None
        if self._buffers.get(path) == text:
            return
        if text is None:
            del self._buffers[path]
            self._sources.pop(path, None)
        else:
            self._buffers[path] = text
        self._stale.add(path)

    def exists(self, path: str) -> bool:
        """Whether there is a file or folder at a path relative to the workspace, now; False for what lies outside."""
        return existing(self.root, (path,))[path]

    def _configure(self) -> None:
        settings = load_settings(self.root, self._overrides)
        if settings == self._settings:
            return
        self._settings, self._changed = settings, True
        self._ownership = Ownership(settings)
        self._published = nothing_known(self.root, settings, self._published.revision)
        self._kept = KeptEntries(self._open_store(self.root, settings))
        self._kept.untold.update(self._entries)
        self._different.update(self._files.stamps, self._buffers)
        self._entries = {path: replace(entry, examined=b"") for path, entry in self._entries.items()}
        if (vocabulary := vocabulary_of(settings)) != self._vocabulary:
            self._vocabulary = vocabulary
            self._entries.clear()
            self._stale.update(self._buffers)

    def _list(self) -> Iterator[None]:
        """Takes in which files there are, in steps."""
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
        self._stale |= self._files.doubtful()
        for path in self._held:
            self._hold(path)
        for path in self._entries.keys() - self._files.stamps.keys() - self._buffers.keys():
            self._forget(path)

    def _look_at(self, path: str) -> None:
        found = look_at(self.root, path, self._settings)
        is_held = path in self._buffers and not isinstance(found, Stamp)
        is_different, is_other = self._files.see(path, None if is_held else found)
        self._changed |= is_other
        if is_different:
            self._different.add(path)
        if not self._reads(kind_of(path)):
            self._different.add(path)
        elif path in self._buffers:
            self._take_held(path)
        elif isinstance(found, Stamp):
            self._take(path, read_entry(self._terms(None), path, found, self._entries.get(path)))
        else:
            self._forget(path)

    def _take_held(self, path: str) -> None:
        text, before = self._buffers[path], self._sources.get(path, ())
        entry, self._sources[path] = held_entry(self._terms(None), path, text, self._entries.get(path), before)
        self._keep(path, entry)

    def _keep(self, path: str, entry: Entry) -> None:
        known = self._entries.get(path)
        self._changed |= (known.problem if known else None) != entry.problem
        self._entries[path] = entry
        self._different.add(path)
        self._kept.untold.add(path)

    def _forget(self, path: str) -> None:
        known = self._entries.pop(path, None)
        self._changed |= known is not None and known.problem is not None
        if known is not None:
            self._different.add(path)
            self._kept.untold.add(path)

    @profiled("discover")
    def _publish(self, before: Snapshot) -> Snapshot:
        entries = {path: self._entries.get(path) for path in self._different}
        there = {path for path in self._different if path in self._files.stamps or path in self._buffers}
        names = before.names.changed(renamed(before, self._different, there))
        paths = before.paths if names is before.names else tuple(sorted({*self._files.stamps, *self._buffers}))
        documents = before.documents.changed(
            {path: entry.document if entry else None for path, entry in entries.items()}
        )
        same = not self._changed
        problems = before.problems if same else tuple(self._problems())
        skipped = before.skipped if same else self._files.all_skipped(unread(problems))
        given = self._ownership.follow(
            self._different,
            paths,
            documents,
            lambda path: self._entries[path].capitals,
            lambda path: self._entries[path].digest,
            skipped,
        )
        found = self._places.look({place for entry in entries.values() if entry for place in entry.named})
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
            present=before.present if same and not any(found.values()) else self._places.present(before.present),
            extensions=self._files.listing.extensions,
        )

    def _problems(self) -> Iterator[Problem]:
        for warning in self._settings.warnings:
            yield Problem(self._settings.source, "configuration", warning.message)
        yield from (self._files.troubles[at] for at in sorted(self._files.troubles))
        troubled = ((path, entry.problem) for path, entry in self._entries.items() if entry.problem)
        yield from (problem for _, problem in sorted(troubled, key=lambda known: known[0]))


def _rank(kind: Kind | None) -> int:
    return READ_ORDER.index(kind) if kind in READ_ORDER else len(READ_ORDER)


def load(root: Path) -> Snapshot:
    """A snapshot of the workspace at `root`, read from the disk. Raises WorkspaceError as `Index` does."""
    return Index(root).refresh()
