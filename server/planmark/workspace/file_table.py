"""The table of the last known files of a workspace.

Two operations update the table: a listing, which takes some time, and the check of a single file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from planmark.plans.model import Skipped
from planmark.storage.git_checkout import GIT_ENTRY
from planmark.workspace.left_out import IGNORE_FILE
from planmark.workspace.scan import Listing, Problem, Stamp, may_be_folder

DECIDING_NAMES = frozenset({IGNORE_FILE, GIT_ENTRY, "planmark.toml", "pyproject.toml"})
"""Names of the files that decide which other files are read, and how. The `.git` of the root itself has no effect."""


class FileTable:
    """The existing files, and the problems met while reading the disk.

    A single file may be checked while a listing runs. At the end of the listing, the table keeps the result of this
    check, because the listing may have seen the file before the check.
    """

    def __init__(self) -> None:
        self.listing = Listing({}, (), 0)
        """The result of the last complete listing."""
        self.stamps: dict[str, Stamp] = {}
        """Mapping from a path to the last known stamp of the file there."""
        self.problems: dict[tuple[str, str], Problem] = {}
        """Mapping from a path and a code to the problem with this code that kept the file from being read properly."""
        self.skipped: dict[str, Skipped] = {}
        """Mapping from a path to the folder or document there that is not read, except for the paths in `problems`."""
        self.stale_paths: set[str] = set()
        """Files that may have changed on the disk since they were checked."""
        self.is_listing_outdated = False
        """Whether a later check found a different set of skipped files and folders than the listing."""
        self.has_unreported_change = False
        """Whether the last listing found a change of a file that no earlier check had found."""
        self._checked_paths: set[str] = set()
        """Paths that were checked since the last listing began."""
        self._changed_folders: set[str] = set()
        """Folders, or files that are not documents, that changed since the last listing began."""
        self._folders: set[str] | None = None
        """The folders above the known files; None until these folders are needed."""

    def begin_listing(self) -> None:
        """Record that a listing begins."""
        self._checked_paths, self._changed_folders = set(), set()
        self.is_listing_outdated = False

    def was_checked_since_listing(self, path: str) -> bool:
        """Tell whether a file was checked after the last listing began.

        If so, the listing, and any file that was read with its stamps, may be older than the check.
        """
        return path in self._checked_paths

    def note_changed_folders(self, folders: Iterable[str]) -> None:
        """Record changed folders, or changed files that are not documents.

        The listing that runs may have seen the documents below these folders before the change.
        """
        self._changed_folders.update(folders)

    def has_document_below(self, folder: str) -> bool:
        """Tell whether the last listing, or a later check, found a document below a folder."""
        if self._folders is None:
            self._folders = {parent_folder for path in self.stamps for parent_folder in folders_above(path)}
        return folder in self._folders

    def may_change_existence(self, path: str, root: Path) -> bool:
        """Tell whether the change of a path that is not a document may change which files exist or are read.

        The result is True for a folder, a link, and a path with known documents below it. The result is also True for a
        path that was not read, and for a file that decides which files are read (see DECIDING_NAMES).
        """
        if path.rpartition("/")[2] in DECIDING_NAMES:
            return True
        is_unread = path in self.skipped or any(skipped.path == path for skipped in self.listing.unreached)
        return (
            is_unread
            or any(problem_path == path for problem_path, _ in self.problems)
            or self.has_document_below(path)
            or may_be_folder(root / path)
        )

    def store_check_result(self, path: str, result: Stamp | Problem | Skipped | None) -> tuple[bool, bool]:
        """Store the result of a check of one path. None as the result means that no file exists at the path.

        Return two values: whether the stamp changed, and whether the problems or the skipped paths changed.
        """
        self._checked_paths.add(path)
        stamp = self.stamps.pop(path, None)
        if isinstance(result, Stamp):
            self.stamps[path] = result
            if self._folders is not None:
                self._folders.update(folders_above(path))
        problems = {key: problem for key, problem in self.problems.items() if key[0] != path}
        if isinstance(result, Problem):
            problems[path, result.code] = result
        has_other_changes = problems != self.problems
        self.problems = problems
        return stamp != self.stamps.get(path), self._update_skipped(path, result) or has_other_changes

    def _update_skipped(self, path: str, result: object) -> bool:
        """Update the skipped paths from `result`, the result of a check of `path` and of the folders above it.

        Return whether the skipped paths changed.
        """
        old_entries = {
            skipped_path: self.skipped.pop(skipped_path, None) for skipped_path in (*folders_above(path), path)
        }
        if isinstance(result, Skipped):
            self.skipped[result.path] = result
        has_other_changes = any(
            self.skipped.get(skipped_path) != skipped for skipped_path, skipped in old_entries.items()
        )
        self.is_listing_outdated |= has_other_changes
        return has_other_changes

    def end_listing(self, listing: Listing) -> tuple[set[str], bool]:
        """Replace the files by a complete listing, but keep the results of checks since the listing began.

        Return two values: the paths that appeared or disappeared, and whether anything but the files changed. The second
        value is True if the problems, the skipped paths or other facts of the listing changed.
        """
        stamps = {**listing.files}
        problems = {(problem.path, problem.code): problem for problem in listing.problems}
        for path in self._checked_paths:
            stamps.pop(path, None)
            if path in self.stamps:
                stamps[path] = self.stamps[path]
        kept_problems = {key: problem for key, problem in self.problems.items() if key[0] in self._checked_paths}
        problems = {
            key: problem for key, problem in problems.items() if key[0] not in self._checked_paths
        } | kept_problems
        skipped = {skipped_entry.path: skipped_entry for skipped_entry in listing.skipped}
        for checked_path in {
            checked_path for path in self._checked_paths for checked_path in (*folders_above(path), path)
        }:
            skipped.pop(checked_path, None)
            if checked_path in self.skipped:
                skipped[checked_path] = self.skipped[checked_path]
        has_other_changes = (
            problems != self.problems
            or skipped != self.skipped
            or _facts_without_files(listing) != _facts_without_files(self.listing)
        )
        self.skipped = skipped
        changed_paths = stamps.keys() ^ self.stamps.keys()
        self.has_unreported_change = stamps != self.stamps
        self.listing, self.stamps, self.problems, self._folders = listing, stamps, problems, None
        return changed_paths, has_other_changes

    def all_skipped(self, problem_files: Iterable[Skipped]) -> tuple[Skipped, ...]:
        """Return every folder and document that is not read, sorted by path.

        `problem_files` are the files and folders that are not read because of a problem.
        """
        skipped_by_path = {
            skipped_file.path: skipped_file
            for skipped_file in (*self.listing.unreached, *problem_files, *self.skipped.values())
        }
        return tuple(skipped_by_path[path] for path in sorted(skipped_by_path))

    def files_in_changed_folders(self) -> set[str]:
        """Return the files below folders that changed since the listing began."""
        return (
            {path for path in self.stamps if not self._changed_folders.isdisjoint(folders_above(path))}
            if self._changed_folders
            else set()
        )


def folders_above(path: str) -> list[str]:
    """Return the folders above a path, except the root. The outermost folder comes first."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def _facts_without_files(listing: Listing) -> tuple[object, ...]:
    """Return the facts of a listing other than its files, problems and skipped files."""
    facts = (
        listing.ignored_folders,
        listing.extensions,
        listing.left_out,
        listing.checkouts,
        listing.unreached,
    )
    return (*facts, listing.others, listing.unread_plans)


UNREAD_CODES = frozenset({"unreadable", "file-name", "outside", "broken-link", "not-a-file", "too-large", "binary"})
"""The codes of the problems because of which a file or a folder is not read."""


def skipped_by_problems(problems: Sequence[Problem]) -> Iterator[Skipped]:
    """Yield the files and folders that are not read because of a problem."""
    return (Skipped(problem.path, problem.message) for problem in problems if problem.code in UNREAD_CODES)
