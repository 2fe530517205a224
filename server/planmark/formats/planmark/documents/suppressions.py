"""`<!-- planmark: ignore CODE -->` comments, with which an author turns off diagnostics for a line or a whole file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.markdown.blocks import split_lines
from planmark.markdown.parsed_source import Source, blocks_of, search_sections
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.document import Suppression
from planmark.text.lazy_pattern import lazy_pattern

SUPPRESSION_MARK = "planmark:"
_SUPPRESSION_COMMENT = lazy_pattern(r"\s*<!--\s*planmark:\s*ignore\s+(?P<codes>[a-z][a-z\s,-]*?)-->\s*")
_BLANK_LINE_OR_COMMENT = lazy_pattern(r"\s*(?:<!--.*-->\s*)?")


def suppressions(source: Source) -> tuple[Suppression, ...]:
    """Return the suppressions in the comments of a document, except comments in code.

    A comment before all other text applies to the whole file. Any other comment applies to the next line with text.
    """
    return tuple(_suppressions_in(source)) if search_sections(source, _has_suppression_mark) else ()


@memoize_per_section
def _has_suppression_mark(section: Section) -> bool:
    """Tell whether a section may contain a suppression."""
    return SUPPRESSION_MARK in section.text


def _suppressions_in(source: Source) -> Iterator[Suppression]:
    """Yield the suppression of each comment outside code."""
    lines: list[str] = []
    comment_lines_and_codes: list[tuple[int, tuple[str, ...]]] = []
    for index, section in enumerate(source):
        section_lines = split_lines(section.section.text)
        fences = blocks_of(source, index).fences if SUPPRESSION_MARK in section.section.text else ()
        hidden_lines = {n for fence in fences for n in range(fence.line, fence.end_line)}
        for number, line in enumerate(section_lines):
            match = None if number in hidden_lines else _SUPPRESSION_COMMENT.fullmatch(line)
            if match:
                codes = tuple(dict.fromkeys(re.split(r"[\s,]+", match["codes"].strip())))
                comment_lines_and_codes.append((section.start + number, codes))
        lines += section_lines[: section.section.lines]
    next_text_lines: dict[int, int] = {}
    next_text_line = len(lines)
    for number in reversed(range(len(lines))):
        next_text_lines[number] = next_text_line
        if not _BLANK_LINE_OR_COMMENT.fullmatch(lines[number]):
            next_text_line = number
    for number, codes in comment_lines_and_codes:
        target_line = next_text_lines[number] if next_text_lines[number] < len(lines) else number
        yield Suppression(codes, number, None if number < next_text_line else target_line)
