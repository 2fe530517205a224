"""An immutable map from paths that shares unchanged parts with its successors.

A workspace has tens of thousands of files, and a keystroke changes one. With a plain dictionary, each snapshot would
copy all entries, and each comparison of two snapshots would visit all entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

V = TypeVar("V")
_SHELF_COUNT = 512
"""The number of shelves, which are the inner dictionaries.

A change copies one dictionary; a comparison visits only dictionaries that are different objects.
"""
_EMPTY_SHELVES: tuple[dict[str, Any], ...] = ({},) * _SHELF_COUNT


class PathMap(Mapping[str, V]):
    """A map from paths (or file names) to values, iterated in the order of the paths.

    Two maps are equal only if they are the same object.
    """

    __slots__ = ("_length", "_shelves")
    __hash__ = object.__hash__

    def __init__(self, entries: Mapping[str, V] | None = None) -> None:
        shelves: tuple[dict[str, V], ...] = _EMPTY_SHELVES
        self._shelves, self._length = _with_values(shelves, entries or {})

    def changed(self, entries: Mapping[str, V | None]) -> PathMap[V]:
        """Return the map with other values for some paths; None removes a path.

        Return `self` if no value is a different object.
        """
        shelves, added_count = _with_values(self._shelves, entries)
        if shelves is self._shelves:
            return self
        path_map: PathMap[V] = PathMap.__new__(PathMap)
        path_map._shelves, path_map._length = shelves, self._length + added_count
        return path_map

    def differences(self, other: PathMap[V]) -> set[str]:
        """Return the paths whose values are different objects, or that only one of the two maps contains."""
        result: set[str] = set()
        for ours, theirs in zip(self._shelves, other._shelves, strict=True):
            if ours is not theirs:
                result |= {path for path in ours.keys() | theirs.keys() if ours.get(path) is not theirs.get(path)}
        return result

    def as_dict(self) -> dict[str, V]:
        """Return all entries in one dictionary, unordered. This is faster than iteration over the map."""
        return {path: value for shelf in self._shelves for path, value in shelf.items()}

    def __eq__(self, other: object) -> bool:
        return self is other

    def __getitem__(self, path: str) -> V:
        return self._shelves[_shelf_of(path)][path]

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and path in self._shelves[_shelf_of(path)]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(path for shelf in self._shelves for path in shelf))

    def __len__(self) -> int:
        return self._length


def _shelf_of(path: str) -> int:
    return hash(path) % _SHELF_COUNT


def _with_values(
    shelves: tuple[dict[str, V], ...], entries: Mapping[str, V | None]
) -> tuple[tuple[dict[str, V], ...], int]:
    """Return the shelves with the new values (None removes), and the change of the number of entries.

    Unchanged shelves stay the same objects; without a change, the tuple stays the same object.
    """
    copies: dict[int, dict[str, V]] = {}
    added_count = 0
    for path, value in entries.items():
        shelf_index = _shelf_of(path)
        shelf = copies.get(shelf_index, shelves[shelf_index])
        old_value = shelf.get(path)
        if old_value is value:
            continue
        if shelf_index not in copies:
            copies[shelf_index] = shelf = dict(shelf)
        if value is None:
            del shelf[path]
            added_count -= 1
        else:
            added_count += old_value is None
            shelf[path] = value
    if not copies:
        return shelves, 0
    new_shelves = list(shelves)
    for shelf_index, shelf in copies.items():
        new_shelves[shelf_index] = shelf
    return tuple(new_shelves), added_count
