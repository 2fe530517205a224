"""The sections of a Markdown text: the units that are parsed, cached and compared.

A section begins at an ATX heading of the document level, and at an achievement definition that follows a blank line.
Lines end at LF, CRLF and CR.

After a heading, no block is open. After the first line of an achievement, only the paragraph of the achievement is
open. This is true whatever the text above is, so cutting can begin at such a section. After an edit, only the text
around the edit is cut.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from planmark.markdown.line_scanner import LINE_PATTERN, SectionKind, SectionStart
from planmark.markdown.section_boundaries import FRONT_MATTER_OPENING, line_count, section_starts_from

KINDS_THAT_END_BLOCKS = frozenset({"heading", "achievement"})
"""The kinds of sections that end every open block. Text from such a section on can be cut into sections without the
text above.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a document. `title` is the text of the heading or the first line of an achievement; `text` is the
    exact text of the section.

    `level` is 1 to 6 for headings, 0 for preamble and front matter, 7 for achievements. `lines` is the number of lines.
    `memo` caches the results of functions (see `memoize_per_section`).
    """

    kind: SectionKind
    level: int
    title: str
    text: str
    digest: bytes
    lines: int
    memo: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PlacedSection:
    """A section and the 0-based line of the document at which it begins."""

    start: int
    section: Section


class UnchangedSections(NamedTuple):
    """The sections that an edit did not change: the sections before the index `head`, and from the index `tail` on.

    `start` and `end` are offsets in the new text: the first group ends at `start`, the second begins at `end`. `start`
    is the beginning of the text or of a section, `end` the beginning of a line.
    """

    head: int
    start: int
    tail: int
    end: int


def split_into_sections(text: str, old_sections: Sequence[PlacedSection] = ()) -> tuple[PlacedSection, ...]:
    """Return the sections of `text`, in order. The texts of the sections, joined, are `text`.

    An empty text has no sections. `old_sections` are the sections of an earlier text. Only changed text is cut again,
    and unchanged sections are the same objects.
    """
    unchanged = unchanged_sections(old_sections, text)
    old_index_by_offset = dict(
        zip(
            _section_offsets(old_sections[unchanged.tail :], unchanged.end),
            range(unchanged.tail, len(old_sections)),
            strict=True,
        )
    )
    tail, end = len(old_sections), len(text)
    section_starts: list[SectionStart] = []
    for section_start in section_starts_from(text, unchanged.start):
        if section_start.kind in KINDS_THAT_END_BLOCKS and section_start.offset in old_index_by_offset:
            tail, end = old_index_by_offset[section_start.offset], section_start.offset
            break
        section_starts.append(section_start)
    previous_sections = {(section.section.kind, section.section.text): section.section for section in old_sections}
    starts_and_ends = zip(
        section_starts, [*(section_start.offset for section_start in section_starts[1:]), end], strict=False
    )
    sections = [
        _unchanged_or_new_section(section_start, text[section_start.offset : end_offset], previous_sections)
        for section_start, end_offset in starts_and_ends
    ]
    return _joined_sections(old_sections[: unchanged.head], sections, old_sections[tail:])


def unchanged_sections(old_sections: Sequence[PlacedSection], text: str) -> UnchangedSections:
    """Return the sections of an earlier text that are unchanged at the beginning and at the end of `text`."""
    head, start = _unchanged_head(old_sections, text)
    tail, end = len(old_sections), len(text)
    if not start and FRONT_MATTER_OPENING.match(text):
        return UnchangedSections(0, 0, tail, end)
    while tail - 1 > head:
        section = old_sections[tail - 1].section
        begin_offset = end - len(section.text)
        if (
            section.kind not in KINDS_THAT_END_BLOCKS
            or begin_offset < start
            or not text.startswith(section.text, begin_offset)
        ):
            break
        tail, end = tail - 1, begin_offset
    if tail < len(old_sections) and end and text[end - 1] not in "\r\n":
        end += len(old_sections[tail].section.text)
        tail += 1
    return UnchangedSections(head, start, tail, end)


def _unchanged_head(old_sections: Sequence[PlacedSection], text: str) -> tuple[int, int]:
    """Return a tuple for the last section at which cutting can begin: its index, and its offset in `text`.

    The text above this section and the first line of this section are unchanged.
    """
    index = start = 0
    while index < len(old_sections) and text.startswith(old_sections[index].section.text, start):
        start += len(old_sections[index].section.text)
        index += 1
    while index and not (index < len(old_sections) and _begins_alike(old_sections[index].section, text, start)):
        index -= 1
        start -= len(old_sections[index].section.text)
    had_front_matter = bool(index) and old_sections[0].section.kind == "front_matter"
    return (index, start) if had_front_matter or not FRONT_MATTER_OPENING.match(text) else (0, 0)


def _begins_alike(section: Section, text: str, start: int) -> bool:
    """Tell whether the first line of `section` stands at the offset `start` of `text`, with its line end.

    Return False for a section whose first line does not end every open block.
    """
    first_line = LINE_PATTERN.match(section.text)
    return (
        section.kind in KINDS_THAT_END_BLOCKS
        and first_line is not None
        and first_line.lastgroup == "line"
        and text.startswith(first_line[0], start)
    )


def _section_offsets(placed_sections: Sequence[PlacedSection], start: int) -> Iterator[int]:
    """Yield the offset of each section in a text in which the first of the sections begins at `start`."""
    for placed_section in placed_sections:
        yield start
        start += len(placed_section.section.text)


def _joined_sections(
    above: Sequence[PlacedSection], sections: Iterable[Section], below: Sequence[PlacedSection]
) -> tuple[PlacedSection, ...]:
    """Return all sections in order, each with the line at which it begins. The sections `above` keep their lines."""
    placed_sections = list(above)
    line = placed_sections[-1].start + placed_sections[-1].section.lines if placed_sections else 0
    for section in sections:
        placed_sections.append(PlacedSection(line, section))
        line += section.lines
    line_shift = line - below[0].start if below else 0
    placed_sections += (
        [PlacedSection(placed_section.start + line_shift, placed_section.section) for placed_section in below]
        if line_shift
        else below
    )
    return tuple(placed_sections)


def _unchanged_or_new_section(
    section_start: SectionStart, text: str, previous_sections: Mapping[tuple[SectionKind, str], Section]
) -> Section:
    if previous_sections and (unchanged_section := previous_sections.get((section_start.kind, text))):
        return unchanged_section
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return Section(section_start.kind, section_start.level, section_start.title, text, digest, line_count(text))
