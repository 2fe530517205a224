"""Emoji that were once read as Mac Roman (`üéØ` for 🎯), restored where the way back is exact.

Source: the methodology, §2.5.
"""

from __future__ import annotations

import re

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_LINE = re.compile(r"[^\r\n]*[^\x00-\x7f\r\n][^\r\n]*")


def repair(text: str) -> str:
    """`text` with every damaged line restored; the same object where none is. Lines keep their number.

    A line is damaged if all of it goes into Mac Roman and the bytes are UTF-8; what is not stays as it is.
    """
    if not _NOT_ASCII.search(text):
        return text
    repaired = _LINE.sub(lambda match: repair_line(match[0]), text)
    return text if repaired == text else repaired


def repair_line(line: str) -> str:
    """One line without its terminator, restored where that is exact."""
    try:
        restored = line.encode("mac_roman").decode("utf-8")
    except UnicodeError:
        return line
    return line if "\n" in restored or "\r" in restored else restored
