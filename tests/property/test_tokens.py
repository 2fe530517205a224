"""Any text has an estimate of its tokens."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from planmark.prompts.tokens import estimate_tokens


@given(st.text(max_size=300))
def test_any_text_can_be_estimated(text: str) -> None:
    assert 0 <= estimate_tokens(text) <= 4 * len(text)
