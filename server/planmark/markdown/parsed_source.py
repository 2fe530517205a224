"""The parsed text of a document: sections with their lines, and functions that parse the blocks of a section on demand."""

from __future__ import annotations

import bisect
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, ParamSpec, TypeVar, cast

import msgspec

from planmark.markdown.blocks import Blocks, Field, parse_blocks, prose_lines, split_lines
from planmark.markdown.blocks import clear_cache as forget_blocks
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import PlacedSection, Section, split_into_sections, unchanged_sections
from planmark.text.lookalikes import narrowed_text
from planmark.text.mojibake import repair_mojibake

MAX_SEARCHED_CHARACTERS = 1000
"""The maximum length of the part of a line that is searched, in characters.

The beginning of a line tells what the line is about.
"""


class SectionPosition(NamedTuple):
    """The position of a line: the index of its section in the document, and the line in the section, both 0-based.

    Facts contain positions in sections instead of line numbers, so an edit that moves a section does not change its
    facts.
    """

    section: int
    line: int


class Quote(msgspec.Struct, frozen=True, cache_hash=True):
    """A quoted line of a document: its position, and its text without blanks at the beginning and the end."""

    position: SectionPosition
    text: str


class LineRange(msgspec.Struct, frozen=True, cache_hash=True):
    """A range of lines: `start` inclusive, `end` exclusive."""

    start: SectionPosition
    end: SectionPosition


Source = tuple[PlacedSection, ...]
"""The sections of a document, in order."""


MAX_SHARED_FACTS = 4096
"""The maximum number of cached facts of one kind. If a new fact equals a cached fact, the cached object is used."""
MAX_CACHED_TEXTS = 16
"""The maximum number of texts whose sections are cached: enough for the texts of one request."""
COMPARED_CHARACTERS = 100
"""The number of characters at the beginning of a text that are compared to recognise an earlier version of the same
document. These characters contain the kind, feature and number of the document.
"""

Parameters = ParamSpec("Parameters")
ResultT = TypeVar("ResultT")


def interned(make: Callable[Parameters, ResultT]) -> Callable[Parameters, ResultT]:
    """Return `make` with a cache, so that equal arguments give the same object.

    Facts that an edit did not change stay the same objects.
    """
    return cast(Callable[Parameters, ResultT], functools.lru_cache(maxsize=MAX_SHARED_FACTS)(make))


make_quote = interned(Quote)
_recent_sources: tuple[tuple[str, Source], ...] = ()
"""The last texts, each with its sections, the last text first."""


def parse_sections(text: str, old_sections: Source = ()) -> Source:
    """Return the sections of `normalize_for_parser(text)`. Lines keep their numbers.

    `old_sections` are the sections of an earlier text. Unchanged sections are neither cut nor repaired again, and stay
    the same objects. Without `old_sections`, the function uses the sections of a cached text with the same beginning.
    """
    global _recent_sources
    source = None
    if not old_sections:
        # Texts are compared, not hashed. Most differ in length, and a text of equal length is usually the same object.
        similar_sources = [
            (kept_text, source)
            for kept_text, source in _recent_sources
            if kept_text.startswith(text[:COMPARED_CHARACTERS])
        ]
        source = next((source for kept_text, source in similar_sources if kept_text == text), None)
        old_sections = similar_sources[0][1] if similar_sources else ()
    if source is None:
        source = split_into_sections(_repair_text(text, old_sections), old_sections)
    _recent_sources = ((text, source), *(entry for entry in _recent_sources if entry[1] is not source))[
        :MAX_CACHED_TEXTS
    ]
    return source


def clear_caches() -> None:
    """Remove the cached texts and blocks, so that a measurement includes the time to parse them."""
    global _recent_sources
    _recent_sources = ()
    forget_blocks()


def _repair_text(text: str, old_sections: Source) -> str:
    """Return `normalize_for_parser(text)`. If `old_sections` need no repair, the function repairs only text that has
    changed since then.
    """
    if text.isascii():
        return text
    if not old_sections or not all(_needs_no_repair(section.section) for section in old_sections):
        return normalize_for_parser(text)
    unchanged = unchanged_sections(old_sections, text)
    changed_text = text[unchanged.start : unchanged.end]
    repaired_text = normalize_for_parser(changed_text)
    return text if repaired_text is changed_text else text[: unchanged.start] + repaired_text + text[unchanged.end :]


def normalize_for_parser(text: str) -> str:
    """Return `text` in the form that parsers read: emoji are repaired, and full-width digits and colons are narrow.

    If nothing changes, the result is the same object.
    """
    return narrowed_text(repair_mojibake(text))


@memoize_per_section
def _needs_no_repair(section: Section) -> bool:
    return normalize_for_parser(section.text) is section.text


def line_number(starts: tuple[int, ...], place: SectionPosition) -> int:
    """Return the 0-based line of `place` in a document. `starts` is the result of `section_start_lines` for the document."""
    return starts[place.section] + place.line


def section_start_lines(source: Source) -> tuple[int, ...]:
    """Return a tuple: the 0-based first line of every section, and as the last entry the number of all lines."""
    lines = source[-1].start + source[-1].section.lines if source else 0
    return (*(section.start for section in source), lines)


def blocks_of(source: Source, index: int) -> Blocks:
    """Return the blocks of one section."""
    return parse_blocks(source[index].section)


def section_range(source: Source, index: int) -> range:
    """Return the indexes of the sections from a heading to the next heading of the same or a higher level.

    `index` is the index of the heading.
    """
    level = source[index].section.level
    end = index + 1
    while end < len(source) and (source[end].section.level > level or source[end].section.kind != "heading"):
        end += 1
    return range(index, end)


def passage(source: Source, index: int) -> LineRange:
    """Return the range of lines from the heading of the section at `index` to the next heading of the same or a higher
    level.
    """
    return LineRange(SectionPosition(index, 0), SectionPosition(section_range(source, index).stop, 0))


def search_sections(source: Source, find: Callable[[Section], ResultT | None]) -> list[tuple[int, ResultT]]:
    """Call `find` for each section.

    Return a tuple for each result that is not None: the index of the section, and the result.
    """
    return [(index, result) for index, section in enumerate(source) if (result := find(section.section))]


def header_sections(source: Source) -> range:
    """Return the indexes of the sections of the header.

    The header ends before the first achievement or the first `##` below the title, whichever comes first.
    """
    is_titled = False
    for index, placed_section in enumerate(source):
        section = placed_section.section
        if section.kind == "achievement" or (section.kind == "heading" and is_titled and section.level > 1):
            return range(index)
        is_titled = is_titled or section.kind == "heading"
    return range(len(source))


def title_of(source: Source) -> str:
    """Return the text of the first heading; "" if there is no heading."""
    return next((section.section.title for section in source if section.section.kind == "heading"), "")


def fields_in(source: Source, section_indexes: range | list[int]) -> Iterator[tuple[SectionPosition, Field]]:
    """Yield a tuple for every field of the sections with the indexes `section_indexes`: its position, and the field."""
    for index in section_indexes:
        for field in blocks_of(source, index).fields:
            yield SectionPosition(index, field.line), field


def field_passage(place: SectionPosition, field: Field) -> LineRange:
    """Return the range of lines from a field to the end of the body of the field."""
    return LineRange(place, SectionPosition(place.section, max(field.body[1], field.line + 1)))


def quote_at(source: Source, place: SectionPosition) -> Quote:
    """Return the line at `place` as a quote."""
    lines = lines_of(source[place.section].section)
    return make_quote(place, lines[place.line].strip() if place.line < len(lines) else "")


@memoize_per_section
def lines_of(section: Section) -> Sequence[str]:
    """Return the lines of a section, without their terminators."""
    return tuple(split_lines(section.text))


def results_inside(
    results: Sequence[ResultT], index: int, line_range: LineRange, line_of: Callable[[ResultT], int]
) -> Sequence[ResultT]:
    """Return the entries of `results` whose lines are in `line_range`.

    `results` are from the section at `index`, in the order of their lines. `line_of` returns the line of a result in
    its section.
    """
    if not line_range.start.section <= index <= line_range.end.section:
        return ()
    first_index = (
        bisect.bisect_left(results, line_range.start.line, key=line_of) if index == line_range.start.section else 0
    )
    end_index = (
        bisect.bisect_left(results, line_range.end.line, key=line_of)
        if index == line_range.end.section
        else len(results)
    )
    return results[first_index:end_index]


def prose(
    source: Source, section_indexes: Iterable[int], keep: Callable[[str], object] | None = None
) -> Iterator[tuple[SectionPosition, str]]:
    """Yield a tuple for every line of prose in the sections `section_indexes`: its position, and its text.

    Prose is the text outside code, HTML and front matter. A text ends after MAX_SEARCHED_CHARACTERS. If `keep` is
    given, yield only lines for whose text `keep` returns a true value. Sections without such a line are not parsed.
    """
    for index in section_indexes:
        for line, text in section_prose(source[index].section, keep):
            yield SectionPosition(index, line), text


def section_prose(section: Section, keep: Callable[[str], object] | None = None) -> Iterator[tuple[int, str]]:
    """Yield a tuple for every line of prose in one section: its 0-based line, and its text. See `prose`."""
    for line, text in prose_lines(section, keep and (lambda line: keep(line[:MAX_SEARCHED_CHARACTERS]))):
        yield line, text[:MAX_SEARCHED_CHARACTERS]
