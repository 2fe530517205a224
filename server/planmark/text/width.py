"""How many cells of a terminal a text takes."""

from __future__ import annotations

import re
import unicodedata

_NO_WIDTH = ("Mn", "Me", "Cf")
"""Categories of characters that stand on the one before."""


_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal obeys instead of showing it: control characters, and marks that turn the direction of a text."""


def visible(text: str) -> str:
    """`text` as it may be shown in a terminal: what could rewrite the screen is replaced by a mark."""
    return _HIDDEN.sub("\ufffd", text)


def cell_width(text: str) -> int:
    """The cells of `text`: two for wide characters and emoji, none for what combines."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(c) in _NO_WIDTH else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )
