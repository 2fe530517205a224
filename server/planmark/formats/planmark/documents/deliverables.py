"""Deliverables: the files that a document promises, read from the back-ticked paths in its Deliverables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from planmark.formats.planmark.documents.named_sections import sections_with_name
from planmark.formats.planmark.documents.vocabulary import opens_section
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
from planmark.text.lazy_pattern import lazy_pattern

_PATH_IN_BACK_TICKS = lazy_pattern(r"`([^`\s]+\.[A-Za-z0-9]{1,5}|[^`\s]+/)`")

_FILES_FIELD = lazy_pattern(r"\*\*[^\n*]{0,20}files? ", re.IGNORECASE)
"""Pattern for a quick test: a section without a match has no field such as Files to Modify."""
_ARROW = lazy_pattern(r"\s(?:→|⇒|->|=>)\s")
"""Pattern for the arrow between the old path and the new path of a moved file."""
_REMOVAL_VERB = lazy_pattern(r"\b(?:delet|remov|archiv|deprecat)(?:e|ed|es|ing)\b", re.IGNORECASE)

_MOVE_SOURCE_LINE = lazy_pattern(
    r"\s*(?:[-*+]\s+)?(?:\*\*)?(?:source|from|moved from|old (?:path|place|location|name))(?:\*\*)?\s*:", re.IGNORECASE
)
"""Pattern for the beginning of a line with the old path of a moved file: `- Source: ...`."""


class Deliverable(msgspec.Struct, frozen=True, cache_hash=True):
    """A file or folder that a document promises. `position` is the first line of the document that names `path`.

    The path of a folder ends with `/`.
    """

    path: str
    position: SectionPosition


make_deliverable = interned(Deliverable)


class NamedPath(NamedTuple):
    """A path, and the 0-based line of the section that names it."""

    line: int
    path: str


def deliverables_of_sections(source: Source) -> tuple[Deliverable, ...]:
    """Return the deliverables in the Deliverables sections of a document. No path is repeated."""
    return first_deliverable_of_each_path(_deliverables_in_sections(source))


def paths_in_field(section: Section, field: Field) -> Iterator[NamedPath]:
    """Yield the paths in the value of a field, and in the lines below that belong to the field."""
    lines = lines_of(section)
    yield from _paths_in_line(field.value, field.line)
    for number in range(field.line + 1, field.body[1]):
        yield from _paths_in_line(lines[number], number)


def _deliverables_in_sections(source: Source) -> Iterator[Deliverable]:
    """Yield the deliverables in the Deliverables sections of a document."""
    covered_end = 0
    for heading_index in sections_with_name(source, "deliverables"):
        section_indexes = section_range(source, heading_index)
        for index in section_indexes:
            if index >= covered_end:
                for line, path in _paths_in_section(source[index].section):
                    yield make_deliverable(path, SectionPosition(index, line))
        covered_end = max(covered_end, section_indexes.stop)


def files_to_change(source: Source) -> tuple[Deliverable, ...]:
    """Return the files that sections and fields such as Files to Modify name. No file is repeated.

    Files to delete are included.
    """
    return first_deliverable_of_each_path(_files_to_change(source))


def _files_to_change(source: Source) -> Iterator[Deliverable]:
    """Yield each file that a section or a field such as Files to Modify names."""
    for heading_index in sections_with_name(source, "files"):
        for index in section_range(source, heading_index):
            for line, text in enumerate(lines_of(source[index].section)):
                yield from (
                    make_deliverable(path, SectionPosition(index, line)) for path in _PATH_IN_BACK_TICKS.findall(text)
                )
    section_indexes_with_field = [
        index for index, section in enumerate(source) if _FILES_FIELD.search(section.section.text)
    ]
    for field_position, field in fields_in(source, section_indexes_with_field):
        if opens_section(field.name, "files"):
            lines = lines_of(source[field_position.section].section)
            for line in range(field.line, max(field.body[1], field.line + 1)):
                position = SectionPosition(field_position.section, line)
                yield from (make_deliverable(path, position) for path in _PATH_IN_BACK_TICKS.findall(lines[line]))


@memoize_per_section
def _paths_in_section(section: Section) -> tuple[NamedPath, ...]:
    """Return each path in a section, except the paths of files that should not exist. Paths in code fences are ignored."""
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
    """Yield each path in the line `text`, except the paths of files that should not exist. `line` is the 0-based number
    of the line.

    For `old → new`, yield only the new path. If the line is about a removal, or names the old path of a moved file,
    yield nothing.
    """
    if not _REMOVAL_VERB.search(text) and not _MOVE_SOURCE_LINE.match(text):
        for path in _PATH_IN_BACK_TICKS.findall(_ARROW.split(text)[-1]):
            yield NamedPath(line, path)


def first_deliverable_of_each_path(deliverables: Iterable[Deliverable]) -> tuple[Deliverable, ...]:
    """Return the first deliverable for each path, in the order of `deliverables`."""
    first_by_path: dict[str, Deliverable] = {}
    for deliverable in deliverables:
        first_by_path.setdefault(deliverable.path, deliverable)
    return tuple(first_by_path.values())
