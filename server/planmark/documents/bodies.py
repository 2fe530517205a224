"""What the fields of an achievement's body tell: what it depends on, its effort, its deliverables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from planmark.documents.deliverables import Deliverable, Named, each_once, in_field, make_deliverable
from planmark.documents.effort import Effort, parse_effort
from planmark.documents.ids import consists_of_ids, expand
from planmark.documents.source import Passage, Place, Quote, Source, make_quote, prose_of, shared
from planmark.documents.vocabulary import Vocabulary, heading_key
from planmark.syntax.blocks import Field, blocks
from planmark.syntax.by_section import by_section
from planmark.syntax.sections import Section

_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?")


class Dependencies(msgspec.Struct, frozen=True, cache_hash=True):
    """What a `Dependencies`, `Depends on` or `Requires` field of a body declares."""

    depends_on: tuple[str, ...]
    at: Quote


make_dependencies = shared(Dependencies)


class Told(NamedTuple):
    """What a field of a section tells: its line there, and one of the values (each a line that lists ids), the effort, or
    the paths."""

    line: int
    name: str
    values: tuple[str, ...]
    effort: Effort | None
    paths: tuple[Named, ...]


class Body(NamedTuple):
    """What is told in the body of an achievement, each with the index of the section that tells it."""

    told: tuple[tuple[int, Told], ...]

    def dependencies(self, ids: Sequence[str]) -> Dependencies | None:
        """What the fields declare: only values that consist of ids; prose about another plan is none."""
        values = [(index, told, value) for index, told in self.told for value in told.values]
        found = [known for _, _, value in values for known in expand(value, ids)]
        if not found:
            return None
        index, told, value = values[0]
        return make_dependencies(
            tuple(dict.fromkeys(found)), make_quote(Place(index, told.line), f"{told.name}: {value}")
        )

    @property
    def effort(self) -> Effort | None:
        """The first effort that is told."""
        return next((told.effort for _, told in self.told if told.effort), None)

    @property
    def deliverables(self) -> tuple[Deliverable, ...]:
        """What the Deliverables fields name, each once."""
        named = ((index, path) for index, told in self.told for path in told.paths)
        return each_once(make_deliverable(path, Place(index, line)) for index, (line, path) in named)


def body_of(source: Source, body: Passage, vocabulary: Vocabulary) -> Body:
    """What the fields of a body tell."""
    sections = range(body.start.section, min(body.end.section + 1, len(source)))
    return Body(
        tuple(
            (index, told)
            for index in sections
            for told in _told_in(source[index].section, vocabulary)
            if body.start <= (index, told.line) < body.end
        )
    )


@by_section
def _told_in(section: Section, vocabulary: Vocabulary) -> tuple[Told, ...]:
    return tuple(_told(section, vocabulary))


def _told(section: Section, vocabulary: Vocabulary) -> Iterator[Told]:
    words = vocabulary.fields
    for field in blocks(section).fields:
        key = heading_key(field.name)
        values = tuple(_listing(section, field)) if key in words["dependencies"] else ()
        effort = parse_effort(field.value) if key in words["effort"] else None
        paths = tuple(in_field(section, field)) if key in words["deliverables"] else ()
        if values or effort or paths:
            yield Told(field.line, field.name, values, effort, paths)


def _listing(section: Section, field: Field) -> Iterator[str]:
    """The value of a field, or else the lines below that belong to it, where they consist of ids."""
    first, end = field.body
    below = (_ITEM.sub("", text) for line, text in prose_of(section) if first <= line < end and text.strip())
    for value in [field.value] if field.value else below:
        if consists_of_ids(value):
            yield value
