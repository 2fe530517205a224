"""The fields of an achievement's body: its dependencies, its effort, its deliverables."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from planmark.formats.planmark.documents.declarations import DeclaredField, declared_fields_in
from planmark.formats.planmark.documents.deliverables import (
    Deliverable,
    NamedPath,
    first_deliverable_of_each_path,
    make_deliverable,
    paths_in_field,
)
from planmark.formats.planmark.documents.dependencies import Declaration, UnreadPart, parse_dependency_value
from planmark.formats.planmark.documents.vocabulary import heading_key
from planmark.markdown.blocks import parse_blocks
from planmark.markdown.parsed_source import (
    LineRange,
    SectionPosition,
    Source,
    interned,
    quote_at,
    results_inside,
)
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.effort import Effort, parse_effort
from planmark.plans.vocabulary import Vocabulary

make_declaration = interned(Declaration)


class ParsedField(NamedTuple):
    """A field in the body of an achievement that names an effort or the paths of deliverables.

    `line` is the 0-based line of the field in its section.
    """

    line: int
    effort: Effort | None
    paths: tuple[NamedPath, ...]


class BodyFields(NamedTuple):
    """The fields in the body of an achievement, as pairs (index of the section that contains the field, field).

    `parsed_fields` name an effort or the paths of deliverables. `declared_fields` declare dependencies.
    """

    parsed_fields: tuple[tuple[int, ParsedField], ...]
    declared_fields: tuple[tuple[int, DeclaredField], ...]

    def declarations(self, source: Source, own_feature: str, titles: Mapping[str, str]) -> tuple[Declaration, ...]:
        """Return one declaration for each value in `declared_fields`.

        `own_feature` is the feature of the plan. `titles` maps the achievement ids of the plan to their titles.
        """
        return tuple(
            _declaration(source, SectionPosition(index, line), written_field, value, own_feature, titles)
            for index, written_field in self.declared_fields
            for line, value in written_field.values
        )

    @property
    def effort(self) -> Effort | None:
        """The first effort that a field of the body names, else None."""
        return next((parsed_field.effort for _, parsed_field in self.parsed_fields if parsed_field.effort), None)

    @property
    def deliverables(self) -> tuple[Deliverable, ...]:
        """The deliverables that the Deliverables fields of the body name. No path is repeated."""
        paths_by_section = ((index, path) for index, parsed_field in self.parsed_fields for path in parsed_field.paths)
        return first_deliverable_of_each_path(
            make_deliverable(path, SectionPosition(index, line)) for index, (line, path) in paths_by_section
        )


def fields_of_body(source: Source, body: LineRange, vocabulary: Vocabulary) -> BodyFields:
    """Return the fields in the body of an achievement. `body` is the range of lines of the body."""
    sections = range(body.start.section, min(body.end.section + 1, len(source)))
    return BodyFields(
        tuple(
            (index, parsed_field)
            for index in sections
            for parsed_field in results_inside(
                _effort_and_deliverables_fields(source[index].section, vocabulary), index, body, _line_of_field
            )
        ),
        tuple(
            (index, written_field)
            for index in sections
            for written_field in results_inside(
                declared_fields_in(source[index].section, vocabulary), index, body, _line_of_field
            )
            if body.start != (index, written_field.line)
        ),
    )


_line_of_field = operator.attrgetter("line")


def _declaration(
    source: Source,
    position: SectionPosition,
    written_field: DeclaredField,
    value: str,
    own_feature: str,
    titles: Mapping[str, str],
) -> Declaration:
    """Return the declaration in `value`, which is one of the values of `written_field`.

    `position` is the position of the value. `own_feature` is the feature of the plan. `titles` maps the achievement ids
    of the plan to their titles.
    """
    needed_achievements, unread_parts = parse_dependency_value(value, own_feature, titles)
    if written_field.denying_word and needed_achievements:
        needed_achievements, unread_parts = (), (UnreadPart(value, written_field.denying_word),)
    elif written_field.is_in_list_item:
        unread_parts = ()
    return make_declaration(
        quote_at(source, position), written_field.name, written_field.reverse, needed_achievements, unread_parts
    )


@memoize_per_section
def _effort_and_deliverables_fields(section: Section, vocabulary: Vocabulary) -> tuple[ParsedField, ...]:
    """Return the fields of a section that name an effort or the paths of deliverables."""
    return tuple(_parse_effort_and_deliverables_fields(section, vocabulary))


def _parse_effort_and_deliverables_fields(section: Section, vocabulary: Vocabulary) -> Iterator[ParsedField]:
    """Yield the fields of a section that name an effort or the paths of deliverables."""
    names_by_field = vocabulary.fields
    for field in parse_blocks(section).fields:
        key = heading_key(field.name)
        effort = parse_effort(field.value) if key in names_by_field["effort"] else None
        paths = tuple(paths_in_field(section, field)) if key in names_by_field["deliverables"] else ()
        if effort or paths:
            yield ParsedField(field.line, effort, paths)
