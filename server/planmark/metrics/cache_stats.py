"""The counts and the figures of a cache of any kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass
class CacheCounts:
    """The counts of a cache. `hits` counts lookups that found an entry, and `misses` lookups that found none.

    `evictions` counts entries that were removed to make room.
    """

    hits: int = 0
    misses: int = 0
    evictions: int = 0


class CacheFigures(NamedTuple):
    """The size and the counts of one cache.

    `max_size` is the maximum number of entries; 0 means no limit. `ttl_seconds` is the age at which an entry expires;
    None means never.
    """

    name: str
    size: int
    max_size: int
    ttl_seconds: int | None
    hits: int
    misses: int
    evictions: int

    @property
    def hit_rate(self) -> float:
        """The share of lookups that found an entry, from 0 to 1; 0.0 before the first lookup."""
        total = self.hits + self.misses
        return self.hits / total if total else 0.0
