"""The cases of the methodology's documents: issues, iterations, resolutions and learnings. Their headings tell the kind
of case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.formats.planmark.documents.execution_task import ExecutionTask
from planmark.formats.planmark.documents.file_names import Name
from planmark.formats.planmark.documents.named_sections import sections_with_name
from planmark.formats.planmark.documents.verdict import Verdict
from planmark.markdown.blocks import split_lines
from planmark.markdown.parsed_source import Source, parse_sections, section_range
from planmark.plans.case import Case, CaseKind
from planmark.plans.document import Document
from planmark.text.lazy_pattern import lazy_pattern

MIN_CASE_CHARACTERS = 60
"""Minimum length of a case in characters. A shorter passage says too little to be compared."""
_HEADING_PATTERNS: tuple[tuple[CaseKind, re.Pattern[str]], ...] = (
    (
        "learning",
        lazy_pattern(r"(?i)\b(?:learnings?|learned|lessons?|insights?|surprises?|what (?:worked|went|could|didn))\b"),
    ),
    ("fix", lazy_pattern(r"(?i)\b(?:fix(?:es|ed)?|solutions?|solved|resolved)\b")),
    ("cause", lazy_pattern(r"(?i)\b(?:issues?|bugs?|causes?|errors?|failures?|problems?|challenges?|blockers?)\b")),
    ("attempt", lazy_pattern(r"(?i)\biteration\b")),
)
"""Pairs of a kind of case and the pattern for its headings. The first pattern that matches decides the kind."""


def cases_of(document: Document, text: str) -> list[Case]:
    """Return the cases of an EXECUTION_TASK, a FIX, a RESOLUTION or an APPROVED file, in the order of their lines."""
    facts, name = document.facts, document.name
    if not isinstance(facts, (ExecutionTask, Verdict)) or not isinstance(name, Name):
        return []
    lines = split_lines(text)
    cases: list[Case] = []
    if isinstance(facts, Verdict) and name.verdict == "fix" and facts.issues:
        cases = [_case("cause", issue.title, lines, *document.lines(issue.passage)) for issue in facts.issues]
    else:
        source = parse_sections(text)
        default_kind: CaseKind | None = "resolution" if name.verdict == "resolution" else None
        only_kind: CaseKind | None = "learning" if name.verdict == "approved" else None
        for kind, title, start, end in _passages_with_kind(source, len(lines), default_kind):
            if only_kind in (None, kind):
                cases.append(_case(kind, title, lines, start, end))
    return [case for case in cases if len(case.text) >= MIN_CASE_CHARACTERS]


def _passages_with_kind(
    source: Source, line_count: int, default_kind: CaseKind | None
) -> Iterator[tuple[CaseKind, str, int, int]]:
    """Yield (kind, title, first line, last line) for each passage below a heading that names a kind of case.

    The lines are 1-based; the first line is the heading. A section with subsections is several passages: the text
    before the first subsection, and each subsection.

    If the heading of a subsection names no kind, the subsection has the kind of its section. If the heading of any
    other section names no kind, the section has the kind `default_kind`. If `default_kind` is None, the section is
    omitted.
    """
    starts = [placed_section.start for placed_section in source] + [line_count]
    learnings_indexes = set(sections_with_name(source, "learnings"))
    passage_end = 0
    for index, placed_section in enumerate(source):
        section = placed_section.section
        if section.kind != "heading" or section.level < 2 or index < passage_end:
            continue
        kind = "learning" if index in learnings_indexes else _kind_of(section.title) or default_kind
        if kind is None:
            continue
        passage_end = section_range(source, index).stop
        inner_heading_indexes = [
            heading_index
            for heading_index in range(index + 1, passage_end)
            if source[heading_index].section.kind == "heading"
        ]
        top_level = min((source[heading_index].section.level for heading_index in inner_heading_indexes), default=0)
        heading_indexes = [
            index,
            *(
                heading_index
                for heading_index in inner_heading_indexes
                if source[heading_index].section.level == top_level
            ),
        ]
        for heading_index, next_index in zip(heading_indexes, [*heading_indexes[1:], passage_end], strict=True):
            title = source[heading_index].section.title
            yield (
                kind if heading_index == index else _kind_of(title) or kind,
                title,
                starts[heading_index] + 1,
                starts[next_index],
            )


def _kind_of(title: str) -> CaseKind | None:
    """Return the kind of case that the heading `title` names, else None."""
    return next((kind for kind, pattern in _HEADING_PATTERNS if pattern.search(title)), None)


def _case(kind: CaseKind, title: str, lines: list[str], start: int, end: int) -> Case:
    """Return the case with the heading on line `start` and the last line `end`. Both numbers are 1-based."""
    return Case(kind, title.strip(), "\n".join(lines[start:end]).strip(), start, end)
