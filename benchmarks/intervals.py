"""Statistics of repeated measurements: percentiles, slopes, and the interval of a ratio of two programs.

Times on a shared machine have outliers to one side. So scenarios measure pairs close to each other, and `ratio` compares
the pairs by rank.
"""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """An estimate, and the bounds between which the true value lies with a confidence of 95 %."""

    low: float
    middle: float
    high: float


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0 to 1) of all values do not exceed.

    Raises ValueError if there are no values.
    """
    if not values:
        raise ValueError("no values, no percentile")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of a line through the logarithms. It is 1 if the second grows in proportion to the first."""
    return statistics.linear_regression(*([math.log(value) for value in axis] for axis in zip(*points, strict=True)))[0]


def spread(values: Sequence[float]) -> float:
    """Return half the range between the quartiles, as a share of the median: a measure of noise."""
    low, middle, high = statistics.quantiles(values, n=4)
    return (high - low) / 2 / middle


def ratio(pairs: Sequence[tuple[float, float]]) -> Interval:
    """Return Hodges and Lehmann's estimate of the ratio of the second of each pair to the first.

    The interval inverts Wilcoxon's signed-rank test on the logarithms. It assumes only that noise is as likely to help one
    side as the other. Raises ValueError for fewer than six pairs, because they can prove nothing.
    """
    differences = sorted(math.log(second / first) for first, second in pairs)
    number = len(differences)
    cut = _critical(number)
    if cut < 0:
        raise ValueError(f"{number} pairs cannot give an interval of {CONFIDENCE:.0%}")
    means = sorted((differences[i] + differences[j]) / 2 for i in range(number) for j in range(i, number))
    return Interval(math.exp(means[cut]), math.exp(statistics.median(means)), math.exp(means[-1 - cut]))


@functools.cache
def _critical(number: int) -> int:
    """Return the largest significant rank sum of a two-sided signed-rank test of `number` pairs, or -1 if none is."""
    ways = [1]
    for rank in range(1, number + 1):
        longer = [0] * (len(ways) + rank)
        for total, count in enumerate(ways):
            longer[total] += count
            longer[total + rank] += count
        ways = longer
    allowed = (1 - CONFIDENCE) / 2 * 2**number
    reached = 0
    for total, count in enumerate(ways):
        reached += count
        if reached > allowed:
            return total - 1
    return -1
