"""Achievement ids (`1.1`, `3.5.1`) and the numbers that stand for them in file names (`11`, `351`, `03_05_01`).

Source of the rules: the methodology, §1.3. A number is decoded against the ids of one PLAN only, never by its
first digit: `111` is 1.11 in one plan and 11.1 in another.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

ID_PATTERN = r"[0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?"
"""Two or three parts of one or two digits; what may follow is the caller's business."""

ID = re.compile(rf"(?<![\w.]){ID_PATTERN}(?![\w]|\.\d)")
"""An id that stands alone in prose: not part of a longer number, version or word."""

NUMBER_PATTERN = r"[0-9]{2}_[0-9]{2}(?:_[0-9]{2})?|[0-9]{1,4}"
"""The number in a file name: the long form (two digits a part) or the short form (dots dropped)."""

_NAMED = re.compile(rf"\W*(?:achievements?\W+)?(?P<id>{ID_PATTERN})(?![\w]|\.\d)", re.IGNORECASE)
_NAMED_LATER = re.compile(rf"\bachievements?\W+(?P<id>{ID_PATTERN})(?![\w]|\.\d)", re.IGNORECASE)
MAX_TUPLES = 256
"""What was made of this many tuples of ids is kept."""

Made = TypeVar("Made")

_RANGE = re.compile(rf"({ID_PATTERN})\s*(?:-|–|—|to|through)\s*({ID_PATTERN})(?![\w]|\.\d)")


def parts(achievement: str) -> tuple[int, ...]:
    """The parts of an id as integers: `3.5.1` → (3, 5, 1)."""
    return tuple(int(part) for part in achievement.split("."))


def short_number(achievement: str) -> str:
    """The short form: the dots dropped (`3.2` → `32`)."""
    return achievement.replace(".", "")


def long_number(achievement: str) -> str:
    """The unambiguous form: two digits a part (`3.2` → `03_02`)."""
    return "_".join(f"{part:02d}" for part in parts(achievement))


def number_for(achievement: str, ids: Iterable[str]) -> str:
    """The number that a new file gets: short, unless the PLAN has an id with a two-digit part."""
    needs_long = any(len(part) > 1 for known in (achievement, *ids) for part in known.split("."))
    return long_number(achievement) if needs_long else short_number(achievement)


def decode(number: str, ids: Sequence[str]) -> tuple[str, ...]:
    """The ids, in their order, that `number` may stand for: none, one, or (ambiguous) several."""
    wanted = long_number(number.replace("_", ".")) if "_" in number else number
    return _by_number(ids).get(wanted, ())


def of_ids(make: Callable[[Sequence[str]], Made]) -> Callable[[Sequence[str]], Made]:
    """`make`, called once for each object: to hash or to compare all ids would cost as much as to call it again.

    The objects must not change.
    """
    kept: dict[int, tuple[Sequence[str], Made]] = {}

    def made(ids: Sequence[str]) -> Made:
        found = kept.get(id(ids))
        if found is None or found[0] is not ids:
            if len(kept) >= MAX_TUPLES:
                kept.clear()
            found = kept[id(ids)] = (ids, make(ids))
        return found[1]

    return made


@of_ids
def members(ids: Sequence[str]) -> frozenset[str]:
    """The ids as a set."""
    return frozenset(ids)


@of_ids
def _by_number(ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Short or long number → the ids that it may stand for."""
    found: dict[str, tuple[str, ...]] = {}
    for known in ids:
        for number in (short_number(known), long_number(known)):
            found[number] = (*found.get(number, ()), known)
    return found


def named_in(value: str) -> str | None:
    """The id that a header value names: `2.1`, `Achievement 2.1 (Title)`, `2.1 - Title`; None where it names none."""
    match = _NAMED.match(value) or _NAMED_LATER.search(value)
    return match["id"] if match else None


def listed_in(text: str) -> tuple[tuple[str, str], ...]:
    """What `text` lists, in order: (id, "") and for a range (one end, other end)."""
    found: list[tuple[str, str]] = []
    position = 0
    for match in _RANGE.finditer(text):
        found += [(m[0], "") for m in ID.finditer(text, position, match.start())]
        found.append((match[1], match[2]))
        position = match.end()
    return (*found, *((m[0], "") for m in ID.finditer(text, position)))


def between(first: str, last: str, ids: Sequence[str]) -> list[str]:
    """The ids of a range, whichever end is named first; its two ends where no id lies in it."""
    ordered, inner = _ordered(ids), span(first, last, ids)
    return [ids[position] for position in sorted(ordered[at][1] for at in inner)] if inner else [first, last]


def span(first: str, last: str, ids: Sequence[str]) -> range:
    """Where the ids of a range stand among all in the order of their numbers, whichever end is named first."""
    ordered = _ordered(ids)
    lower, upper = sorted((parts(first), parts(last)))
    return range(bisect.bisect_left(ordered, (lower, -1)), bisect.bisect_left(ordered, (upper, len(ids))))


@of_ids
def _ordered(ids: Sequence[str]) -> list[tuple[tuple[int, ...], int]]:
    """The numbers of the ids in their order, each with its position in `ids`."""
    return sorted((parts(known), position) for position, known in enumerate(ids))
