"""The search for failures agrees with a regular expression for each line."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from planmark.text.failure_patterns import matching_line_offsets


@given(
    st.lists(st.sampled_from(["ab", "b", "a", "\n", "é", "x"]), max_size=60).map("".join),
    st.lists(st.sampled_from(["ab", "b", "a", "bx"]), min_size=1, max_size=3),
)
def test_search_agrees_with_a_regular_expression_for_each_line(text: str, parts: list[str]) -> None:
    wanted = re.compile(".*".join(map(re.escape, parts)))
    starts, offset = [], 0
    for line in text.split("\n"):
        if wanted.search(line):
            starts.append(offset)
        offset += len(line) + 1
    assert list(matching_line_offsets(text, parts)) == starts
