"""Percentiles from fixed buckets, and their maximum error."""

from __future__ import annotations

import statistics

import hypothesis.strategies as st
import pytest
from hypothesis import given

from planmark.metrics.histogram import (
    BUCKETS_PER_DOUBLING,
    LARGEST_EXPECTED_VALUE,
    SMALLEST_BOUND,
    UPPER_BOUNDS,
    Histogram,
    percentile_of,
)

VALUES = st.lists(st.floats(SMALLEST_BOUND, LARGEST_EXPECTED_VALUE), min_size=1, max_size=200)


def of(values: list[float]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


@given(VALUES, st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_percentile_is_never_below_and_less_than_a_bucket_above(values: list[float], share: float) -> None:
    exact = sorted(values)[max(1, -(-int(share * 1000) * len(values) // 1000)) - 1]
    found = of(values).percentile(share)
    assert exact <= found <= exact * 2 ** (1 / BUCKETS_PER_DOUBLING) * 1.000001
    assert found <= max(values)
    assert percentile_of(values, share) == exact


@given(VALUES)
def test_the_mean_and_the_sum_are_exact(values: list[float]) -> None:
    histogram = of(values)
    assert histogram.mean == pytest.approx(statistics.fmean(values))
    assert (histogram.count, sum(histogram.buckets), histogram.largest) == (len(values), len(values), max(values))


def test_nothing_counted_and_values_beyond_the_buckets() -> None:
    assert Histogram().percentile(0.5) == Histogram().mean == percentile_of([], 0.95) == 0.0
    assert of([0.0]).percentile(0.5) == 0.0
    assert of([UPPER_BOUNDS[-1] * 10]).percentile(0.99) == UPPER_BOUNDS[-1] * 10
    histogram = of([1.0, 3.0])
    assert (histogram.count, histogram.total, histogram.largest) == (2, 4.0, 3.0)
