"""The pieces of work that change the same files, by the paths that documents name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

Key = tuple[str, str]


class FileClaims:
    """The paths that several owners change, with a search for paths that meet.

    Two paths meet if they are the same or if one is a folder above the other. Case does not count, because some file
    systems ignore it. A name without a folder meets a file of this name in any folder, because documents often leave
    the folder out. Paths are relative to the workspace, with `/`; "." is the whole workspace.
    """

    def __init__(self) -> None:
        self._by_key: dict[Key, dict[int, dict[str, None]]] = {}

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
                for owner, others in self._by_key.get(key, {}).items():
                    result.setdefault(owner, set()).update(max(path, other, key=len) for other in others)
        return {owner: tuple(sorted(shared)) for owner, shared in result.items()}


def _keys_of_claim(path: str) -> tuple[Key, ...]:
    folded_text = _fold_case(path)
    above = (("above", folder) for folder in _folders_above(folded_text))
    return ("is", folded_text), *above, ("named", folded_text.rpartition("/")[2]), *_if_bare("bare", folded_text)


def _keys_in_conflict(path: str) -> tuple[Key, ...]:
    folded_text = _fold_case(path)
    folders = (("is", folder) for folder in _folders_above(folded_text))
    name = folded_text.rpartition("/")[2]
    return ("is", folded_text), ("above", folded_text), *folders, ("bare", name), *_if_bare("named", folded_text)


def _if_bare(what: str, path: str) -> tuple[Key, ...]:
    return ((what, path),) if path and "/" not in path else ()


def _fold_case(path: str) -> str:
    folded_text = unicodedata.normalize("NFC", path).casefold().strip("/")
    return "" if folded_text == "." else folded_text


def _folders_above(path: str) -> Iterator[str]:
    """Yield the folders above a path, the whole workspace last, as ""; none for the whole workspace itself."""
    while path:
        path = path.rpartition("/")[0]
        yield path
