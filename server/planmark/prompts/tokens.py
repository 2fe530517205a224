"""An estimate of tokens that needs no network: pieces of text by class of character."""

from __future__ import annotations

import re

_PIECES = re.compile(
    r"(?P<word>[A-Za-z]+)|(?P<digits>\d+)|(?P<lines>\s*\n\s*)|(?P<space>[ \t]+)|(?P<marks>[!-/:-@\[-`{-~]+)|(?P<other>.)",
    re.DOTALL,
)
COUNTER = "estimate"
_CHARACTERS = {"word": 7, "digits": 3, "lines": 40, "space": 40, "marks": 3}
"""Characters of one class that one token holds; any other character counts for two tokens."""


def estimate(text: str) -> int:
    """About how many tokens a model reads in `text`."""
    total = 0
    for match in _PIECES.finditer(text):
        kind = match.lastgroup or "other"
        if kind == "other":
            total += 2
        elif not (kind == "space" and len(match[0]) == 1):
            total += -(-len(match[0]) // _CHARACTERS[kind])
    return total
