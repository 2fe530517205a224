"""The width of a text in cells of a terminal."""

from __future__ import annotations

import unicodedata

_NO_WIDTH = ("Mn", "Me", "Cf")
"""Categories of characters that combine with the character before them."""


def cell_width(text: str) -> int:
    """Return the number of terminal cells of `text`: two for a wide character or emoji, zero for a combining character."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(c) in _NO_WIDTH else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )
