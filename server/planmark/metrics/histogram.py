"""The counts of values in fixed buckets, and the percentiles that are computed from them."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence

BUCKETS_PER_DOUBLING = 4
SMALLEST_BOUND = 10e-6
"""The upper bound of the first bucket, in the unit of the values."""
LARGEST_EXPECTED_VALUE = 200.0
UPPER_BOUNDS: tuple[float, ...] = tuple(
    SMALLEST_BOUND * 2 ** (step / BUCKETS_PER_DOUBLING)
    for step in range(BUCKETS_PER_DOUBLING * math.ceil(math.log2(LARGEST_EXPECTED_VALUE / SMALLEST_BOUND)) + 1)
)
"""The upper bounds of the buckets, in the unit of the values. One more bucket counts the values above all bounds.
"""


class Histogram:
    """The counts of values by bucket.

    One thread adds values. Other threads may read the counts at the same time; they may miss only the values that are
    added during the read.

    The method `percentile` returns the upper bound of the bucket that contains the percentile, but at most the largest
    added value. The result is never below the exact percentile. It is less than 19 % above the exact percentile,
    because four buckets cover a doubling of the value. If the exact percentile is below `SMALLEST_BOUND`, the result is
    `SMALLEST_BOUND` or the largest value, whichever is smaller.
    """

    __slots__ = ("buckets", "count", "largest", "total")

    def __init__(self) -> None:
        self.buckets = [0] * (len(UPPER_BOUNDS) + 1)
        self.count = 0
        self.total = 0.0
        self.largest = 0.0

    def add(self, value: float) -> None:
        """Count one value in its bucket."""
        self.buckets[bisect.bisect_left(UPPER_BOUNDS, value)] += 1
        self.count += 1
        self.total += value
        if value > self.largest:
            self.largest = value

    @property
    def mean(self) -> float:
        """The exact mean of all values; 0.0 if there are no values."""
        return self.total / self.count if self.count else 0.0

    def percentile(self, share: float) -> float:
        """Return an upper bound for a percentile of all values; 0.0 if there are no values. `share` is the share of the
        values up to the percentile: 0.95 for the 95th percentile.
        """
        wanted_rank = max(1, math.ceil(share * self.count))
        reached_count = 0
        for bound, bucket_count in zip((*UPPER_BOUNDS, math.inf), self.buckets, strict=True):
            reached_count += bucket_count
            if bucket_count and reached_count >= wanted_rank:
                return min(bound, self.largest)
        return 0.0


def percentile_of(values: Sequence[float], share: float) -> float:
    """Return an exact percentile of `values`, by the nearest rank; 0.0 if there are no values. `share` is the share of
    the values up to the percentile: 0.95 for the 95th percentile.
    """
    return sorted(values)[max(1, math.ceil(share * len(values))) - 1] if values else 0.0
