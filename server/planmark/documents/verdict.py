"""Verdicts: APPROVED, FIX and RESOLUTION files of a reviewer and what they ask for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import msgspec

from planmark.documents.dates import parse_date
from planmark.documents.ids import named_in
from planmark.documents.source import (
    Passage,
    Place,
    Quote,
    Source,
    blocks_of,
    extent,
    header_field,
    prose,
    quote,
    sections_named,
    title_of,
)
from planmark.documents.vocabulary import Vocabulary

Severity = Literal["critical", "minor"]

_NUMBERED_TITLE = re.compile(r"\W*\d{1,3}[.)]\s*\**\s*(?P<title>\S.*)")
_BOLD_PARAGRAPH = re.compile(r"\*\*\s*\d{1,3}[.)]\s*(?P<title>\S.*?|\s)\*\*")


class Issue(msgspec.Struct, frozen=True):
    """One issue of a FIX file: its heading or item, and the lines that belong to it."""

    severity: Severity
    title: str
    passage: Passage


class Verdict(msgspec.Struct, frozen=True):
    """Facts of a verdict. `date` is ISO text, "" where the document states none that can be read."""

    title: str
    plan: str
    achievement: str | None
    status: Quote | None
    reviewer: Quote | None
    date: str
    dated: Quote | None
    issues: tuple[Issue, ...]


def parse_verdict(source: Source, vocabulary: Vocabulary) -> Verdict:
    """Facts of the verdict whose sections are `source`. That it exists is what decides; these are only shown."""
    title = title_of(source)
    status = header_field(source, "status", vocabulary)
    reviewer = header_field(source, "reviewer", vocabulary)
    dated = header_field(source, "review_date", vocabulary)
    named = header_field(source, "achievement", vocabulary)
    plan = header_field(source, "plan", vocabulary)
    return Verdict(
        title=title,
        plan=plan[1] if plan else "",
        achievement=named_in(title.split(":", 1)[-1]) or (named_in(named[1]) if named else None),
        status=quote(source, status[0]) if status else None,
        reviewer=quote(source, reviewer[0]) if reviewer else None,
        date=parse_date(dated[1]) if dated else "",
        dated=quote(source, dated[0]) if dated else None,
        issues=(*_issues(source, "critical"), *_issues(source, "minor")),
    )


def _issues(source: Source, severity: Severity) -> list[Issue]:
    """Issues of every section whose heading begins with the severity, in the first of `SHAPES` that each shows."""
    found: list[Issue] = []
    covered = 0
    for heading in sections_named(source, severity):
        if heading < covered:
            continue
        covered = extent(source, heading).stop
        titles = next((titles for shape in SHAPES if (titles := shape(source, heading))), [])
        ends = [*(place for place, _ in titles[1:]), Place(covered, 0)]
        found += [
            Issue(severity, title, Passage(place, end)) for (place, title), end in zip(titles, ends, strict=False)
        ]
    return found


Titles = list[tuple[Place, str]]


def _headings(source: Source, heading: int) -> Titles:
    """`#### 1. **Title**` and `#### 1. Title`: the numbered headings of the shallowest level."""
    inner = [source[index].section for index in extent(source, heading)[1:]]
    numbered = [
        section.level for section in inner if section.kind == "heading" and _NUMBERED_TITLE.match(section.title)
    ]
    return [
        (Place(index, 0), match["title"].rstrip().rstrip("*"))
        for index in extent(source, heading)[1:]
        if numbered
        and source[index].section.level == min(numbered)
        and (match := _NUMBERED_TITLE.match(source[index].section.title))
    ]


def _paragraphs(source: Source, heading: int) -> Titles:
    """`**1. Title**` as a paragraph."""
    return [
        (place, match["title"].rstrip(":"))
        for place, line in prose(source, extent(source, heading))
        if (match := _BOLD_PARAGRAPH.match(line))
    ]


def _bold_items(source: Source, heading: int) -> Titles:
    """`1. **Title**` at list level 0."""
    return [
        (place, text) for place, marker, text in _items(source, heading) if marker[0].isdigit() and text[:2] == "**"
    ]


def _numbered_items(source: Source, heading: int) -> Titles:
    """`1. Title` at list level 0."""
    return [(place, text) for place, marker, text in _items(source, heading) if marker[0].isdigit()]


def _bullets(source: Source, heading: int) -> Titles:
    """`- Title` at list level 0, where nothing is numbered."""
    return [(place, text) for place, _, text in _items(source, heading)]


SHAPES: tuple[Callable[[Source, int], Titles], ...] = (_headings, _paragraphs, _bold_items, _numbered_items, _bullets)
"""The shapes that issues are written in (the methodology, §2.7); a section shows one of them."""


def _items(source: Source, heading: int) -> list[tuple[Place, str, str]]:
    return [
        (Place(index, item.line), item.marker, item.text)
        for index in extent(source, heading)
        for item in blocks_of(source, index).items
        if item.depth == 0 and item.text
    ]
