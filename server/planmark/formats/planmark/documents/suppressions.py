"""`<!-- planmark: ignore CODE -->` comments, with which an author turns off diagnostics for a line or a whole file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.markdown.blocks import split_lines
from planmark.markdown.parsed_source import Source, blocks_of, search_sections
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.document import Suppression

SUPPRESSION_MARK = "planmark:"
_COMMENT = re.compile(r"\s*<!--\s*planmark:\s*ignore\s+(?P<codes>[a-z][a-z\s,-]*?)-->\s*")
_ANY_COMMENT = re.compile(r"\s*(?:<!--.*-->\s*)?")


def suppressions(source: Source) -> tuple[Suppression, ...]:
    """Return the suppression comments of a document outside code.

    A comment above all other text applies to the whole file.
    """
    return tuple(_suppressions_in(source)) if search_sections(source, _is_marked) else ()


@memoize_per_section
def _is_marked(section: Section) -> bool:
    return SUPPRESSION_MARK in section.text


def _suppressions_in(source: Source) -> Iterator[Suppression]:
    lines: list[str] = []
    comments: list[tuple[int, tuple[str, ...]]] = []
    for index, section in enumerate(source):
        own = split_lines(section.section.text)
        fences = blocks_of(source, index).fences if SUPPRESSION_MARK in section.section.text else ()
        hidden_lines = {n for fence in fences for n in range(fence.line, fence.end_line)}
        for number, line in enumerate(own):
            match = None if number in hidden_lines else _COMMENT.fullmatch(line)
            if match:
                codes = tuple(dict.fromkeys(re.split(r"[\s,]+", match["codes"].strip())))
                comments.append((section.start + number, codes))
        lines += own[: section.section.lines]
    behind: dict[int, int] = {}
    text = len(lines)
    for number in reversed(range(len(lines))):
        behind[number] = text
        if not _ANY_COMMENT.fullmatch(lines[number]):
            text = number
    for number, codes in comments:
        target_line = behind[number] if behind[number] < len(lines) else number
        yield Suppression(codes, number, None if number < text else target_line)
