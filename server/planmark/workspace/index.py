"""The one writer: reads a workspace, keeps what did not change, and publishes immutable snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from planmark.documents.document import Document, parse
from planmark.documents.names import parse_name
from planmark.workspace.discovery import find_plans, give_out
from planmark.workspace.files import Listing, Problem, Stamp, list_files, read_text, refuse_forbidden
from planmark.workspace.settings import Settings, load_settings, vocabulary_of
from planmark.workspace.snapshot import Snapshot

STATE_KINDS = frozenset({"plan", "subplan", "execution_task", "verdict", "parallel"})
"""The kinds that states are decided from; the others are only listed."""


Progress = Callable[[int, int], None]


def no_progress(_done: int, _of: int) -> None:
    """Tells nobody."""


class Entry(msgspec.Struct, frozen=True):
    """A file as it was read last."""

    stamp: Stamp
    document: Document | None
    text: str
    problem: Problem | None


class Index:
    """The files of one workspace as they were read last. Only `refresh` changes it."""

    def __init__(self, root: Path) -> None:
        """Raises WorkspaceError where `root` is no folder or must not be a workspace."""
        self.root = refuse_forbidden(root)
        self.entries: dict[str, Entry] = {}
        self.revision = 0
        self.read = 0
        """How many files the last refresh read."""

    def refresh(self, progress: Progress = no_progress) -> Snapshot:
        """A snapshot of what the disk holds now; files whose stamp is unchanged are not read again.

        `progress` is told, before each file, how many are done, of how many.
        """
        settings = load_settings(self.root)
        vocabulary = vocabulary_of(settings)
        listing = list_files(self.root, settings)
        known, self.entries, self.read = self.entries, {}, 0
        for done, (path, stamp) in enumerate(listing.files.items()):
            progress(done, len(listing.files))
            name = parse_name(path.rpartition("/")[2])
            if name is None or name.kind not in STATE_KINDS:
                continue
            entry = known.get(path)
            if entry is None or entry.stamp != stamp:
                text, problem = read_text(self.root, path, settings)
                self.read += 1
                # An unreadable verdict still decides: it is its name that counts.
                readable = text if text is not None else "" if name.kind == "verdict" else None
                document = parse(path, readable, vocabulary) if readable is not None else None
                entry = Entry(stamp, document, text if text and name.kind == "verdict" else "", problem)
            self.entries[path] = entry
        self.revision += 1
        return _publish(self.root, self.revision, settings, listing, self.entries)


def load(root: Path) -> Snapshot:
    """A snapshot of the workspace at `root`, read from the disk. Raises WorkspaceError as `Index` does."""
    return Index(root).refresh()


def _publish(root: Path, revision: int, settings: Settings, listing: Listing, entries: dict[str, Entry]) -> Snapshot:
    documents = {path: entry.document for path, entry in entries.items() if entry.document}
    texts = {path: entry.text for path, entry in entries.items() if entry.text}
    candidates, not_plans = find_plans(listing.files, documents)
    plans, orphans = give_out(candidates, documents, texts, settings)
    return Snapshot(
        root=str(root),
        revision=revision,
        complete=True,
        settings=settings,
        paths=tuple(listing.files),
        documents=documents,
        plans=plans,
        not_plans=tuple(not_plans),
        orphans=orphans,
        problems=tuple(_problems(settings, listing, entries.values())),
        ignored_folders=listing.ignored_folders,
    )


def _problems(settings: Settings, listing: Listing, entries: Iterable[Entry]) -> list[Problem]:
    return [
        *(Problem(settings.source, "configuration", warning) for warning in settings.warnings),
        *listing.problems,
        *(entry.problem for entry in entries if entry.problem),
    ]
