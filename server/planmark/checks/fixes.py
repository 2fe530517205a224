"""What mends a finding, as changes that an editor shows before it makes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from planmark.checks.diagnostic import Diagnostic
from planmark.documents.ids import ID_PATTERN
from planmark.documents.plan import TICK
from planmark.documents.source import fields_in, header_sections, line_number, starts_of
from planmark.documents.vocabulary import is_field
from planmark.syntax.sections import split
from planmark.text.lines import LineIndex
from planmark.workspace.changes import Change, TextChange
from planmark.workspace.settings import vocabulary_of
from planmark.workspace.snapshot import ReadText, Snapshot

_WORD = re.compile(rf"\**(?:Achievement\s+)?(?<![\w.]){ID_PATTERN}")
"""Where a line of the index begins to speak of its achievement."""


class Fix(NamedTuple):
    """A title that says what happens, whether it is the one to take without thinking, and the changes."""

    title: str
    preferred: bool
    changes: tuple[Change, ...]


Mend = Callable[[Snapshot, Diagnostic, ReadText], Fix | None]
"""Gives the fix of one finding; None where the text has changed so that there is none."""


def fix_of(snapshot: Snapshot, diagnostic: Diagnostic, text: ReadText) -> Fix | None:
    """The fix of a finding, where its code has one."""
    mend = FIXES.get(diagnostic.code)
    return mend(snapshot, diagnostic, text) if mend else None


def _set_status_complete(snapshot: Snapshot, diagnostic: Diagnostic, text: ReadText) -> Fix | None:
    source = split(text(diagnostic.path))
    starts = starts_of(source)
    vocabulary = vocabulary_of(snapshot.settings)
    for place, field in fields_in(source, header_sections(source)):
        line = line_number(starts, place)
        if line == diagnostic.line - 1 and is_field(field.name, "status", vocabulary):
            span = field.value_span
            change = TextChange(diagnostic.path, line, span.start_column, span.end_column, "✅ Complete")
            return Fix("Set the status to ✅ Complete", True, (change,))
    return None


def _remove_tick(_snapshot: Snapshot, diagnostic: Diagnostic, text: ReadText) -> Fix | None:
    match = TICK.search(_line(diagnostic, text))
    if match is None:
        return None
    replacement = "[ ]" if match[0].startswith("[") else ""
    change = TextChange(diagnostic.path, diagnostic.line - 1, match.start(), match.end(), replacement)
    return Fix("Remove the tick", False, (change,))


def _add_tick(_snapshot: Snapshot, diagnostic: Diagnostic, text: ReadText) -> Fix | None:
    line = _line(diagnostic, text)
    box, word = line.find("[ ]"), _WORD.search(line)
    if TICK.search(line) or (box < 0 and word is None):
        return None
    line_number = diagnostic.line - 1
    if box >= 0:
        change = TextChange(diagnostic.path, line_number, box, box + 3, "[x]")
    else:
        assert word
        change = TextChange(diagnostic.path, line_number, word.start(), word.start(), "✅ ")
    return Fix("Add the tick", True, (change,))


def _line(diagnostic: Diagnostic, text: ReadText) -> str:
    """The line of a finding as it is now; "" where it is not there."""
    lines = LineIndex(text(diagnostic.path))
    return lines.line(diagnostic.line - 1) if diagnostic.line <= len(lines) else ""


FIXES: dict[str, Mend] = {
    "plan-complete": _set_status_complete,
    "index-tick-without-verdict": _remove_tick,
    "index-tick-missing": _add_tick,
}
"""Code → what mends it."""
