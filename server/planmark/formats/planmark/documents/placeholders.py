"""Unfilled placeholders of a document: `[TO BE FILLED`, and sections that contain only brackets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from planmark.markdown.parsed_source import (
    Quote,
    SectionPosition,
    Source,
    make_quote,
    prose_of,
    search_sections,
    section_range,
)
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section

PLACEHOLDER_MARK = "[TO BE FILLED"
_PLACEHOLDER = re.compile(re.escape(PLACEHOLDER_MARK))
_UNFILLED_TEXT = re.compile(
    r"\[TO BE FILLED|\[FILL:|status\*{0,3}:?\*{0,3}\s*\[[^\[\]/]+/[^\[\]]+\]\s*$", re.IGNORECASE | re.MULTILINE
)
_REMAINING_PLACEHOLDER = re.compile(r"\[(?:TO BE FILLED|FILL)\b")
_MAY_HAVE_PLACEHOLDER = re.compile(r"\[(?:TO BE FILLED|FILL\b|[^\[\]/]+/)", re.IGNORECASE)
"""Pattern for a quick test before the other patterns. A text without a match contains no placeholder.

This pattern is faster because each of its matches begins with a bracket.
"""
_CODE_SPAN = re.compile(r"(`{1,9})[^`]+\1")
_BRACKETS = re.compile(r"\[[^\[\]]*\](?!\()")
_LABEL = re.compile(r"\*\*[^*\n]+\*\*:?|^[ \t]*(?:[-*+]|[0-9]+[.)])[ \t]+", re.MULTILINE)


def placeholders(source: Source) -> tuple[Quote, ...]:
    """Return every line outside fences and code spans that still contains the placeholder `[TO BE FILLED`."""
    return _quotes_of_lines(source, _placeholder_lines)


def unfilled_lines(source: Source) -> tuple[Quote, ...]:
    """Return every line outside fences and code spans that contains a placeholder.

    Placeholders are `[TO BE FILLED`, `[FILL:`, and a status that still lists choices.
    """
    return _quotes_of_lines(source, _unfilled_lines_in)


def remaining_placeholders(source: Source, sections: Iterable[int]) -> tuple[Quote, ...]:
    """Return the lines in `sections`, outside fences and code spans, that contain `[TO BE FILLED` or `[FILL`."""
    return tuple(
        make_quote(SectionPosition(index, line), text)
        for index in sections
        for line, text in _remaining_placeholder_lines(source[index].section)
    )


NumberedLines = tuple[tuple[int, str], ...]


def _quotes_of_lines(source: Source, find_lines: Callable[[Section], NumberedLines]) -> tuple[Quote, ...]:
    return tuple(
        make_quote(SectionPosition(index, line), text)
        for index, lines in search_sections(source, find_lines)
        for line, text in lines
    )


@memoize_per_section
def _placeholder_lines(section: Section) -> NumberedLines:
    return _lines_with(section, _PLACEHOLDER)


@memoize_per_section
def _unfilled_lines_in(section: Section) -> NumberedLines:
    return _lines_with(section, _UNFILLED_TEXT)


@memoize_per_section
def _remaining_placeholder_lines(section: Section) -> NumberedLines:
    return _lines_with(section, _REMAINING_PLACEHOLDER)


def _lines_with(section: Section, pattern: re.Pattern[str]) -> NumberedLines:
    if not _MAY_HAVE_PLACEHOLDER.search(section.text) or not pattern.search(section.text):
        return ()
    lines = prose_of(section, pattern.search)
    return tuple((line, text.strip()) for line, text in lines if pattern.search(_CODE_SPAN.sub("", text)))


def is_filled(text: str) -> bool:
    """Tell whether `text` contains more than `[…]`, labels and list marks."""
    return any(character.isalnum() for character in _LABEL.sub("", _BRACKETS.sub("", text)))


def section_is_filled(source: Source, heading: int) -> bool:
    """Tell whether the section of a heading contains more than headings, `[…]`, labels and list marks."""
    return is_filled("\n".join(_content_lines(source, heading)))


def _content_lines(source: Source, heading: int) -> list[str]:
    lines: list[str] = []
    for index in section_range(source, heading):
        section = source[index].section
        section_lines = section.text.split("\n")
        lines += section_lines[1:] if section.kind == "heading" else section_lines
    return lines


def first_filled_section(source: Source, headings: list[int]) -> SectionPosition | None:
    """Return the position of the first of `headings` whose section is filled, else None."""
    return next((SectionPosition(index, 0) for index in headings if section_is_filled(source, index)), None)
