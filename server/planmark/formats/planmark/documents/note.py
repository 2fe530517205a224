"""The facts of documents that decide no state: NORTH_STAR, GRAMMAPLAN and EXECUTION_* notes."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from planmark.formats.planmark.documents.document_references import features_named_in, plain_value
from planmark.formats.planmark.documents.file_names import FEATURE_PATTERN
from planmark.formats.planmark.documents.named_sections import header_field
from planmark.formats.planmark.documents.vocabulary import heading_key
from planmark.markdown.parsed_source import Quote, SectionPosition, Source, blocks_of, quote_at, title_of
from planmark.plans.vocabulary import Vocabulary
from planmark.text.lazy_pattern import lazy_pattern

PLAN_COLUMNS = ("child plan", "child plans", "child", "plan", "plans", "plan name", "feature")
"""Headings of the column that names the child PLANs of a GRAMMAPLAN. The first of them that a table contains counts."""
STATUS_COLUMNS = ("status", "state")
"""Headings of status columns in the table of a GRAMMAPLAN."""
PROGRESS_COLUMNS = ("progress", "completion", "achievements")
"""Headings of progress columns in the table of a GRAMMAPLAN, the most likely heading first."""

_BARE_FEATURE = lazy_pattern(rf"[^\w@]*(?P<at>@?)(?P<feature>{FEATURE_PATTERN})\W*")
"""Pattern for a cell that contains only a feature."""


class Note(msgspec.Struct, frozen=True):
    """Facts of a NORTH_STAR or an EXECUTION_* note: its title and status."""

    title: str
    status: Quote | None


class ChildPlan(msgspec.Struct, frozen=True):
    """A row in a GRAMMAPLAN's table of child PLANs. `progress` is the progress that the table claims.

    `is_bare` tells whether the row names its plan without `PLAN_` or `@`. Then `feature` may be an ordinary word, such
    as `TOTAL`.
    """

    feature: str
    status: str
    progress: str
    position: SectionPosition
    is_bare: bool = False


class Grammaplan(msgspec.Struct, frozen=True):
    """Facts of a GRAMMAPLAN. `children` are the rows of its tables, one for each child PLAN."""

    title: str
    status: Quote | None
    children: tuple[ChildPlan, ...]


def parse_note(source: Source, vocabulary: Vocabulary) -> Note:
    """Return the facts of a NORTH_STAR or an EXECUTION_* note."""
    return Note(title_of(source), _status(source, vocabulary))


def parse_grammaplan(source: Source, vocabulary: Vocabulary) -> Grammaplan:
    """Return the facts of a GRAMMAPLAN. If several rows name the same child PLAN, the first row counts."""
    children_by_feature: dict[str, ChildPlan] = {}
    for index in range(len(source)):
        if "|" not in source[index].section.text:
            continue
        for table in blocks_of(source, index).tables:
            columns = [heading_key(cell.text) for cell in table.header]
            plan_column = next((column for column in PLAN_COLUMNS if column in columns), None)
            for row in table.rows if plan_column else ():
                texts = [cell.text for cell in row.cells]
                child = _child(
                    plan_column or "", dict(zip(columns, texts, strict=False)), SectionPosition(index, row.line)
                )
                if child is not None:
                    children_by_feature.setdefault(child.feature, child)
    return Grammaplan(title_of(source), _status(source, vocabulary), tuple(children_by_feature.values()))


def _child(plan_column: str, cells: Mapping[str, str], position: SectionPosition) -> ChildPlan | None:
    """Return the child PLAN that the table row at `position` names, else None.

    `cells` maps the heading of each column to the text of the cell in this row. `plan_column` is the heading of the
    column with the plans. A cell of this column names a plan by `PLAN_X`, by `@X`, or by the feature alone.
    """
    cell_text = cells.get(plan_column, "")
    features = features_named_in(cell_text)
    bare_match = _BARE_FEATURE.fullmatch(plain_value(cell_text).strip()) if not features else None
    feature = features[0] if features else bare_match["feature"] if bare_match else ""
    status, progress = (
        next((cells[column_name] for column_name in columns if column_name in cells), "")
        for columns in (STATUS_COLUMNS, PROGRESS_COLUMNS)
    )
    is_bare = bare_match is not None and not bare_match["at"]
    return ChildPlan(feature, status, progress, position, is_bare) if feature else None


def _status(source: Source, vocabulary: Vocabulary) -> Quote | None:
    """Return the line of the Status in the header, else None."""
    status_field = header_field(source, "status", vocabulary)
    return quote_at(source, status_field[0]) if status_field else None
