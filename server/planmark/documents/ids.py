"""Achievement ids (`1.1`, `3.5.1`) and the numbers that stand for them in file names (`11`, `351`, `03_05_01`).

Source of the rules: the methodology, §1.3. A number is decoded against the ids of one PLAN only, never by its
first digit: `111` is 1.11 in one plan and 11.1 in another.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence

ID_PATTERN = r"[0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?"
"""Two or three parts of one or two digits; what may follow is the caller's business."""

ID = re.compile(rf"(?<![\w.]){ID_PATTERN}(?![\w]|\.\d)")
"""An id that stands alone in prose: not part of a longer number, version or word."""

NUMBER_PATTERN = r"[0-9]{2}_[0-9]{2}(?:_[0-9]{2})?|[0-9]{1,4}"
"""The number in a file name: the long form (two digits a part) or the short form (dots dropped)."""

_NAMED = re.compile(rf"\W*(?:achievements?\W+)?(?P<id>{ID_PATTERN})(?![\w]|\.\d)", re.IGNORECASE)
_NAMED_LATER = re.compile(rf"\bachievements?\W+(?P<id>{ID_PATTERN})(?![\w]|\.\d)", re.IGNORECASE)
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
    return _by_number(tuple(ids)).get(wanted, ())


@functools.lru_cache(maxsize=64)
def _by_number(ids: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
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


def expand(text: str, ids: Sequence[str]) -> tuple[str, ...]:
    """Every id that `text` lists, ranges filled from `ids` (`1.1-1.3` → 1.1, 1.2, 1.3), in order, each once.

    Ids that `ids` does not hold are kept; a range between them gives its two ends.
    """
    found: list[str] = []
    position = 0
    for match in _RANGE.finditer(text):
        found += [m[0] for m in ID.finditer(text, position, match.start())]
        found += between(match[1], match[2], ids)
        position = match.end()
    found += [m[0] for m in ID.finditer(text, position)]
    return tuple(dict.fromkeys(found))


def between(first: str, last: str, ids: Sequence[str]) -> list[str]:
    """The ids of a range, whichever end is named first; its two ends where no id lies in it."""
    lower, upper = sorted((parts(first), parts(last)))
    inner = [known for known in ids if lower <= parts(known) <= upper]
    return inner if inner else [first, last]
