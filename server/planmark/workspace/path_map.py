"""An immutable map from paths that shares with its successors what did not change.

A workspace has tens of thousands of files and a keystroke changes one: with a plain dictionary, each snapshot would copy,
and each comparison of two snapshots would walk over, all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

V = TypeVar("V")
_SHELVES = 512
"""A change copies one shelf, a comparison looks into those that are not the same objects."""
_EMPTY: tuple[dict[str, Any], ...] = ({},) * _SHELVES


class PathMap(Mapping[str, V]):
    """Paths (or file names) to values; iterates in the order of the paths. Equal is only the same object."""

    __slots__ = ("_length", "_shelves")
    __hash__ = object.__hash__

    def __init__(self, entries: Mapping[str, V] | None = None) -> None:
        shelves: tuple[dict[str, V], ...] = _EMPTY
        self._shelves, self._length = _put(shelves, entries or {})

    def changed(self, entries: Mapping[str, V | None]) -> PathMap[V]:
        """The same map with other values for some paths; None takes a path out. Itself where nothing is another object."""
        shelves, added = _put(self._shelves, entries)
        if shelves is self._shelves:
            return self
        made: PathMap[V] = PathMap.__new__(PathMap)
        made._shelves, made._length = shelves, self._length + added
        return made

    def differences(self, other: PathMap[V]) -> set[str]:
        """The paths whose values are not the same objects in both, or that are in one of them only."""
        found: set[str] = set()
        for ours, theirs in zip(self._shelves, other._shelves, strict=True):
            if ours is not theirs:
                found |= {path for path in ours.keys() | theirs.keys() if ours.get(path) is not theirs.get(path)}
        return found

    def as_dict(self) -> dict[str, V]:
        """All of it, in no order: sooner than one by one."""
        return {path: value for shelf in self._shelves for path, value in shelf.items()}

    def __eq__(self, other: object) -> bool:
        return self is other

    def __getitem__(self, path: str) -> V:
        return self._shelves[_shelf(path)][path]

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and path in self._shelves[_shelf(path)]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(path for shelf in self._shelves for path in shelf))

    def __len__(self) -> int:
        return self._length


def _shelf(path: str) -> int:
    return hash(path) % _SHELVES


def _put(shelves: tuple[dict[str, V], ...], entries: Mapping[str, V | None]) -> tuple[tuple[dict[str, V], ...], int]:
    """The shelves with other values (None: without), the same objects where nothing changes; and how many are added."""
    copies: dict[int, dict[str, V]] = {}
    added = 0
    for path, value in entries.items():
        number = _shelf(path)
        shelf = copies.get(number, shelves[number])
        known = shelf.get(path)
        if known is value:
            continue
        if number not in copies:
            copies[number] = shelf = dict(shelf)
        if value is None:
            del shelf[path]
            added -= 1
        else:
            added += known is None
            shelf[path] = value
    if not copies:
        return shelves, 0
    made = list(shelves)
    for number, shelf in copies.items():
        made[number] = shelf
    return tuple(made), added
