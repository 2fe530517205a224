"""The conversion of columns between code points and the three units of LSP: UTF-8 bytes, UTF-16 units, UTF-32 code
points.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]


def _utf8_units(character: str) -> int:
    code = ord(character)
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4


def _utf16_units(character: str) -> int:
    return 1 if ord(character) < 0x10000 else 2


_UNIT_COUNTERS: dict[Encoding, Callable[[str], int]] = {
    "utf-8": _utf8_units,
    "utf-16": _utf16_units,
    "utf-32": lambda _: 1,
}
"""Mapping from an encoding to the function that returns the number of units of a character."""


_CODECS: dict[Encoding, tuple[str, int]] = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2)}
"""Mapping from an encoding to a tuple: its codec in Python, and the number of bytes per unit."""


def to_units(line: str, column: int, encoding: Encoding) -> int:
    """Return the number of units before `column`, which counts code points of `line`.

    If `column` is past the end of the line, return the length of the line in units.
    """
    text_before = line[: max(0, column)]
    if encoding == "utf-32" or text_before.isascii():
        return len(text_before)
    codec, size = _CODECS[encoding]
    return len(text_before.encode(codec, "surrogatepass")) // size


def to_column(line: str, units: int, encoding: Encoding) -> int:
    """Return the column in code points that is `units` units after the beginning of `line`.

    If `units` ends inside a character, return the column of the character. If `units` is past the end of the line,
    return the length of the line.
    """
    if line.isascii() or encoding == "utf-32":
        return min(max(0, units), len(line))
    passed_units = 0
    for column, character in enumerate(line):
        passed_units += _UNIT_COUNTERS[encoding](character)
        if passed_units > units:
            return column
    return len(line)
