"""The metrics of this process as one flat dict, for scripts."""

from __future__ import annotations

from typing import Any

from planmark.metrics.histogram import Histogram
from planmark.metrics.recorder import Recorder

PLAN_CACHE = "plans"
"""The name of the cache of parsed PLAN files."""
PARSE_PART = "parse"
"""The name of the part that parses one document's text into facts."""

_recorder = Recorder(lambda: 0.0)


def set_default_recorder(recorder: Recorder) -> None:
    """Make `recorder` the default of `get_performance_stats` in this process."""
    global _recorder
    _recorder = recorder


def get_performance_stats(recorder: Recorder | None = None) -> dict[str, Any]:
    """Return hit rates (0 to 1), counts, and mean times in seconds; zeros if nothing was counted.

    Without `recorder`, the function reads the last recorder that `set_default_recorder` received. `cache_hit_rate` is
    the hit rate of PLAN files, and `cache_hit_rates` has every cache. `total_calls` counts requests, notifications and
    commands.
    """
    recorder = recorder or _recorder
    rates = {cache.name: round(cache.hit_rate, 4) for cache in recorder.caches()}
    parses = recorder.parts.get(PARSE_PART, Histogram())
    prompts = list(recorder.prompts.values())
    generations = sum(figures.durations.count for figures in prompts)
    seconds = sum(figures.durations.total for figures in prompts)
    calls = [*recorder.requests.values(), *recorder.commands.values()]
    return {
        "cache_hit_rate": rates.get(PLAN_CACHE, 0.0),
        "cache_hit_rates": rates,
        "avg_parse_time": parses.mean,
        "max_parse_time": parses.largest,
        "documents_parsed": parses.count,
        "avg_generation_time": seconds / generations if generations else 0.0,
        "max_generation_time": max((figures.durations.largest for figures in prompts), default=0.0),
        "generations": generations,
        "generation_errors": sum(figures.errors for figures in prompts),
        "total_calls": sum(figures.durations.count for figures in calls),
        "errors": sum(figures.errors for figures in calls),
        "cancelled": sum(figures.cancelled for figures in calls),
        "lost": sum(recorder.lost.values()),
    }
