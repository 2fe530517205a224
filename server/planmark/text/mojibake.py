"""Emoji that were once read as Mac Roman (`üéØ` for 🎯), restored where the way back is exact.

Source: the methodology, §2.5.
"""

from __future__ import annotations

import re

_LINE_END = re.compile(r"(\r\n|\r|\n)")
_FIRST = bytes(range(0xC2, 0xF5)).decode("mac_roman")
_FOLLOWING = bytes(range(0x80, 0xC0)).decode("mac_roman")
_DAMAGED = re.compile(f"[{re.escape(_FIRST)}][{re.escape(_FOLLOWING)}]")
"""The first two bytes of a character beyond ASCII in UTF-8, as Mac Roman shows them."""


def repair(text: str) -> str:
    """`text` with every damaged line restored; the same object where none is. Lines keep their number.

    A line is damaged if all of it goes into Mac Roman and the bytes are UTF-8; what is not stays as it is.
    """
    if not is_suspect(text):
        return text
    pieces = _LINE_END.split(text)
    repaired = [repair_line(piece) if is_suspect(piece) else piece for piece in pieces]
    return text if repaired == pieces else "".join(repaired)


def is_suspect(text: str) -> bool:
    """Whether something in `text` looks like a character that was read as Mac Roman."""
    return not text.isascii() and _DAMAGED.search(text) is not None


def repair_line(line: str) -> str:
    """One line without its terminator, restored where that is exact."""
    try:
        restored = line.encode("mac_roman").decode("utf-8")
    except UnicodeError:
        return line
    return line if "\n" in restored or "\r" in restored else restored
