"""Conflict markers that an unfinished merge leaves in a document."""

from __future__ import annotations

from planmark.markdown.blocks import prose_lines
from planmark.markdown.parsed_source import Quote, SectionPosition, Source, make_quote
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.text.lazy_pattern import lazy_pattern

CONFLICT_PATTERN = lazy_pattern(r"<{7}(?: .*)?$")
"""Pattern for the line that begins a conflict."""


@memoize_per_section
def conflict_lines(section: Section) -> tuple[tuple[int, str], ...]:
    """Return (0-based line, text) for each line of a section that begins a conflict. Lines in code are ignored."""
    return tuple(prose_lines(section, CONFLICT_PATTERN.match)) if "<<<<<<<" in section.text else ()


def conflicts(source: Source) -> tuple[Quote, ...]:
    """Return each line of a document that begins a conflict. Lines in code are ignored."""
    return tuple(
        make_quote(SectionPosition(index, line), text.strip())
        for index, section in enumerate(source)
        for line, text in conflict_lines(section.section)
    )
