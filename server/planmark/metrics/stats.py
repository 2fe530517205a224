"""The figures of this process in one flat answer, for scripts."""

from __future__ import annotations

from typing import Any

from planmark.metrics.histogram import Histogram
from planmark.metrics.recorder import Recorder

PLAN_CACHE = "plans"
"""The cache whose hits are those of PLAN files that need not be parsed again."""
PARSE = "parse"
"""The part that turns one document's text into facts."""

_used = Recorder(lambda: 0.0)


def use(recorder: Recorder) -> None:
    """Whoever counts in this process says so; the last one is asked."""
    global _used
    _used = recorder


def get_performance_stats(recorder: Recorder | None = None) -> dict[str, Any]:
    """Hit rates (0 to 1), counts, and mean times in seconds; zeros where nothing was counted.

    Of `recorder`, else of the one that this process used last. `cache_hit_rate` is that of PLAN files, `cache_hit_rates`
    has every cache; `total_calls` counts requests, notifications and commands.
    """
    recorder = recorder or _used
    rates = {cache.name: round(cache.hit_rate, 4) for cache in recorder.caches()}
    parses = recorder.parts.get(PARSE, Histogram())
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
