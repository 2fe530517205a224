"""Durations in fixed buckets, and the percentiles computed from them."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence

STEPS_PER_DOUBLING = 4
SMALLEST_BOUND = 10e-6
LARGEST_BOUND = 200.0
UPPER_BOUNDS: tuple[float, ...] = tuple(
    SMALLEST_BOUND * 2 ** (step / STEPS_PER_DOUBLING)
    for step in range(STEPS_PER_DOUBLING * math.ceil(math.log2(LARGEST_BOUND / SMALLEST_BOUND)) + 1)
)
"""Upper bounds of the buckets, in seconds or another unit. Values above all bounds are counted in one more bucket."""


class Histogram:
    """Counts by bucket.

    One thread adds values; other threads may read the counts, and miss at most values added during the read.

    A percentile is the upper bound of its bucket, limited to the largest added value. The result is never below the
    exact percentile, and less than 19 % above, because a bucket is a quarter of a doubling wide. Below
    `SMALLEST_BOUND`, the result is the smaller of `SMALLEST_BOUND` and the largest value.
    """

    __slots__ = ("buckets", "count", "largest", "total")

    def __init__(self) -> None:
        self.buckets = [0] * (len(UPPER_BOUNDS) + 1)
        self.count = 0
        self.total = 0.0
        self.largest = 0.0

    def add(self, value: float) -> None:
        """Count one value."""
        self.buckets[bisect.bisect_left(UPPER_BOUNDS, value)] += 1
        self.count += 1
        self.total += value
        if value > self.largest:
            self.largest = value

    @property
    def mean(self) -> float:
        """The exact mean; 0.0 without values."""
        return self.total / self.count if self.count else 0.0

    def percentile(self, share: float) -> float:
        """Return an upper bound of the percentile for `share` (0 to 1) of all values; 0.0 without values."""
        wanted_rank = max(1, math.ceil(share * self.count))
        reached_count = 0
        for bound, bucket_count in zip((*UPPER_BOUNDS, math.inf), self.buckets, strict=True):
            reached_count += bucket_count
            if bucket_count and reached_count >= wanted_rank:
                return min(bound, self.largest)
        return 0.0


def percentile_of(values: Sequence[float], share: float) -> float:
    """Return the exact percentile for `share` (0 to 1) of all values, by the nearest rank; 0.0 without values."""
    return sorted(values)[max(1, math.ceil(share * len(values))) - 1] if values else 0.0
