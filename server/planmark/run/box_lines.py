"""The marks of boxes in a text, line by line, for documents of any format."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

BOX_PATTERN = re.compile(r"(?P<before>[ \t>]*(?:[-*+]|\d+[.)])[ \t]+\[)(?P<mark>[^\]\n])(?P<after>\][^\n]*)")


class BoxLine(NamedTuple):
    """A line with a box.

    `text` is the text before and after the mark, and `earlier_count` the number of earlier lines with this text.
    """

    number: int
    text: tuple[str, str]
    earlier_count: int
    mark: str

    @property
    def key(self) -> tuple[tuple[str, str], int]:
        """The text and the number, which stay the same if the mark of the line changes."""
        return self.text, self.earlier_count


def with_old_marks(old_text: str, new_text: str) -> str:
    """Return `new_text` with the mark of each box as in `old_text`. The boxes of new lines stay."""
    marks = _marks(old_text)
    return _marked(new_text, {line.number: marks.get(line.key, line.mark) for line in _box_lines(new_text)})


def with_changed_marks(text: str, old_text: str, new_text: str) -> str:
    """Return `text` with each mark as in `new_text` that differs between `old_text` and `new_text`."""
    old_marks, new_marks = _marks(old_text), _marks(new_text)
    changed_marks = {key: mark for key, mark in new_marks.items() if old_marks.get(key, mark) != mark}
    return _marked(text, {line.number: changed_marks.get(line.key, line.mark) for line in _box_lines(text)})


def _marks(text: str) -> dict[tuple[tuple[str, str], int], str]:
    return {line.key: line.mark for line in _box_lines(text)}


def _box_lines(text: str) -> Iterator[BoxLine]:
    counts_by_text: Counter[tuple[str, str]] = Counter()
    for number, line in enumerate(text.split("\n")):
        if match := BOX_PATTERN.match(line):
            text_around_mark = match["before"].strip(), match["after"].strip()
            yield BoxLine(number, text_around_mark, counts_by_text[text_around_mark], match["mark"])
            counts_by_text[text_around_mark] += 1


def _marked(text: str, marks: dict[int, str]) -> str:
    lines = text.split("\n")
    for number, mark in marks.items():
        lines[number] = BOX_PATTERN.sub(rf"\g<before>{mark}\g<after>", lines[number], count=1)
    return "\n".join(lines)
