"""Metrics of requests, their parts, prompts, the index and caches, as plain integers and fixed buckets.

The lowest layer: this package imports no module about plans or the protocol, so that any code can measure its time.
"""

from planmark.metrics.stats import get_performance_stats

__all__ = ["get_performance_stats"]
