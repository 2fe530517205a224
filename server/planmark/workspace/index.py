"""The one writer: reads a workspace, keeps what did not change, and publishes immutable snapshots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from planmark.documents.document import Document, parse
from planmark.documents.names import Kind, parse_name
from planmark.metrics.caches import CacheCounts
from planmark.metrics.trace import profiled
from planmark.workspace.discovery import find_plans, give_out
from planmark.workspace.files import (
    Listing,
    Problem,
    Stamp,
    is_document,
    is_listed,
    list_files,
    look_at,
    read_text,
    refuse_forbidden,
)
from planmark.workspace.presence import places
from planmark.workspace.settings import Settings, load_settings, vocabulary_of
from planmark.workspace.snapshot import PlanFiles, Snapshot, is_same

READ_ORDER: tuple[Kind, ...] = ("plan", "verdict", "parallel", "subplan", "execution_task", "grammaplan", "north_star")
"""The kinds that are read, in this order: those that states are decided from first; notes are only listed."""

DECIDING = frozenset({".gitignore", "planmark.toml", "pyproject.toml"})
"""The files that say which others are read, and how."""

Progress = Callable[[int, int], None]


def no_progress(_done: int, _of: int) -> None:
    """Tells nobody."""


class Entry(msgspec.Struct, frozen=True):
    """A file as it was read last. `stamp` is None where an editor holds the text. `text` is kept for verdicts only;
    `named` are the places of what it delivers."""

    stamp: Stamp | None
    document: Document | None
    text: str
    problem: Problem | None
    named: tuple[str, ...]


class Index:
    """The files of one workspace as they were read last, and the texts that editors hold of them."""

    def __init__(self, root: Path, overrides: Mapping[str, object] | None = None) -> None:
        """`overrides` are settings (by key) that go before the workspace's own.

        Raises WorkspaceError where `root` is no folder or must not be a workspace.
        """
        self.root = refuse_forbidden(root)
        self.read = 0
        """How many files the last refresh read."""
        self.counts: dict[Kind, CacheCounts] = {kind: CacheCounts() for kind in READ_ORDER}
        """Kind of document → how often a look found one unchanged, and how often one was read."""
        self._overrides = overrides or {}
        self._settings = load_settings(self.root, self._overrides)
        self._vocabulary = vocabulary_of(self._settings)
        self._listing = Listing({}, (), 0)
        self._entries: dict[str, Entry] = {}
        self._held: dict[str, str] = {}
        self._buffers: dict[str, str] = {}
        """Those of the texts that editors hold whose files would be listed."""
        self._stale: set[str] = set()
        self._probed: dict[str, bool] = {}
        """Which of the files that deliverables name are there, as it was seen last."""
        self._complete = False
        self._published: Snapshot | None = None
        self._changed = True

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
        listing = list_files(self.root, self._settings)
        self._changed |= listing != self._listing
        self._listing = listing
        for path in self._held:
            self._hold(path)
        for path in self._entries.keys() - listing.files.keys() - self._buffers.keys():
            self._forget(path)
        kinds = {path: kind for path in listing.files if (kind := _kind(path)) in READ_ORDER}
        self.read = 0
        for done, path in enumerate(sorted(kinds, key=lambda path: (READ_ORDER.index(kinds[path]), path))):
            yield done, len(kinds)
            # Meanwhile, changes may have been taken in that are newer than the listing.
            entry, stamp = self._entries.get(path), self._listing.files.get(path)
            if stamp is None or path in self._buffers:
                continue
            if entry is not None and entry.stamp == stamp:
                self.counts[kinds[path]].hits += 1
            else:
                self._keep(path, self._from_disk(path, stamp))
        probed = {path: self.exists(path) for path in self._probed}
        self._changed |= not self._complete or probed != self._probed
        self._probed, self._complete = probed, True

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
            self._stale.add(path)
        elif is_document(path.rpartition("/")[2]):
            self._held[path] = text
            self._hold(path)

    def touch(self, paths: Sequence[str]) -> bool:
        """Marks files as changed on the disk. False where a `refresh` is needed: a folder of documents, or a file that
        decides which files there are."""
        documents = {path for path in paths if is_document(path.rpartition("/")[2])}
        self._stale |= documents
        self._changed |= any(self._probed.pop(path, None) is not None for path in paths)
        others = [path for path in paths if path not in documents]
        return not any(path.rpartition("/")[2] in DECIDING or self._holds_documents(path) for path in others)

    def configure(self, overrides: Mapping[str, object]) -> None:
        """Other settings that go before the workspace's own; the next `refresh` follows them."""
        self._overrides = overrides

    def snapshot(self) -> Snapshot:
        """What is known now; the same object as before where nothing changed."""
        while self._stale:
            self._look_at(self._stale.pop())
        if self._published is None or self._changed:
            self._published = self._publish(self._published)
            self._changed = False
        return self._published

    def reader(self) -> Callable[[str], str]:
        """Gives the text of a document by its path: an editor's, else the disk's; "" where it cannot be read."""
        buffers, settings = dict(self._buffers), self._settings

        def text(path: str) -> str:
            held = buffers.get(path)
            return held if held is not None else read_text(self.root, path, settings)[0] or ""

        return text

    def _hold(self, path: str) -> None:
        """Lets the text that an editor holds count, or not, as the settings now have it."""
        text = self._held[path] if is_listed(self.root, path, self._settings) else None
        if self._buffers.get(path) == text:
            return
        if text is None:
            del self._buffers[path]
        else:
            self._buffers[path] = text
        self._stale.add(path)

    def _holds_documents(self, folder: str) -> bool:
        return any(path.startswith(f"{folder}/") for path in self._listing.files)

    def exists(self, path: str) -> bool:
        """Whether there is a file or folder at a path relative to the workspace, now; False for what lies outside."""
        target = self.root / path
        try:
            return target.exists() and target.resolve().is_relative_to(self.root)
        except (OSError, RuntimeError, ValueError):
            return False

    def _configure(self) -> None:
        settings = load_settings(self.root, self._overrides)
        if settings == self._settings:
            return
        self._settings, self._changed = settings, True
        if (vocabulary := vocabulary_of(settings)) != self._vocabulary:
            self._vocabulary = vocabulary
            self._entries.clear()
            self._stale.update(self._buffers)

    def _look_at(self, path: str) -> None:
        found = look_at(self.root, path, self._settings)
        files = {name: stamp for name, stamp in self._listing.files.items() if name != path}
        problems = [problem for problem in self._listing.problems if problem.path != path]
        if isinstance(found, Stamp):
            files[path] = found
        elif found is not None and path not in self._buffers:
            problems.append(found)
        listing = Listing(
            dict(sorted(files.items())), tuple(problems), self._listing.ignored_folders, self._listing.extensions
        )
        self._changed |= listing != self._listing
        self._listing = listing
        if _kind(path) not in READ_ORDER:
            self._changed = True
        elif path in self._buffers:
            self._keep(path, self._from_text(path, None, self._buffers[path], None))
        elif isinstance(found, Stamp):
            self._keep(path, self._from_disk(path, found))
        else:
            self._forget(path)

    def _from_disk(self, path: str, stamp: Stamp) -> Entry:
        text, problem = read_text(self.root, path, self._settings)
        self.read += 1
        kind = _kind(path)
        if kind is not None:
            self.counts[kind].misses += 1
        # An unreadable verdict still decides: it is its name that counts.
        return self._from_text(path, stamp, "" if text is None and kind == "verdict" else text, problem)

    @profiled("parse")
    def _from_text(self, path: str, stamp: Stamp | None, text: str | None, problem: Problem | None) -> Entry:
        document = parse(path, text, self._vocabulary) if text is not None else None
        kept = text or "" if _kind(path) == "verdict" else ""
        return Entry(stamp, document, kept, problem, places(document) if document else ())

    def _keep(self, path: str, entry: Entry) -> None:
        self._entries[path] = entry
        self._changed = True

    def _forget(self, path: str) -> None:
        self._changed |= self._entries.pop(path, None) is not None

    @profiled("discover")
    def _publish(self, before: Snapshot | None) -> Snapshot:
        entries = {path: self._entries[path] for path in sorted(self._entries)}
        documents = {path: entry.document for path, entry in entries.items() if entry.document}
        texts = {path: entry.text for path, entry in entries.items() if entry.text}
        paths = tuple(sorted({*self._listing.files, *self._buffers}))
        candidates, not_plans = find_plans(paths, documents)
        plans, orphans = give_out(candidates, documents, texts, self._settings)
        return Snapshot(
            root=str(self.root),
            revision=before.revision + 1 if before else 1,
            complete=self._complete,
            settings=self._settings,
            paths=paths,
            documents=documents,
            plans=_shared(plans, before.plans if before else ()),
            not_plans=tuple(not_plans),
            orphans=orphans,
            problems=tuple(_problems(self._settings, self._listing, entries.values())),
            ignored_folders=self._listing.ignored_folders,
            present=self._present(entries.values()),
            extensions=self._listing.extensions,
        )

    def _present(self, entries: Iterable[Entry]) -> frozenset[str]:
        """Those of the files that the documents deliver, and of the folders they lie in, that are there."""
        wanted = {place for entry in entries for place in entry.named}
        for place in wanted - self._probed.keys():
            self._probed[place] = self.exists(place)
        return frozenset(place for place in wanted if self._probed[place])


def load(root: Path) -> Snapshot:
    """A snapshot of the workspace at `root`, read from the disk. Raises WorkspaceError as `Index` does."""
    return Index(root).refresh()


def _kind(path: str) -> Kind | None:
    name = parse_name(path.rpartition("/")[2])
    return name.kind if name else None


def _shared(plans: tuple[PlanFiles, ...], before: tuple[PlanFiles, ...]) -> tuple[PlanFiles, ...]:
    """`plans`, each the object of `before` where it has not changed."""
    known = {files.path: files for files in before}
    return tuple(
        old if (old := known.get(files.path)) is not None and is_same(old, files) else files for files in plans
    )


def _problems(settings: Settings, listing: Listing, entries: Iterable[Entry]) -> list[Problem]:
    return [
        *(Problem(settings.source, "configuration", warning.message) for warning in settings.warnings),
        *listing.problems,
        *(entry.problem for entry in entries if entry.problem),
    ]
