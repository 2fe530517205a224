"""The repair of emoji that a program decoded as Mac Roman (`üéØ` for 🎯), if the decoding can be exactly reversed.

Source: the methodology, §2.5.
"""

from __future__ import annotations

import re

from planmark.text.lazy_pattern import lazy_pattern

_LINE_END = lazy_pattern(r"(\r\n|\r|\n)")
_FIRST_BYTES = bytes(range(0xC2, 0xF5)).decode("mac_roman")
_FOLLOWING_BYTES = bytes(range(0x80, 0xC0)).decode("mac_roman")
_DAMAGED_CHARACTER = lazy_pattern(f"[{re.escape(_FIRST_BYTES)}][{re.escape(_FOLLOWING_BYTES)}]")
"""Pattern for the first two bytes of a character that is not ASCII, encoded in UTF-8 and decoded as Mac Roman."""


def repair_mojibake(text: str) -> str:
    """Return `text` with every damaged line restored.

    If no line is damaged, return the same object. The number of lines stays the same.

    A line is damaged if Mac Roman can encode the whole line and the bytes are UTF-8. Other lines stay as they are.
    """
    if not may_be_mojibake(text):
        return text
    pieces = _LINE_END.split(text)
    repaired_pieces = [repair_line(piece) if may_be_mojibake(piece) else piece for piece in pieces]
    return text if repaired_pieces == pieces else "".join(repaired_pieces)


def may_be_mojibake(text: str) -> bool:
    """Tell whether `text` contains characters that look like UTF-8 bytes decoded as Mac Roman."""
    return not text.isascii() and _DAMAGED_CHARACTER.search(text) is not None


def repair_line(line: str) -> str:
    """Restore a damaged line. If the wrong decoding cannot be exactly reversed, return the line unchanged."""
    try:
        restored_text = line.encode("mac_roman").decode("utf-8")
    except UnicodeError:
        return line
    return line if "\n" in restored_text or "\r" in restored_text else restored_text
