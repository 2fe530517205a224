"""The files of a workspace as they were seen last: by a listing, which takes a while, and one by one meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from planmark.workspace.files import Listing, Problem, Stamp, is_folder_like
from planmark.workspace.left_out import Skipped


class FileTable:
    """Which files there are, and what could not be read of the disk.

    A listing goes on while single files are looked at. What was seen of a file after the listing began is kept when the
    listing ends: the listing may be older, and a file that was looked at is announced again when it changes.
    """

    def __init__(self) -> None:
        self.listing = Listing({}, (), 0)
        """What the last listing that ended has found."""
        self.stamps: dict[str, Stamp] = {}
        """Path → what was seen of the file last."""
        self.troubles: dict[tuple[str, str], Problem] = {}
        """By path and code: what could not be read as it should be."""
        self.skipped: dict[str, Skipped] = {}
        """By path: the folders and documents that are not read, but for `troubles`."""
        self._seen: set[str] = set()
        self._told: set[str] = set()
        self._folders: set[str] | None = None

    def begin(self) -> None:
        """A listing begins."""
        self._seen, self._told = set(), set()

    def is_newer(self, path: str) -> bool:
        """Whether a file was looked at after the last listing began: the listing, and what is read by it, may be older."""
        return path in self._seen

    def tell(self, folders: Iterable[str]) -> None:
        """Folders, or files that are no documents, changed: what the listing says of documents below may be older."""
        self._told.update(folders)

    def holds(self, folder: str) -> bool:
        """Whether a document lies below a folder, or has lain there since the last listing."""
        if self._folders is None:
            self._folders = {above for path in self.stamps for above in folders_of(path)}
        return folder in self._folders

    def decides(self, path: str, root: Path) -> bool:
        """Whether a change of a path that is no document may change which files there are: it is a folder, a link, or was
        one with documents, or was not read."""
        is_unread = path in self.skipped or any(skipped.path == path for skipped in self.listing.unreached)
        return (
            is_unread or any(at == path for at, _ in self.troubles) or self.holds(path) or is_folder_like(root / path)
        )

    def see(self, path: str, found: Stamp | Problem | Skipped | None) -> tuple[bool, bool]:
        """One file as it is now; None where it is none. Says whether its stamp, and whether anything else, is another one."""
        self._seen.add(path)
        known = self.stamps.pop(path, None)
        if isinstance(found, Stamp):
            self.stamps[path] = found
            if self._folders is not None:
                self._folders.update(folders_of(path))
        troubles = {at: problem for at, problem in self.troubles.items() if at[0] != path}
        if isinstance(found, Problem):
            troubles[path, found.code] = found
        is_other = troubles != self.troubles
        self.troubles = troubles
        return known != self.stamps.get(path), self._skip(path, found) or is_other

    def _skip(self, path: str, found: object) -> bool:
        """Takes in what a look at a path says of it and the folders above it; whether that is another thing than before."""
        before = {at: self.skipped.pop(at, None) for at in (*folders_of(path), path)}
        if isinstance(found, Skipped):
            self.skipped[found.path] = found
        return any(self.skipped.get(at) != skipped for at, skipped in before.items())

    def end(self, listing: Listing) -> tuple[set[str], bool]:
        """Takes in a listing that ended. Returns the files that came or went, and whether anything else is different."""
        stamps = {**listing.files}
        troubles = {(problem.path, problem.code): problem for problem in listing.problems}
        for path in self._seen:
            stamps.pop(path, None)
            if path in self.stamps:
                stamps[path] = self.stamps[path]
        kept = {at: problem for at, problem in self.troubles.items() if at[0] in self._seen}
        troubles = {at: problem for at, problem in troubles.items() if at[0] not in self._seen} | kept
        skipped = {known.path: known for known in listing.skipped}
        for at in {at for path in self._seen for at in (*folders_of(path), path)}:
            skipped.pop(at, None)
            if at in self.skipped:
                skipped[at] = self.skipped[at]
        is_other = troubles != self.troubles or skipped != self.skipped or _rest(listing) != _rest(self.listing)
        self.skipped = skipped
        different = stamps.keys() ^ self.stamps.keys()
        self.listing, self.stamps, self.troubles, self._folders = listing, stamps, troubles, None
        return different, is_other

    def all_skipped(self, troubled: Iterable[Skipped]) -> tuple[Skipped, ...]:
        """Every folder and document that is not read, by path; `troubled` are those that have a problem."""
        found = {known.path: known for known in (*self.listing.unreached, *troubled, *self.skipped.values())}
        return tuple(found[path] for path in sorted(found))

    def doubtful(self) -> set[str]:
        """The files below what changed since the listing began."""
        return {path for path in self.stamps if not self._told.isdisjoint(folders_of(path))} if self._told else set()


def folders_of(path: str) -> list[str]:
    """The folders in which a path lies, without the root."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def _rest(listing: Listing) -> tuple[object, ...]:
    """What a listing says besides files and troubles."""
    return listing.ignored_folders, listing.extensions, listing.left_out, listing.checkouts, listing.unreached
