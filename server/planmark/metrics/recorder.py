"""What happened since the start: requests by method, prompts by step. Counting is cheap enough for every request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from planmark.metrics.histogram import Histogram

Outcome = Literal["done", "error", "cancelled"]
SCALE = 1e-3
"""Tokens are counted in thousands, so that they share the buckets of seconds."""


@dataclass
class RequestFigures:
    """The requests and notifications of one method; durations in seconds, of all outcomes."""

    errors: int = 0
    cancelled: int = 0
    durations: Histogram = field(default_factory=Histogram)


@dataclass
class PromptFigures:
    """The prompts of one step; durations in seconds."""

    durations: Histogram = field(default_factory=Histogram)
    tokens: Histogram = field(default_factory=Histogram)


@dataclass
class IndexFigures:
    """What reading cost: seconds of the first and the last complete look at the disk, and of the last update."""

    cold: float = 0.0
    warm: float = 0.0
    last_update: float = 0.0
    documents_read: int = 0


@dataclass
class Recorder:
    """All figures. `changes` grows with every one, so that who reports knows whether there is anything new."""

    requests: dict[str, RequestFigures] = field(default_factory=dict)
    prompts: dict[str, PromptFigures] = field(default_factory=dict)
    index: IndexFigures = field(default_factory=IndexFigures)
    changes: int = 0

    def request(self, method: str, seconds: float, outcome: Outcome) -> None:
        """Counts one request or notification."""
        figures = self.requests.setdefault(method, RequestFigures())
        figures.durations.add(seconds)
        figures.errors += outcome == "error"
        figures.cancelled += outcome == "cancelled"
        self.changes += 1

    def prompt(self, step: str, seconds: float, tokens: int) -> None:
        """Counts one prompt."""
        figures = self.prompts.setdefault(step, PromptFigures())
        figures.durations.add(seconds)
        figures.tokens.add(tokens * SCALE)
        self.changes += 1

    def looked(self, seconds: float, read: int) -> None:
        """Counts one complete look at the disk."""
        if self.index.cold:
            self.index.warm = seconds
        else:
            self.index.cold = seconds
        self.index.documents_read += read
        self.changes += 1

    def updated(self, seconds: float) -> None:
        """Counts one new snapshot."""
        self.index.last_update = seconds
        self.changes += 1
