"""The metrics in the form in which `planmark/metrics` sends them and `planmark metrics --json` shows them.

The names of the values contain their units: milliseconds, seconds, bytes. p50, p95 and p99 are computed from buckets
(see `histogram.py`). min, mean and max are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from planmark.metrics.cache_stats import CacheFigures
from planmark.metrics.events import RecordsReport
from planmark.metrics.histogram import Histogram
from planmark.metrics.recorder import TOKENS_SCALE, IndexFigures, PromptFigures, Recorder, RequestFigures

SECTION_CACHE_NAME = "blocks"
"""The name of the cache of parsed sections."""


class RequestReport(msgspec.Struct, frozen=True, rename="camel"):
    """The requests of one method, or the calls of one command: their number, their failures and their durations in
    milliseconds.
    """

    method: str
    count: int
    errors: int
    cancelled: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


class IndexReport(msgspec.Struct, frozen=True, rename="camel"):
    documents: int
    plans: int
    revision: int
    cold_ms: float
    warm_ms: float
    last_update_ms: float
    documents_read: int
    sections_parsed: int
    sections_reused: int


class CacheReport(msgspec.Struct, frozen=True, rename="camel"):
    """A cache: its size and its use since the start. `max_size` and `size` count entries; `hit_rate` is 0 to 1."""

    name: str
    size: int
    max_size: int
    ttl_seconds: int | None
    hits: int
    misses: int
    evictions: int
    hit_rate: float


class PromptReport(msgspec.Struct, frozen=True, rename="camel"):
    """The prompts of one kind of step: their number and durations. `cached` is the number of prompts that came from the
    cache.
    """

    step: str
    count: int
    p50_ms: float
    p95_ms: float
    tokens_p50: int
    errors: int
    cached: int


class PartReport(msgspec.Struct, frozen=True, rename="camel"):
    """The durations of one measured part of the work, in milliseconds."""

    name: str
    count: int
    mean_ms: float
    p95_ms: float
    max_ms: float


class ProcessReport(msgspec.Struct, frozen=True, rename="camel"):
    """The resident bytes of the process, and the seconds of CPU time since its start."""

    rss_bytes: int
    cpu_seconds: float


class MetricsReport(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The metrics of a server since its start. `parts` are the measured parts of the work.

    `lost` maps a destination to the number of records that could not be written or sent there.
    """

    schema: str = "planmark.metrics/1"
    uptime_seconds: float
    requests: list[RequestReport]
    index: IndexReport
    caches: list[CacheReport]
    prompts: list[PromptReport]
    process: ProcessReport
    parts: list[PartReport]
    lost: dict[str, int]
    commands: list[RequestReport]
    records: RecordsReport | None = None


class WorkspaceSizes(NamedTuple):
    """The current numbers of documents and plans in all workspaces.

    `revision` is the sum of the revisions of all workspaces.
    """

    documents: int = 0
    plans: int = 0
    revision: int = 0


def metrics_report(
    recorder: Recorder,
    uptime_seconds: float,
    sizes: WorkspaceSizes,
    process: ProcessReport,
    records: RecordsReport | None = None,
) -> MetricsReport:
    """Return all metrics. Requests are sorted by method, prompts by step, and parts by name."""
    caches = recorder.caches()
    return MetricsReport(
        uptime_seconds=round(uptime_seconds, 1),
        requests=_request_reports(recorder.requests),
        index=_index_report(recorder.index, sizes, caches),
        caches=[_cache_report(figures) for figures in caches],
        prompts=[_prompt_report(step, figures) for step, figures in sorted(recorder.prompts.items())],
        process=process,
        parts=[_part_report(name, durations) for name, durations in sorted(recorder.parts.items())],
        lost=dict(sorted(recorder.lost.items())),
        commands=_request_reports(recorder.commands),
        records=records,
    )


def _request_reports(figures_by_name: dict[str, RequestFigures]) -> list[RequestReport]:
    return [_request_report(method, figures) for method, figures in sorted(figures_by_name.items())]


def _request_report(method: str, figures: RequestFigures) -> RequestReport:
    durations = figures.durations
    p50, p95, p99 = (_ms(durations.percentile(share)) for share in (0.5, 0.95, 0.99))
    return RequestReport(
        method, durations.count, figures.errors, figures.cancelled, p50, p95, p99, _ms(durations.largest)
    )


def _index_report(figures: IndexFigures, sizes: WorkspaceSizes, caches: Sequence[CacheFigures]) -> IndexReport:
    sections = next((cache for cache in caches if cache.name == SECTION_CACHE_NAME), None)
    return IndexReport(
        documents=sizes.documents,
        plans=sizes.plans,
        revision=sizes.revision,
        cold_ms=_ms(figures.cold_seconds),
        warm_ms=_ms(figures.warm_seconds),
        last_update_ms=_ms(figures.last_update_seconds),
        documents_read=figures.documents_read,
        sections_parsed=sections.misses if sections else 0,
        sections_reused=sections.hits if sections else 0,
    )


def _cache_report(figures: CacheFigures) -> CacheReport:
    return CacheReport(*figures, round(figures.hit_rate, 4))


def _prompt_report(step: str, figures: PromptFigures) -> PromptReport:
    durations = figures.durations
    return PromptReport(
        step,
        durations.count,
        _ms(durations.percentile(0.5)),
        _ms(durations.percentile(0.95)),
        round(figures.tokens.percentile(0.5) / TOKENS_SCALE),
        figures.errors,
        figures.cached,
    )


def _part_report(name: str, durations: Histogram) -> PartReport:
    p95 = durations.percentile(0.95)
    return PartReport(name, durations.count, _ms(durations.mean), _ms(p95), _ms(durations.largest))


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
