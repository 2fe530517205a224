"""The facts of a SUBPLAN: the design of one achievement, and the number of executions that it needs."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from planmark.formats.planmark.documents.asked_tests import RequiredTests, required_tests
from planmark.formats.planmark.documents.conflicts import conflicts
from planmark.formats.planmark.documents.deliverables import Deliverable, deliverables_of_sections, files_to_change
from planmark.formats.planmark.documents.ids import id_named_in
from planmark.formats.planmark.documents.named_sections import header_field, sections_with_name
from planmark.formats.planmark.documents.placeholders import first_filled_section, is_filled, placeholders
from planmark.formats.planmark.documents.statuses import header_status
from planmark.formats.planmark.documents.vocabulary import is_field, is_placeholder, status_of
from planmark.markdown.parsed_source import (
    Quote,
    SectionPosition,
    Source,
    blocks_of,
    fields_in,
    quote_at,
    section_range,
    title_of,
)
from planmark.markdown.tables import Table
from planmark.plans.vocabulary import Status, Vocabulary
from planmark.text.lazy_pattern import lazy_pattern

SynthesisState = Literal["absent", "unfilled", "filled"]
"""Whether a SUBPLAN has a Synthesis section, and whether this section has content."""

_NUMBER = lazy_pattern(r"(?<![\w.])[0-9]{1,3}(?![\w.])")
_EXECUTION = lazy_pattern(r"[0-9]{1,4}(?:_[0-9]{1,3})+")
"""Pattern for the number of an execution with the number of its SUBPLAN: `11_01`."""
_SUMMARY_ROW = lazy_pattern(r"\W*(?:total|sum)\b", re.IGNORECASE)
"""Pattern for the first cell of a row with a sum."""


class Subplan(msgspec.Struct, frozen=True):
    """Facts of a SUBPLAN.

    `status` is the line of the status, and `status_word` is the normal form of the status. `planned_executions` is the
    number of planned executions, or None if the SUBPLAN states no number. `planned_at` is the line that states this
    number. `files` are the files below headings such as Files to Modify, including files to delete.
    """

    title: str
    status: Quote | None
    status_word: Status | None
    achievement: str | None
    achievement_at: Quote | None
    plan: str
    plan_at: Quote | None
    objective: SectionPosition | None
    approach: SectionPosition | None
    planned_executions: int | None
    planned_at: Quote | None
    synthesis: SynthesisState
    placeholders: tuple[Quote, ...]
    deliverables: tuple[Deliverable, ...]
    files: tuple[Deliverable, ...]
    tests: RequiredTests
    conflicts: tuple[Quote, ...]

    @property
    def is_withdrawn(self) -> bool:
        """Whether the Status of the SUBPLAN withdraws the SUBPLAN (Superseded, Cancelled, Rejected, Obsolete).

        A withdrawn file does not count as a SUBPLAN.
        """
        return self.status_word == "abandoned"


def parse_subplan(source: Source, vocabulary: Vocabulary) -> Subplan:
    """Return the facts of the SUBPLAN whose sections are `source`."""
    achievement_field = header_field(source, "achievement", vocabulary)
    status = header_status(source, vocabulary)
    plan_field = header_field(source, "plan", vocabulary)
    count_and_position = _planned_executions(source, vocabulary)
    return Subplan(
        title=title_of(source),
        status=quote_at(source, status.position) if status else None,
        status_word=status_of(status.value, vocabulary) if status else None,
        achievement=id_named_in(achievement_field[1]) if achievement_field else None,
        achievement_at=quote_at(source, achievement_field[0]) if achievement_field else None,
        plan=plan_field[1] if plan_field else "",
        plan_at=quote_at(source, plan_field[0]) if plan_field else None,
        objective=_position_of_filled_part(source, "objective", vocabulary),
        approach=_position_of_filled_part(source, "approach", vocabulary),
        planned_executions=count_and_position[0] if count_and_position else None,
        planned_at=quote_at(source, count_and_position[1]) if count_and_position else None,
        synthesis=_synthesis_state(source),
        placeholders=placeholders(source),
        deliverables=deliverables_of_sections(source),
        files=files_to_change(source),
        tests=required_tests(source),
        conflicts=conflicts(source),
    )


def _position_of_filled_part(source: Source, name: str, vocabulary: Vocabulary) -> SectionPosition | None:
    """Return the position of the first filled section `name`, else of the first filled field `name`, else None.

    `name` is a key of `vocabulary.SECTIONS` and of `vocabulary.FIELDS`.
    """
    section_position = first_filled_section(source, sections_with_name(source, name))
    if section_position:
        return section_position
    for position, field in fields_in(source, _sections_with_bold_name(source, vocabulary.fields[name])):
        if is_field(field.name, name, vocabulary) and is_filled(field.value):
            return position
    return None


def _sections_with_bold_name(source: Source, words: tuple[str, ...]) -> list[int]:
    """Return the indexes of the sections that contain one of `words` in bold."""
    return [
        index
        for index, section in enumerate(source)
        if any(f"**{word}" in section.section.text.casefold() for word in words)
    ]


def _planned_executions(source: Source, vocabulary: Vocabulary) -> tuple[int, SectionPosition] | None:
    """Return the number of planned executions and the position of the part that states it, else None. The first part
    that states a number decides. The order is: the table of active tasks, the table or list of planned executions, the
    field Execution Count.
    """
    return (
        _planned_count_in_tables(source, sections_with_name(source, "active_tasks"))
        or _planned_count_in_tables(source, sections_with_name(source, "planned_executions"))
        or _planned_count_in_lists(source, sections_with_name(source, "planned_executions"))
        or _planned_count_in_field(source, vocabulary)
    )


def _planned_count_in_tables(source: Source, heading_indexes: list[int]) -> tuple[int, SectionPosition] | None:
    """Return (number of executions, position) of the first table that names executions, else None.

    Only the sections of the headings `heading_indexes` are searched.
    """
    for heading_index in heading_indexes:
        for index in section_range(source, heading_index):
            for table in blocks_of(source, index).tables:
                if count := len(_executions(table)):
                    return count, SectionPosition(index, table.line)
    return None


def _executions(table: Table) -> set[str]:
    """Return the executions that a table names in the first cells of its rows.

    Placeholders and rows with a sum are ignored. Re-runs with the same number count once.
    """
    cells = (row.cells[0].text for row in table.rows if row.cells)
    filled_cells = (cell for cell in cells if any(c.isdigit() for c in cell) and not is_placeholder(cell))
    name_cells = (cell for cell in filled_cells if not _SUMMARY_ROW.match(cell))
    return {numbers[-1] if (numbers := _EXECUTION.findall(cell)) else cell for cell in name_cells}


def _planned_count_in_lists(source: Source, heading_indexes: list[int]) -> tuple[int, SectionPosition] | None:
    """Return (number of filled items, position) of the first section with filled list items, else None.

    Only the sections of the headings `heading_indexes` are searched. Items of nested lists do not count.
    """
    for heading_index in heading_indexes:
        for index in section_range(source, heading_index):
            items = [item for item in blocks_of(source, index).items if item.depth == 0 and is_filled(item.text)]
            if items:
                return len(items), SectionPosition(index, items[0].line)
    return None


def _planned_count_in_field(source: Source, vocabulary: Vocabulary) -> tuple[int, SectionPosition] | None:
    """Return (number, position) of the first filled field Execution Count. Return None if it contains no number."""
    for position, field in fields_in(source, _sections_with_bold_name(source, vocabulary.fields["execution_count"])):
        if is_field(field.name, "execution_count", vocabulary) and not is_placeholder(field.value):
            match = _NUMBER.search(field.value)
            return (int(match[0]), position) if match else None
    return None


def _synthesis_state(source: Source) -> SynthesisState:
    """Tell whether the SUBPLAN has a Synthesis section, and whether this section has content."""
    heading_indexes = sections_with_name(source, "synthesis")
    if not heading_indexes:
        return "absent"
    return "filled" if first_filled_section(source, heading_indexes) else "unfilled"
