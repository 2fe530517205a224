"""Deliverables: the files that a document says will exist, by the back-ticked paths in its Deliverables."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from planmark.documents.source import Passage, Place, Source, blocks_of, extent, fields_in, sections_named
from planmark.documents.vocabulary import Vocabulary, is_field
from planmark.syntax.blocks import split_lines

_PATH = re.compile(r"`([^`\s]+\.[A-Za-z0-9]{1,5}|[^`\s]+/)`")

_ARROW = re.compile(r"\s(?:→|⇒|->|=>)\s")
_GOES = re.compile(r"\b(?:delet|remov|archiv|deprecat)(?:e|ed|es|ing)\b", re.IGNORECASE)


class Deliverable(msgspec.Struct, frozen=True):
    """A file or folder (its name ends with `/`) as the document names it, and the line that does first."""

    path: str
    at: Place


def of_body(source: Source, body: Passage, vocabulary: Vocabulary) -> tuple[Deliverable, ...]:
    """What the Deliverables fields of a body name, each once."""
    return _each_once(_in_fields(source, body, vocabulary))


def of_sections(source: Source) -> tuple[Deliverable, ...]:
    """What the Deliverables sections of a document name, each once."""
    return _each_once(_in_sections(source))


def _in_fields(source: Source, body: Passage, vocabulary: Vocabulary) -> Iterator[Deliverable]:
    sections = range(body.start.section, min(body.end.section + 1, len(source)))
    for place, field in fields_in(source, sections):
        if body.start <= place < body.end and is_field(field.name, "deliverables", vocabulary):
            lines = split_lines(source[place.section].section.text)
            for number in range(place.line, max(place.line + 1, field.body[1])):
                text = field.value if number == place.line else lines[number]
                yield from _named(text, Place(place.section, number))


def _in_sections(source: Source) -> Iterator[Deliverable]:
    covered = 0
    for heading in sections_named(source, "deliverables"):
        for index in extent(source, heading):
            if index < covered or "`" not in source[index].section.text:
                continue
            text_of_section = source[index].section.text
            fences = blocks_of(source, index).fences if "```" in text_of_section or "~~~" in text_of_section else ()
            hidden = {line for fence in fences for line in range(fence.line, fence.end_line)}
            for number, text in enumerate(split_lines(text_of_section)):
                if number not in hidden:
                    yield from _named(text, Place(index, number))
        covered = max(covered, extent(source, heading).stop)


def _named(text: str, at: Place) -> Iterator[Deliverable]:
    """The paths of a line that are to exist: of `old → new` the new one; none where something is to go."""
    if not _GOES.search(text):
        for path in _PATH.findall(_ARROW.split(text)[-1]):
            yield Deliverable(path, at)


def _each_once(found: Iterator[Deliverable]) -> tuple[Deliverable, ...]:
    first: dict[str, Deliverable] = {}
    for deliverable in found:
        first.setdefault(deliverable.path, deliverable)
    return tuple(first.values())
