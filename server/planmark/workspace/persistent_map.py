"""An immutable map from paths. A changed copy shares the unchanged parts with the original.

A workspace has tens of thousands of files, and a keystroke changes one. With a plain dictionary, each snapshot would
copy all entries, and each comparison of two snapshots would visit all entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

ValueT = TypeVar("ValueT")
_SHELF_COUNT = 512
"""The number of shelves. A shelf is an inner dictionary with a part of the entries.

A change copies one shelf. A comparison visits only shelves that are different objects.
"""
_EMPTY_SHELVES: tuple[dict[str, Any], ...] = ({},) * _SHELF_COUNT


class PathMap(Mapping[str, ValueT]):
    """A map from paths (or file names) to values, iterated in the order of the paths.

    A map is equal only to itself.
    """

    __slots__ = ("_length", "_shelves")
    __hash__ = object.__hash__

    def __init__(self, entries: Mapping[str, ValueT] | None = None) -> None:
        shelves: tuple[dict[str, ValueT], ...] = _EMPTY_SHELVES
        self._shelves, self._length = _changed_shelves(shelves, entries or {})

    def changed(self, entries: Mapping[str, ValueT | None]) -> PathMap[ValueT]:
        """Return a copy of the map in which each path in `entries` has its new value. None removes a path.

        If every value is the same object as before, return `self`.
        """
        shelves, length_change = _changed_shelves(self._shelves, entries)
        if shelves is self._shelves:
            return self
        path_map: PathMap[ValueT] = PathMap.__new__(PathMap)
        path_map._shelves, path_map._length = shelves, self._length + length_change
        return path_map

    def differences(self, other: PathMap[ValueT]) -> set[str]:
        """Return the paths whose values are different objects in this map and `other`, or that only one map has."""
        result: set[str] = set()
        for ours, theirs in zip(self._shelves, other._shelves, strict=True):
            if ours is not theirs:
                result |= {path for path in ours.keys() | theirs.keys() if ours.get(path) is not theirs.get(path)}
        return result

    def as_dict(self) -> dict[str, ValueT]:
        """Return all entries in one dictionary, unordered. This is faster than iteration over the map."""
        return {path: value for shelf in self._shelves for path, value in shelf.items()}

    def __eq__(self, other: object) -> bool:
        return self is other

    def __getitem__(self, path: str) -> ValueT:
        return self._shelves[_shelf_position(path)][path]

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and path in self._shelves[_shelf_position(path)]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(path for shelf in self._shelves for path in shelf))

    def __len__(self) -> int:
        return self._length


def _shelf_position(path: str) -> int:
    """Return the position of the shelf that holds a path."""
    return hash(path) % _SHELF_COUNT


def _changed_shelves(
    shelves: tuple[dict[str, ValueT], ...], entries: Mapping[str, ValueT | None]
) -> tuple[tuple[dict[str, ValueT], ...], int]:
    """Return two values: the shelves with the new values of `entries`, and the difference between the new and the old
    number of entries.

    None in place of a value removes the path. Unchanged shelves stay the same objects. If no shelf changes, the first
    value is the object `shelves` itself.
    """
    copies: dict[int, dict[str, ValueT]] = {}
    length_change = 0
    for path, value in entries.items():
        shelf_index = _shelf_position(path)
        shelf = copies.get(shelf_index, shelves[shelf_index])
        old_value = shelf.get(path)
        if old_value is value:
            continue
        if shelf_index not in copies:
            copies[shelf_index] = shelf = dict(shelf)
        if value is None:
            del shelf[path]
            length_change -= 1
        else:
            length_change += old_value is None
            shelf[path] = value
    if not copies:
        return shelves, 0
    new_shelves = list(shelves)
    for shelf_index, shelf in copies.items():
        new_shelves[shelf_index] = shelf
    return tuple(new_shelves), length_change
