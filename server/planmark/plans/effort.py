"""Effort as documents write it: `3-4 hours (was 2-3)`, `~45 minutes`, `1.5 h`, `(4-6h)`."""

from __future__ import annotations

import re

import msgspec

_HOURS_BY_UNIT = {"m": 1 / 60, "h": 1.0, "d": 8.0}
"""Unit → hours; a day has eight."""
_EFFORT = re.compile(
    r"(?<![\w.])(?P<low>[0-9]+(?:\.[0-9]+)?)(?:\s*(?:-|–|—|to)\s*(?P<high>[0-9]+(?:\.[0-9]+)?))?\s*(?P<unit>m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|days?|d)\b",
    re.IGNORECASE,
)


class Effort(msgspec.Struct, frozen=True, cache_hash=True):
    """A range of hours. Both ends are equal if the document has only one number."""

    low: float
    high: float


def parse_effort(value: str) -> Effort | None:
    """Return the first amount of time in `value`; None without one. Later amounts, as in `(was …)`, are old estimates."""
    match = _EFFORT.search(value)
    if match is None:
        return None
    hours = _HOURS_BY_UNIT[match["unit"][0].lower()]
    low = float(match["low"])
    return Effort(low * hours, float(match["high"] or low) * hours)


def total_effort(efforts: list[Effort]) -> Effort:
    """Return the sum of `efforts`."""
    return Effort(sum(effort.low for effort in efforts), sum(effort.high for effort in efforts))
