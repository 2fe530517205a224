"""The waves of a plan as text."""

from __future__ import annotations

from collections.abc import Iterator

from planmark.cli.console import Cell, line, paragraph, table
from planmark.cli.table import Column
from planmark.queries.waves import WaveMember, WaveOrder, WavesResult
from planmark.text.pluralize import counted

COLUMNS = (
    Column("WAVE"),
    Column("ITEM", 0, "name", 8),
    Column("HOURS", 1),
    Column("WHY", 0, "prose", 16),
    Column("FILES", 2, "text", 16),
)
ORDERS: dict[WaveOrder, str] = {
    "declared": "by the declared order",
    "priority": "by priority",
    "document": "in the order of the document",
}
MAX_PAIRS_SHOWN = 10
"""The maximum number of excluded pairs in the text; JSON has all."""


def waves_text(result: WavesResult) -> str:
    """Return the waves of a plan as text, or its cycle."""
    return "".join(_cycle_lines(result) if result.cycle else _lines(result))


def _cycle_lines(result: WavesResult) -> Iterator[str]:
    yield paragraph(f"@{result.feature} has no order: these items wait for each other. Remove one of the dependencies.")
    yield paragraph(" → ".join(result.cycle), indent="  ")


def _lines(result: WavesResult) -> Iterator[str]:
    if result.waves:
        yield from _wave_lines(result)
    else:
        yield paragraph(f"@{result.feature}: no waves")
    for pair in result.excluded_pairs[:MAX_PAIRS_SHOWN]:
        yield paragraph(f"Never at the same time: {pair.a} and {pair.b} ({', '.join(pair.files)})", indent="  ")
    if (more := len(result.excluded_pairs) - MAX_PAIRS_SHOWN) > 0:
        yield paragraph(f"and {counted(more, 'other pair')} (--format json)", indent="  ")
    for note in result.notes:
        yield paragraph(f"Note: {note}", indent="  ")


def _wave_lines(result: WavesResult) -> Iterator[str]:
    number = counted(sum(len(wave.members) for wave in result.waves), "item")
    waves = counted(len(result.waves), "wave")
    limit = f", at most {result.agents} at a time" if result.agents else ""
    yield paragraph(f"@{result.feature}: {number} left, in {waves} {ORDERS[result.order]}{limit}")
    yield line()
    yield _table(result)
    yield line()
    yield paragraph(f"Critical path: {' → '.join(result.critical_path)}", indent="  ")
    hours = result.hours
    if hours.sum is not None:
        in_order = f"{hours.sum:g} one after the other, {hours.makespan:g} in waves"
        yield paragraph(f"Hours: {in_order}, {hours.critical:g} on the critical path", indent="  ")


def _table(result: WavesResult) -> str:
    """Return the table of the waves, without columns that are empty."""
    rows = [_row(result, wave.n, one) for wave in result.waves for one in wave.members]
    filled = [at for at, _ in enumerate(COLUMNS) if any(row[at][0] for row in rows)]
    return table([COLUMNS[at] for at in filled], [[row[at] for at in filled] for row in rows])


def _row(result: WavesResult, number: int, member: WaveMember) -> list[Cell]:
    median = result.hours.median
    hours = f"{member.hours:g}" if member.hours is not None else "" if median is None else f"≈{median:g}"
    return [
        (str(number), "bold"),
        (member.achievement, ""),
        (hours, ""),
        (member.why, ""),
        (", ".join(member.files), ""),
    ]
