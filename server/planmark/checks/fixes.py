"""What mends a finding, as changes that an editor shows before it makes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from planmark.checks.diagnostic import Diagnostic
from planmark.documents.source import fields_in, header_sections, line_number, starts_of
from planmark.documents.vocabulary import is_field
from planmark.syntax.sections import split
from planmark.workspace.changes import Change, TextChange
from planmark.workspace.settings import vocabulary_of
from planmark.workspace.snapshot import ReadText, Snapshot


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


FIXES: dict[str, Mend] = {"plan-complete": _set_status_complete}
"""Code → what mends it."""
