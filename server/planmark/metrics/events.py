"""The records of events, with one line of JSON for each record, and the summary of many records."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from planmark.metrics.cache_stats import CacheFigures
from planmark.metrics.histogram import percentile_of
from planmark.metrics.recorder import Event, EventKind, EventOutcome, Recorder

MAX_SLOW_RECORDS = 3
"""Maximum number of slow records that a summary shows."""
MAX_PARTS = 16
"""Maximum number of measured parts of the work that a record contains."""


class Record(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The record of one event. `duration` is in seconds. `start` and `end` are in seconds since 1970.

    `timestamp` is the end as ISO 8601 in UTC. The duration is measured by a monotonic clock. `start` is the end minus
    the duration.
    """

    kind: EventKind
    name: str
    feature: str | None
    duration: float
    timestamp: str
    start: float
    end: float
    success: bool
    outcome: EventOutcome
    pid: int
    tokens: int | None = None
    cache_hit: bool | None = None
    counts: dict[str, int] = {}
    parts: dict[str, float] = {}


class NameReport(msgspec.Struct, frozen=True, rename="camel"):
    """The durations of the records with one kind and name, in milliseconds. `failed` is the number of failures."""

    kind: str
    name: str
    count: int
    failed: int
    min_ms: float
    mean_ms: float
    p95_ms: float
    max_ms: float


class SlowReport(msgspec.Struct, frozen=True, rename="camel"):
    """A slow record: its time and duration. `parts` maps each measured part of the work to its milliseconds."""

    kind: str
    name: str
    feature: str | None
    timestamp: str
    ms: float
    parts: dict[str, float]


class RecordsReport(msgspec.Struct, frozen=True, rename="camel"):
    """Summary of a file of records. `read` and `broken` count the good and the broken lines.

    `names` are the durations by name, and `slowest` are the three slowest records.
    """

    file: str
    read: int
    broken: int
    names: list[NameReport]
    slowest: list[SlowReport]


class RecordLines(NamedTuple):
    """The records in the lines of a file, and the number of lines that are not records."""

    records: list[Record]
    broken_count: int


_DECODER = msgspec.json.Decoder(Record)


def record_of(event: Event, feature: str | None, timestamp: str, end: float, pid: int) -> Record:
    """Return the record of an event, with its MAX_PARTS longest parts.

    `end` is the end of the event in seconds since 1970, and `timestamp` the same time as ISO 8601 in UTC. `pid` is the
    number of the process.
    """
    largest_parts = sorted(event.parts.items(), key=lambda part: -part[1])[:MAX_PARTS]
    return Record(
        kind=event.kind,
        name=event.name,
        feature=feature,
        duration=round(event.seconds, 6),
        timestamp=timestamp,
        start=round(end - event.seconds, 6),
        end=round(end, 6),
        success=event.outcome == "done",
        outcome=event.outcome,
        pid=pid,
        tokens=event.tokens,
        cache_hit=event.cached,
        counts=dict(event.counts),
        parts={"/".join(path): round(seconds, 6) for path, seconds in largest_parts},
    )


def json_line_of(record: Record) -> bytes:
    """Return a record as a line of JSON, with the newline."""
    return msgspec.json.encode(record) + b"\n"


def records_in_lines(lines: Iterable[bytes]) -> RecordLines:
    """Return the records in lines of JSON, and the number of lines that are not records. Empty lines do not count."""
    records, broken_count = [], 0
    for line in lines:
        if not line.strip():
            continue
        try:
            record = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            broken_count += 1
            continue
        if math.isfinite(record.duration) and record.duration >= 0:
            records.append(record)
        else:
            broken_count += 1
    return RecordLines(records, broken_count)


def records_report(file: str, lines: RecordLines) -> RecordsReport:
    """Return a summary of records: exact durations by kind and name, and the slowest records.

    Records of caches are left out. `file` is the path of the file with the records.
    """
    timed_records = [record for record in lines.records if record.kind != "cache"]
    records_by_name: dict[tuple[str, str], list[Record]] = {}
    for record in timed_records:
        records_by_name.setdefault((record.kind, record.name), []).append(record)
    slowest = sorted(timed_records, key=lambda record: -record.duration)[:MAX_SLOW_RECORDS]
    return RecordsReport(
        file=file,
        read=len(lines.records),
        broken=lines.broken_count,
        names=[_name_report(kind, name, records) for (kind, name), records in sorted(records_by_name.items())],
        slowest=[
            SlowReport(
                record.kind,
                record.name,
                record.feature,
                record.timestamp,
                _milliseconds(record.duration),
                {name: _milliseconds(seconds) for name, seconds in record.parts.items()},
            )
            for record in slowest
        ],
    )


def replay(records: Iterable[Record]) -> Recorder:
    """Return a recorder with the metrics of all records, as if all events had happened in one process.

    The clock of the recorder always returns 0.0.
    """
    recorder = Recorder(lambda: 0.0)
    caches: dict[str, CacheFigures] = {}
    for record in records:
        _REPLAY_BY_KIND[record.kind](recorder, caches, record)
    recorder.caches = lambda: list(caches.values())
    return recorder


def seconds_spanned(records: Iterable[Record]) -> float:
    """Return the seconds from the first start to the last end; 0.0 if there are no records."""
    intervals = [(record.start, record.end) for record in records]
    return max(0.0, max(end for _, end in intervals) - min(start for start, _ in intervals)) if intervals else 0.0


ReplayRecord = Callable[[Recorder, dict[str, CacheFigures], Record], None]
"""A function that adds a stored record to the figures of a recorder, or to the figures of the caches by name."""


def _replay_request(recorder: Recorder, _caches: dict[str, CacheFigures], record: Record) -> None:
    """Add a stored request, with its measured parts, to the figures of `recorder`."""
    recorder.request(record.name, record.duration, record.outcome)
    _replay_parts(recorder, record)


def _replay_command(recorder: Recorder, _caches: dict[str, CacheFigures], record: Record) -> None:
    """Add a stored command, with its measured parts, to the figures of `recorder`."""
    recorder.command(record.name, record.duration, record.outcome, None, {})
    _replay_parts(recorder, record)


def _replay_prompt(recorder: Recorder, _caches: dict[str, CacheFigures], record: Record) -> None:
    """Add a stored prompt to the figures of `recorder`."""
    recorder.prompt(record.name, record.duration, record.tokens, "", cached=bool(record.cache_hit))


def _replay_scan(recorder: Recorder, _caches: dict[str, CacheFigures], record: Record) -> None:
    """Add a stored scan of the workspace to the figures of `recorder`."""
    counts = record.counts
    read_count, document_count, plan_count = (counts.get(name, 0) for name in ("read", "documents", "plans"))
    recorder.record_scan(
        record.duration, read_count, document_count, plan_count, "cold" if record.name == "cold" else "warm"
    )


def _replay_cache(_recorder: Recorder, caches: dict[str, CacheFigures], record: Record) -> None:
    """Add the stored figures of a cache to its earlier figures in `caches`."""
    earlier_figures = caches.get(record.name, CacheFigures(record.name, 0, 0, None, 0, 0, 0))
    counts = record.counts
    caches[record.name] = CacheFigures(
        record.name,
        counts.get("size", 0),
        counts.get("maxSize", 0),
        counts.get("ttlSeconds"),
        earlier_figures.hits + counts.get("hits", 0),
        earlier_figures.misses + counts.get("misses", 0),
        earlier_figures.evictions + counts.get("evictions", 0),
    )


_REPLAY_BY_KIND: dict[EventKind, ReplayRecord] = {
    "request": _replay_request,
    "command": _replay_command,
    "prompt": _replay_prompt,
    "look": _replay_scan,
    "cache": _replay_cache,
}
"""Mapping from the kind of an event to the function that adds a stored record of this kind to the figures."""


def _replay_parts(recorder: Recorder, record: Record) -> None:
    for name, seconds in record.parts.items():
        recorder.part(name, seconds)


def cache_event(figures: CacheFigures) -> Event:
    """Return the event for the counts of a cache, at the end of a process."""
    counts = {
        "size": figures.size,
        "maxSize": figures.max_size,
        "hits": figures.hits,
        "misses": figures.misses,
        "evictions": figures.evictions,
    }
    ttl = {} if figures.ttl_seconds is None else {"ttlSeconds": figures.ttl_seconds}
    return Event("cache", figures.name, 0.0, counts={**counts, **ttl})


def _name_report(kind: str, name: str, records: list[Record]) -> NameReport:
    durations = [record.duration for record in records]
    return NameReport(
        kind=kind,
        name=name,
        count=len(records),
        failed=sum(not record.success for record in records),
        min_ms=_milliseconds(min(durations)),
        mean_ms=_milliseconds(math.fsum(durations) / len(durations)),
        p95_ms=_milliseconds(percentile_of(durations, 0.95)),
        max_ms=_milliseconds(max(durations)),
    )


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
