"""Documents beside the chain: NORTH_STAR, GRAMMAPLAN and EXECUTION_* notes."""

from __future__ import annotations

import msgspec

from planmark.documents.references import features_named
from planmark.documents.source import Place, Quote, Source, blocks_of, header_field, quote, title_of
from planmark.documents.vocabulary import Vocabulary, heading_key


class Note(msgspec.Struct, frozen=True):
    """Facts of a NORTH_STAR or an EXECUTION_* note: its title and status."""

    title: str
    status: Quote | None


class Child(msgspec.Struct, frozen=True):
    """A row of a GRAMMAPLAN's table of children; `progress` is what the table claims."""

    feature: str
    status: str
    progress: str
    at: Place


class Grammaplan(msgspec.Struct, frozen=True):
    """Facts of a GRAMMAPLAN."""

    title: str
    status: Quote | None
    children: tuple[Child, ...]


def parse_note(source: Source, vocabulary: Vocabulary) -> Note:
    """Facts of a free-standing document."""
    return Note(title_of(source), _status(source, vocabulary))


def parse_grammaplan(source: Source, vocabulary: Vocabulary) -> Grammaplan:
    """Facts of a GRAMMAPLAN: the first row for each child PLAN counts."""
    rows: dict[str, Child] = {}
    for index in range(len(source)):
        if "|" not in source[index].section.text:
            continue
        for table in blocks_of(source, index).tables:
            columns = [heading_key(cell.text) for cell in table.header]
            if not columns or columns[0] not in ("child plan", "plan"):
                continue
            for row in table.rows:
                cells = dict(zip(columns, (cell.text for cell in row.cells), strict=False))
                for feature in features_named(row.cells[0].text if row.cells else "")[:1]:
                    child = Child(feature, cells.get("status", ""), cells.get("progress", ""), Place(index, row.line))
                    rows.setdefault(feature, child)
    return Grammaplan(title_of(source), _status(source, vocabulary), tuple(rows.values()))


def _status(source: Source, vocabulary: Vocabulary) -> Quote | None:
    status = header_field(source, "status", vocabulary)
    return quote(source, status[0]) if status else None
