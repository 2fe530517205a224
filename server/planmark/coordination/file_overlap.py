"""The pieces of work that change the same files, by the paths that documents name."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable, Iterator

PathKey = tuple[str, str]


class FileClaims:
    """The paths that several owners change, with a search for paths that meet.

    Two paths meet if they are the same or if one is a folder above the other. Case does not count, because some file
    systems ignore it. A name without a folder meets a file of this name in any folder, because documents often leave
    the folder out. Paths are relative to the workspace, with `/`; "." is the whole workspace.
    """

    def __init__(self) -> None:
        self._by_key: dict[PathKey, dict[int, dict[str, None]]] = {}

    def add(self, owner: int, paths: Iterable[str]) -> None:
        """Record that an owner changes paths."""
        for path in paths:
            for key in _keys_of_claim(path):
                self._by_key.setdefault(key, {}).setdefault(owner, {})[path] = None

    def owners(self, paths: Iterable[str]) -> frozenset[int]:
        """Return the owners whose paths meet `paths`."""
        return frozenset().union(*(self._by_key.get(key, ()) for path in paths for key in _keys_in_conflict(path)))

    def conflicts_with(self, paths: Iterable[str]) -> dict[int, tuple[str, ...]]:
        """Return the owners whose paths meet `paths`, each with the longer path of every two that meet, sorted."""
        result: dict[int, set[str]] = {}
        for path in paths:
            for key in _keys_in_conflict(path):
                for owner, claimed_paths in self._by_key.get(key, {}).items():
                    result.setdefault(owner, set()).update(
                        max(path, claimed_path, key=len) for claimed_path in claimed_paths
                    )
        return {owner: tuple(sorted(longer_paths)) for owner, longer_paths in result.items()}


# A change of a lease compares the paths of all leases under their lock, and the same paths come again.
@functools.lru_cache(maxsize=4096)
def _keys_of_claim(path: str) -> tuple[PathKey, ...]:
    folded_text = _fold_case(path)
    folder_keys = (("above", folder) for folder in _folders_above(folded_text))
    return (
        ("is", folded_text),
        *folder_keys,
        ("named", folded_text.rpartition("/")[2]),
        *_bare_name_keys("bare", folded_text),
    )


@functools.lru_cache(maxsize=4096)
def _keys_in_conflict(path: str) -> tuple[PathKey, ...]:
    folded_text = _fold_case(path)
    folder_keys = (("is", folder) for folder in _folders_above(folded_text))
    name = folded_text.rpartition("/")[2]
    return (
        ("is", folded_text),
        ("above", folded_text),
        *folder_keys,
        ("bare", name),
        *_bare_name_keys("named", folded_text),
    )


def _bare_name_keys(kind: str, path: str) -> tuple[PathKey, ...]:
    return ((kind, path),) if path and "/" not in path else ()


def _fold_case(path: str) -> str:
    folded_text = unicodedata.normalize("NFC", path).casefold().strip("/")
    return "" if folded_text == "." else folded_text


def _folders_above(path: str) -> Iterator[str]:
    """Yield the folders above a path, at last "" for the workspace. Yield nothing for the workspace itself."""
    while path:
        path = path.rpartition("/")[0]
        yield path
