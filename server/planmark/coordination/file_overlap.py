"""The search for work that changes the same files, by the paths that documents name."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable, Iterator

PathKey = tuple[str, str]
"""A key under which a path is recorded: a tuple of a relation, and a path or a name.

The relation `is` means that the recorded path is the path of the key. `above` means that the key names a folder above
the recorded path. `named` means that the recorded path ends with the name of the key, and `bare` that it is only this
name.
"""


class FileClaims:
    """The paths that several owners change, with a search for overlapping paths.

    An owner is a number that the caller chooses. Two paths overlap if they are equal, or if one is a folder that
    contains the other. Upper and lower case are equal, because some file systems ignore case. A name without a folder
    overlaps with every file of this name, because documents often leave out the folder. Paths are relative to the
    workspace, with `/`. "." is the whole workspace.
    """

    def __init__(self) -> None:
        # Mapping from a key to a mapping from an owner to the paths of the owner. The innermost dict is an ordered set
        # of paths.
        self._claims_by_key: dict[PathKey, dict[int, dict[str, None]]] = {}

    def add(self, owner: int, paths: Iterable[str]) -> None:
        """Record that an owner changes the given paths."""
        for path in paths:
            for key in _keys_of_claim(path):
                self._claims_by_key.setdefault(key, {}).setdefault(owner, {})[path] = None

    def owners(self, paths: Iterable[str]) -> frozenset[int]:
        """Return the owners of the recorded paths that overlap with `paths`."""
        return frozenset().union(
            *(self._claims_by_key.get(key, ()) for path in paths for key in _keys_in_conflict(path))
        )

    def conflicts_with(self, paths: Iterable[str]) -> dict[int, tuple[str, ...]]:
        """Return a mapping from an owner to a sorted tuple of paths, for each owner whose paths overlap with `paths`.

        Of two paths that overlap, the tuple has the longer one.
        """
        paths_by_owner: dict[int, set[str]] = {}
        for path in paths:
            for key in _keys_in_conflict(path):
                for owner, claimed_paths in self._claims_by_key.get(key, {}).items():
                    paths_by_owner.setdefault(owner, set()).update(
                        max(path, claimed_path, key=len) for claimed_path in claimed_paths
                    )
        return {owner: tuple(sorted(longer_paths)) for owner, longer_paths in paths_by_owner.items()}


# The keys are cached, because each change of a lease compares the paths of all leases while it holds their lock.
@functools.lru_cache(maxsize=4096)
def _keys_of_claim(path: str) -> tuple[PathKey, ...]:
    """Return the keys under which the path of an owner is recorded."""
    folded_path = _fold_case(path)
    folder_keys = (("above", folder) for folder in _folders_above(folded_path))
    return (
        ("is", folded_path),
        *folder_keys,
        ("named", folded_path.rpartition("/")[2]),
        *_bare_name_keys("bare", folded_path),
    )


@functools.lru_cache(maxsize=4096)
def _keys_in_conflict(path: str) -> tuple[PathKey, ...]:
    """Return the keys under which all paths are recorded that overlap with `path`."""
    folded_path = _fold_case(path)
    folder_keys = (("is", folder) for folder in _folders_above(folded_path))
    name = folded_path.rpartition("/")[2]
    return (
        ("is", folded_path),
        ("above", folded_path),
        *folder_keys,
        ("bare", name),
        *_bare_name_keys("named", folded_path),
    )


def _bare_name_keys(relation: str, path: str) -> tuple[PathKey, ...]:
    """Return one key if `path` is a name without a folder; else no key."""
    return ((relation, path),) if path and "/" not in path else ()


def _fold_case(path: str) -> str:
    """Return a path in the form for comparisons, without upper case; "" for the whole workspace."""
    folded_path = unicodedata.normalize("NFC", path).casefold().strip("/")
    return "" if folded_path == "." else folded_path


def _folders_above(path: str) -> Iterator[str]:
    """Yield the folders that contain a path, from the innermost to "", the workspace.

    Yield nothing if `path` is the workspace itself.
    """
    while path:
        path = path.rpartition("/")[0]
        yield path
