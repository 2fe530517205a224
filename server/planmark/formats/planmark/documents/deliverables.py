"""Deliverables: the files that a document promises, read from the back-ticked paths in its Deliverables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from planmark.formats.planmark.documents.named_sections import sections_with_name
from planmark.formats.planmark.documents.vocabulary import is_section
from planmark.markdown.blocks import Field, parse_blocks, split_lines
from planmark.markdown.parsed_source import (
    SectionPosition,
    Source,
    fields_in,
    interned,
    lines_of,
    section_range,
)
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section

_PATH = re.compile(r"`([^`\s]+\.[A-Za-z0-9]{1,5}|[^`\s]+/)`")

_FILES_FIELD = re.compile(r"\*\*[^\n*]{0,20}files? ", re.IGNORECASE)
_ARROW = re.compile(r"\s(?:→|⇒|->|=>)\s")
_REMOVAL_VERB = re.compile(r"\b(?:delet|remov|archiv|deprecat)(?:e|ed|es|ing)\b", re.IGNORECASE)

_MOVE_SOURCE_LINE = re.compile(
    r"\s*(?:[-*+]\s+)?(?:\*\*)?(?:source|from|moved from|old (?:path|place|location|name))(?:\*\*)?\s*:", re.IGNORECASE
)
"""Pattern for the beginning of a line with the old path of a moved file: `- Source: ...`."""


class Deliverable(msgspec.Struct, frozen=True, cache_hash=True):
    """A file or folder as a document names it, and the first line that names it. The path of a folder ends with `/`."""

    path: str
    position: SectionPosition


make_deliverable = interned(Deliverable)


class NamedPath(NamedTuple):
    """A path, and the 0-based line of the section that names it."""

    line: int
    path: str


def deliverables_of_sections(source: Source) -> tuple[Deliverable, ...]:
    """Return the deliverables that the Deliverables sections of a document name, without duplicates."""
    return first_of_each_path(_deliverables_in_sections(source))


def paths_in_field(section: Section, field: Field) -> Iterator[NamedPath]:
    """Yield the paths in a field and in the lines of its body."""
    lines = lines_of(section)
    yield from _paths_in_line(field.value, field.line)
    for number in range(field.line + 1, field.body[1]):
        yield from _paths_in_line(lines[number], number)


def _deliverables_in_sections(source: Source) -> Iterator[Deliverable]:
    covered_end = 0
    for heading in sections_with_name(source, "deliverables"):
        sections = section_range(source, heading)
        for index in sections:
            if index >= covered_end:
                for line, path in _paths_in_section(source[index].section):
                    yield make_deliverable(path, SectionPosition(index, line))
        covered_end = max(covered_end, sections.stop)


def files_to_change(source: Source) -> tuple[Deliverable, ...]:
    """Return the files in sections and fields such as Files to Modify, without duplicates.

    Files to delete are included.
    """
    return first_of_each_path(_files_to_change(source))


def _files_to_change(source: Source) -> Iterator[Deliverable]:
    for heading in sections_with_name(source, "files"):
        for index in section_range(source, heading):
            for line, text in enumerate(lines_of(source[index].section)):
                yield from (make_deliverable(path, SectionPosition(index, line)) for path in _PATH.findall(text))
    sections_with_field = [index for index, section in enumerate(source) if _FILES_FIELD.search(section.section.text)]
    for field_position, field in fields_in(source, sections_with_field):
        if is_section(field.name, "files"):
            lines = lines_of(source[field_position.section].section)
            for line in range(field.line, max(field.body[1], field.line + 1)):
                position = SectionPosition(field_position.section, line)
                yield from (make_deliverable(path, position) for path in _PATH.findall(lines[line]))


@memoize_per_section
def _paths_in_section(section: Section) -> tuple[NamedPath, ...]:
    if "`" not in section.text:
        return ()
    fences = parse_blocks(section).fences if "```" in section.text or "~~~" in section.text else ()
    hidden_lines = {line for fence in fences for line in range(fence.line, fence.end_line)}
    lines = enumerate(split_lines(section.text))
    return tuple(
        named_path
        for number, text in lines
        if number not in hidden_lines
        for named_path in _paths_in_line(text, number)
    )


def _paths_in_line(text: str, line: int) -> Iterator[NamedPath]:
    """Yield the paths of a line that should exist.

    For `old → new`, yield only the new path. For a line about a removal, or with the old path of a moved file, yield
    nothing.
    """
    if not _REMOVAL_VERB.search(text) and not _MOVE_SOURCE_LINE.match(text):
        for path in _PATH.findall(_ARROW.split(text)[-1]):
            yield NamedPath(line, path)


def first_of_each_path(deliverables: Iterable[Deliverable]) -> tuple[Deliverable, ...]:
    """Return the first deliverable for each path."""
    first_by_path: dict[str, Deliverable] = {}
    for deliverable in deliverables:
        first_by_path.setdefault(deliverable.path, deliverable)
    return tuple(first_by_path.values())
