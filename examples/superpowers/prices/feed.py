"""The prices in a file."""

from __future__ import annotations

from collections.abc import Iterable

from prices.parse import parse


def latest(lines: Iterable[str]) -> dict[str, int]:
    """Return the last price of each name, in cents."""
    return dict(map(parse, lines))
