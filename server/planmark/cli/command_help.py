"""The list of commands in groups, as every help shows it."""

from __future__ import annotations

from collections.abc import Iterable

from planmark.cli.command_table import COMMAND_GROUPS, COMMANDS
from planmark.cli.help_topics import TOPIC_NAMES
from planmark.cli.table import output_width
from planmark.text.shorten import reflow

DEFAULT_WIDTH = 80
"""The width of a help in cells, if neither COLUMNS nor a terminal gives one."""
ROW_MARGIN = "  "
"""The text before the name in each row."""
NAME_COLUMN_CELLS = max(map(len, (*COMMANDS, *TOPIC_NAMES)))
"""The width of the column of names, in cells: the length of the longest name of a command or topic."""


def command_groups_text() -> str:
    """Return a text with the groups of commands, and in each group a row for each command with its effect."""
    return "\n\n".join(f"{group}:\n{two_column_text(commands.items())}" for group, commands in COMMAND_GROUPS.items())


def two_column_text(rows: Iterable[tuple[str, str]]) -> str:
    """Return `rows` as text with two columns, wrapped at the width of standard output.

    Each row is a tuple: the name of a command or topic, and a text about it.
    """
    width, indent = output_width() or DEFAULT_WIDTH, " " * (len(ROW_MARGIN) + NAME_COLUMN_CELLS + 2)
    lines = (reflow(f"{ROW_MARGIN}{name:<{NAME_COLUMN_CELLS}}  {text}", width, indent) for name, text in rows)
    return "\n".join(line for row in lines for line in row)
