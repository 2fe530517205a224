"""Tables in the available width: columns are dropped by rank, names lose their middle, and no word is broken."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Collection, Sequence
from typing import Literal, NamedTuple

from planmark.text.display_width import cell_width
from planmark.text.shorten import shorten_all, wrap
from planmark.text.visible import visible_in_one_line

GAP_CELLS = 2
MAX_CELL_LINES = 2
"""Maximum of lines of a cell of the form `text`."""
MIN_WIDTH = 20
"""Minimum width; a smaller width that a terminal reports is ignored."""

Form = Literal["whole", "name", "text", "prose"]
"""The way in which a column becomes narrower.

A column of the form `whole` never becomes narrower. The texts of a `name` column are shortened in their middle. The
texts of a `text` column are broken into at most MAX_CELL_LINES lines and then cut. Those of a `prose` column are broken
into any number of lines.
"""


class Column(NamedTuple):
    """A column of a table.

    In a narrow table, the column with the highest rank is dropped first. A column of rank 0 always stays.

    `min_width` is the minimum width of the column in cells, if the column can become narrower.
    """

    header: str
    rank: int = 0
    form: Form = "whole"
    min_width: int = 0


def output_width() -> int | None:
    """Return the width of standard output in cells: COLUMNS if it is set, else the width of the terminal.

    Returns None in a pipe or a file, because a program that reads a table needs every name in full.
    """
    columns_variable = os.environ.get("COLUMNS", "")
    if columns_variable.isascii() and columns_variable.isdecimal() and int(columns_variable) > 0:
        return max(int(columns_variable), MIN_WIDTH)
    if not sys.stdout.isatty():
        return None
    return max(shutil.get_terminal_size().columns, MIN_WIDTH)


def fit_columns(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> list[tuple[int, int]]:
    """Return (position, width) of each column to show, so that the table fits into `width`. Widths are in cells.

    Without `width`, every column is shown in its full width.
    """
    full_widths = [
        max((cell_width(column.header), *(cell_width(row[index]) for row in rows)))
        for index, column in enumerate(columns)
    ]
    visible_columns = list(range(len(columns)))
    if width is None:
        return [(index, full_widths[index]) for index in visible_columns]
    min_widths = [
        widths if column.form == "whole" else min(widths, max(column.min_width, cell_width(column.header)))
        for column, widths in zip(columns, full_widths, strict=True)
    ]
    while _line_width(min_widths, visible_columns) > width and any(columns[index].rank for index in visible_columns):
        visible_columns.remove(max(reversed(visible_columns), key=lambda index: columns[index].rank))
    widths = list(full_widths)
    while _line_width(widths, visible_columns) > width:
        widest = max(visible_columns, key=lambda index: (widths[index] > min_widths[index], widths[index]))
        if widths[widest] <= min_widths[widest]:
            break
        widths[widest] -= 1
    return [(index, widths[index]) for index in visible_columns]


def cell_lines(column: Column, texts: Sequence[str], cells: int) -> list[list[str]]:
    """Return the lines of each cell of a column that is `cells` wide."""
    if column.form in ("text", "prose"):
        max_lines = MAX_CELL_LINES if column.form == "text" else 0
        return [[text] if cell_width(text) <= cells else wrap(text, cells, max_lines) for text in texts]
    if column.form == "name":
        shortened_texts = shorten_all(texts, cells)
        return [[shortened_texts[text]] for text in texts]
    return [[text] for text in texts]


def without_empty_columns(
    columns: Sequence[Column], rows: Sequence[Sequence[tuple[str, str]]], optional_headers: Collection[str]
) -> tuple[list[Column], list[list[tuple[str, str]]]]:
    """Return the columns and rows of a table, without the columns of `optional_headers` that have no text."""
    kept_indexes = [
        index
        for index, column in enumerate(columns)
        if column.header not in optional_headers or any(row[index][0] for row in rows)
    ]
    return [columns[index] for index in kept_indexes], [[row[index] for index in kept_indexes] for row in rows]


def draw_table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[tuple[str, str]]],
    width: int | None,
    style: Callable[[str, str], str],
    rule: str = "",
) -> list[str]:
    """Return the lines of a table. Each cell is (text, name of its style).

    `style` returns a text in a named style. `rule` is the character of the line below the header, "" for no line.
    """
    texts = [[visible_in_one_line(text) for text, _ in row] for row in rows]
    visible_columns = fit_columns(columns, texts, width)
    blocks = [cell_lines(columns[index], [row[index] for row in texts], cells) for index, cells in visible_columns]
    lines = [
        _line_of_cells(
            [style(columns[index].header, "bold") for index, _ in visible_columns],
            [columns[index].header for index, _ in visible_columns],
            visible_columns,
        )
    ]
    if rule:
        lines.append(rule * _line_width([cells for _, cells in visible_columns], range(len(visible_columns))))
    for number, row in enumerate(rows):
        row_cells = [block[number] for block in blocks]
        for line_number in range(max(map(len, row_cells))):
            plain_texts = [cell[line_number] if line_number < len(cell) else "" for cell in row_cells]
            lines.append(
                _line_of_cells(
                    [style(text, row[index][1]) for text, (index, _) in zip(plain_texts, visible_columns, strict=True)],
                    plain_texts,
                    visible_columns,
                )
            )
    return lines


def _line_of_cells(
    styled_cells: Sequence[str], plain_texts: Sequence[str], visible_columns: Sequence[tuple[int, int]]
) -> str:
    """Return one line of a table. Each cell is padded to the width of its column, by the width of its plain text."""
    padded_cells = (
        text + " " * (cells - cell_width(plain_text))
        for text, plain_text, (_, cells) in zip(styled_cells, plain_texts, visible_columns, strict=True)
    )
    return (" " * GAP_CELLS).join(padded_cells).rstrip()


def _line_width(widths: Sequence[int], visible_columns: Sequence[int]) -> int:
    return sum(widths[index] for index in visible_columns) + GAP_CELLS * (len(visible_columns) - 1)
