"""What repeated measurements say: percentiles, slopes, and how sure a ratio of two programs is.

Times on a shared machine have outliers to one side; so pairs are measured close to each other, and their ratios are
judged by rank.
"""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """An estimate and where the true value lies, with the confidence of 95 %."""

    low: float
    middle: float
    high: float


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of all do not exceed. Raises ValueError where there is none."""
    if not values:
        raise ValueError("no values, no percentile")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The slope of a line through the logarithms: 1 where the second grows as the first."""
    return statistics.linear_regression(*([math.log(value) for value in axis] for axis in zip(*points, strict=True)))[0]


def spread(values: Sequence[float]) -> float:
    """Half the range between the quartiles, as a share of the median: how noisy it was."""
    low, middle, high = statistics.quantiles(values, n=4)
    return (high - low) / 2 / middle


def ratio(pairs: Sequence[tuple[float, float]]) -> Interval:
    """By how much the second of each pair is larger than the first: Hodges and Lehmann's estimate of the ratio.

    The interval inverts Wilcoxon's signed-rank test on the logarithms; it assumes that noise is as likely to help one
    side as the other, and nothing else of its shape. Raises ValueError below six pairs, which can prove nothing.
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
    """The largest rank sum that is significant in a two-sided signed-rank test of so many pairs; -1 where none is."""
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
