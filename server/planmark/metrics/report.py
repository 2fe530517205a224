"""The figures as `planmark/metrics` sends them. Milliseconds, bytes, seconds, as the names say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from planmark.metrics.histogram import Histogram
from planmark.metrics.recorder import SCALE, IndexFigures, PromptFigures, Recorder, RequestFigures


class RequestReport(msgspec.Struct, frozen=True, rename="camel"):
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
    name: str
    size: int
    max_size: int
    ttl_seconds: int | None
    hits: int
    misses: int
    evictions: int
    hit_rate: float


class PromptReport(msgspec.Struct, frozen=True, rename="camel"):
    step: str
    count: int
    p50_ms: float
    p95_ms: float
    tokens_p50: int


class ProcessReport(msgspec.Struct, frozen=True, rename="camel"):
    rss_bytes: int
    cpu_seconds: float


class MetricsReport(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    schema: str = "planmark.metrics/1"
    uptime_seconds: float
    requests: list[RequestReport]
    index: IndexReport
    caches: list[CacheReport]
    prompts: list[PromptReport]
    process: ProcessReport


def cache_report(name: str, size: int, max_size: int, hits: int, misses: int, evictions: int) -> CacheReport:
    """A cache without expiry, with the share of its hits."""
    asked = hits + misses
    return CacheReport(name, size, max_size, None, hits, misses, evictions, round(hits / asked, 4) if asked else 0.0)


def index_report(
    figures: IndexFigures, documents: int, plans: int, revision: int, caches: Sequence[CacheReport]
) -> IndexReport:
    """The figures of the index; the sections are those of the cache `blocks`."""
    sections = next((cache for cache in caches if cache.name == "blocks"), None)
    return IndexReport(
        documents=documents,
        plans=plans,
        revision=revision,
        cold_ms=_ms(figures.cold),
        warm_ms=_ms(figures.warm),
        last_update_ms=_ms(figures.last_update),
        documents_read=figures.documents_read,
        sections_parsed=sections.misses if sections else 0,
        sections_reused=sections.hits if sections else 0,
    )


def metrics_report(
    recorder: Recorder, uptime: float, index: IndexReport, caches: Iterable[CacheReport], process: ProcessReport
) -> MetricsReport:
    """Everything, by method and step in the order of their names."""
    return MetricsReport(
        uptime_seconds=round(uptime, 1),
        requests=[_request(method, figures) for method, figures in sorted(recorder.requests.items())],
        index=index,
        caches=list(caches),
        prompts=[_prompt(step, figures) for step, figures in sorted(recorder.prompts.items())],
        process=process,
    )


def _request(method: str, figures: RequestFigures) -> RequestReport:
    durations = figures.durations
    p50, p95, p99 = (_ms(durations.percentile(share)) for share in (0.5, 0.95, 0.99))
    return RequestReport(
        method, durations.count, figures.errors, figures.cancelled, p50, p95, p99, _ms(durations.largest)
    )


def _prompt(step: str, figures: PromptFigures) -> PromptReport:
    durations: Histogram = figures.durations
    tokens = round(figures.tokens.percentile(0.5) / SCALE)
    return PromptReport(step, durations.count, _ms(durations.percentile(0.5)), _ms(durations.percentile(0.95)), tokens)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
