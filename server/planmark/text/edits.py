"""Changes of a text: one after the other, as an editor sends them, or several at once, as a fix makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from planmark.text.encodings import Encoding, to_column
from planmark.text.lines import LineIndex, Position, line_index


class Edit(NamedTuple):
    """A range, 0-based with columns in units of the encoding, and what takes its place; no range for all of it."""

    range: tuple[Position, Position] | None
    text: str


class Replacement(NamedTuple):
    """A range of offsets in code points, `end` exclusive, and what takes its place."""

    start: int
    end: int
    text: str


def apply_in_order(text: str, edits: Sequence[Edit], encoding: Encoding) -> str:
    """`text` after `edits`, each of which speaks of the text that the one before it left.

    Positions past an end are clamped to it; a range whose end lies before its start is taken the other way round.
    """
    for edit in edits:
        text = edit.text if edit.range is None else _replace(text, edit.range, edit.text, encoding)
    return text


def apply_at_once(text: str, replacements: Sequence[Replacement]) -> str:
    """`text` after all `replacements`, which speak of the same text. Raises ValueError where they overlap."""
    pieces: list[str] = []
    reached = 0
    for start, end, new in sorted(replacements, key=lambda replacement: replacement[:2]):
        if start < reached or end < start or end > len(text):
            raise ValueError(f"overlapping or impossible replacement: {start}-{end} in {len(text)} characters")
        pieces += [text[reached:start], new]
        reached = end
    return "".join([*pieces, text[reached:]])


def _replace(text: str, span: tuple[Position, Position], new: str, encoding: Encoding) -> str:
    index = line_index(text)
    start, end = sorted(_offset(index, position, encoding) for position in span)
    return text[:start] + new + text[end:]


def _offset(index: LineIndex, position: Position, encoding: Encoding) -> int:
    if not 0 <= position.line < len(index):
        return index.offset(position)
    column = to_column(index.line(position.line), position.column, encoding)
    return index.offset(Position(position.line, column))
