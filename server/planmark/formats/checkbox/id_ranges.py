"""The ids of requirements in a text, with those inside ranges: `AUTH-01 through AUTH-05`."""

from __future__ import annotations

import re

_ID_OR_RANGE = re.compile(
    r"\b(?P<prefix>[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-)(?P<first>\d{1,6})\b"
    r"(?:\s*(?:through|thru|to|bis|–|—|\.{2,3})\s*(?:(?P=prefix))?(?P<last>\d{1,6})\b)?"
)
MAX_IDS_OF_RANGE = 50
"""Maximum number of ids per range; of a longer range, only the first and the last id are returned."""


def ids_with_ranges(text: str) -> tuple[str, ...]:
    """Return the ids that a text names, such as `FR-001`, with those inside ranges, in order."""
    member_ids: dict[str, None] = {}
    for match in _ID_OR_RANGE.finditer(text):
        prefix, first, last = match["prefix"], match["first"], match["last"] or match["first"]
        numbers = range(int(first), int(last) + 1)
        padded_numbers = (str(number).zfill(len(first)) for number in numbers)
        members = padded_numbers if 0 < len(numbers) <= MAX_IDS_OF_RANGE else (first, last)
        member_ids |= dict.fromkeys(f"{prefix}{number}" for number in members)
    return tuple(member_ids)
