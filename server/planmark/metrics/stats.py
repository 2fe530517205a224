"""The metrics of this process as one dictionary, for scripts."""

from __future__ import annotations

from typing import Any

from planmark.metrics.histogram import Histogram
from planmark.metrics.recorder import Recorder

PLAN_CACHE_NAME = "plans"
"""The name of the cache of parsed PLAN files."""
PARSE_PART_NAME = "parse"
"""The name of the part that parses the text of one document into facts."""

_recorder = Recorder(lambda: 0.0)


def set_default_recorder(recorder: Recorder) -> None:
    """Make `recorder` the default recorder of `get_performance_stats` in this process."""
    global _recorder
    _recorder = recorder


def get_performance_stats(recorder: Recorder | None = None) -> dict[str, Any]:
    """Return a dictionary of hit rates (0 to 1), counts, and mean and maximum times in seconds.

    A value is 0 if nothing was counted. If `recorder` is None, the function reads the recorder from the last call of
    `set_default_recorder`. `cache_hit_rate` is the hit rate of the cache of PLAN files. `cache_hit_rates` maps the name
    of each cache to its hit rate. `total_calls` is the number of requests, notifications and commands.
    """
    recorder = recorder or _recorder
    hit_rates = {cache.name: round(cache.hit_rate, 4) for cache in recorder.caches()}
    parse_durations = recorder.parts.get(PARSE_PART_NAME, Histogram())
    prompt_figures = list(recorder.prompts.values())
    prompt_count = sum(figures.durations.count for figures in prompt_figures)
    prompt_seconds = sum(figures.durations.total for figures in prompt_figures)
    call_figures = [*recorder.requests.values(), *recorder.commands.values()]
    return {
        "cache_hit_rate": hit_rates.get(PLAN_CACHE_NAME, 0.0),
        "cache_hit_rates": hit_rates,
        "avg_parse_time": parse_durations.mean,
        "max_parse_time": parse_durations.largest,
        "documents_parsed": parse_durations.count,
        "avg_generation_time": prompt_seconds / prompt_count if prompt_count else 0.0,
        "max_generation_time": max((figures.durations.largest for figures in prompt_figures), default=0.0),
        "generations": prompt_count,
        "generation_errors": sum(figures.errors for figures in prompt_figures),
        "total_calls": sum(figures.durations.count for figures in call_figures),
        "errors": sum(figures.errors for figures in call_figures),
        "cancelled": sum(figures.cancelled for figures in call_figures),
        "lost": sum(recorder.lost.values()),
    }
