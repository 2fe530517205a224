"""A document as its parsers read it: placed sections, and what is asked of them, block by block on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec

from planmark.documents.vocabulary import DEFAULT, Vocabulary, is_field, is_section
from planmark.syntax.blocks import Blocks, Field, blocks, prose_lines
from planmark.syntax.sections import Placed, split
from planmark.text.mojibake import repair

MAX_LINE = 1000
"""Characters of a line that are looked at: what a line is about stands at its beginning."""


class Place(NamedTuple):
    """A line: the index of its section in the document, and the line in the section, both 0-based.

    Facts keep places, not line numbers, so that text which moves a section leaves its facts as they were.
    """

    section: int
    line: int


class Quote(msgspec.Struct, frozen=True):
    """One line of a document, quoted: the place and the text as it stands there, stripped."""

    at: Place
    text: str


class Passage(msgspec.Struct, frozen=True):
    """A range of lines: `start` inclusive, `end` exclusive."""

    start: Place
    end: Place


Source = tuple[Placed, ...]


MAX_KEPT = 16_000_000
"""Characters of texts whose sections are kept: those of the last ones."""
_kept: dict[str, Source] = {}


def source_of(text: str) -> Source:
    """The sections of a document's text, emoji that were read as Mac Roman repaired; kept for the last texts.

    The repair goes line by line, so lines keep their numbers.
    """
    known = _kept.pop(text, None)
    _kept[text] = known = split(repair(text)) if known is None else known
    if known and sum(map(len, _kept)) > MAX_KEPT:
        for old in list(_kept)[: len(_kept) // 2 + 1]:
            del _kept[old]
    return known


def line_number(starts: tuple[int, ...], place: Place) -> int:
    """The 0-based line of `place` in the document whose sections begin at `starts` (the last one is the end)."""
    return starts[place.section] + place.line


def starts_of(source: Source) -> tuple[int, ...]:
    """The 0-based first line of every section, and after them the number of lines of the document."""
    lines = source[-1].start + source[-1].section.lines if source else 0
    return (*(placed.start for placed in source), lines)


def blocks_of(source: Source, index: int) -> Blocks:
    """The blocks of one section."""
    return blocks(source[index].section)


def extent(source: Source, index: int) -> range:
    """The sections of a heading: itself and what follows, to the next heading of its level or above."""
    level = source[index].section.level
    end = index + 1
    while end < len(source) and (source[end].section.level > level or source[end].section.kind != "heading"):
        end += 1
    return range(index, end)


def passage(source: Source, index: int) -> Passage:
    """The lines of a heading's `extent`."""
    return Passage(Place(index, 0), Place(extent(source, index).stop, 0))


def sections_named(source: Source, name: str) -> list[int]:
    """The headings that open the section called `name` (a key of `vocabulary.SECTIONS`), in order."""
    return [
        index
        for index, placed in enumerate(source)
        if placed.section.kind == "heading" and is_section(placed.section.title, name)
    ]


def header_sections(source: Source) -> range:
    """The sections of the header block: all before the first `##` behind the title, or the first achievement."""
    titled = False
    for index, placed in enumerate(source):
        section = placed.section
        if section.kind == "achievement" or (section.kind == "heading" and titled and section.level > 1):
            return range(index)
        titled = titled or section.kind == "heading"
    return range(len(source))


def title_of(source: Source) -> str:
    """The first heading's text; "" where there is none."""
    return next((placed.section.title for placed in source if placed.section.kind == "heading"), "")


def fields_in(source: Source, sections: range | list[int]) -> Iterator[tuple[Place, Field]]:
    """Every field of `sections`, in order."""
    for index in sections:
        for field in blocks_of(source, index).fields:
            yield Place(index, field.line), field


def header_field(source: Source, field: str, vocabulary: Vocabulary = DEFAULT) -> tuple[Place, str] | None:
    """The first field of the header that is the canonical `field` and has a value."""
    for place, found in fields_in(source, header_sections(source)):
        if found.value and is_field(found.name, field, vocabulary):
            return place, found.value
    return None


def field_passage(place: Place, field: Field) -> Passage:
    """The line of a field and the lines or list that belong to it."""
    return Passage(place, Place(place.section, max(field.body[1], field.line + 1)))


def quote(source: Source, place: Place) -> Quote:
    """The line at `place`."""
    text = source[place.section].section.text
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Quote(place, lines[place.line].strip() if place.line < len(lines) else "")


def prose(
    source: Source, sections: Iterable[int], wanted: Callable[[str], object] | None = None
) -> Iterator[tuple[Place, str]]:
    """Every line of `sections` outside code, HTML and front matter, without its terminator, cut at `MAX_LINE`.

    With `wanted`, only the lines (not yet cut) that it holds for: sections without one are not parsed.
    """
    for index in sections:
        for line, text in prose_lines(source[index].section, wanted):
            yield Place(index, line), text[:MAX_LINE]
