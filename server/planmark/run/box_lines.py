"""The marks of boxes in a text, line by line, for documents of any format."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

BOX_PATTERN = re.compile(r"(?P<before>[ \t>]*(?:[-*+]|\d+[.)])[ \t]+\[)(?P<mark>[^\]\n])(?P<after>\][^\n]*)")


class BoxLine(NamedTuple):
    """A line with a box: its number, its text without the mark, the number of earlier lines of this text, and the mark."""

    number: int
    text: tuple[str, str]
    repeats: int
    mark: str


def without_marks(before: str, after: str) -> str:
    """Return the text `after`, with the mark of each box as it was `before`. The boxes of new lines stay."""
    marks = _marks(before)
    return _marked(after, {line.number: marks.get(line[1:3], line.mark) for line in _box_lines(after)})


def with_marks_of(text: str, before: str, after: str) -> str:
    """Return a text with the marks that differ between `before` and `after` as they are `after`."""
    old, new = _marks(before), _marks(after)
    changed_marks = {key: mark for key, mark in new.items() if old.get(key, mark) != mark}
    return _marked(text, {line.number: changed_marks.get(line[1:3], line.mark) for line in _box_lines(text)})


def _marks(text: str) -> dict[tuple[tuple[str, str], int], str]:
    return {line[1:3]: line.mark for line in _box_lines(text)}


def _box_lines(text: str) -> Iterator[BoxLine]:
    uses: Counter[tuple[str, str]] = Counter()
    for number, line in enumerate(text.split("\n")):
        if match := BOX_PATTERN.match(line):
            words = match["before"].strip(), match["after"].strip()
            yield BoxLine(number, words, uses[words], match["mark"])
            uses[words] += 1


def _marked(text: str, marks: dict[int, str]) -> str:
    lines = text.split("\n")
    for number, mark in marks.items():
        lines[number] = BOX_PATTERN.sub(rf"\g<before>{mark}\g<after>", lines[number], count=1)
    return "\n".join(lines)
