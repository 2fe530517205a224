"""The most similar word equals the one that `difflib` finds among all words."""

from __future__ import annotations

import difflib

import hypothesis.strategies as st
from hypothesis import given

from planmark.text.similarity import BITS_PER_PLACE, most_similar

WORDS = (
    st.text("ABC-_1é✅", max_size=12)
    | st.text(max_size=8)
    | st.sampled_from(["A" * BITS_PER_PLACE, "A" * (BITS_PER_PLACE + 1), "A" * BITS_PER_PLACE + "B", "A" * 5000])
)


@given(WORDS, st.lists(WORDS, max_size=12), st.sampled_from([0.5, 0.6, 0.75, 0.8, 0.92, 1.0]))
def test_nothing_is_left_out_that_is_like_enough(word: str, others: list[str], cutoff: float) -> None:
    expected = difflib.get_close_matches(word, others, 1, cutoff)
    assert most_similar(word, others, cutoff) == (expected[0] if expected else None)
