"""Prices as JSON."""

from __future__ import annotations

import json

from export.fields import FIELDS


def as_json(prices: dict[str, int]) -> str:
    """Return an object for each price."""
    return json.dumps([dict(zip(FIELDS, price, strict=True)) for price in prices.items()])
