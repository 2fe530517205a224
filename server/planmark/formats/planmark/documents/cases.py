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
_KIND_OF_HEADING: tuple[tuple[CaseKind, re.Pattern[str]], ...] = (
    (
        "learning",
        re.compile(r"(?i)\b(?:learnings?|learned|lessons?|insights?|surprises?|what (?:worked|went|could|didn))\b"),
    ),
    ("fix", re.compile(r"(?i)\b(?:fix(?:es|ed)?|solutions?|solved|resolved)\b")),
    ("cause", re.compile(r"(?i)\b(?:issues?|bugs?|causes?|errors?|failures?|problems?|challenges?|blockers?)\b")),
    ("attempt", re.compile(r"(?i)\biteration\b")),
)
"""Kind of case → the words of its headings; the first kind that matches counts."""


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
        always: CaseKind | None = "resolution" if name.verdict == "resolution" else None
        only: CaseKind | None = "learning" if name.verdict == "approved" else None
        for kind, title, start, end in _passages(source, len(lines), always):
            if only in (None, kind):
                cases.append(_case(kind, title, lines, start, end))
    return [case for case in cases if len(case.text) >= MIN_CHARACTERS]


def _passages(source: Source, length: int, always: CaseKind | None) -> Iterator[tuple[CaseKind, str, int, int]]:
    """Yield the kind, title and lines (1-based, inclusive) of each passage under a heading that names a kind.

    A section with subsections is one passage up to the first of them, and one for each. `always` is the kind of every
    section below the title, if the document decides it.
    """
    starts = [placed.start for placed in source] + [length]
    learnings = set(sections_with_name(source, "learnings"))
    behind = 0
    for index, placed in enumerate(source):
        section = placed.section
        if section.kind != "heading" or section.level < 2 or index < behind:
            continue
        kind = "learning" if index in learnings else _kind_of(section.title) or always
        if kind is None:
            continue
        behind = section_range(source, index).stop
        inner = [at for at in range(index + 1, behind) if source[at].section.kind == "heading"]
        depth = min((source[at].section.level for at in inner), default=0)
        parts = [index, *(at for at in inner if source[at].section.level == depth)]
        for at, following in zip(parts, [*parts[1:], behind], strict=True):
            title = source[at].section.title
            yield kind if at == index else _kind_of(title) or kind, title, starts[at] + 1, starts[following]


def _kind_of(title: str) -> CaseKind | None:
    return next((kind for kind, words in _KIND_OF_HEADING if words.search(title)), None)


def _case(kind: CaseKind, title: str, lines: list[str], start: int, end: int) -> Case:
    return Case(kind, title.strip(), "\n".join(lines[start:end]).strip(), start, end)
