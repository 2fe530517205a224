"""Any count of requests can be scraped, with its method and outcome."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from planmark.metrics.recorder import Recorder
from unit.metrics.scrape import read


@given(
    st.lists(
        st.tuples(st.text(max_size=8), st.floats(0, 1e6), st.sampled_from(["done", "error", "cancelled"])), max_size=30
    )
)
def test_whatever_is_counted_can_be_read(requests: list[tuple[str, float, str]]) -> None:
    """Use any name, because labels must be escaped, and any duration."""
    recorder = Recorder(lambda: 0.0)
    for method, seconds, outcome in requests:
        recorder.request(method, seconds, outcome)  # type: ignore[arg-type]
    samples = read(recorder)["planmark_request_total"].samples
    assert sum(samples.values()) == len(requests)
    assert {dict(labels)["method"] for _, labels in samples} == {method for method, _, _ in requests}
