"""The metrics of requests, their parts, prompts, the index and caches, as whole numbers and fixed buckets.

This package is the lowest layer. It imports no module about plans or the protocol. So all code can use it to measure
time.
"""

from planmark.metrics.stats import get_performance_stats

__all__ = ["get_performance_stats"]
