"""The estimate compared with the exact count."""

from __future__ import annotations

import sys

import pytest

from planmark.prompts.tokens import NoExactCounterError, count_tokens_exactly, estimate_tokens


def test_an_empty_text_has_none_and_more_text_has_more() -> None:
    assert estimate_tokens("") == count_tokens_exactly("") == 0
    assert count_tokens_exactly("a plan") == 2
    assert estimate_tokens("a plan " * 50) > estimate_tokens("a plan " * 10)


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bpe_openai", None)
    assert estimate_tokens("a plan") == 2
    with pytest.raises(NoExactCounterError, match=r'pip install "planmark\[tokens\]"'):
        count_tokens_exactly("a plan")
