"""The ids of requirements in a text, including the ids inside ranges such as `AUTH-01 through AUTH-05`."""

from __future__ import annotations

from planmark.text.lazy_pattern import lazy_pattern

_ID_OR_RANGE = lazy_pattern(
    r"\b(?P<prefix>[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-)(?P<first>\d{1,6})\b"
    r"(?:\s*(?:through|thru|to|bis|–|—|\.{2,3})\s*(?:(?P=prefix))?(?P<last>\d{1,6})\b)?"
)
MAX_IDS_OF_RANGE = 50
"""Maximum number of ids per range. Of a longer range, only the first and the last id are returned."""


def ids_including_ranges(text: str) -> tuple[str, ...]:
    """Return the ids that a text names, such as `FR-001`, including the ids inside ranges, in order."""
    unique_ids: dict[str, None] = {}
    for match in _ID_OR_RANGE.finditer(text):
        prefix, first, last = match["prefix"], match["first"], match["last"] or match["first"]
        numbers = range(int(first), int(last) + 1)
        padded_numbers = (str(number).zfill(len(first)) for number in numbers)
        range_ids = padded_numbers if 0 < len(numbers) <= MAX_IDS_OF_RANGE else (first, last)
        unique_ids |= dict.fromkeys(f"{prefix}{number}" for number in range_ids)
    return tuple(unique_ids)
