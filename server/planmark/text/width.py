"""How many cells of a terminal a text takes."""

from __future__ import annotations

import unicodedata

_NO_WIDTH = ("Mn", "Me", "Cf")
"""Categories of characters that stand on the one before."""


def cell_width(text: str) -> int:
    """The cells of `text`: two for wide characters and emoji, none for what combines."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(c) in _NO_WIDTH else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )
