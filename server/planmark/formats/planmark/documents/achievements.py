"""Achievements in a PLAN: the lines that define them, the index that lists them, the bodies that describe them.

A line in one of the shapes P1 to P4 defines an achievement; any other line only mentions an achievement (the
methodology, §2.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

from planmark.formats.planmark.documents.ids import ID_PATTERN
from planmark.formats.planmark.documents.named_sections import sections_with_name
from planmark.markdown.blocks import prose_lines
from planmark.markdown.parsed_source import (
    MAX_SEARCHED_CHARACTERS,
    LineRange,
    Quote,
    SectionPosition,
    Source,
    interned,
    line_number,
    make_quote,
    search_sections,
    section_prose,
    section_range,
)
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lookalikes import has_lookalike, may_look_like, visible_text_of

DefinitionShape = Literal["P1", "P2", "P3", "P4"]
"""The shape of a line that defines an achievement, with its number in docs/methodology.md, §2.3."""

_SYMBOLS = r"(?:[^\w\s*#>|<(\[`\-+]+\s*)?"
"""Pattern for optional symbols, such as ✅, before the word Achievement."""
_TITLE_SEPARATOR = r"[:–—-]"
"""Pattern for the character between the id and the title of an achievement."""
_TEXT_BEFORE_TITLE = r"(?:[^\w\s:*(]|\s|\([^()]*\))*"
"""Pattern for the text between the id and the separator before the title: symbols, blanks, and text in brackets."""
_DROP_MARK = r"(?:\s*[(\[]\W{0,3}(?i:dropped|cancell?ed|deferred|won.?t do|merged)\b[^()\[\]*]*[)\]])?"
"""Pattern for an optional mark after the id that drops the achievement.

A line with any other text in brackets after the id is a report, not a definition.
"""
DEFINITION_PATTERNS: tuple[tuple[DefinitionShape, re.Pattern[str]], ...] = (
    (
        "P1",
        lazy_pattern(
            rf"{_SYMBOLS}\*\*{_SYMBOLS}Achievement\s+(?P<id>{ID_PATTERN})(?:~~)?{_DROP_MARK}\*\*{_TEXT_BEFORE_TITLE}(?:{_TITLE_SEPARATOR}\s*(?P<title>.*))?"
        ),
    ),
    (
        "P2",
        lazy_pattern(
            rf"{_SYMBOLS}\*\*{_SYMBOLS}Achievement\s+(?P<id>{ID_PATTERN})\s*(?:\([^()]*\)\s*)?{_TITLE_SEPARATOR}\s*(?P<title>(?:\S.*?)??)\*\*.*"
        ),
    ),
    (
        "P3",
        lazy_pattern(
            rf"#{{2,6}}\s+{_SYMBOLS}Achievement\s+(?P<id>{ID_PATTERN}){_TEXT_BEFORE_TITLE}(?:{_TITLE_SEPARATOR}\s*(?P<title>.*))?"
        ),
    ),
    (
        "P4",
        lazy_pattern(
            rf"#{{2,6}}\s+{_SYMBOLS}\*\*{_SYMBOLS}Achievement\s+(?P<id>{ID_PATTERN})(?:\*\*\s*:?|:)\s*(?P<title>.*)"
        ),
    ),
)
"""Pairs of a shape and the pattern of the whole defining line.

No pattern matches `**Achievement 2.2/2.3**` or `### Example: Achievement 3.1`.
"""

_NEAR_MISS = lazy_pattern(
    rf"(?:#{{1,6}}\s+|\*\*|[-*+]\s+)?{_SYMBOLS}\**Achievement\s+(?:\d|[A-Z]\b)[^\n]*", re.IGNORECASE
)
"""Pattern for a line that begins with the word Achievement and a number or letter, so that it looks like a definition."""
_INDEX_ITEM = lazy_pattern(
    rf"\s{{0,99}}(?:[-*+]\s{{1,20}}|[0-9]{{1,9}}[.)]\s{{1,20}})?(?:\[[ xX]\]\s{{1,20}})?[^\w\n]*(?P<word>Achievement)\s+(?P<id>{ID_PATTERN})(?![\w/]|\.\d)\**\s*:?\**\s*(?P<title>[^\n]*)"
)
"""Pattern for a line of an Achievement Index that names an achievement, as a list item or as plain text."""
_INDEX_ROW = lazy_pattern(rf"\s*\|[^\w|]*(?:Achievement\s+)?(?P<id>{ID_PATTERN})[^\w|.]*\|(?P<title>[^|\n]*)")
"""Pattern for a table row of an Achievement Index that names an achievement."""
_TITLE_WORD = lazy_pattern(r"\w+")
_ACHIEVEMENT_WORD = lazy_pattern("achievement", re.IGNORECASE)
_PRIORITY_IN_HEADING = lazy_pattern(r"priority\s+(?P<number>[0-9]+(?:\.[0-9]+)?)", re.IGNORECASE)
"""Pattern for the words of a heading that name a priority, such as `Priority 2`."""
_TRAILING_MARKS = lazy_pattern(r"(?<![\s✅☑⏳🚧📋🎯⚠️\ufe0f*])[\s✅☑⏳🚧📋🎯⚠️\ufe0f*]+$")
"""Pattern for emoji, asterisks and blanks at the end of a title."""


MAX_PRIORITY_HEADINGS = 100
"""Maximum number of Priority headings that are searched for the priority of one achievement."""


class IndexEntry(msgspec.Struct, frozen=True):
    """A line of an Achievement Index that names the achievement `id`.

    `text` is the whole line without surrounding whitespace.
    """

    id: str
    title: str
    position: SectionPosition
    text: str


class Definition(msgspec.Struct, frozen=True):
    """The definition of an achievement, with its body and its priority. `body` is the range from the defining line to
    the next definition, heading of level 1 or 2, or Priority heading. `priority` is the number of the achievement's
    priority.

    `counts` tells whether the achievement `id` may have this definition. In sections that only report (status,
    tracking, progress), `counts` is False. In an Achievement Index, `counts` is True only if a list or table of the
    Achievement Index also contains `id`.
    """

    id: str
    title: str
    shape: DefinitionShape
    body: LineRange
    counts: bool
    priority: str


make_index_entry, make_definition = interned(IndexEntry), interned(Definition)


class DefinitionLine(NamedTuple):
    """A line that defines an achievement. `line` is the 0-based number of the line in its section."""

    line: int
    id: str
    title: str
    shape: DefinitionShape


class BodyBoundary(NamedTuple):
    """A heading that ends the body of an achievement above it: a heading of level 1 or 2, or a Priority heading.

    `level` is the level of the heading. `priority` is the number in a Priority heading. For any other heading,
    `priority` is "".
    """

    level: int
    priority: str


class IndexLine(NamedTuple):
    """A line of an Achievement Index that names the achievement `id`.

    `line` is the 0-based number of the line in its section. `is_definition` tells whether the line has the form of a
    definition.
    """

    line: int
    id: str
    title: str
    text: str
    is_definition: bool


def parse_defining_line(line: str) -> tuple[DefinitionShape, str, str] | None:
    """Return (shape, id, title) if `line` defines an achievement, else None."""
    if "Achievement" not in line:
        return None
    for shape, pattern in DEFINITION_PATTERNS:
        if match := pattern.fullmatch(line.rstrip()):
            return shape, match["id"], clean_title(match["title"] or "")
    return None


def clean_title(title: str) -> str:
    """Return `title` without bold marks, and without emoji such as ✅ at the end."""
    return _TRAILING_MARKS.sub("", title.replace("**", "")).strip()


def comparable_title(title: str) -> str:
    """Return `title` in a form for comparisons: only its case-folded words, separated by single blanks."""
    return " ".join(_TITLE_WORD.findall(title.casefold()))


def index_entries(source: Source) -> tuple[IndexEntry, ...]:
    """Return the entries of every Achievement Index in a document, in order. An id may have several entries.

    A definition inside an Achievement Index is an entry only if no list or table of an Achievement Index contains the
    same id.
    """
    index_lines = _achievement_index_lines(source)
    listed_ids = {listed_line.id for _, listed_line in index_lines if not listed_line.is_definition}
    return tuple(
        make_index_entry(listed_line.id, listed_line.title, SectionPosition(index, listed_line.line), listed_line.text)
        for index, listed_line in index_lines
        if not (listed_line.is_definition and listed_line.id in listed_ids)
    )


def repeated_ids(entries: tuple[IndexEntry, ...]) -> tuple[tuple[str, Quote], ...]:
    """Return (id, line) for each entry in `entries` whose id an earlier entry already has."""
    first_positions = {entry.id: entry.position for entry in reversed(entries)}
    repeated_entries = (entry for entry in entries if entry.position != first_positions[entry.id])
    return tuple((entry.id, make_quote(entry.position, entry.text)) for entry in repeated_entries)


def _achievement_index_lines(source: Source) -> list[tuple[int, IndexLine]]:
    """Return (index of the section, line) for each line of an Achievement Index that names an id."""
    return [
        (index, listed_line)
        for heading_index in sections_with_name(source, "achievement_index")
        for index in section_range(source, heading_index)
        for listed_line in _achievement_index_lines_in(source[index].section)
    ]


@memoize_per_section
def _achievement_index_lines_in(section: Section) -> tuple[IndexLine, ...]:
    """Return each line that names an id. `section` is a part of an Achievement Index."""
    return tuple(
        IndexLine(line, match["id"], clean_title(match["title"]), text.strip(), parse_defining_line(text) is not None)
        for line, text in prose_lines(section)
        if (
            match := _INDEX_ITEM.match(text[:MAX_SEARCHED_CHARACTERS])
            or _INDEX_ROW.match(text[:MAX_SEARCHED_CHARACTERS])
        )
    )


def definitions(source: Source) -> tuple[Definition, ...]:
    """Return the definitions of achievements in a document, in order."""
    definition_lines = [
        (index, line) for index, lines in search_sections(source, _definition_lines_in) for line in lines
    ]
    positions = [
        *(SectionPosition(index, definition_line.line) for index, definition_line in definition_lines),
        SectionPosition(len(source), 0),
    ]
    reporting_sections = _reporting_sections(source)
    listed_ids = {
        listed_line.id for _, listed_line in _achievement_index_lines(source) if not listed_line.is_definition
    }
    tracking_sections = {
        index
        for heading_index in sections_with_name(source, "tracking")
        for index in section_range(source, heading_index)
    }
    boundaries = search_sections(source, _boundary_in)
    body_ends, priorities_above = _body_ends(source, boundaries), _priorities_above(source, boundaries)
    result = []
    for number, (index, (_, achievement_id, title, shape)) in enumerate(definition_lines):
        body = LineRange(positions[number], min(positions[number + 1], SectionPosition(body_ends[index], 0)))
        counts = index not in reporting_sections or (index not in tracking_sections and achievement_id in listed_ids)
        result.append(
            make_definition(
                achievement_id, title, shape, body, counts, _priority(priorities_above[index], achievement_id)
            )
        )
    return tuple(result)


def longest_definitions(candidates: list[Definition], starts: tuple[int, ...]) -> dict[str, Definition]:
    """Return a mapping from each id in `candidates` to its longest definition, in the order of `candidates`.

    If several definitions of an id are equally long, the first of them counts. `starts` contains the number of the
    first line of each section.
    """
    longest_by_id: dict[str, Definition] = {}
    for definition in candidates:
        previous_definition = longest_by_id.get(definition.id)
        if previous_definition is None or _line_count(definition.body, starts) > _line_count(
            previous_definition.body, starts
        ):
            longest_by_id[definition.id] = definition
    return longest_by_id


def _line_count(body: LineRange, starts: tuple[int, ...]) -> int:
    """Return the number of lines in the range `body`. `starts` contains the first line number of each section."""
    return line_number(starts, body.end) - line_number(starts, body.start)


@memoize_per_section
def _definition_lines_in(section: Section) -> tuple[DefinitionLine, ...]:
    """Return the lines of a section that define achievements."""
    if "chievement" not in section.text:
        return ()
    return tuple(
        DefinitionLine(line, definition[1], definition[2], definition[0])
        for line, text in section_prose(section, parse_defining_line)
        if (definition := parse_defining_line(text))
    )


def near_misses(source: Source) -> tuple[Quote, ...]:
    """Return the lines that look like definitions but do not define an achievement.

    In such a line, the id has one part, four parts, or letters, for example.
    """
    return tuple(
        make_quote(SectionPosition(index, line), text)
        for index, lines in search_sections(source, _near_misses_in)
        for line, text in lines
    )


@memoize_per_section
def _near_misses_in(section: Section) -> tuple[tuple[int, str], ...]:
    """Return (0-based line, text) for each line of a section that looks like a definition but is not a definition."""
    if not _ACHIEVEMENT_WORD.search(section.text):
        return ()
    return tuple(
        (line, text.strip())
        for line, text in section_prose(section, _NEAR_MISS.match)
        if _NEAR_MISS.fullmatch(text.rstrip()) and not parse_defining_line(text)
    )


class DisguisedLine(NamedTuple):
    """A line that seems to be about an achievement, but is written with look-alike characters.

    A look-alike character looks like a different letter or digit, such as a Cyrillic А. `line` is 0-based in the
    section. `id` and `title` are the id and the title that a person reads in the line.
    """

    line: int
    text: str
    id: str
    title: str


def disguised_achievement_lines(source: Source) -> Iterator[tuple[Quote, str, str]]:
    """Yield (line, id, title) for each line that seems to be about an achievement, but has look-alike characters.

    `id` and `title` are the id and the title that a person reads in the line.
    """
    for index, lines in search_sections(source, _disguised_achievement_lines_in):
        for line, text, achievement_id, title in lines:
            yield make_quote(SectionPosition(index, line), text), achievement_id, title


@memoize_per_section
def _disguised_achievement_lines_in(section: Section) -> tuple[DisguisedLine, ...]:
    """Return each line of a section that seems to be about an achievement, but has look-alike characters."""
    if not has_lookalike(section.text):
        return ()
    disguised_lines = []
    for line, text in section_prose(section, lambda text: may_look_like(text, _ACHIEVEMENT_WORD)):
        visible_text = visible_text_of(text)
        match = _INDEX_ITEM.match(visible_text.text)
        if (
            match
            and visible_text.original_part(text, match.start("word"), match.end("id"))
            != visible_text.text[slice(match.start("word"), match.end("id"))]
        ):
            disguised_lines.append(DisguisedLine(line, text.strip(), match["id"], clean_title(match["title"])))
    return tuple(disguised_lines)


def _reporting_sections(source: Source) -> set[int]:
    """Return the indexes of the sections in an Achievement Index, or below a heading such as Progress.

    The pattern `tracking` of `vocabulary.SECTIONS` matches the headings such as Progress.
    """
    heading_indexes = (*sections_with_name(source, "achievement_index"), *sections_with_name(source, "tracking"))
    return {index for heading_index in heading_indexes for index in section_range(source, heading_index)}


@memoize_per_section
def _boundary_in(section: Section) -> BodyBoundary | None:
    """Return the heading of a section if it ends the body of the achievement above it, else None."""
    match = _PRIORITY_IN_HEADING.search(section.title) if section.kind == "heading" else None
    if match or (section.kind == "heading" and section.level <= 2):
        return BodyBoundary(section.level, match["number"] if match else "")
    return None


def _body_ends(source: Source, boundaries: list[tuple[int, BodyBoundary]]) -> list[int]:
    """Return one number for each section: the index of the next section whose heading ends a body.

    If there is no such section, the number is `len(source)`. `boundaries` contains (index of the section, heading) for
    each heading that ends a body.
    """
    ends: list[int] = []
    for index, _ in boundaries:
        ends += [index] * (index - len(ends))
    return [*ends, *[len(source)] * (len(source) - len(ends))]


def _priorities_above(source: Source, boundaries: list[tuple[int, BodyBoundary]]) -> list[tuple[str, ...]]:
    """Return one tuple for each section: the numbers of the Priority headings at or above the section, nearest first.

    Headings above the nearest heading of level 1 or 2 do not count. `boundaries` contains (index of the section,
    heading) for each heading that ends a body.
    """
    numbers_above: list[tuple[str, ...]] = []
    numbers: tuple[str, ...] = ()
    for index, (level, priority) in boundaries:
        numbers_above += [numbers] * (index - len(numbers_above))
        own_number = (priority,) if priority else ()
        numbers = own_number if level <= 2 else (*own_number, *numbers)[:MAX_PRIORITY_HEADINGS]
    return [*numbers_above, *[numbers] * (len(source) - len(numbers_above))]


def _priority(priorities_above: tuple[str, ...], achievement_id: str) -> str:
    """Return the priority of the achievement with the id `achievement_id`.

    `priorities_above` are the numbers of the Priority headings above the achievement, nearest first. The first of these
    numbers with which the id begins is the priority. If no number matches, the priority is the first part of the id.
    """
    return next(
        (number for number in priorities_above if achievement_id.startswith(f"{number}.")), achievement_id.split(".")[0]
    )
