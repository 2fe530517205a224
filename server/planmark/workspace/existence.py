"""The last known existence of the files and folders that documents name as their deliverables."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path

from planmark.storage.paths import existence_by_path
from planmark.workspace.file_table import folders_of

MAX_BATCH_PATHS = 1000
"""Maximum number of paths that are checked on the disk per step; the caller can do other work between steps."""


class Existence:
    """A map from each path that documents name to True if a file or folder exists there."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._exists_by_path: dict[str, bool] = {}
        self._changed_paths: set[str] = set()
        self._folders: set[str] | None = None
        """The folders above the known paths; None until `tell` needs these folders."""

    @property
    def results(self) -> Mapping[str, bool]:
        """The result of the last check."""
        return self._exists_by_path

    def present(self, before: frozenset[str]) -> frozenset[str]:
        """Return the paths that exist; `before` itself if the result is equal."""
        present_paths = frozenset(place for place, is_there in self._exists_by_path.items() if is_there)
        return before if before == present_paths else present_paths

    def tell(self, paths: Iterable[str]) -> None:
        """Note changed files or folders.

        The next check includes the changed paths, the folders above these paths and the known paths below.
        """
        if self._folders is None:
            self._folders = {folder for place in self._exists_by_path for folder in folders_of(place)}
        for path in paths:
            self._changed_paths.update(place for place in (*folders_of(path), path) if place in self._exists_by_path)
            if path in self._folders:
                self._changed_paths.update(place for place in self._exists_by_path if place.startswith(f"{path}/"))

    def recheck(self) -> bool:
        """Check the noted places. Return whether any appeared or disappeared."""
        exists_by_path = existence_by_path(self._root, self._changed_paths)
        self._changed_paths = set()
        is_other = any(self._exists_by_path[place] != is_there for place, is_there in exists_by_path.items())
        self._exists_by_path |= exists_by_path
        return is_other

    def look(self, paths: Iterable[str]) -> dict[str, bool]:
        """Check the named paths that were never checked, and return the results for these paths only."""
        exists_by_path = existence_by_path(self._root, {place for place in paths if place not in self._exists_by_path})
        if exists_by_path:
            self._exists_by_path |= exists_by_path
            self._folders = None
        return exists_by_path

    def look_at_all(self, paths: Iterable[str]) -> Iterator[bool]:
        """Check every named place in steps, and store each result at once.

        Yield after each step whether a file was created or removed at one of its places.
        """
        places = sorted(paths)
        for first in range(0, len(places), MAX_BATCH_PATHS):
            exists_by_path = existence_by_path(self._root, places[first : first + MAX_BATCH_PATHS])
            is_other = any(self._exists_by_path.get(place) != is_there for place, is_there in exists_by_path.items())
            self._exists_by_path |= exists_by_path
            self._folders = None
            yield is_other

    def forget_unnamed(self, needed_paths: Container[str]) -> bool:
        """Remove the paths that no document names any more. Return whether any path was removed."""
        count = len(self._exists_by_path)
        self._exists_by_path = {
            place: is_there for place, is_there in self._exists_by_path.items() if place in needed_paths
        }
        self._changed_paths &= self._exists_by_path.keys()
        self._folders = None
        return len(self._exists_by_path) != count
