"""The width of a text in cells of a terminal."""

from __future__ import annotations

import unicodedata

_ZERO_WIDTH_CATEGORIES = ("Mn", "Me", "Cf")
"""Unicode categories of characters that take no cell: combining marks and format characters."""


def cell_width(text: str) -> int:
    """Return the number of terminal cells of `text`: two for a wide character or emoji, zero for a combining character."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(c) in _ZERO_WIDTH_CATEGORIES else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
