"""The waves of a plan as text."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from planmark.cli.console import Cell, line, paragraph, table
from planmark.cli.table import Column
from planmark.queries.waves import WaveMember, WavesResult, hours_label, summary_lines
from planmark.text.pluralize import counted_noun

LINE_REF_MARK = ":"
"""The first character of the name of an item that has no id of its own: `:LINE-HHHH`."""
MAX_EXCLUDED_PAIRS = 10
"""Maximum number of excluded pairs in the text: two items that must never run together. JSON has all pairs."""


def waves_text(result: WavesResult) -> str:
    """Return the waves of a plan as text. If items wait for each other in a cycle, return the cycle as text."""
    return "".join(_cycle_lines(result) if result.cycle else _lines_without_cycle(result))


def _cycle_lines(result: WavesResult) -> Iterator[str]:
    yield paragraph(f"@{result.feature} has no order: these items wait for each other. Remove one of the dependencies.")
    yield paragraph(" → ".join(result.cycle), indent="  ")


def _lines_without_cycle(result: WavesResult) -> Iterator[str]:
    if result.waves:
        yield from _wave_lines(result)
    else:
        yield paragraph(f"@{result.feature}: no waves")
    for pair in result.excluded_pairs[:MAX_EXCLUDED_PAIRS]:
        yield paragraph(f"Never at the same time: {pair.a} and {pair.b} ({', '.join(pair.files)})", indent="  ")
    if (more_count := len(result.excluded_pairs) - MAX_EXCLUDED_PAIRS) > 0:
        yield paragraph(f"and {counted_noun(more_count, 'other pair')} (--format json)", indent="  ")
    for note in result.notes:
        yield paragraph(f"Note: {note}", indent="  ")


def _wave_lines(result: WavesResult) -> Iterator[str]:
    headline, *other_lines = summary_lines(result)
    yield paragraph(f"@{result.feature}: {headline}")
    yield line()
    yield _waves_table(result)
    yield line()
    for other_line in other_lines:
        yield paragraph(other_line, indent="  ")


def _waves_table(result: WavesResult) -> str:
    """Return the table of the waves, without empty columns.

    On a narrow terminal, the column of titles is dropped before the column of files. If an item has no id, or if most
    items have no files, the column of files is dropped first.
    """
    members = [member for wave in result.waves for member in wave.members]
    has_few_files = 2 * sum(bool(member.files) for member in members) < len(members)
    needs_titles = has_few_files or any(member.achievement.startswith(LINE_REF_MARK) for member in members)
    columns = (
        Column("WAVE"),
        Column("ITEM", 0, "name", 8),
        Column("TITLE", 1 if needs_titles else 4, "text", 24),
        Column("HOURS", 2),
        Column("WHY", 0, "prose", 16),
        Column("FILES", 3, "text", 24),
    )
    critical_items = frozenset(result.critical_path)
    rows = [_member_row(result, wave.n, member, critical_items) for wave in result.waves for member in wave.members]
    filled_columns = [index for index, _ in enumerate(columns) if any(row[index][0] for row in rows)]
    return table(
        [columns[index] for index in filled_columns], [[row[index] for index in filled_columns] for row in rows]
    )


def _member_row(
    result: WavesResult, wave_number: int, member: WaveMember, critical_items: Collection[str]
) -> list[Cell]:
    """Return the cells of `member`, an item of a wave. `critical_items` are the names of items on the critical path."""
    return [
        (str(wave_number), "bold"),
        (member.achievement, "bold" if member.achievement in critical_items else ""),
        (member.title, ""),
        (hours_label(member, result.hours.median), ""),
        (member.why, ""),
        (", ".join(member.files), ""),
    ]
