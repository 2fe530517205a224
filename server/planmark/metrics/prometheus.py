"""The metrics in the text format of Prometheus.

The client library of Prometheus makes the text, from a registry that has only these metrics. Only code that exposes
this text imports this module. The recorder does not depend on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from planmark.metrics.cache_stats import CacheFigures
from planmark.metrics.histogram import BUCKETS_PER_DOUBLING, UPPER_BOUNDS, Histogram
from planmark.metrics.recorder import Recorder
from planmark.metrics.report import ProcessReport, WorkspaceSizes
from planmark.metrics.stats import PARSE_PART_NAME, PLAN_CACHE_NAME

SHOWN_BOUND_INDEXES = range(0, len(UPPER_BOUNDS), BUCKETS_PER_DOUBLING)
"""Indexes of the bounds in the text. Each bound is twice the bound before it.

A reader of the metrics does not need a finer resolution.
"""


class ScrapeInput(NamedTuple):
    """The values that the text for one scrape contains. A scrape is one request for the metrics."""

    recorder: Recorder
    sizes: WorkspaceSizes
    process: ProcessReport


def registry_of(scrape_input: Callable[[], ScrapeInput]) -> CollectorRegistry:
    """Return a registry that calls `scrape_input` for each scrape."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_ScrapeCollector(scrape_input))
    return registry


def metrics_text(scrape_input: ScrapeInput) -> str:
    """Return the metrics as text in the format of Prometheus."""
    return generate_latest(registry_of(lambda: scrape_input)).decode("utf-8")


class _ScrapeCollector(Collector):
    """The collector that the client library calls for each scrape."""

    def __init__(self, scrape_input: Callable[[], ScrapeInput]) -> None:
        self._scrape_input = scrape_input

    def collect(self) -> Iterable[Metric]:
        scrape_input = self._scrape_input()
        yield from _request_metrics(scrape_input.recorder)
        yield from _prompt_metrics(scrape_input.recorder)
        yield from _index_metrics(scrape_input)
        yield from _cache_metrics(scrape_input.recorder.caches())
        yield from _other_metrics(scrape_input)


def _request_metrics(recorder: Recorder) -> Iterator[Metric]:
    kinds = (("request", "method", recorder.requests), ("command", "command", recorder.commands))
    for kind, label, figures_by_name in kinds:
        outcome_counts = CounterMetricFamily(f"planmark_{kind}", f"{kind}s by outcome", labels=[label, "outcome"])
        durations = HistogramMetricFamily(f"planmark_{kind}_duration_seconds", f"how long {kind}s took", labels=[label])
        for name, figures in sorted(figures_by_name.items()):
            # The failures are read before the total. So the total contains each failure, even if events are counted meanwhile.
            errors, cancelled = figures.errors, figures.cancelled
            buckets, seconds = _cumulative_buckets(figures.durations)
            durations.add_metric([name], buckets, seconds)
            done_count = buckets[-1][1] - errors - cancelled
            for outcome, count in (("done", done_count), ("error", errors), ("cancelled", cancelled)):
                outcome_counts.add_metric([name, outcome], count)
        yield outcome_counts
        yield durations


def _prompt_metrics(recorder: Recorder) -> Iterator[Metric]:
    outcome_counts = CounterMetricFamily(
        "prompt_generation", "prompts by step and status", labels=["workflow", "status"]
    )
    durations = HistogramMetricFamily(
        "prompt_generation_duration_seconds", "how long a prompt took", labels=["workflow"]
    )
    for step, figures in sorted(recorder.prompts.items()):
        errors = figures.errors
        buckets, seconds = _cumulative_buckets(figures.durations)
        durations.add_metric([step], buckets, seconds)
        outcome_counts.add_metric([step, "success"], buckets[-1][1] - errors)
        outcome_counts.add_metric([step, "error"], errors)
    yield outcome_counts
    yield durations


def _index_metrics(scrape_input: ScrapeInput) -> Iterator[Metric]:
    index = scrape_input.recorder.index
    yield GaugeMetricFamily(
        "planmark_index_documents", "documents of all workspaces", value=scrape_input.sizes.documents
    )
    yield GaugeMetricFamily("planmark_index_plans", "plans of all workspaces", value=scrape_input.sizes.plans)
    update_durations = HistogramMetricFamily("planmark_index_update_seconds", "how long reading took", labels=["kind"])
    for kind, durations in sorted(index.updates.items()):
        update_durations.add_metric([kind], *_cumulative_buckets(durations))
    yield update_durations
    parse_durations = HistogramMetricFamily("planmark_parse_duration_seconds", "how long a document took to parse")
    parse_durations.add_metric([], *_cumulative_buckets(scrape_input.recorder.parts.get(PARSE_PART_NAME, Histogram())))
    yield parse_durations


def _cache_metrics(caches: Iterable[CacheFigures]) -> Iterator[Metric]:
    cache_figures = list(caches)
    plan_figures = next(
        (cache for cache in cache_figures if cache.name == PLAN_CACHE_NAME),
        CacheFigures(PLAN_CACHE_NAME, 0, 0, None, 0, 0, 0),
    )
    yield CounterMetricFamily("plan_cache_hits", "PLAN files that were known already", value=plan_figures.hits)
    yield CounterMetricFamily("plan_cache_misses", "PLAN files that were parsed", value=plan_figures.misses)
    entries = GaugeMetricFamily("planmark_cache_entries", "entries now", labels=["cache"])
    for cache in cache_figures:
        entries.add_metric([cache.name], cache.size)
    yield entries
    for name in ("hits", "misses", "evictions"):
        family = CounterMetricFamily(f"planmark_cache_{name}", f"{name} since the start", labels=["cache"])
        for cache in cache_figures:
            family.add_metric([cache.name], getattr(cache, name))
        yield family


def _other_metrics(scrape_input: ScrapeInput) -> Iterator[Metric]:
    lost_metric = CounterMetricFamily(
        "planmark_lost_records", "figures that could not be written or sent", labels=["destination"]
    )
    for name, number in sorted(scrape_input.recorder.lost.items()):
        lost_metric.add_metric([name], number)
    yield lost_metric
    yield GaugeMetricFamily(
        "planmark_resident_memory_bytes", "memory of the process", value=scrape_input.process.rss_bytes
    )
    yield CounterMetricFamily("planmark_cpu_seconds", "processor time", value=scrape_input.process.cpu_seconds)


def _cumulative_buckets(durations: Histogram) -> tuple[list[tuple[str, float]], float]:
    """Return the buckets of a histogram as Prometheus expects them, and the sum of the durations in seconds. The
    buckets are a list of pairs: a shown bound as text, and the number of durations up to this bound. All numbers of
    durations come from one copy of the buckets, so they are consistent.
    """
    buckets, total = list(durations.buckets), durations.total
    cumulative_buckets: list[tuple[str, float]] = []
    reached_count = position = 0
    for bound in SHOWN_BOUND_INDEXES:
        reached_count += sum(buckets[position : bound + 1])
        position = bound + 1
        cumulative_buckets.append((repr(UPPER_BOUNDS[bound]), float(reached_count)))
    return [*cumulative_buckets, ("+Inf", float(reached_count + sum(buckets[position:])))], total
