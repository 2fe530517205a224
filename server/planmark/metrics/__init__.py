"""Metrics of requests, their parts, prompts, the index and caches, as plain integers and fixed buckets.

The leftmost layer: it imports nothing about plans or the protocol, so that any slow code can measure itself.
"""

from planmark.metrics.stats import get_performance_stats

__all__ = ["get_performance_stats"]
