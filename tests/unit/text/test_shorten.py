"""Names lose their middle at joints and stay distinct, and text breaks between words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.text.display_width import cell_width
from planmark.text.shorten import ELLIPSIS, reflow, shorten, shorten_all, wrap


@pytest.mark.parametrize(
    ("name", "width", "short"),
    [
        ("CHECKOUT-FLOW-REFACTOR", 22, "CHECKOUT-FLOW-REFACTOR"),
        ("CHECKOUT-FLOW-REFACTOR", 20, "CHECKOUT-…-REFACTOR"),
        ("EXECUTION_TASK_CHECKOUT-REFACTOR_11_01.md:5", 30, "EXECUTION_TASK_…_11_01.md:5"),
        ("INTERNATIONALISATION", 11, "INTER…ATION"),
        ("支付支付支付支付", 9, "支付…支付"),
    ],
)
def test_a_name_loses_its_middle(name: str, width: int, short: str) -> None:
    assert shorten(name, width) == short


def test_names_that_would_look_the_same_are_told_apart() -> None:
    names = ["PAYMENT-CARD-REFACTOR", "PAYMENT-CASH-REFACTOR", "SEARCH-INDEX-REFACTORS"]
    short = shorten_all(names, 18)
    assert len(set(short.values())) == 3
    assert short["SEARCH-INDEX-REFACTORS"] == shorten("SEARCH-INDEX-REFACTORS", 18)


def test_text_breaks_between_words_and_says_when_more_follows() -> None:
    text = "confirm or reject what the PLAN claims"
    assert wrap(text, 18) == ["confirm or reject", "what the PLAN", "claims"]
    assert wrap(text, 18, 2) == ["confirm or reject", "what the PLAN …"]
    assert wrap(text, 13, 2) == ["confirm or", "reject what …"]
    assert wrap("see EXECUTION_TASK_PAY_11_01.md now", 16) == ["see", "EXECUTION_…01.md", "now"]


@given(st.text("ab 支🚀…", max_size=60), st.integers(3, 30), st.integers(0, 3))
def test_wrapped_lines_fit_and_no_word_is_lost(text: str, width: int, lines: int) -> None:
    found = wrap(text, width, lines)
    assert all(cell_width(line) <= width for line in found)
    if not lines and all(cell_width(word) <= width for word in text.split()):
        assert " ".join(found).split() == text.split()


def test_a_paragraph_keeps_its_spaces_and_its_long_words() -> None:
    assert reflow("  1.1  is next", 9, "    ") == ["  1.1  is", "    next"]
    assert reflow("see a/very/long/path.md:12 first", 10) == ["see", "a/very/long/path.md:12", "first"]
    assert reflow("", 10) == [""]


def test_colours_take_no_room_in_a_paragraph() -> None:
    assert reflow("\x1b[1mred\x1b[0m or blue", 11) == ["\x1b[1mred\x1b[0m or blue"]


@given(st.text("ab 支", max_size=60), st.integers(1, 20))
def test_a_paragraph_has_all_its_words(text: str, width: int) -> None:
    found = reflow(text, width)
    assert " ".join(found).split() == text.split()
    assert all(cell_width(line) <= width or len(line.split()) == 1 for line in found)
    assert ELLIPSIS not in "".join(found)
