"""Conflict markers that an unfinished merge leaves in a document."""

from __future__ import annotations

import re

from planmark.markdown.blocks import prose_lines
from planmark.markdown.parsed_source import Quote, SectionPosition, Source, make_quote
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section

CONFLICT_PATTERN = re.compile(r"<{7}(?: .*)?$")
"""Pattern for the line that begins a conflict."""


@memoize_per_section
def conflict_lines(section: Section) -> tuple[tuple[int, str], ...]:
    """Return (0-based line, text) of the lines of a section outside code that begin a conflict."""
    return tuple(prose_lines(section, CONFLICT_PATTERN.match)) if "<<<<<<<" in section.text else ()


def conflicts(source: Source) -> tuple[Quote, ...]:
    """Return every line of a document outside code that begins a conflict."""
    return tuple(
        make_quote(SectionPosition(index, line), text.strip())
        for index, section in enumerate(source)
        for line, text in conflict_lines(section.section)
    )
