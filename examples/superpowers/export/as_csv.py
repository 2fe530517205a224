"""Prices as CSV."""

from __future__ import annotations

from export.fields import FIELDS


def as_csv(prices: dict[str, int]) -> str:
    """Return a header and one line for each price."""
    return "\n".join([",".join(FIELDS), *(f"{name},{price}" for name, price in prices.items())])
