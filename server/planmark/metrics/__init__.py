"""Figures of requests, parts of them, prompts, index and caches: plain integers and fixed buckets.

The leftmost layer: it knows nothing of plans or of the protocol, so that whatever is slow can be measured where it is.
"""

from planmark.metrics.stats import get_performance_stats

__all__ = ["get_performance_stats"]
