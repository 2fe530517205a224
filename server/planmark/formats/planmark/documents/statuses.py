"""Status lines of a document: the lines that state its progress, and their values.

A status is at the margin (`**Status**: x`, `Status: x`), in a table of two columns, or in YAML front matter. The list
items of a header count only if the header has no other status. Quotes, struck text, code and the sections of single
attempts do not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from planmark.formats.planmark.documents.vocabulary import (
    is_deciding_field,
    is_field,
    is_placeholder,
    status_of,
    without_comments,
)
from planmark.markdown.blocks import first_thematic_break, parse_blocks, split_lines
from planmark.markdown.parsed_source import (
    MAX_SEARCHED_CHARACTERS,
    SectionPosition,
    Source,
    header_sections,
    section_prose,
)
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.vocabulary import Vocabulary
from planmark.text.lazy_pattern import lazy_pattern

ATTEMPT_PATTERN = lazy_pattern(
    r"[\W_]*(?:\d{1,2}(?:\.\d{1,2}){0,2}[.)]?\s[\W_]*)?"
    r"(?:(?:attempt|iteration|step|phase)\s*#?\[?(?:\d|n\b|(?:one|two|three|four|five|six)\b)|(?:previous|example|template)s?\b)",
    re.IGNORECASE,
)
"""Pattern for the heading of a section about one attempt or an example. `Iteration Log` does not match."""

OTHER_DOCUMENT_HEADING = lazy_pattern(r".*\b(?:PLAN|SUBPLAN|EXECUTION_TASK|APPROVED|FIX)_[A-Z0-9]")
"""Pattern for a heading that names a document. The text below the heading is about this document."""

_OPTIONAL_LIST_MARK = r"(?P<item>(?:[-+*]|\d{1,9}[.)])[ \t]+(?:\[[^\]\n]{0,3}\][ \t]+)?)?"
_FIELD_NAME = r"(?P<name>[^\W\d_][\w \\/-]{0,60}?)"
_FIELD_LINE = lazy_pattern(
    rf"(?P<indent> {{0,3}}){_OPTIONAL_LIST_MARK}[^\w\s*|>~`#<\[(]*[ \t]*"
    rf"(?:(?P<mark>\*{{1,3}}|_{{1,3}})[^\w\s*~`]*\s*{_FIELD_NAME}\s*(?:[:：]\s*(?P=mark)|(?P=mark)\s*[:：])"
    rf"|{_FIELD_NAME.replace('name', 'plain')}[ \t]*[:：])(?!//)[ \t]*(?P<value>.*)"
)
"""Pattern for a line with the name of a field, a colon, and the value of the field."""
_YAML_KEY = lazy_pattern(r"(?P<name>[A-Za-z][\w -]*?)[ \t]*:(?:[ \t]+(?P<value>.*))?$")
_YAML_COMMENT = lazy_pattern(r"\s+#.*")
_PSEUDO_HEADING = lazy_pattern(r"(?P<mark>\*\*|__)(?P<title>[^*_\n]+)(?P=mark)(?P<colon>\s*:)?\s*$")
"""Pattern for a bold line that stands in place of a heading."""
_UNDERLINE = lazy_pattern(r" {0,3}(?:=+|-+)[ \t]*$")
"""Pattern for the line of `=` or `-` below a heading."""
_HIDING_PAIRS = (("~~", "~~"), ("<del>", "</del>"), ("<s>", "</s>"), ("<!--", "-->"))
"""Pairs of marks, before and after text that does not count."""


class StatusLine(NamedTuple):
    """A status in a section: the name and the value of its field, as written.

    `line` is the 0-based number of the line in the section. `is_listed` tells whether the line is a list item.
    """

    line: int
    name: str
    value: str
    is_listed: bool


class StatusField(NamedTuple):
    """A status of the document: its position, the name and the value of its field, and whether it is in the header."""

    position: SectionPosition
    name: str
    value: str
    in_header: bool


class SectionRest(NamedTuple):
    """The part of a section outside attempts: it begins on the 0-based `line` of the section with the index `section`."""

    section: int
    line: int


def section_rests_outside_attempts(source: Source) -> Iterator[SectionRest]:
    """Yield the part of each section that is not about a single attempt, an example or a different document.

    A part about one of these subjects begins with its heading. It ends at the next heading of its level or above, or at
    a thematic break (the methodology, §3.3).
    """
    excluded_level = 0
    for index, placed_section in enumerate(source):
        section = placed_section.section
        if section.kind == "heading" and section.level <= excluded_level:
            excluded_level = 0
        if (
            section.kind == "heading"
            and not excluded_level
            and section.level > 1
            and is_about_other_subject(section.title)
        ):
            excluded_level = section.level
        if not excluded_level:
            yield SectionRest(index, 0)
        elif (line := first_thematic_break(section)) is not None:
            excluded_level = 0
            yield SectionRest(index, line + 1)


def is_about_other_subject(title: str) -> bool:
    """Tell whether a heading begins a part about one attempt, an example or a different document."""
    return ATTEMPT_PATTERN.match(title) is not None or OTHER_DOCUMENT_HEADING.match(title.replace("\\", "")) is not None


def statuses(source: Source, kept_section_rests: Sequence[SectionRest], vocabulary: Vocabulary) -> list[StatusField]:
    """Return every status of a document, in order. Placeholders are not statuses.

    Only the parts of sections in `kept_section_rests` are searched.
    """
    header_indexes = header_sections(source)
    indexed_lines = [
        (index, status_line)
        for index, first_line in kept_section_rests
        for status_line in status_lines(source[index].section, vocabulary)
        if status_line.line >= first_line and not is_placeholder(status_line.value)
    ]
    uses_list_items = not any(
        index in header_indexes and not status_line.is_listed for index, status_line in indexed_lines
    )
    return [
        StatusField(
            SectionPosition(index, status_line.line), status_line.name, status_line.value, index in header_indexes
        )
        for index, status_line in indexed_lines
        if not status_line.is_listed or (uses_list_items and index in header_indexes)
    ]


def header_status(source: Source, vocabulary: Vocabulary) -> StatusField | None:
    """Return the first Status field in the header, or None if no header field states the outcome of the document.

    If there is no Status field, return the first field with a name such as Final Status.
    """
    fields = statuses(source, [SectionRest(index, 0) for index in header_sections(source)], vocabulary)
    status_fields = (status for status in fields if is_field(status.name, "status", vocabulary))
    return next(status_fields, next(iter(fields), None))


@memoize_per_section
def status_lines(section: Section, vocabulary: Vocabulary) -> tuple[StatusLine, ...]:
    """Return the lines of a section that state the document's progress, in order."""
    folded_text = section.text.casefold()
    if not any(word in folded_text for word in vocabulary.fields["status"]):
        return ()
    if section.kind == "front_matter":
        return tuple(_statuses_in_front_matter(section, vocabulary))
    fields = [
        *_labelled_statuses(section, vocabulary),
        *(_statuses_in_tables(section, vocabulary) if "|" in section.text else ()),
    ]
    return tuple(sorted(fields))


def _labelled_statuses(section: Section, vocabulary: Vocabulary) -> Iterator[StatusLine]:
    """Yield each status of a section that is in a line such as `**Status**: x`.

    Lines in attempts and in hidden text are ignored.
    """
    lines = split_lines(section.text)
    attempt_lines: set[int] | None = None
    hidden_lines: set[int] | None = None
    listed_lines: set[int] | None = None
    words = vocabulary.fields["status"]
    for number, text in section_prose(section, lambda line: any(word in line.casefold() for word in words)):
        match = _FIELD_LINE.match(text)
        name = (match["name"] or match["plain"]).replace("\\", "") if match else ""
        value = without_comments(match["value"]) if match and is_deciding_field(name, vocabulary) else ""
        if match is None or not value:
            continue
        hidden_lines = _hidden_lines(section.text, lines) if hidden_lines is None else hidden_lines
        if match["indent"] and listed_lines is None:
            listed_lines = _lines_of_lists(section) - {
                item.line for item in parse_blocks(section).items if item.depth == 0
            }
        attempt_lines = _attempt_lines_without_heading(lines) if attempt_lines is None else attempt_lines
        if number in hidden_lines or (match["indent"] and listed_lines and number in listed_lines):
            continue
        if match["name"] is None and match["item"] is None and not _may_begin_field(lines, number):
            continue
        if number in attempt_lines and is_field(name, "status", vocabulary):
            continue
        yield StatusLine(number, name, value, match["item"] is not None)


def _may_begin_field(lines: Sequence[str], number: int) -> bool:
    """Tell whether a field whose name is not bold may begin on the line with the 0-based `number`.

    A line in the middle of a sentence begins no field.
    """
    line_above = lines[number - 1] if number else ""
    label = _FIELD_LINE.match(line_above)
    return not line_above.strip() or line_above.lstrip()[0] in "#|-=*_+" or bool(label and label["value"].strip())


def _hidden_lines(text: str, lines: Sequence[str]) -> set[int]:
    """Return the 0-based lines that continue a quotation, a comment or struck-out text.

    The quotation, comment or struck-out text begins on an earlier line of the same paragraph.
    """
    folded_text = text.casefold()
    if not any(begin in folded_text for begin, _ in _HIDING_PAIRS) and not any(
        line.lstrip().startswith(">") for line in lines
    ):
        return set()
    result: set[int] = set()
    is_quoted, open_marks = False, dict.fromkeys(_HIDING_PAIRS, 0)
    for number, line in enumerate(lines):
        if not line.strip():
            is_quoted, open_marks = False, dict.fromkeys(_HIDING_PAIRS, 0)
            continue
        if is_quoted or any(count % 2 if begin == end else count > 0 for (begin, end), count in open_marks.items()):
            result.add(number)
        is_quoted = is_quoted or line.lstrip().startswith(">")
        folded_line = line.casefold()
        for begin, end in _HIDING_PAIRS:
            open_marks[begin, end] += folded_line.count(begin) - (folded_line.count(end) if begin != end else 0)
    return result


def _lines_of_lists(section: Section) -> set[int]:
    """Return the 0-based lines of all lists in a section."""
    return {line for item in parse_blocks(section).items if item.depth == 0 for line in range(item.line, item.end_line)}


def _attempt_lines_without_heading(lines: Sequence[str]) -> set[int]:
    """Return the 0-based lines of attempts that begin with a bold or underlined line in place of a heading.

    An attempt ends at the next bold or underlined line.
    """
    result: set[int] = set()
    is_in_attempt = False
    for number, line in enumerate(lines[1:], 1):
        next_line = lines[number + 1] if number + 1 < len(lines) else ""
        bold_match = _PSEUDO_HEADING.match(line)
        is_underlined = line.strip() and not lines[number - 1].strip() and _UNDERLINE.match(next_line)
        if (bold_match or is_underlined) and ATTEMPT_PATTERN.match(bold_match["title"] if bold_match else line):
            is_in_attempt = True
        elif (
            is_underlined
            or (bold_match and not bold_match["colon"] and not bold_match["title"].endswith(":"))
            or (_UNDERLINE.match(line) and not lines[number - 1].strip())
        ):
            is_in_attempt = False
        if is_in_attempt:
            result.add(number)
    return result


def _statuses_in_tables(section: Section, vocabulary: Vocabulary) -> Iterator[StatusLine]:
    """Yield the statuses in tables with two columns that are not inside a list or a quotation.

    A header row counts only if its second cell is a status.
    """
    blocks = parse_blocks(section)
    nested_lines = _lines_of_lists(section) | {line for start, end in blocks.quotes for line in range(start, end)}
    for table in blocks.tables:
        if len(table.header) != 2 or table.line in nested_lines:
            continue
        for line, cells in ((table.line, table.header), *table.rows):
            if len(cells) != 2 or not is_deciding_field(cells[0].text.replace("*", "").strip(" :："), vocabulary):
                continue
            value = without_comments(cells[1].text[:MAX_SEARCHED_CHARACTERS])
            if value and (line != table.line or status_of(value, vocabulary)):
                yield StatusLine(line, cells[0].text, value, False)


def _statuses_in_front_matter(section: Section, vocabulary: Vocabulary) -> Iterator[StatusLine]:
    """Yield the statuses in YAML front matter."""
    for number, line in enumerate(split_lines(section.text)):
        match = _YAML_KEY.match(line[:MAX_SEARCHED_CHARACTERS])
        if match and match["value"] and is_deciding_field(match["name"].replace("_", " "), vocabulary):
            value = _YAML_COMMENT.sub("", match["value"]).strip().strip("\"'").strip()
            if value:
                yield StatusLine(number, match["name"], value, False)
