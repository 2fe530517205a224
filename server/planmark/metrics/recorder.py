"""The events since the start: requests by method, their parts, prompts by step, scans of the disk.

Only one thread writes each metric, so no lock is needed. The thread that answers requests counts requests; the thread
that does the work counts all other events. Counting is cheap enough for every request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from planmark.metrics.cache_stats import CacheFigures
from planmark.metrics.histogram import Histogram

Clock = Callable[[], float]
"""A function that returns seconds that never decrease."""
Outcome = Literal["done", "error", "cancelled"]
EventKind = Literal["request", "prompt", "command", "look", "cache"]
IndexUpdateKind = Literal["cold", "warm", "update"]
"""The kinds of updates: the first complete scan of the disk, a later complete scan, and a new snapshot."""
Parts = Mapping[tuple[str, ...], float]
"""Path of part names from the outermost inwards → seconds spent in that part, without the parts inside it."""
NO_VALUES: Mapping[Any, Any] = MappingProxyType({})
TOKENS_SCALE = 1e-3
"""The factor from tokens to thousands of tokens, so that token counts use the same buckets as seconds."""


class Event(msgspec.Struct, frozen=True):
    """One event, for consumers that store events. `about` is the feature, or the path of a document."""

    kind: EventKind
    name: str
    seconds: float
    outcome: Outcome = "done"
    about: str | None = None
    tokens: int | None = None
    cached: bool | None = None
    counts: Mapping[str, int] = NO_VALUES
    parts: Parts = NO_VALUES


@dataclass
class RequestFigures:
    """The requests and notifications of one method. `durations` are in seconds and include every outcome."""

    errors: int = 0
    cancelled: int = 0
    durations: Histogram = field(default_factory=Histogram)


@dataclass
class PromptFigures:
    """The prompts of one step: durations in seconds, and tokens of the prompts made. `cached` counts reused prompts."""

    errors: int = 0
    cached: int = 0
    durations: Histogram = field(default_factory=Histogram)
    tokens: Histogram = field(default_factory=Histogram)


@dataclass
class IndexFigures:
    """The times of scans and updates, and the number of files and documents read.

    `cold_seconds` is the time of the first complete scan, `warm_seconds` that of the last, and `last_update_seconds`
    that of the last snapshot.
    """

    cold_seconds: float = 0.0
    warm_seconds: float = 0.0
    last_update_seconds: float = 0.0
    documents_read: int = 0
    documents: int = 0
    plans: int = 0
    updates: dict[IndexUpdateKind, Histogram] = field(default_factory=dict)


def no_caches() -> Sequence[CacheFigures]:
    """Return no caches: the default for a recorder without a source of caches."""
    return ()


@dataclass
class Recorder:
    """All metrics. `changes` increases with every event, so that a caller can detect new events.

    `event_sink` is a function that receives every event, or None. `lost` counts, by destination, the records that could
    not be written or sent.
    """

    clock: Clock
    event_sink: Callable[[Event], None] | None = None
    caches: Callable[[], Sequence[CacheFigures]] = no_caches
    requests: dict[str, RequestFigures] = field(default_factory=dict)
    parts: dict[str, Histogram] = field(default_factory=dict)
    prompts: dict[str, PromptFigures] = field(default_factory=dict)
    commands: dict[str, RequestFigures] = field(default_factory=dict)
    index: IndexFigures = field(default_factory=IndexFigures)
    lost: dict[str, int] = field(default_factory=dict)
    changes: int = 0
    _lost_lock: threading.Lock = field(default_factory=threading.Lock)

    def request(
        self, method: str, seconds: float, outcome: Outcome, subject: str | None = None, parts: Parts = NO_VALUES
    ) -> None:
        """Count one request or notification."""
        _count(self.requests, method, seconds, outcome)
        self.changes += 1
        if self.event_sink is not None:
            # Copy the parts: work that the request began may still add to them.
            parts = dict(parts) if parts else NO_VALUES
            self.event_sink(Event("request", method, seconds, outcome, subject, None, None, NO_VALUES, parts))

    def command(self, name: str, seconds: float, outcome: Outcome, subject: str | None, parts: Parts) -> None:
        """Count one command of the CLI."""
        _count(self.commands, name, seconds, outcome)
        self.changes += 1
        if self.event_sink is not None:
            self.event_sink(Event("command", name, seconds, outcome, subject, None, None, NO_VALUES, parts))

    def part(self, name: str, seconds: float) -> None:
        """Count one part, with the seconds of the parts inside it."""
        histogram = self.parts.get(name)
        if histogram is None:
            histogram = self.parts[name] = Histogram()
        histogram.add(seconds)

    def prompt(self, step: str, seconds: float, tokens: int | None, feature: str, *, cached: bool) -> None:
        """Count one prompt. `tokens=None` means that the prompt could not be made."""
        figures = self.prompts.get(step)
        if figures is None:
            figures = self.prompts[step] = PromptFigures()
        figures.durations.add(seconds)
        figures.cached += cached
        if tokens is None:
            figures.errors += 1
        else:
            figures.tokens.add(tokens * TOKENS_SCALE)
        self.changes += 1
        if self.event_sink is not None:
            outcome: Outcome = "error" if tokens is None else "done"
            self.event_sink(Event("prompt", step, seconds, outcome, feature, tokens, cached))

    def record_scan(
        self, seconds: float, read_count: int, documents: int, plans: int, kind: IndexUpdateKind | None = None
    ) -> None:
        """Count one complete scan of the disk. Without `kind`, the first scan is cold, and every later scan is warm."""
        kind = kind or ("warm" if self.index.cold_seconds else "cold")
        if kind == "warm":
            self.index.warm_seconds = seconds
        else:
            self.index.cold_seconds = seconds
        self.index.documents_read += read_count
        self.index.documents, self.index.plans = documents, plans
        self._record_update(kind, seconds)
        if self.event_sink is not None:
            counts = {"read": read_count, "documents": documents, "plans": plans}
            self.event_sink(Event("look", kind, seconds, counts=counts))

    def record_update(self, seconds: float) -> None:
        """Count one new snapshot."""
        self.index.last_update_seconds = seconds
        self._record_update("update", seconds)

    def count_lost(self, destination: str, count: int = 1) -> None:
        """Count records that could not be written or sent. Any thread may call this."""
        with self._lost_lock:
            self.lost[destination] = self.lost.get(destination, 0) + count

    def _record_update(self, kind: IndexUpdateKind, seconds: float) -> None:
        self.index.updates.setdefault(kind, Histogram()).add(seconds)
        self.changes += 1


def _count(figures_by_name: dict[str, RequestFigures], name: str, seconds: float, outcome: Outcome) -> None:
    figures = figures_by_name.get(name)
    if figures is None:
        figures = figures_by_name[name] = RequestFigures()
    figures.durations.add(seconds)
    if outcome == "error":
        figures.errors += 1
    elif outcome == "cancelled":
        figures.cancelled += 1
