"""What is to be changed in a workspace, as values: an editor shows and undoes them, the command line writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from planmark.text.edits import Replacement, apply_at_once
from planmark.text.lines import LineIndex, Position, line_ends, line_index


class TextChange(NamedTuple):
    """A range of a document (0-based lines, columns in code points, end exclusive) and what takes its place.

    `end` is a column of `line`, or of the line `lines` further down.
    """

    path: str
    line: int
    start: int
    end: int
    text: str
    lines: int = 0


class CreateFile(NamedTuple):
    """A document that does not exist yet."""

    path: str
    text: str


class RenamePath(NamedTuple):
    """A file or a folder with all that is in it; the new path must not exist."""

    old: str
    new: str


Change = TextChange | CreateFile | RenamePath
"""Text changes speak of the texts before any change; then files are created, then paths renamed, in their order."""


def in_order(changes: Iterable[Change]) -> list[Change]:
    """Changes in the order in which they are carried out, each once; those of a text from its end."""
    kinds = (TextChange, CreateFile, RenamePath)
    unique = list(dict.fromkeys(changes))
    texts = sorted((c for c in unique if isinstance(c, TextChange)), key=lambda c: (c.path, -c.line, -c.start))
    return [*texts, *(c for kind in kinds[1:] for c in unique if isinstance(c, kind))]


def changed_text(text: str, changes: Iterable[TextChange]) -> str:
    """`text` after the changes of its document. Raises ValueError where they overlap."""
    lines = LineIndex(text)
    return apply_at_once(
        text,
        [
            Replacement(
                lines.offset(Position(c.line, c.start)), lines.offset(Position(c.line + c.lines, c.end)), c.text
            )
            for c in changes
        ],
    )


def whole_lines(path: str, text: str, line: int, insertion: str) -> TextChange:
    """Whole lines (ended by LF) before a 0-based line of a document, with the line end that most of its lines have."""
    lines, ends = line_index(text), line_ends(text)
    end = max(ends, key=lambda known: ends[known]) if ends else "\n"
    last = len(lines) - 1
    if line > last or (line == last and not lines.line(last)):
        lead = "\n" if lines.line(last) else ""
        at = len(lines.line(last))
        return TextChange(path, last, at, at, (lead + insertion).replace("\n", end))
    return TextChange(path, line, 0, 0, insertion.replace("\n", end))
