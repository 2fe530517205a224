"""Every name and every list of names: a short name fits its width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planmark.text.display_width import cell_width
from planmark.text.shorten import shorten, shorten_all

NAMES = st.text("AB-_./ é支付🚀", min_size=1, max_size=40)


@given(NAMES, st.integers(1, 30))
def test_a_shortened_name_fits(name: str, width: int) -> None:
    short = shorten(name, width)
    assert cell_width(short) <= width
    assert (short == name) == (cell_width(name) <= width)


@given(st.lists(NAMES, max_size=6), st.integers(3, 30))
def test_every_name_has_one_that_fits(names: list[str], width: int) -> None:
    short = shorten_all(names, width)
    assert short.keys() == set(names)
    assert all(cell_width(text) <= width for text in short.values())
