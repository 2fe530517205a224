"""Tables of a section, with the place of each cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from planmark.text.lazy_pattern import lazy_pattern

_ROW_LEAD = lazy_pattern(r"[\s>]*\|?")
"""Blanks and quote marks before a row, and the first pipe."""
_CELL_END = lazy_pattern(r"(?<!\\)\|")
"""A pipe that is not escaped."""


class CellSpan(NamedTuple):
    """A range in the section: 0-based lines, and columns in code points; the end is exclusive."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int


class Cell(NamedTuple):
    """A cell of a table: its text without escapes, and its range without surrounding blanks."""

    text: str
    span: CellSpan


class TableRow(NamedTuple):
    """A row of a table, which may have more or fewer cells than the header."""

    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its header's cells and its rows."""

    line: int
    header: tuple[Cell, ...]
    rows: tuple[TableRow, ...]


def table_in(lines: list[str], first_line: int, end_line: int) -> Table:
    """Return the table whose header is the line `first_line`. The table ends before the line `end_line`."""
    rows = tuple(
        TableRow(line, _cells(lines[line], line)) for line in range(first_line + 2, end_line) if lines[line].strip()
    )
    return Table(first_line, _cells(lines[first_line], first_line), rows)


def _cells(text: str, line: int) -> tuple[Cell, ...]:
    """Return the cells between the pipes of a row. Text behind the last pipe is a cell only if it is not blank."""
    column = _ROW_LEAD.match(text).end()  # type: ignore[union-attr]  # the pattern matches everywhere
    ends = [*(match.start() for match in _CELL_END.finditer(text, column)), len(text)]
    cells = []
    for end in ends:
        raw_text = text[column:end]
        start = column + len(raw_text) - len(raw_text.lstrip())
        stop = max(start, column + len(raw_text.rstrip()))
        cells.append(Cell(text[start:stop].replace("\\|", "|"), CellSpan(line, start, line, stop)))
        column = end + 1
    return tuple(cells if cells[-1].text else cells[:-1])
