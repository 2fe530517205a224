"""Unfilled placeholders of a document: `[TO BE FILLED`, and sections that contain only brackets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from planmark.markdown.parsed_source import (
    Quote,
    SectionPosition,
    Source,
    make_quote,
    search_sections,
    section_prose,
    section_range,
)
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.text.lazy_pattern import lazy_pattern

PLACEHOLDER_MARK = "[TO BE FILLED"
_PLACEHOLDER = lazy_pattern(re.escape(PLACEHOLDER_MARK))
_UNFILLED_TEXT = lazy_pattern(
    r"\[TO BE FILLED|\[FILL:|status\*{0,3}:?\*{0,3}\s*\[[^\[\]/]+/[^\[\]]+\]\s*$", re.IGNORECASE | re.MULTILINE
)
"""Pattern for a placeholder of any form, such as a status that still lists choices."""
_REMAINING_PLACEHOLDER = lazy_pattern(r"\[(?:TO BE FILLED|FILL)\b")
"""Pattern for a placeholder that an author has to fill: `[TO BE FILLED` or `[FILL`."""
_POSSIBLE_PLACEHOLDER = lazy_pattern(r"\[(?:TO BE FILLED|FILL\b|[^\[\]/]+/)", re.IGNORECASE)
"""Pattern for a quick test before the other patterns. A text without a match contains no placeholder.

This pattern is faster because each of its matches begins with a bracket.
"""
_CODE_SPAN = lazy_pattern(r"(`{1,9})[^`]+\1")
_BRACKETS = lazy_pattern(r"\[[^\[\]]*\](?!\()")
_BOLD_LABEL_OR_LIST_MARK = lazy_pattern(r"\*\*[^*\n]+\*\*:?|^[ \t]*(?:[-*+]|[0-9]+[.)])[ \t]+", re.MULTILINE)


def placeholders(source: Source) -> tuple[Quote, ...]:
    """Return every line outside fences and code spans that still contains the placeholder `[TO BE FILLED`."""
    return _quotes_of_lines(source, _placeholder_lines)


def unfilled_lines(source: Source) -> tuple[Quote, ...]:
    """Return every line outside fences and code spans that contains a placeholder.

    Placeholders are `[TO BE FILLED`, `[FILL:`, and a status that still lists choices.
    """
    return _quotes_of_lines(source, _unfilled_lines_in)


def remaining_placeholders(source: Source, section_indexes: Iterable[int]) -> tuple[Quote, ...]:
    """Return each line outside fences and code spans that contains `[TO BE FILLED` or `[FILL`.

    Only the sections with the indexes `section_indexes` are searched.
    """
    return tuple(
        make_quote(SectionPosition(index, line), text)
        for index in section_indexes
        for line, text in _remaining_placeholder_lines(source[index].section)
    )


NumberedLines = tuple[tuple[int, str], ...]
"""The 0-based number and the text of each line."""


def _quotes_of_lines(source: Source, find_lines: Callable[[Section], NumberedLines]) -> tuple[Quote, ...]:
    """Return the lines that `find_lines` returns for each section of a document."""
    return tuple(
        make_quote(SectionPosition(index, line), text)
        for index, lines in search_sections(source, find_lines)
        for line, text in lines
    )


@memoize_per_section
def _placeholder_lines(section: Section) -> NumberedLines:
    """Return (0-based line, text) for each line of a section that contains `[TO BE FILLED`."""
    return _lines_with(section, _PLACEHOLDER)


@memoize_per_section
def _unfilled_lines_in(section: Section) -> NumberedLines:
    """Return (0-based line, text) for each line of a section that contains a placeholder of any form."""
    return _lines_with(section, _UNFILLED_TEXT)


@memoize_per_section
def _remaining_placeholder_lines(section: Section) -> NumberedLines:
    """Return (0-based line, text) for each line of a section that contains `[TO BE FILLED` or `[FILL`."""
    return _lines_with(section, _REMAINING_PLACEHOLDER)


def _lines_with(section: Section, pattern: re.Pattern[str]) -> NumberedLines:
    """Return (0-based line, text) for each line of a section that contains `pattern` outside fences and code spans."""
    if not _POSSIBLE_PLACEHOLDER.search(section.text) or not pattern.search(section.text):
        return ()
    lines = section_prose(section, pattern.search)
    return tuple((line, text.strip()) for line, text in lines if pattern.search(_CODE_SPAN.sub("", text)))


def is_filled(text: str) -> bool:
    """Tell whether `text` has a letter or digit outside square brackets, bold labels and list marks."""
    return any(character.isalnum() for character in _BOLD_LABEL_OR_LIST_MARK.sub("", _BRACKETS.sub("", text)))


def section_is_filled(source: Source, heading_index: int) -> bool:
    """Tell whether the section of a heading is filled (see `is_filled`). The headings in the section do not count."""
    return is_filled("\n".join(_content_lines(source, heading_index)))


def _content_lines(source: Source, heading_index: int) -> list[str]:
    """Return the lines of the section of a heading, without headings."""
    lines: list[str] = []
    for index in section_range(source, heading_index):
        section = source[index].section
        section_lines = section.text.split("\n")
        lines += section_lines[1:] if section.kind == "heading" else section_lines
    return lines


def first_filled_section(source: Source, heading_indexes: list[int]) -> SectionPosition | None:
    """Return the position of the first of `heading_indexes` whose section is filled, else None."""
    return next((SectionPosition(index, 0) for index in heading_indexes if section_is_filled(source, index)), None)
