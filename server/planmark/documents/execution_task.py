"""EXECUTION_TASK: the log of one execution of a SUBPLAN, and how it came out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

from planmark.documents.ids import named_in
from planmark.documents.placeholders import placeholders
from planmark.documents.references import subplan_reference
from planmark.documents.source import (
    Place,
    Quote,
    Source,
    blocks_of,
    extent,
    header_field,
    header_sections,
    quote,
    title_of,
)
from planmark.documents.vocabulary import (
    Status,
    Vocabulary,
    is_placeholder,
    is_section,
    is_status_field,
    status_of,
    stopped_status,
)
from planmark.syntax.blocks import Label, first_break, labels, prose_lines
from planmark.syntax.by_section import by_section
from planmark.syntax.sections import Section

Outcome = Literal["done", "open", "blocked", "stopped", "failed"]
"""`stopped` (given up, superseded, skipped) and `failed` are closed: neither open nor done."""

_ITERATION = re.compile(r"\W*iteration\s*#?\[?(?:\d|n\b)", re.IGNORECASE)
_MAY_BE_STATUS = re.compile(r"status[*_ \t]*[:`./~]", re.IGNORECASE)
"""What a Status field must hold: its name, and a colon or a path behind it."""
_BOLD_COMPLETE = re.compile(r":\s*[✅☑]\ufe0f?\s*complete", re.IGNORECASE)


class ExecutionTask(msgspec.Struct, frozen=True):
    """Facts of an EXECUTION_TASK. `header` is the header's status; `achievement` the id that the header names, whether or
    not a PLAN has it."""

    title: str
    outcome: Outcome
    evidence: Quote | None
    status: Quote | None
    header: Quote | None
    header_word: Status | None
    achievement: str | None
    achievement_at: Quote | None
    plan: str
    plan_at: Quote | None
    subplan: tuple[str, str] | None
    placeholders: tuple[Quote, ...]


class StatusField(NamedTuple):
    """A `*Status` field outside code and iterations."""

    at: Place
    value: str
    in_header: bool


class Kept(NamedTuple):
    """A section, or what is left of it from `line` on, that is not part of an iteration."""

    section: int
    line: int


def parse_execution_task(source: Source, vocabulary: Vocabulary) -> ExecutionTask:
    """Facts of the EXECUTION_TASK whose sections are `source`."""
    kept = list(outside_iterations(source))
    statuses = list(_statuses(source, kept))
    outcome, evidence = _outcome(source, kept, statuses, vocabulary)
    named = header_field(source, "achievement", vocabulary)
    plan = header_field(source, "plan", vocabulary)
    subplan = header_field(source, "subplan", vocabulary)
    header = next((status for status in statuses if status.in_header), None)
    return ExecutionTask(
        title=title_of(source),
        outcome=outcome,
        evidence=quote(source, evidence) if evidence else None,
        status=quote(source, statuses[0].at) if statuses else None,
        header=quote(source, header.at) if header else None,
        header_word=status_of(header.value, vocabulary) if header else None,
        achievement=named_in(named[1]) if named else None,
        achievement_at=quote(source, named[0]) if named else None,
        plan=plan[1] if plan else "",
        plan_at=quote(source, plan[0]) if plan else None,
        subplan=subplan_reference(subplan[1]) if subplan else None,
        placeholders=placeholders(source),
    )


def outside_iterations(source: Source) -> Iterator[Kept]:
    """What is left without the `### Iteration N` blocks.

    A block ends at the next heading of its level or above, or at a thematic break (the methodology, §3.3).
    """
    level = 0
    for index, placed in enumerate(source):
        section = placed.section
        if section.kind == "heading" and section.level <= level:
            level = 0
        if section.kind == "heading" and not level and _ITERATION.match(section.title):
            level = section.level
        if not level:
            yield Kept(index, 0)
        elif (line := first_break(section)) is not None:
            level = 0
            yield Kept(index, line + 1)


def _statuses(source: Source, kept: list[Kept]) -> Iterator[StatusField]:
    header = header_sections(source)
    for index, first in kept:
        for field in _labelled_status(source[index].section):
            if field.line >= first and is_status_field(field.name) and not is_placeholder(field.value):
                yield StatusField(Place(index, field.line), field.value, index in header)


@by_section
def _labelled_status(section: Section) -> tuple[Label, ...]:
    return tuple(labels(section, _MAY_BE_STATUS.search)) if "status" in section.text.casefold() else ()


def _outcome(
    source: Source, kept: list[Kept], statuses: list[StatusField], vocabulary: Vocabulary
) -> tuple[Outcome, Place | None]:
    """`blocked` and `abandoned` outrank `done`: there the last status outside iterations decides."""
    last = statuses[-1] if statuses else None
    if last:
        stopped = stopped_status(last.value, vocabulary)
        if stopped == "blocked":
            return "blocked", last.at
        if stopped == "abandoned":
            return "stopped", last.at
    done = _done(source, kept, statuses, vocabulary)
    if done:
        return "done", done
    return "open", last.at if last else None


def _done(source: Source, kept: list[Kept], statuses: list[StatusField], vocabulary: Vocabulary) -> Place | None:
    header = next((status for status in statuses if status.in_header), None)
    for status in (header, statuses[-1] if statuses else None):
        if status and status_of(status.value, vocabulary) == "complete":
            return status.at
    first_lines = dict(kept)
    for index in first_lines:
        section = source[index].section
        if section.kind != "heading" or first_lines[index]:
            continue
        if section.level == 2 and is_section(section.title, "achievement_complete"):
            return Place(index, 0)
        if is_section(section.title, "completion") and (place := _completed(source, index, first_lines)):
            return place
    return None


def _completed(source: Source, heading: int, first_lines: dict[int, int]) -> Place | None:
    """The place that completes a Completion section: its bold `…: ✅ COMPLETE`, or its heading if all is ticked."""
    boxes: list[str] = []
    for index in extent(source, heading):
        if index not in first_lines:
            continue
        for line, text in prose_lines(source[index].section):
            if "**" in text and _BOLD_COMPLETE.search(text.replace("*", "")):
                return Place(index, line)
        boxes += [item.box for item in blocks_of(source, index).items if item.box and item.line >= first_lines[index]]
    return Place(heading, 0) if boxes and all(box in "xX" for box in boxes) else None
