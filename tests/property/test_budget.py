"""A prompt over its budget names what it leaves out."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from planmark.prompts.budget import Excerpt, lines_left_out

RANGES = st.tuples(st.integers(1, 30), st.integers(0, 20)).map(
    lambda pair: Excerpt("a.md", pair[0], pair[0] + pair[1], "x")
)


@given(st.lists(RANGES, max_size=4), st.lists(RANGES, max_size=4))
def test_what_is_left_out_is_what_is_not_kept(before: list[Excerpt], kept: list[Excerpt]) -> None:
    def lines(reads: list[Excerpt]) -> set[int]:
        return {n for read in reads for n in range(read.start, read.end + 1)}

    found = [(part.start, part.end) for part in lines_left_out(before, kept, lambda _: 1)]
    dropped = {n for first, last in found for n in range(int(first), int(last) + 1)}
    assert dropped == lines(before) - lines(kept)
