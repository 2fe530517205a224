"""The effort of an item, as documents write it: `3-4 hours (was 2-3)`, `~45 minutes`, `1.5 h`, `(4-6h)`."""

from __future__ import annotations

import re

import msgspec

from planmark.text.lazy_pattern import lazy_pattern

_HOURS_BY_UNIT = {"m": 1 / 60, "h": 1.0, "d": 8.0}
"""Mapping from the first letter of a unit to its hours. A day has eight hours of work."""
_EFFORT = lazy_pattern(
    r"(?<![\w.])(?P<low>[0-9]+(?:\.[0-9]+)?)(?:\s*(?:-|–|—|to)\s*(?P<high>[0-9]+(?:\.[0-9]+)?))?\s*(?P<unit>m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|days?|d)\b",
    re.IGNORECASE,
)


class Effort(msgspec.Struct, frozen=True, cache_hash=True):
    """An effort in hours: the lowest and the highest estimate. The two estimates are equal if the document has only one
    number.
    """

    low: float
    high: float


def parse_effort(value: str) -> Effort | None:
    """Return the first effort in a text; None if the text states no effort.

    Later efforts in the text, such as `(was 2-3)`, are old estimates.
    """
    match = _EFFORT.search(value)
    if match is None:
        return None
    hours = _HOURS_BY_UNIT[match["unit"][0].lower()]
    low = float(match["low"])
    return Effort(low * hours, float(match["high"] or low) * hours)


def total_effort(efforts: list[Effort]) -> Effort:
    """Return the sum of `efforts`: the sums of the lowest and of the highest estimates."""
    return Effort(sum(effort.low for effort in efforts), sum(effort.high for effort in efforts))
