"""Emoji that were once read as Mac Roman (`üéØ` for 🎯), restored where the way back is exact.

Source: the methodology, §2.5.
"""

from __future__ import annotations

import re

_LINE_END = re.compile(r"(\r\n|\r|\n)")


def repair(text: str) -> str:
    """`text` with every damaged line restored; the same object where none is. Lines keep their number.

    A line is damaged if all of it goes into Mac Roman and the bytes are UTF-8; what is not stays as it is.
    """
    if text.isascii():
        return text
    pieces = _LINE_END.split(text)
    repaired = [piece if piece.isascii() else repair_line(piece) for piece in pieces]
    return text if repaired == pieces else "".join(repaired)


def repair_line(line: str) -> str:
    """One line without its terminator, restored where that is exact."""
    try:
        restored = line.encode("mac_roman").decode("utf-8")
    except UnicodeError:
        return line
    return line if "\n" in restored or "\r" in restored else restored
