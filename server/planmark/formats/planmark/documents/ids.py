"""Achievement ids (`1.1`, `3.5.1`) and their numbers in file names (`11`, `351`, `03_05_01`).

Source of the rules: the methodology, §1.3. A number is decoded against the ids of one PLAN only, never by its first
digit. For example, `111` is 1.11 in one plan and 11.1 in another plan.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from planmark.text.lazy_pattern import lazy_pattern

ID_PATTERN = r"[0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?"
"""Pattern for an id: two or three parts of one or two digits. The pattern does not restrict the text that follows."""

ID = lazy_pattern(rf"(?<![\w.]){ID_PATTERN}(?![\w]|\.\d)")
"""Pattern for an id that stands alone in prose: not part of a longer number, version or word."""

NUMBER_PATTERN = r"[0-9]{2}_[0-9]{2}(?:_[0-9]{2})?|[0-9]{1,4}"
"""Pattern for the number in a file name: the long form (two digits per part) or the short form (without dots)."""

_ID_AT_START = lazy_pattern(rf"\W*(?:achievements?\W+)?(?P<id>{ID_PATTERN})(?![\w]|\.\d)", re.IGNORECASE)
"""Pattern for an id at the beginning of a header value, with or without the word Achievement before it."""
_ID_AFTER_WORD = lazy_pattern(rf"\bachievements?\W+(?P<id>{ID_PATTERN})(?![\w]|\.\d)", re.IGNORECASE)
"""Pattern for an id directly after the word Achievement, at any place in a header value."""
MAX_CACHED_ID_TUPLES = 256
"""Maximum number of tuples of ids in the cache of each function; a full cache is emptied."""

ResultT = TypeVar("ResultT")

_RANGE = lazy_pattern(rf"({ID_PATTERN})\s*(?:-|–|—|to|through)\s*({ID_PATTERN})(?![\w]|\.\d)")
"""Pattern for the first and the last id of a range."""


def id_parts(achievement_id: str) -> tuple[int, ...]:
    """Return the parts of an achievement id as integers: `3.5.1` → (3, 5, 1)."""
    return tuple(int(part) for part in achievement_id.split("."))


def short_number(achievement_id: str) -> str:
    """Return the short form of an id: without dots (`3.2` → `32`)."""
    return achievement_id.replace(".", "")


def long_number(achievement_id: str) -> str:
    """Return the unambiguous form of an id: two digits per part (`3.2` → `03_02`)."""
    return "_".join(f"{part:02d}" for part in id_parts(achievement_id))


def number_for(achievement: str, ids: Iterable[str]) -> str:
    """Return the number that stands for the id `achievement` in the name of a new file. `ids` are the ids of the plan.

    If any id of the plan has a part of two digits, the number has the long form, else the short form.
    """
    needs_long_form = any(len(part) > 1 for achievement_id in (achievement, *ids) for part in achievement_id.split("."))
    return long_number(achievement) if needs_long_form else short_number(achievement)


def ids_meant_by_number(number: str, ids: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of a PLAN that the number in a file name may mean, in the order of `ids`.

    An ambiguous number has several possible ids.
    """
    normal_number = long_number(number.replace("_", ".")) if "_" in number else number
    return _ids_by_number(ids).get(normal_number, ())


def cache_by_identity(function: Callable[[Sequence[str]], ResultT]) -> Callable[[Sequence[str]], ResultT]:
    """Return `function` with a cache whose key is the identity of the argument.

    Hashing or comparing all ids would cost as much as calling `function` again. The argument must not change.
    """
    values_by_id: dict[int, tuple[Sequence[str], ResultT]] = {}

    def value_of(ids: Sequence[str]) -> ResultT:
        cached_entry = values_by_id.get(id(ids))
        if cached_entry is None or cached_entry[0] is not ids:
            if len(values_by_id) >= MAX_CACHED_ID_TUPLES:
                values_by_id.clear()
            cached_entry = values_by_id[id(ids)] = (ids, function(ids))
        return cached_entry[1]

    return value_of


@cache_by_identity
def _ids_by_number(ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return a mapping from each number, in the short or the long form, to the ids that the number may mean."""
    ids_by_number: dict[str, tuple[str, ...]] = {}
    for achievement_id in ids:
        for number in (short_number(achievement_id), long_number(achievement_id)):
            ids_by_number[number] = (*ids_by_number.get(number, ()), achievement_id)
    return ids_by_number


def id_named_in(value: str) -> str | None:
    """Return the id in a header value such as `2.1`, `Achievement 2.1 (Title)` or `2.1 - Title`.

    Return None if the value names no id.
    """
    match = _ID_AT_START.match(value) or _ID_AFTER_WORD.search(value)
    return match["id"] if match else None


def ids_and_ranges_in(text: str) -> tuple[tuple[str, str], ...]:
    """Return the ids and ranges that `text` lists, in order: (id, "") for an id, (first id, last id) for a range."""
    result: list[tuple[str, str]] = []
    position = 0
    for match in _RANGE.finditer(text):
        result += [(m[0], "") for m in ID.finditer(text, position, match.start())]
        result.append((match[1], match[2]))
        position = match.end()
    return (*result, *((m[0], "") for m in ID.finditer(text, position)))


def ids_between(first: str, last: str, ids: Sequence[str]) -> list[str]:
    """Return the ids from `first` to `last`, in the order of `ids`.

    `first` and `last` may come in any order. If no id is in this range, return [first, last].
    """
    ordered_ids, positions = _ordered_ids(ids), positions_between(first, last, ids)
    return (
        [ids[position] for position in sorted(ordered_ids[index][1] for index in positions)]
        if positions
        else [first, last]
    )


def positions_between(first: str, last: str, ids: Sequence[str]) -> range:
    """Return the positions of the ids from `first` to `last` in the list of all `ids` in numeric order.

    `first` and `last` may come in any order.
    """
    ordered_ids = _ordered_ids(ids)
    lower_parts, upper_parts = sorted((id_parts(first), id_parts(last)))
    return range(
        bisect.bisect_left(ordered_ids, (lower_parts, -1)), bisect.bisect_left(ordered_ids, (upper_parts, len(ids)))
    )


@cache_by_identity
def _ordered_ids(ids: Sequence[str]) -> list[tuple[tuple[int, ...], int]]:
    """Return (parts of the id as integers, position of the id in `ids`) for each id, in numeric order."""
    return sorted((id_parts(achievement_id), position) for position, achievement_id in enumerate(ids))
