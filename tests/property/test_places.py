"""The words of a diagnostic are found in its line if they stand alone there."""

from __future__ import annotations

import re

import hypothesis.strategies as st
from hypothesis import example, given

from planmark.plans.diagnostic import columns_of
from planmark.text.lines import nonblank_span


@given(st.text("1.2a_ é✅*", max_size=16), st.text("1.2a_ é✅*", max_size=4))
@example("11.1 and 1.1.2 and 1.1", "1.1")
@example("see PLAN_TILL.md", "TILL")
@example("aaa a", "a")
def test_words_are_found_where_no_longer_one_holds_them(line: str, words: str) -> None:
    before = r"(?<![^\W_])(?<!\d\.)" if words[:1].isalnum() else ""
    behind = r"(?![^\W_]|\.\d)" if words[-1:].isalnum() else ""
    found = re.search(f"{before}{re.escape(words)}{behind}", line)
    expected = nonblank_span(line) if not words else found and found.span()
    assert columns_of(line, words) == expected
