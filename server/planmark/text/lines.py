"""Lines of a text. Only LF, CRLF and CR end a line; form feed, NEL and U+2028 do not."""

from __future__ import annotations

import bisect
import functools
import itertools
import re
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n|\r|\n")


class Position(NamedTuple):
    """A 0-based line and a 0-based column in code points."""

    line: int
    column: int


class LineIndex:
    """Where the lines of one text begin; offsets and columns count code points."""

    __slots__ = ("_contents", "_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        if "\r" in text:
            ends = [match.span() for match in _LINE_END.finditer(text)]
            self._starts = [0, *(end for _, end in ends)]
            self._contents = [*(start for start, _ in ends), len(text)]
        else:
            lengths = map(len, text.split("\n"))
            # Behind each line stands one character, and behind the last one there would be.
            self._starts = list(itertools.accumulate((length + 1 for length in lengths), initial=0))
            self._contents = [start - 1 for start in self._starts[1:]]
            self._starts.pop()

    def __len__(self) -> int:
        """The number of lines; a text that ends with a terminator has an empty last line."""
        return len(self._starts)

    def line(self, number: int) -> str:
        """The text of a 0-based line without its terminator. Raises IndexError for a line that is not there."""
        if number < 0:
            raise IndexError(number)
        return self.text[self._starts[number] : self._contents[number]]

    def offset(self, position: Position) -> int:
        """The offset of a position: past the end of a line its end, past the last line the end of the text."""
        if position.line >= len(self._starts):
            return len(self.text)
        start = self._starts[max(0, position.line)]
        return min(start + max(0, position.column), self._contents[max(0, position.line)])

    def offset_of(self, number: int) -> int:
        """The offset at which a 0-based line begins. Raises IndexError for a line that is not there."""
        return self._starts[number]

    def position(self, offset: int) -> Position:
        """The position of an offset; one inside a CRLF is the end of its line, one past the end the text's end."""
        bounded = min(max(0, offset), len(self.text))
        line = bisect.bisect_right(self._starts, bounded) - 1
        return Position(line, min(bounded, self._contents[line]) - self._starts[line])


@functools.lru_cache(maxsize=32)
def line_index(text: str) -> LineIndex:
    """Where the lines of a text begin, kept for the last texts."""
    return LineIndex(text)


def text_span(line: str) -> tuple[int, int]:
    """The columns of the first and behind the last character that is not blank; (0, 0) where all are."""
    start = len(line) - len(line.lstrip())
    return (start, len(line.rstrip())) if start < len(line) else (0, 0)


def line_ends(text: str) -> dict[str, int]:
    """How many lines end with each terminator; without those that none does."""
    crlf = text.count("\r\n")
    counts = {"\n": text.count("\n") - crlf, "\r\n": crlf, "\r": text.count("\r") - crlf}
    return {end: number for end, number in counts.items() if number}
