"""The marks of boxes in a text of any format. The text is read line by line, without a parser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from planmark.text.lazy_pattern import lazy_pattern

BOX_PATTERN = lazy_pattern(r"(?P<before>[ \t>]*(?:[-*+]|\d+[.)])[ \t]+\[)(?P<mark>[^\]\n])(?P<after>\][^\n]*)")
"""A line of a list that begins with a box: the text before the mark, the mark, and the text after it."""


class BoxLine(NamedTuple):
    """A line with a box. `number` is the number of the line (0-based), and `mark` the mark of the box.

    `text_around_mark` is a tuple: the text before the mark, and the text after it. `earlier_count` is the number of
    earlier lines with the same `text_around_mark`.
    """

    number: int
    text_around_mark: tuple[str, str]
    earlier_count: int
    mark: str

    @property
    def key(self) -> tuple[tuple[str, str], int]:
        """The text around the mark, and the number of earlier lines with the same text.

        The key stays the same if the mark of the line changes.
        """
        return self.text_around_mark, self.earlier_count


def with_old_marks(old_text: str, new_text: str) -> str:
    """Return `new_text` with the marks of `old_text`. A box that `old_text` does not have keeps its mark."""
    marks = _mark_by_key(old_text)
    return _with_marks(new_text, {line.number: marks.get(line.key, line.mark) for line in _box_lines(new_text)})


def with_changed_marks(text: str, old_text: str, new_text: str) -> str:
    """Return `text` with the marks that changed from `old_text` to `new_text`.

    All other marks of `text` stay as they are.
    """
    old_marks, new_marks = _mark_by_key(old_text), _mark_by_key(new_text)
    changed_marks = {key: mark for key, mark in new_marks.items() if old_marks.get(key, mark) != mark}
    return _with_marks(text, {line.number: changed_marks.get(line.key, line.mark) for line in _box_lines(text)})


def _mark_by_key(text: str) -> dict[tuple[tuple[str, str], int], str]:
    """Return a mapping from the key of each line with a box to the mark of the box."""
    return {line.key: line.mark for line in _box_lines(text)}


def _box_lines(text: str) -> Iterator[BoxLine]:
    """Yield the lines of a text that have a box."""
    counts_by_text: Counter[tuple[str, str]] = Counter()
    for number, line in enumerate(text.split("\n")):
        if match := BOX_PATTERN.match(line):
            text_around_mark = match["before"].strip(), match["after"].strip()
            yield BoxLine(number, text_around_mark, counts_by_text[text_around_mark], match["mark"])
            counts_by_text[text_around_mark] += 1


def _with_marks(text: str, marks_by_line: dict[int, str]) -> str:
    """Return `text` with new marks. `marks_by_line` maps the number of a line (0-based) to the new mark of its box."""
    lines = text.split("\n")
    for number, mark in marks_by_line.items():
        lines[number] = BOX_PATTERN.sub(rf"\g<before>{mark}\g<after>", lines[number], count=1)
    return "\n".join(lines)
