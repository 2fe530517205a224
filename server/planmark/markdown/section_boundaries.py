"""The offsets where sections begin, found from the few lines that can begin a section or hide such a line.

If these lines do not decide, a loop over all lines decides (`line_scanner.py`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from planmark.markdown.line_scanner import (
    ACHIEVEMENT_LEVEL,
    ACHIEVEMENT_PATTERN,
    LINE_PATTERN,
    SectionStart,
    parse_heading,
    section_starts_by_line,
)
from planmark.text.lazy_pattern import lazy_pattern

_LINE_END = lazy_pattern(r"\r\n|\r|\n")
FRONT_MATTER_OPENING = lazy_pattern(r" {0,3}(---|\+\+\+)[ \t]*(?:\r?\n|\r|$)")
_STANDALONE_START = (
    r"(?P<heading>#{1,6})(?=[ \t\n]|\Z)|(?P<fence>`{3,}(?=[^`\n]*(?:\n|\Z))|~{3,})"
    r"|(?P<doubt> {1,3}(?:#{1,6}(?:[ \t\n]|\Z)|`{3}|~{3})| {0,3}<[A-Za-z/!?])"
)
"""The lines that begin a heading or a fence whatever the lines above are, and doubtful lines (see `_SECTION_OR_FENCE_START`)."""
_FIRST_SECTION_OR_FENCE_START = lazy_pattern(
    rf"{_STANDALONE_START}|(?:[ \t]*\n)?(?P<achievement>{ACHIEVEMENT_PATTERN.pattern})"
)
"""The lines of `_SECTION_OR_FENCE_START`, at the beginning of a text."""
_SECTION_OR_FENCE_START = lazy_pattern(
    rf"\n(?:{_STANDALONE_START}|[ \t]*\n(?P<achievement>{ACHIEVEMENT_PATTERN.pattern}))"
)
"""The lines that can begin a section or a fence while no fence or HTML block is open, and doubtful lines.

A line is a `doubt` if only the lines above decide which block the line begins. List items do not matter, because every
line at the margin ends them.
"""


class MarginFence(NamedTuple):
    """The half-open range of lines of a fence without indentation, and whether the fence is closed."""

    start: int
    end: int
    is_closed: bool


def section_starts_from(text: str, start: int) -> Iterator[SectionStart]:
    """Yield the starts of the sections from the offset `start` on.

    `start` is the beginning of the text, of a heading or of an achievement.
    """
    if not start and (end := _front_matter_end(text)):
        yield SectionStart("front_matter", 0, "", 0)
        start = end
    is_first = True
    for section_start in _body_section_starts(text, start):
        if is_first and section_start.offset > start:
            yield SectionStart("preamble", 0, "", start)
        is_first = False
        yield section_start
    if is_first and start < len(text):
        yield SectionStart("preamble", 0, "", start)


def _body_section_starts(text: str, start: int) -> Iterator[SectionStart]:
    """Yield the starts of the headings and achievements from the offset `start` on. No block is open at `start`."""
    if "\r" in text:
        yield from section_starts_by_line(text, start)
        return
    last_offset, event = (
        -1,
        _FIRST_SECTION_OR_FENCE_START.match(text, start) or _SECTION_OR_FENCE_START.search(text, start),
    )
    while event:
        kind, reached_offset = str(event.lastgroup), event.end()
        if kind == "fence":
            closing_match = _closing_line(event["fence"]).search(text, reached_offset)
            if closing_match is None:
                return
            reached_offset = closing_match.end()
        elif kind == "doubt":
            section_start = next(
                (
                    section_start
                    for section_start in section_starts_by_line(text, max(start, last_offset))
                    if section_start.offset > last_offset
                ),
                None,
            )
            if section_start is None:
                return
            yield section_start
            last_offset = reached_offset = section_start.offset
        else:
            last_offset = event.start(kind)
            yield _section_start_at(text, last_offset)
        event = _SECTION_OR_FENCE_START.search(text, reached_offset)


def _section_start_at(text: str, offset: int) -> SectionStart:
    """Return the start of the section that begins at `offset`. The caller knows that a section begins there."""
    end = text.find("\n", offset)
    line = text[offset : end if end >= 0 else len(text)]
    if heading_parts := parse_heading(line):
        return SectionStart("heading", heading_parts[0], heading_parts[1], offset)
    return SectionStart("achievement", ACHIEVEMENT_LEVEL, line.strip(), offset)


def margin_fences(text: str) -> list[MarginFence] | None:
    """Return the fences of a section that begin at the margin. Usually, only these fences can hide a line that begins
    at the margin. Return None if an indented fence or HTML may also hide such a line, so that only the parser can
    decide.
    """
    if "\r" in text or "\0" in text:
        return None
    fences = []
    line = counted_offset = 0
    event = _FIRST_SECTION_OR_FENCE_START.match(text) or _SECTION_OR_FENCE_START.search(text)
    while event:
        reached_offset = event.end()
        if event.lastgroup == "doubt":
            return None
        if event.lastgroup == "fence":
            start = line + text.count("\n", counted_offset, event.start("fence"))
            closing_match = _closing_line(event["fence"]).search(text, reached_offset)
            reached_offset = closing_match.end() if closing_match else len(text)
            line, counted_offset = start + text.count("\n", event.start("fence"), reached_offset), reached_offset
            end = line + 1 if closing_match else line_count(text)
            fences.append(MarginFence(start, end, closing_match is not None))
        event = _SECTION_OR_FENCE_START.search(text, reached_offset)
    return fences


@functools.lru_cache(maxsize=64)
def _closing_line(fence: str) -> re.Pattern[str]:
    """Return the pattern of a line that closes `fence` outside lists.

    A match begins at the line end before this line.
    """
    return re.compile(rf"\n {{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*(?=\n|\Z)")


def _front_matter_end(text: str) -> int:
    """Return the offset after the front matter; 0 if there is no front matter.

    Front matter extends from `---` (or `+++`) on the first line to the next such line.
    """
    opening = FRONT_MATTER_OPENING.match(text)
    if opening is None:
        return 0
    lines = LINE_PATTERN.finditer(text)
    next(lines)
    return next(
        (match.end() for match in lines if match[0].startswith(opening[1]) and match[0].rstrip() == opening[1]), 0
    )


def line_count(text: str) -> int:
    """Return the number of lines of `text`, which is not empty."""
    ends = len(_LINE_END.findall(text)) if "\r" in text else text.count("\n")
    return ends + (text[-1] not in "\r\n")
