"""The statistics: known cases, and how often the interval of a ratio holds the true value."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.intervals import _critical, percentile, ratio, slope, spread


@pytest.mark.parametrize(("number", "cut"), [(5, -1), (6, 0), (8, 3), (10, 8), (15, 25), (20, 52), (25, 89)])
def test_the_critical_values_are_those_of_the_tables(number: int, cut: int) -> None:
    """Compare with the tables of Wilcoxon's signed-rank test, two-sided, 5 %."""
    assert _critical(number) == cut


def test_a_known_case() -> None:
    """Use six ratios 1, 2, 4, 8, …: the estimate is their geometric middle, and the bounds are the two ends."""
    interval = ratio([(1.0, 2.0**power) for power in range(6)])
    assert interval.low == pytest.approx(1.0)
    assert interval.middle == pytest.approx(2.0**2.5)
    assert interval.high == pytest.approx(32.0)


def test_too_few_pairs_prove_nothing() -> None:
    with pytest.raises(ValueError, match="5 pairs"):
        ratio([(1.0, 2.0)] * 5)


@given(st.lists(st.tuples(st.floats(0.01, 10), st.floats(0.01, 10)), min_size=6, max_size=20), st.floats(0.1, 10))
def test_a_ratio_follows_its_unit_and_its_direction(pairs: list[tuple[float, float]], unit: float) -> None:
    one = ratio(pairs)
    assert one.low <= one.middle <= one.high
    scaled = ratio([(first * unit, second * unit) for first, second in pairs])
    turned = ratio([(second, first) for first, second in pairs])
    assert scaled == pytest.approx(one, rel=1e-6)
    assert (1 / turned.high, 1 / turned.middle, 1 / turned.low) == pytest.approx(one, rel=1e-6)


@pytest.mark.parametrize("truth", [1.0, 1.2])
def test_the_interval_holds_the_truth_19_times_in_20(truth: float) -> None:
    """Add noise that slows down a run now and then, as other processes do."""
    rng = Random(1)

    def noisy(seconds: float) -> float:
        return seconds * math.exp(rng.gauss(0, 0.05)) * (1.6 if rng.random() < 0.1 else 1.0)

    held = 0
    for _ in range(400):
        interval = ratio([(noisy(1.0), noisy(truth)) for _ in range(15)])
        held += interval.low <= truth <= interval.high
    assert 0.92 <= held / 400 <= 0.99


def test_percentiles_are_values_that_were_seen() -> None:
    values = [float(value) for value in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1.0)) == (50.0, 99.0, 100.0)
    assert percentile([7.0], 0.5) == 7.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_the_slope_of_a_square_is_two() -> None:
    assert slope([(value, 3 * value**2) for value in (1.0, 2.0, 5.0, 10.0)]) == pytest.approx(2.0)


def test_the_spread_of_what_never_changes_is_zero() -> None:
    assert spread([2.0] * 8) == 0.0
    assert spread([1.0, 2.0, 3.0, 4.0, 5.0]) == pytest.approx(0.5)
