"""Lines of a text. Only LF, CRLF and CR end a line; form feed, NEL and U+2028 do not."""

from __future__ import annotations

import bisect
import functools
import itertools
from typing import NamedTuple

from planmark.text.lazy_pattern import lazy_pattern

_LINE_END = lazy_pattern(r"\r\n|\r|\n")


class TextPosition(NamedTuple):
    """A 0-based line and a 0-based column in code points."""

    line: int
    column: int


class LineIndex:
    """The offsets at which the lines of a text begin. Offsets and columns count code points."""

    __slots__ = ("_content_ends", "_line_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        if "\r" in text:
            ends = [match.span() for match in _LINE_END.finditer(text)]
            self._line_starts = [0, *(end for _, end in ends)]
            self._content_ends = [*(start for start, _ in ends), len(text)]
        else:
            lengths = map(len, text.split("\n"))
            # One character ends each line; the last line is treated as if it had such a character.
            self._line_starts = list(itertools.accumulate((length + 1 for length in lengths), initial=0))
            self._content_ends = [start - 1 for start in self._line_starts[1:]]
            self._line_starts.pop()

    def __len__(self) -> int:
        """Return the number of lines. A text that ends with a terminator has an empty last line."""
        return len(self._line_starts)

    def line(self, number: int) -> str:
        """Return the text of a 0-based line without its terminator. Raises IndexError if the line does not exist."""
        if number < 0:
            raise IndexError(number)
        return self.text[self._line_starts[number] : self._content_ends[number]]

    def offset(self, position: TextPosition) -> int:
        """Return the offset of a position.

        For a position past the end of a line, return the end of the line. For a position past the last line, return the
        end of the text.
        """
        if position.line >= len(self._line_starts):
            return len(self.text)
        start = self._line_starts[max(0, position.line)]
        return min(start + max(0, position.column), self._content_ends[max(0, position.line)])

    def line_start_offset(self, number: int) -> int:
        """Return the offset at which a 0-based line begins. Raises IndexError past the last line."""
        return self._line_starts[number]

    def position(self, offset: int) -> TextPosition:
        """Return the position of an offset.

        For an offset between CR and LF, return the end of the line before them. For an offset past the end of the text,
        return the end of the text.
        """
        bounded_offset = min(max(0, offset), len(self.text))
        line = bisect.bisect_right(self._line_starts, bounded_offset) - 1
        return TextPosition(line, min(bounded_offset, self._content_ends[line]) - self._line_starts[line])


@functools.lru_cache(maxsize=32)
def line_index(text: str) -> LineIndex:
    """Return the line index of a text. The last 32 indexes are cached."""
    return LineIndex(text)


def nonblank_span(line: str) -> tuple[int, int]:
    """Return a tuple: the column of the first non-blank character, and the column after the last non-blank character.

    Return (0, 0) for a blank line.
    """
    start = len(line) - len(line.lstrip())
    return (start, len(line.rstrip())) if start < len(line) else (0, 0)


def line_end_counts(text: str) -> dict[str, int]:
    """Return a mapping from each terminator that occurs in `text` to the number of lines that end with it."""
    crlf = text.count("\r\n")
    counts = {"\n": text.count("\n") - crlf, "\r\n": crlf, "\r": text.count("\r") - crlf}
    return {end: count for end, count in counts.items() if count}


def usual_line_end(text: str) -> str:
    """Return the terminator with which most lines end; LF if the text has no terminator."""
    counts = line_end_counts(text)
    return max(counts, key=lambda end: counts[end]) if counts else "\n"
