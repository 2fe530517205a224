"""The cases of the methodology's documents: issues, iterations, resolutions and learnings, by their headings."""

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

MIN_CHARACTERS = 60
"""Minimum length of a case in characters. A shorter passage says too little to be compared."""
_HEADING_PATTERNS: tuple[tuple[CaseKind, re.Pattern[str]], ...] = (
    (
        "learning",
        re.compile(r"(?i)\b(?:learnings?|learned|lessons?|insights?|surprises?|what (?:worked|went|could|didn))\b"),
    ),
    ("fix", re.compile(r"(?i)\b(?:fix(?:es|ed)?|solutions?|solved|resolved)\b")),
    ("cause", re.compile(r"(?i)\b(?:issues?|bugs?|causes?|errors?|failures?|problems?|challenges?|blockers?)\b")),
    ("attempt", re.compile(r"(?i)\biteration\b")),
)
"""Kind of case → the pattern for its headings. The first pattern that matches a heading decides the kind."""


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
        for kind, title, start, end in _passages(source, len(lines), default_kind):
            if only_kind in (None, kind):
                cases.append(_case(kind, title, lines, start, end))
    return [case for case in cases if len(case.text) >= MIN_CHARACTERS]


def _passages(
    source: Source, line_count: int, default_kind: CaseKind | None
) -> Iterator[tuple[CaseKind, str, int, int]]:
    """Yield the kind, title and lines (1-based, inclusive) of each passage under a heading that names a kind.

    A section with subsections is several passages: the text before the first subsection, and each subsection.
    `default_kind` is the kind of a section below the title whose heading names no kind. If `default_kind` is None, such
    a section is omitted.
    """
    starts = [placed_section.start for placed_section in source] + [line_count]
    learnings = set(sections_with_name(source, "learnings"))
    passage_end = 0
    for index, placed_section in enumerate(source):
        section = placed_section.section
        if section.kind != "heading" or section.level < 2 or index < passage_end:
            continue
        kind = "learning" if index in learnings else _kind_of(section.title) or default_kind
        if kind is None:
            continue
        passage_end = section_range(source, index).stop
        inner_headings = [
            heading for heading in range(index + 1, passage_end) if source[heading].section.kind == "heading"
        ]
        top_level = min((source[heading].section.level for heading in inner_headings), default=0)
        headings = [index, *(heading for heading in inner_headings if source[heading].section.level == top_level)]
        for heading, following in zip(headings, [*headings[1:], passage_end], strict=True):
            title = source[heading].section.title
            yield kind if heading == index else _kind_of(title) or kind, title, starts[heading] + 1, starts[following]


def _kind_of(title: str) -> CaseKind | None:
    return next((kind for kind, pattern in _HEADING_PATTERNS if pattern.search(title)), None)


def _case(kind: CaseKind, title: str, lines: list[str], start: int, end: int) -> Case:
    return Case(kind, title.strip(), "\n".join(lines[start:end]).strip(), start, end)
