"""The price in one line of a feed, such as `gold;12300`."""

from __future__ import annotations


def parse(line: str) -> tuple[str, int]:
    """Return the name and the price in cents. Raises ValueError if the line has no price."""
    name, price = line.split(";")
    return name, int(price)
