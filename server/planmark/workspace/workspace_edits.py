"""Changes of a workspace, as values. An editor shows the changes and can undo them; the CLI writes them to the disk."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NamedTuple

from planmark.text.edits import Replacement, apply_at_once
from planmark.text.lines import LineIndex, TextPosition, line_index, usual_line_end


class TextChange(NamedTuple):
    """The replacement of a range of a document by `text`.

    `line` is 0-based; `start` and `end` are columns in code points, and `end` is exclusive. `lines` is the number of
    line ends in the range. So `start` is a column of the line `line`, and `end` a column of the line `line + lines`.
    """

    path: str
    line: int
    start: int
    end: int
    text: str
    lines: int = 0


class CreateFile(NamedTuple):
    """A document to create."""

    path: str
    text: str


class RenamePath(NamedTuple):
    """A file, or a folder with everything in it, to rename. The new path must not exist."""

    old: str
    new: str


Change = TextChange | CreateFile | RenamePath
"""One change. In a list of changes, the texts are changed first, then files are created, and then paths are renamed.

The lines and columns of every text change refer to the text before any change.
"""


def in_order(changes: Iterable[Change]) -> list[Change]:
    """Return the changes in the order in which to carry them out, without duplicates.

    Of two text changes in a document, the change that is nearer to the end of the document comes first.
    """
    kinds = (TextChange, CreateFile, RenamePath)
    unique_changes = list(dict.fromkeys(changes))
    text_changes = sorted(
        (change for change in unique_changes if isinstance(change, TextChange)),
        key=lambda change: (change.path, -change.line, -change.start),
    )
    return [*text_changes, *(change for kind in kinds[1:] for change in unique_changes if isinstance(change, kind))]


def changed_text(text: str, changes: Iterable[TextChange]) -> str:
    """Apply `changes` to `text`, the text of a document, and return the new text. Raises ValueError if changes overlap.

    All of `changes` must be changes of this document.
    """
    lines = LineIndex(text)
    return apply_at_once(
        text,
        [
            Replacement(
                lines.offset(TextPosition(change.line, change.start)),
                lines.offset(TextPosition(change.line + change.lines, change.end)),
                change.text,
            )
            for change in changes
        ],
    )


def insert_whole_lines(path: str, text: str, line: int, insertion: str) -> TextChange:
    """Return the change that inserts whole lines into a document, before the 0-based line `line`.

    `text` is the text of the document. `insertion` is the text to insert, with LF at the end of each line. In the
    change, the line end that most lines of the document have replaces LF.
    """
    lines, line_end = line_index(text), usual_line_end(text)
    last_line = len(lines) - 1
    if line > last_line or (line == last_line and not lines.line(last_line)):
        leading_line_end = "\n" if lines.line(last_line) else ""
        column = len(lines.line(last_line))
        return TextChange(path, last_line, column, column, (leading_line_end + insertion).replace("\n", line_end))
    return TextChange(path, line, 0, 0, insertion.replace("\n", line_end))


def line_changes(path: str, old_text: str, new_text: str) -> list[TextChange]:
    """Return the changes that turn `old_text` into `new_text`. Each change replaces whole lines."""
    old_lines, new_lines = _lines_with_ends(old_text), _lines_with_ends(new_text)
    changes = []
    for tag, start, end, new_start, new_end in difflib.SequenceMatcher(None, old_lines, new_lines).get_opcodes():
        if tag != "equal":
            # The last line has no terminator, so a range cannot end at the beginning of a next line.
            end_column = 0 if end < len(old_lines) else len(old_lines[-1])
            line_end_count = end - start if end < len(old_lines) else max(0, len(old_lines) - 1 - start)
            begin = min(start, len(old_lines) - 1)
            start_column = 0 if begin == start else len(old_lines[-1])
            changes.append(
                TextChange(path, begin, start_column, end_column, "".join(new_lines[new_start:new_end]), line_end_count)
            )
    return changes


def _lines_with_ends(text: str) -> list[str]:
    """Return the lines of a text, each with its line end."""
    lines = line_index(text)
    starts = [lines.line_start_offset(number) for number in range(len(lines))]
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
