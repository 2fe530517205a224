"""Rules: ranges that a price should not leave."""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """A name, and its lowest and highest price in cents."""

    name: str
    low: int
    high: int
