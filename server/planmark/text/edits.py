"""The application of edits to a text: in order, as an editor sends edits, or all at once, as a fix contains edits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from planmark.text.encodings import Encoding, to_column
from planmark.text.lines import LineIndex, TextPosition, line_index


class Edit(NamedTuple):
    """The replacement of a range of a document by `text`.

    Lines and columns are 0-based. Columns count units of the encoding that `apply_in_order` gets. If `range` is None,
    `text` replaces the whole document.
    """

    range: tuple[TextPosition, TextPosition] | None
    text: str


class Replacement(NamedTuple):
    """The replacement of the code points from the offset `start` to the offset `end` (exclusive) by `text`."""

    start: int
    end: int
    text: str


def apply_in_order(text: str, edits: Sequence[Edit], encoding: Encoding) -> str:
    """Apply `edits` to `text` in order, and return the result. Each edit refers to the result of the previous edit.

    A position past the end of a line becomes the end of the line. A position past the last line becomes the end of the
    text. If the end of a range is before its start, start and end are swapped.
    """
    for edit in edits:
        text = edit.text if edit.range is None else _replace(text, edit.range, edit.text, encoding)
    return text


def apply_at_once(text: str, replacements: Sequence[Replacement]) -> str:
    """Apply `replacements` to `text`, and return the result. All replacements refer to the original text.

    Raises ValueError if two replacements overlap or if a replacement is outside the text.
    """
    pieces: list[str] = []
    copied_end = 0
    for start, end, new_text in sorted(replacements, key=lambda replacement: replacement[:2]):
        if start < copied_end or end < start or end > len(text):
            raise ValueError(f"overlapping or impossible replacement: {start}-{end} in {len(text)} characters")
        pieces += [text[copied_end:start], new_text]
        copied_end = end
    return "".join([*pieces, text[copied_end:]])


def _replace(text: str, span: tuple[TextPosition, TextPosition], new_text: str, encoding: Encoding) -> str:
    index = line_index(text)
    start, end = sorted(_offset(index, position, encoding) for position in span)
    return text[:start] + new_text + text[end:]


def _offset(index: LineIndex, position: TextPosition, encoding: Encoding) -> int:
    if not 0 <= position.line < len(index):
        return index.offset(position)
    column = to_column(index.line(position.line), position.column, encoding)
    return index.offset(TextPosition(position.line, column))
