"""Achievements in a PLAN: the lines that define them, the index that lists them, the bodies that describe them.

Shapes P1 to P4 at the start of a line define; everything else mentions (the methodology, §2.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import msgspec

from planmark.documents.ids import ID_PATTERN, expand
from planmark.documents.source import Passage, Place, Quote, Source, extent, fields_in, prose, sections_named
from planmark.documents.vocabulary import Vocabulary, is_field
from planmark.syntax.blocks import Field

Shape = Literal["P1", "P2", "P3", "P4"]

_MARKS = r"(?:[^\w\s*#>|<(\[`\-+]+\s*)?"
_SEPARATOR = r"[:–—-]"
_ASIDE = r"(?:[^\w\s:*(]|\s|\([^()]*\))*"
DEFINITIONS: tuple[tuple[Shape, re.Pattern[str]], ...] = (
    (
        "P1",
        re.compile(
            rf"{_MARKS}\*\*{_MARKS}Achievement\s+(?P<id>{ID_PATTERN})\*\*\s*{_ASIDE}(?:{_SEPARATOR}\s*(?P<title>.*))?"
        ),
    ),
    (
        "P2",
        re.compile(
            rf"{_MARKS}\*\*{_MARKS}Achievement\s+(?P<id>{ID_PATTERN})\s*(?:\([^()]*\)\s*)?{_SEPARATOR}\s*(?P<title>.*?)\*\*.*"
        ),
    ),
    (
        "P3",
        re.compile(
            rf"#{{2,6}}\s+{_MARKS}Achievement\s+(?P<id>{ID_PATTERN})\s*{_ASIDE}(?:{_SEPARATOR}\s*(?P<title>.*))?"
        ),
    ),
    (
        "P4",
        re.compile(
            rf"#{{2,6}}\s+{_MARKS}\*\*{_MARKS}Achievement\s+(?P<id>{ID_PATTERN})(?:\*\*\s*:?|:)\s*(?P<title>.*)"
        ),
    ),
)
"""Shape → the whole line. `**Achievement 2.2/2.3**` and `### Example: Achievement 3.1` match none."""

_NEAR_MISS = re.compile(rf"(?:#{{1,6}}\s+|\*\*|[-*+]\s+)?{_MARKS}\**Achievement\s+(?:\d|[A-Z]\b)[^\n]*", re.IGNORECASE)
_INDEX_ITEM = re.compile(
    rf"\s*(?:[-*+]\s+|\d+[.)]\s+)?(?:\[[ xX]\]\s+)?[^\w\n]*Achievement\s+(?P<id>{ID_PATTERN})(?![\w/]|\.\d)\**\s*:?\**\s*(?P<title>[^\n]*)"
)
_INDEX_ROW = re.compile(rf"\s*\|[^\w|]*(?:Achievement\s+)?(?P<id>{ID_PATTERN})[^\w|.]*\|(?P<title>[^|\n]*)")
_PRIORITY = re.compile(r"priority\s+(?P<number>\d+(?:\.\d+)?)", re.IGNORECASE)
_TRAILING_MARKS = re.compile(r"[\s✅☑⏳🚧📋🎯⚠️\ufe0f*]+$")
_BETWEEN_IDS = re.compile(r"(?i)\bachievements?\b|\band\b|\W|_")
_OTHER_PLAN = re.compile(r"PLAN[ _-]?\w", re.IGNORECASE)


MAX_PRIORITIES = 100
"""So many Priority headings above an achievement are looked at."""


class IndexEntry(msgspec.Struct, frozen=True):
    """A line of an Achievement Index."""

    id: str
    title: str
    at: Place


class Definition(msgspec.Struct, frozen=True):
    """A line that defines an achievement, and the lines up to the next definition, `##` or Priority heading.

    `counts` is False in the index and in sections that only report (status, tracking, progress).
    """

    id: str
    title: str
    shape: Shape
    body: Passage
    counts: bool
    priority: str


class Dependencies(msgspec.Struct, frozen=True):
    """What a `Dependencies`, `Depends on` or `Requires` field of a body declares."""

    depends_on: tuple[str, ...]
    at: Quote


class Defining(NamedTuple):
    """A defining line as it was found."""

    at: Place
    id: str
    title: str
    shape: Shape


def defining_line(line: str) -> tuple[Shape, str, str] | None:
    """(shape, id, title) where `line` defines an achievement."""
    if "Achievement" not in line:
        return None
    for shape, pattern in DEFINITIONS:
        if match := pattern.fullmatch(line.rstrip()):
            return shape, match["id"], clean_title(match["title"] or "")
    return None


def clean_title(title: str) -> str:
    """A title without bold and without the marks that trail it."""
    return _TRAILING_MARKS.sub("", title.replace("**", "")).strip()


def index_entries(source: Source) -> tuple[IndexEntry, ...]:
    """The lines of every Achievement Index section, in order; an id's first line counts."""
    return tuple(
        IndexEntry(match["id"], clean_title(match["title"]), place)
        for heading in sections_named(source, "achievement_index")
        for place, line in prose(source, extent(source, heading))
        if (match := _INDEX_ITEM.match(line) or _INDEX_ROW.match(line))
    )


def definitions(source: Source) -> tuple[Definition, ...]:
    """Every defining line of the document, in order, with its body."""
    found = list(_defining(source))
    reporting = _reporting_sections(source)
    ends, above = _body_ends(source), _priorities_above(source)
    result = []
    for number, (at, achievement, title, shape) in enumerate(found):
        following = found[number + 1].at if number + 1 < len(found) else Place(len(source), 0)
        body = Passage(at, min(following, Place(ends[at.section], 0)))
        counts = at.section not in reporting
        result.append(Definition(achievement, title, shape, body, counts, _priority(above[at.section], achievement)))
    return tuple(result)


def near_misses(source: Source) -> tuple[Quote, ...]:
    """Lines that look as if they defined an achievement and do not (one number, letters, four parts)."""
    return tuple(
        Quote(place, line.strip())
        for place, line in prose(source, _sections_mentioning(source), _NEAR_MISS.match)
        if _NEAR_MISS.fullmatch(line.rstrip()) and not defining_line(line)
    )


def body_dependencies(source: Source, body: Passage, ids: Sequence[str], vocabulary: Vocabulary) -> Dependencies | None:
    """What the fields of a body declare: only values that consist of ids; prose about another plan is none."""
    found: list[str] = []
    at: Quote | None = None
    for place, field in _placed_fields(source, body, "dependencies", vocabulary):
        listed = [field.value] if field.value else _body_lines(source, place.section, field.body)
        for value in listed:
            if consists_of_ids(value):
                found += expand(value, ids)
                at = at or Quote(place, f"{field.name}: {value}")
    return Dependencies(tuple(dict.fromkeys(found)), at) if at and found else None


def body_fields(source: Source, body: Passage, name: str, vocabulary: Vocabulary) -> list[Field]:
    """The fields of a body that are the canonical `name`."""
    return [field for _, field in _placed_fields(source, body, name, vocabulary)]


def _placed_fields(source: Source, body: Passage, name: str, vocabulary: Vocabulary) -> Iterator[tuple[Place, Field]]:
    sections = range(body.start.section, min(body.end.section + 1, len(source)))
    for place, field in fields_in(source, sections):
        if body.start <= place < body.end and is_field(field.name, name, vocabulary):
            yield place, field


def consists_of_ids(value: str) -> bool:
    """`1.1, 1.2`, `Achievement 1.1 and 1.2 (schema)`; not `Achievement 2.1 of PLAN_X is done`."""
    if _OTHER_PLAN.search(value):
        return False
    bare = re.sub(r"\([^)]*\)", "", value)
    return bool(re.search(ID_PATTERN, bare)) and not _BETWEEN_IDS.sub(
        "", re.sub(rf"(?<![\w.]){ID_PATTERN}(?!\w|\.\d)", "", bare)
    )


def _body_lines(source: Source, index: int, lines: tuple[int, int]) -> list[str]:
    return [
        re.sub(r"^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?", "", line)
        for place, line in prose(source, [index])
        if lines[0] <= place.line < lines[1] and line.strip()
    ]


def _sections_mentioning(source: Source) -> list[int]:
    return [index for index, placed in enumerate(source) if "chievement" in placed.section.text]


def _defining(source: Source) -> Iterator[Defining]:
    for place, line in prose(source, _sections_mentioning(source), defining_line):
        if defined := defining_line(line):
            yield Defining(place, defined[1], defined[2], defined[0])


def _reporting_sections(source: Source) -> set[int]:
    headings = (*sections_named(source, "achievement_index"), *sections_named(source, "tracking"))
    return {index for heading in headings for index in extent(source, heading)}


def _body_ends(source: Source) -> list[int]:
    """For each section, the next one that is a heading of level 1 or 2, or a Priority heading."""
    ends: list[int] = []
    end = len(source)
    for index in range(len(source) - 1, -1, -1):
        ends.append(end)
        section = source[index].section
        if section.kind == "heading" and (section.level <= 2 or _PRIORITY.search(section.title)):
            end = index
    return ends[::-1]


def _priorities_above(source: Source) -> list[tuple[str, ...]]:
    """For each section, the numbers of the Priority headings above it, the nearest first, up to a heading of level 1 or 2."""
    above: list[tuple[str, ...]] = []
    numbers: tuple[str, ...] = ()
    for placed in source:
        section = placed.section
        if section.kind == "heading":
            match = _PRIORITY.search(section.title)
            own = (match["number"],) if match else ()
            numbers = own if section.level <= 2 else (*own, *numbers)[:MAX_PRIORITIES]
        above.append(numbers)
    return above


def _priority(above: tuple[str, ...], achievement: str) -> str:
    """The number of the nearest Priority heading with which the id begins; else the id's first part."""
    return next((number for number in above if achievement.startswith(f"{number}.")), achievement.split(".")[0])
