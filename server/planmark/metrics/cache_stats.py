"""Counts of caches of any kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass
class CacheCounts:
    """The numbers of lookups that found an entry, of lookups that did not, and of entries removed to make room."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0


class CacheFigures(NamedTuple):
    """The state and the counts of one cache.

    `max_size` is the maximum number of entries (0: no limit). `ttl_seconds` is the age in seconds at which an entry
    expires (None: never).
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
        """The share of hits, 0 to 1; 0.0 before the first lookup."""
        total = self.hits + self.misses
        return self.hits / total if total else 0.0
