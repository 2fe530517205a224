"""Lines of a feed."""

from __future__ import annotations

from prices.parse import parse


def test_a_line_has_a_name_and_a_price() -> None:
    assert parse("gold;12300") == ("gold", 12300)
