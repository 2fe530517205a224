"""What is counted of a cache, whatever it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass
class CacheCounts:
    """How often something was there already, had to be made, and had to go for others."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0


class CacheFigures(NamedTuple):
    """A cache by its name: entries, the most that it may have (0 for no limit), seconds after which one is made anew
    (None for never), and counts."""

    name: str
    size: int
    max_size: int
    ttl_seconds: int | None
    hits: int
    misses: int
    evictions: int

    @property
    def hit_rate(self) -> float:
        """The share of hits, 0 to 1; 0.0 where nothing was asked for."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else 0.0
