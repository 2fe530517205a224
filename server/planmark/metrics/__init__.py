"""The metrics of requests and their parts, of prompts, of the index, and of caches. They are counts, and durations in
fixed buckets.

This package is the lowest layer. It imports no module about plans or the protocol. So all code can use it to measure
time.
"""

from planmark.metrics.stats import get_performance_stats

__all__ = ["get_performance_stats"]
