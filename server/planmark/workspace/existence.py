"""The last known existence of the files and folders that documents name as their deliverables."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path

from planmark.storage.paths import existence_by_path
from planmark.workspace.file_table import folders_above

MAX_BATCH_PATHS = 1000
"""Maximum number of paths that are checked on the disk per step; the caller can do other work between steps."""


class Existence:
    """The paths that documents name, and whether a file or folder existed at each path at the last check."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._exists_by_path: dict[str, bool] = {}
        """Mapping from a path that a document names to whether a file or folder existed there at the last check."""
        self._changed_paths: set[str] = set()
        self._folders: set[str] | None = None
        """The folders above the known paths; None until `note_changes` needs these folders."""

    @property
    def results(self) -> Mapping[str, bool]:
        """Mapping from a path that a document names to whether a file or folder existed there at the last check."""
        return self._exists_by_path

    def present_paths(self, previous_paths: frozenset[str]) -> frozenset[str]:
        """Return the paths that exist.

        If `previous_paths` contains the same paths, return the object `previous_paths`.
        """
        present_paths = frozenset(path for path, exists in self._exists_by_path.items() if exists)
        return previous_paths if previous_paths == present_paths else present_paths

    def note_changes(self, paths: Iterable[str]) -> None:
        """Record changed files or folders.

        The next check includes, of the paths that documents name, the changed paths and the paths above and below a
        changed path.
        """
        if self._folders is None:
            self._folders = {folder for known_path in self._exists_by_path for folder in folders_above(known_path)}
        for path in paths:
            self._changed_paths.update(
                known_path for known_path in (*folders_above(path), path) if known_path in self._exists_by_path
            )
            if path in self._folders:
                self._changed_paths.update(
                    known_path for known_path in self._exists_by_path if known_path.startswith(f"{path}/")
                )

    def recheck(self) -> bool:
        """Check the recorded paths. Return whether a file or folder appeared or disappeared at any recorded path."""
        exists_by_path = existence_by_path(self._root, self._changed_paths)
        self._changed_paths = set()
        has_changed = any(self._exists_by_path[path] != exists for path, exists in exists_by_path.items())
        self._exists_by_path |= exists_by_path
        return has_changed

    def check_new(self, paths: Iterable[str]) -> dict[str, bool]:
        """Check each of `paths` that was never checked. Return a mapping from each of these paths to whether a file or
        folder exists there.
        """
        exists_by_path = existence_by_path(self._root, {path for path in paths if path not in self._exists_by_path})
        if exists_by_path:
            self._exists_by_path |= exists_by_path
            self._folders = None
        return exists_by_path

    def check_all(self, paths: Iterable[str]) -> Iterator[bool]:
        """Check all of `paths` in steps, and store the results of each step immediately.

        Yield after each step whether a file or folder appeared or disappeared at a path of the step.
        """
        sorted_paths = sorted(paths)
        for start in range(0, len(sorted_paths), MAX_BATCH_PATHS):
            exists_by_path = existence_by_path(self._root, sorted_paths[start : start + MAX_BATCH_PATHS])
            has_changed = any(self._exists_by_path.get(path) != exists for path, exists in exists_by_path.items())
            self._exists_by_path |= exists_by_path
            self._folders = None
            yield has_changed

    def forget_unnamed(self, named_paths: Container[str]) -> bool:
        """Remove the paths that no document names any more. Return whether any path was removed."""
        count = len(self._exists_by_path)
        self._exists_by_path = {path: exists for path, exists in self._exists_by_path.items() if path in named_paths}
        self._changed_paths &= self._exists_by_path.keys()
        self._folders = None
        return len(self._exists_by_path) != count
