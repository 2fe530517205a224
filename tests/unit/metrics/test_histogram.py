"""Percentiles from fixed buckets, and how far they may be off."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from planmark.metrics.histogram import BOUNDS, LARGEST, SMALLEST, STEPS_PER_DOUBLING, Histogram
from planmark.metrics.recorder import Recorder
from planmark.metrics.report import ProcessReport, cache_report, index_report, metrics_report


def of(values: list[float]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


@given(st.lists(st.floats(SMALLEST, LARGEST), min_size=1, max_size=200), st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_percentile_is_never_below_and_less_than_a_bucket_above(values: list[float], share: float) -> None:
    exact = sorted(values)[max(1, -(-int(share * 1000) * len(values) // 1000)) - 1]
    found = of(values).percentile(share)
    assert exact <= found <= exact * 2 ** (1 / STEPS_PER_DOUBLING) * 1.000001
    assert found <= max(values)


def test_nothing_counted_and_values_beyond_the_buckets() -> None:
    assert Histogram().percentile(0.5) == 0.0
    assert of([0.0]).percentile(0.5) == 0.0
    assert of([BOUNDS[-1] * 10]).percentile(0.99) == BOUNDS[-1] * 10
    histogram = of([1.0, 3.0])
    assert (histogram.count, histogram.total, histogram.largest) == (2, 4.0, 3.0)


def test_outcomes_are_counted_by_method() -> None:
    recorder = Recorder()
    for outcome in ("done", "error", "cancelled", "cancelled"):
        recorder.request("textDocument/hover", 0.002, outcome)  # type: ignore[arg-type]
    recorder.request("initialize", 0.1, "done")
    recorder.prompt("address_fix", 0.01, 4000)
    report = metrics_report(recorder, 12.34, index_report(recorder.index, 1, 1, 1, []), [], ProcessReport(1, 0.5))
    assert [(entry.method, entry.count, entry.errors, entry.cancelled) for entry in report.requests] == [
        ("initialize", 1, 0, 0),
        ("textDocument/hover", 4, 1, 2),
    ]
    assert report.requests[1].max_ms == 2.0
    assert report.prompts[0].count == 1
    assert 4000 <= report.prompts[0].tokens_p50 <= 4760
    assert recorder.changes == 6


def test_the_first_look_is_cold_and_the_others_are_warm() -> None:
    recorder = Recorder()
    recorder.looked(2.0, 100)
    recorder.looked(0.1, 0)
    recorder.looked(0.2, 3)
    index = index_report(recorder.index, 100, 5, 7, [cache_report("blocks", 10, 20, 30, 10, 0)])
    assert (index.cold_ms, index.warm_ms, index.documents_read) == (2000.0, 200.0, 103)
    assert (index.sections_parsed, index.sections_reused) == (10, 30)


@pytest.mark.parametrize(("hits", "misses", "rate"), [(0, 0, 0.0), (3, 1, 0.75)])
def test_the_rate_of_a_cache(hits: int, misses: int, rate: float) -> None:
    assert cache_report("x", 1, 2, hits, misses, 0).hit_rate == rate
