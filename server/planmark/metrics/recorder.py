"""The metrics of all events since the start of the process: requests by method, parts of requests, prompts by step, and
scans of the disk.

Only one thread writes each metric, so no lock is needed. Only `lost` has a lock, because every thread writes it. The
thread that answers requests counts the requests. The thread that does the work counts all other events. Counting is
fast enough for every request.
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
"""A function that returns a time in seconds. A later call never returns an earlier time."""
EventOutcome = Literal["done", "error", "cancelled"]
EventKind = Literal["request", "prompt", "command", "look", "cache"]
"""The kinds of events. A `look` is a complete scan of the disk. A `cache` event contains the counts of a cache."""
IndexUpdateKind = Literal["cold", "warm", "update"]
"""The kinds of updates of the index.

`cold` is the first complete scan of the disk, and `warm` a later complete scan. `update` is a new snapshot.
"""
SecondsByPart = Mapping[tuple[str, ...], float]
"""Mapping from the path of a part to the seconds in this part, without the parts inside it.

A path is a tuple of the names of parts, from the outermost part to the innermost part.
"""
EMPTY_MAPPING: Mapping[Any, Any] = MappingProxyType({})
TOKENS_SCALE = 1e-3
"""The factor from tokens to thousands of tokens. In thousands, numbers of tokens fit the buckets, whose bounds are made
for seconds.
"""


class Event(msgspec.Struct, frozen=True):
    """One event, for code that stores events. `about` is a feature, or the path of a document.

    `cached` tells whether a prompt was reused. It is None for an event that is not a prompt.
    """

    kind: EventKind
    name: str
    seconds: float
    outcome: EventOutcome = "done"
    about: str | None = None
    tokens: int | None = None
    cached: bool | None = None
    counts: Mapping[str, int] = EMPTY_MAPPING
    parts: SecondsByPart = EMPTY_MAPPING


@dataclass
class RequestFigures:
    """The counts of the requests and notifications of one method, or of the calls of one command.

    `durations` are in seconds, and contain all requests, also those that failed or were cancelled.
    """

    errors: int = 0
    cancelled: int = 0
    durations: Histogram = field(default_factory=Histogram)


@dataclass
class PromptFigures:
    """The counts of the prompts of one step. `cached` is the number of reused prompts.

    `durations` are in seconds. `tokens` are the numbers of tokens of the prompts, in thousands.
    """

    errors: int = 0
    cached: int = 0
    durations: Histogram = field(default_factory=Histogram)
    tokens: Histogram = field(default_factory=Histogram)


@dataclass
class IndexFigures:
    """The times of scans and updates of the index, and the numbers of files and documents that were read.

    `cold_seconds` is the time of the first complete scan. `warm_seconds` is the time of the last complete scan after
    it. `last_update_seconds` is the time of the last snapshot.
    """

    cold_seconds: float = 0.0
    warm_seconds: float = 0.0
    last_update_seconds: float = 0.0
    documents_read: int = 0
    documents: int = 0
    plans: int = 0
    updates: dict[IndexUpdateKind, Histogram] = field(default_factory=dict)


def no_caches() -> Sequence[CacheFigures]:
    """Return an empty sequence of caches. This is the default for a recorder."""
    return ()


@dataclass
class Recorder:
    """All metrics. `change_count` increases with each event, so that a caller can notice new events.

    `event_sink` is a function that gets each event; None if there is none. `caches` is a function that returns the
    figures of all caches. `lost` maps a destination to the number of records that could not be written or sent there.
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
    change_count: int = 0
    _lost_lock: threading.Lock = field(default_factory=threading.Lock)

    def request(
        self,
        method: str,
        seconds: float,
        outcome: EventOutcome,
        subject: str | None = None,
        parts: SecondsByPart = EMPTY_MAPPING,
    ) -> None:
        """Count one request or notification. `subject` is the feature or the path of a document; None if there is none."""
        _count_call(self.requests, method, seconds, outcome)
        self.change_count += 1
        if self.event_sink is not None:
            # The parts are copied, because work that the request has begun may still add parts.
            parts = dict(parts) if parts else EMPTY_MAPPING
            self.event_sink(Event("request", method, seconds, outcome, subject, None, None, EMPTY_MAPPING, parts))

    def command(
        self, name: str, seconds: float, outcome: EventOutcome, subject: str | None, parts: SecondsByPart
    ) -> None:
        """Count one command of the CLI. `subject` is the feature; None if the command is about no plan."""
        _count_call(self.commands, name, seconds, outcome)
        self.change_count += 1
        if self.event_sink is not None:
            self.event_sink(Event("command", name, seconds, outcome, subject, None, None, EMPTY_MAPPING, parts))

    def part(self, name: str, seconds: float) -> None:
        """Count one part. `seconds` include the time of the parts inside it."""
        histogram = self.parts.get(name)
        if histogram is None:
            histogram = self.parts[name] = Histogram()
        histogram.add(seconds)

    def prompt(self, step: str, seconds: float, tokens: int | None, feature: str, *, cached: bool) -> None:
        """Count one prompt for a step.

        `tokens` is the number of tokens of the prompt; None if the prompt could not be made. `cached` tells whether an
        earlier prompt was reused.
        """
        figures = self.prompts.get(step)
        if figures is None:
            figures = self.prompts[step] = PromptFigures()
        figures.durations.add(seconds)
        figures.cached += cached
        if tokens is None:
            figures.errors += 1
        else:
            figures.tokens.add(tokens * TOKENS_SCALE)
        self.change_count += 1
        if self.event_sink is not None:
            outcome: EventOutcome = "error" if tokens is None else "done"
            self.event_sink(Event("prompt", step, seconds, outcome, feature, tokens, cached))

    def record_scan(
        self, seconds: float, read_count: int, document_count: int, plan_count: int, kind: IndexUpdateKind | None = None
    ) -> None:
        """Count one complete scan of the disk.

        If `kind` is None, the first scan is cold, and every later scan is warm.
        """
        kind = kind or ("warm" if self.index.cold_seconds else "cold")
        if kind == "warm":
            self.index.warm_seconds = seconds
        else:
            self.index.cold_seconds = seconds
        self.index.documents_read += read_count
        self.index.documents, self.index.plans = document_count, plan_count
        self._add_update_time(kind, seconds)
        if self.event_sink is not None:
            counts = {"read": read_count, "documents": document_count, "plans": plan_count}
            self.event_sink(Event("look", kind, seconds, counts=counts))

    def record_update(self, seconds: float) -> None:
        """Count one new snapshot, which took `seconds` to make."""
        self.index.last_update_seconds = seconds
        self._add_update_time("update", seconds)

    def count_lost(self, destination: str, count: int = 1) -> None:
        """Count records that could not be written or sent. Every thread may call this method."""
        with self._lost_lock:
            self.lost[destination] = self.lost.get(destination, 0) + count

    def _add_update_time(self, kind: IndexUpdateKind, seconds: float) -> None:
        self.index.updates.setdefault(kind, Histogram()).add(seconds)
        self.change_count += 1


def _count_call(figures_by_name: dict[str, RequestFigures], name: str, seconds: float, outcome: EventOutcome) -> None:
    """Count a request or a command under its name."""
    figures = figures_by_name.get(name)
    if figures is None:
        figures = figures_by_name[name] = RequestFigures()
    figures.durations.add(seconds)
    if outcome == "error":
        figures.errors += 1
    elif outcome == "cancelled":
        figures.cancelled += 1
