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

COLUMN_GAP_CELLS = 2
MAX_CELL_LINES = 2
"""Maximum number of lines in a cell of the form `text`."""
MIN_TABLE_WIDTH = 20
"""Minimum width of a table, in cells. It is used if COLUMNS or the terminal gives a smaller width."""

ColumnForm = Literal["whole", "name", "text", "prose"]
"""The way in which a column becomes narrower.

A column of the form `whole` never becomes narrower. The texts of a `name` column are shortened in their middle. The
texts of a `text` column are broken into at most MAX_CELL_LINES lines and then cut. The texts of a `prose` column are
broken into any number of lines.
"""


class Column(NamedTuple):
    """A column of a table.

    In a narrow table, the column with the highest rank is dropped first. A column of rank 0 always stays.

    `min_width` is the minimum width of the column in cells, if the column can become narrower.
    """

    header: str
    rank: int = 0
    form: ColumnForm = "whole"
    min_width: int = 0


def output_width() -> int | None:
    """Return the width of standard output in cells: COLUMNS if it is set, else the width of the terminal.

    Returns None in a pipe or a file, because a program that reads a table needs every name in full.
    """
    columns_variable = os.environ.get("COLUMNS", "")
    if columns_variable.isascii() and columns_variable.isdecimal() and int(columns_variable) > 0:
        return max(int(columns_variable), MIN_TABLE_WIDTH)
    if not sys.stdout.isatty():
        return None
    return max(shutil.get_terminal_size().columns, MIN_TABLE_WIDTH)


def fit_columns(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> list[tuple[int, int]]:
    """Choose the columns to show, and their widths, so that the table fits into `width`. All widths are in cells.

    Return a tuple for each column to show: its position in `columns`, and its width. If `width` is None, every column
    is shown in its full width.
    """
    full_widths = [
        max((cell_width(column.header), *(cell_width(row[index]) for row in rows)))
        for index, column in enumerate(columns)
    ]
    visible_indexes = list(range(len(columns)))
    if width is None:
        return [(index, full_widths[index]) for index in visible_indexes]
    min_widths = [
        full_width if column.form == "whole" else min(full_width, max(column.min_width, cell_width(column.header)))
        for column, full_width in zip(columns, full_widths, strict=True)
    ]
    while _line_width(min_widths, visible_indexes) > width and any(columns[index].rank for index in visible_indexes):
        visible_indexes.remove(max(reversed(visible_indexes), key=lambda index: columns[index].rank))
    widths = list(full_widths)
    while _line_width(widths, visible_indexes) > width:
        widest = max(visible_indexes, key=lambda index: (widths[index] > min_widths[index], widths[index]))
        if widths[widest] <= min_widths[widest]:
            break
        widths[widest] -= 1
    return [(index, widths[index]) for index in visible_indexes]


def cell_lines(column: Column, texts: Sequence[str], width: int) -> list[list[str]]:
    """Return a list for each text of a column: the lines into which the text is broken.

    `width` is the width of the column on a terminal.
    """
    if column.form in ("text", "prose"):
        max_lines = MAX_CELL_LINES if column.form == "text" else 0
        return [[text] if cell_width(text) <= width else wrap(text, width, max_lines) for text in texts]
    if column.form == "name":
        shortened_texts = shorten_all(texts, width)
        return [[shortened_texts[text]] for text in texts]
    return [[text] for text in texts]


def without_empty_columns(
    columns: Sequence[Column], rows: Sequence[Sequence[tuple[str, str]]], optional_headers: Collection[str]
) -> tuple[list[Column], list[list[tuple[str, str]]]]:
    """Return a tuple: the columns and the rows of a table, without its empty optional columns.

    A column is optional if its header is in `optional_headers`. It is empty if all its cells are empty.
    """
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
    """Return the lines of a table. Each cell is a tuple: its text, and the name of its style.

    `style` is a function that takes a text and the name of a style, and returns the text in this style. `rule` is the
    character of the line below the header; "" for no line.
    """
    texts = [[visible_in_one_line(text) for text, _ in row] for row in rows]
    visible_columns = fit_columns(columns, texts, width)
    lines_by_column = [
        cell_lines(columns[index], [row[index] for row in texts], column_width)
        for index, column_width in visible_columns
    ]
    lines = [
        _line_of_cells(
            [style(columns[index].header, "bold") for index, _ in visible_columns],
            [columns[index].header for index, _ in visible_columns],
            visible_columns,
        )
    ]
    if rule:
        lines.append(
            rule * _line_width([column_width for _, column_width in visible_columns], range(len(visible_columns)))
        )
    for number, row in enumerate(rows):
        row_cells = [column_lines[number] for column_lines in lines_by_column]
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
    styled_texts: Sequence[str], plain_texts: Sequence[str], visible_columns: Sequence[tuple[int, int]]
) -> str:
    """Return one line of a table. Each text is padded to the width of its column.

    `styled_texts` are the texts in their styles. `plain_texts` are the same texts without styles, from which their
    widths are computed. `visible_columns` are tuples of the position of a column and its width.
    """
    padded_cells = (
        styled_text + " " * (width - cell_width(plain_text))
        for styled_text, plain_text, (_, width) in zip(styled_texts, plain_texts, visible_columns, strict=True)
    )
    return (" " * COLUMN_GAP_CELLS).join(padded_cells).rstrip()


def _line_width(widths: Sequence[int], visible_indexes: Sequence[int]) -> int:
    """Return the width in cells of a line with only the columns at `visible_indexes`.

    `widths` are the widths of all columns.
    """
    return sum(widths[index] for index in visible_indexes) + COLUMN_GAP_CELLS * (len(visible_indexes) - 1)
