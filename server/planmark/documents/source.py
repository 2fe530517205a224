"""A document as its parsers read it: placed sections, and what is asked of them, block by block on demand."""

from __future__ import annotations

import bisect
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, ParamSpec, TypeVar, cast

import msgspec

from planmark.documents.vocabulary import DEFAULT, Vocabulary, is_field, sections_opened
from planmark.syntax.blocks import Blocks, Field, blocks, prose_lines, split_lines
from planmark.syntax.blocks import forget as forget_blocks
from planmark.syntax.by_section import by_section
from planmark.syntax.sections import Placed, Section, split, unchanged
from planmark.text.lookalikes import narrowed
from planmark.text.mojibake import repair

MAX_LINE = 1000
"""Characters of a line that are looked at: what a line is about stands at its beginning."""


class Place(NamedTuple):
    """A line: the index of its section in the document, and the line in the section, both 0-based.

    Facts keep places, not line numbers, so that text which moves a section leaves its facts as they were.
    """

    section: int
    line: int


class Quote(msgspec.Struct, frozen=True, cache_hash=True):
    """One line of a document, quoted: the place and the text as it stands there, stripped."""

    at: Place
    text: str


class Passage(msgspec.Struct, frozen=True, cache_hash=True):
    """A range of lines: `start` inclusive, `end` exclusive."""

    start: Place
    end: Place


Source = tuple[Placed, ...]


MAX_SHARED = 4096
"""So many facts of a kind are compared with new ones: those that were made last."""
MAX_KEPT = 16
"""The sections of so many texts are kept: enough for those that one question is about."""
BEGINNING = 100
"""Characters by which two states of a document are known: they name its kind, feature and number."""

Given = ParamSpec("Given")
Made = TypeVar("Made")


def shared(make: Callable[Given, Made]) -> Callable[Given, Made]:
    """`make`, which gives the same object for equal arguments, so that facts which an edit left are the same objects."""
    return cast(Callable[Given, Made], functools.lru_cache(maxsize=MAX_SHARED)(make))


make_quote = shared(Quote)
_kept: tuple[tuple[str, Source], ...] = ()


def source_of(text: str, before: Source = ()) -> Source:
    """The sections of a document's text as it is read (see `as_read`).

    `before` are the sections of an earlier text: what did not change is neither cut nor repaired again, and stays the
    same objects. Without it, one of the last texts that begins alike is taken for the earlier one. Lines keep their
    numbers.
    """
    global _kept
    source = None
    if not before:
        # Texts are compared, not hashed: most differ in length, and one that does not is mostly the same object.
        alike = [(known, source) for known, source in _kept if known.startswith(text[:BEGINNING])]
        source = next((source for known, source in alike if known == text), None)
        before = alike[0][1] if alike else ()
    if source is None:
        source = split(_repaired(text, before), before)
    _kept = ((text, source), *(kept for kept in _kept if kept[1] is not source))[:MAX_KEPT]
    return source


def forget() -> None:
    """Forgets what texts and sections hold, for those who measure what reading them costs."""
    global _kept, _asked
    _kept, _asked = (), ((), {})
    forget_blocks()


def _repaired(text: str, before: Source) -> str:
    """`text` repaired; of what stands as in `before` it is known that there is nothing to repair."""
    if text.isascii():
        return text
    if not before or not all(_is_sound(placed.section) for placed in before):
        return as_read(text)
    same = unchanged(before, text)
    changed = text[same.start : same.end]
    repaired = as_read(changed)
    return text if repaired is changed else text[: same.start] + repaired + text[same.end :]


def as_read(text: str) -> str:
    """`text` as parsers read it: emoji repaired, full-width digits and colons narrow; the same object where that is all one."""
    return narrowed(repair(text))


@by_section
def _is_sound(section: Section) -> bool:
    return as_read(section.text) is section.text


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


def found_in(source: Source, find: Callable[[Section], Made | None]) -> list[tuple[int, Made]]:
    """The sections in which `find` finds something, by their indexes, and what that is."""
    return [(index, found) for index, placed in enumerate(source) if (found := find(placed.section))]


def sections_named(source: Source, name: str) -> list[int]:
    """The headings that open the section called `name` (a key of `vocabulary.SECTIONS`), in order."""
    return _headings(source).get(name, [])


_asked: tuple[Source, dict[str, list[int]]] = ((), {})
"""The document that was asked about last: one is asked about many names."""


def _headings(source: Source) -> dict[str, list[int]]:
    """Name → the headings that open a section of that name."""
    global _asked
    known, headings = _asked
    if known is not source:
        headings = {}
        for index, names in found_in(source, _opened_by):
            for name in names:
                headings.setdefault(name, []).append(index)
        _asked = source, headings
    return headings


@by_section
def _opened_by(section: Section) -> frozenset[str]:
    return sections_opened(section.title) if section.kind == "heading" else frozenset()


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
    lines = lines_of(source[place.section].section)
    return make_quote(place, lines[place.line].strip() if place.line < len(lines) else "")


@by_section
def lines_of(section: Section) -> Sequence[str]:
    """The lines of a section, without their terminators."""
    return tuple(split_lines(section.text))


def inside(found: Sequence[Made], index: int, within: Passage, line_of: Callable[[Made], int]) -> Sequence[Made]:
    """Those of what was found in the section at `index`, in the order of its lines, that lie in a passage."""
    if not within.start.section <= index <= within.end.section:
        return ()
    first = bisect.bisect_left(found, within.start.line, key=line_of) if index == within.start.section else 0
    end = bisect.bisect_left(found, within.end.line, key=line_of) if index == within.end.section else len(found)
    return found[first:end]


def prose(
    source: Source, sections: Iterable[int], wanted: Callable[[str], object] | None = None
) -> Iterator[tuple[Place, str]]:
    """Every line of `sections` outside code, HTML and front matter, without its terminator, cut at `MAX_LINE`.

    With `wanted`, only the lines (as they are cut) that it holds for: sections without one are not parsed.
    """
    for index in sections:
        for line, text in prose_of(source[index].section, wanted):
            yield Place(index, line), text


def prose_of(section: Section, wanted: Callable[[str], object] | None = None) -> Iterator[tuple[int, str]]:
    """As `prose`, for one section, with the lines of the section."""
    for line, text in prose_lines(section, wanted and (lambda line: wanted(line[:MAX_LINE]))):
        yield line, text[:MAX_LINE]
