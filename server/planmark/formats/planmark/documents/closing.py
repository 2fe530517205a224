"""The end of an EXECUTION_TASK: open criteria, empty sections, contradictory statuses, results of tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from planmark.formats.planmark.documents.boxes import boxes_in
from planmark.formats.planmark.documents.conflicts import conflicts
from planmark.formats.planmark.documents.named_sections import sections_with_name
from planmark.formats.planmark.documents.placeholders import is_filled
from planmark.formats.planmark.documents.statuses import SectionRest, StatusField
from planmark.formats.planmark.documents.vocabulary import is_section, status_of
from planmark.markdown.blocks import parse_blocks
from planmark.markdown.parsed_source import (
    Quote,
    SectionPosition,
    Source,
    prose,
    quote_at,
    section_range,
)
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.vocabulary import Status, Vocabulary

_PLACEHOLDER_LINE = re.compile(
    r"[\W_]*(?:(?:to be|will be|needs to be|not yet) (?:filled|completed|added|documented|determined|written|described|updated)\b.*"
    r"|tbd|tba|to ?do|pending|fill (?:this )?in\b.*|coming soon|(?:no )?(?:learnings?|entries|iterations?) yet)[\W_]*"
    r"|[\W_]*result[\W_]*begun[\W_]*",
    re.IGNORECASE,
)
"""Pattern for a line that only announces text, or that `planmark create` has written."""
_STRUCK_BOX = re.compile(r"[\W_]*(?:~~|<del>|<s>)")
_BOX_AFTER_REVIEW = re.compile(
    r"\b(?:reviewed|review (?:passed|complete|approved|by|and)|(?:peer|code|final|mentor|reviewer'?s?) review|for review|approv\w*|archiv\w*"
    r"|request\w* (?:a )?(?:re-?)?review|feedback|sign(?:ed)?[- ]?off|next achievement|merged?"
    r"|n/a|not applicable|optional|deferred|if abandoned)\b",
    re.IGNORECASE,
)
"""Pattern for a box that an executor need not tick before the review.

Such a box is about a later event, or its text says that the box does not apply.
"""
_BLOCKER_GONE = re.compile(
    r"\bblock(?:er|ers|ing issues?|age)\b[^.\n]{0,60}\b(?:resolved|lifted|removed|fixed|cleared|gone)\b|\bunblocked\b|\bno longer blocked\b",
    re.IGNORECASE,
)
_BLOCKER_NOT_GONE = re.compile(
    r"\b(?:not|un(?:til|less|resolved)|once|when|if|after|must|should|would|could|can|to be|how|needs?|waiting|before|without)\b|\?",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\b\d+(?:/\d+)?\s+(?:tests?\s+)?(?:pass(?:ed|ing)?|succeeded|fail(?:ed|ing|ures?)?)\b|\b(?:all|every)\s+(?:\d+\s+)?(?:unit |integration )?tests?\s+pass"
    r"|\btests?\b[^\n]{0,30}\b(?:pass(?:ed|ing)?|green|ok)\b|\bexit (?:code|status)\b|\bPASS(?:ED)?\b|\b0 (?:errors|failures)\b",
    re.IGNORECASE,
)
"""Pattern for a line that reports the result of a test or a command."""


class ExecutionEnd(msgspec.Struct, frozen=True):
    """The facts of an EXECUTION_TASK about its end.

    `open_criteria` are the open boxes of its Completion section. `empty_log` and `empty_learnings` are the headings of
    sections without content. `status_quote` is the last status, `last_word` the normal form of its value.
    `beginning_quote` is the heading of the first part of the log with content. `blocker_removal` is the last line that
    says that a blocker is gone. `shows_result` tells whether any text looks like the result of a test or a command.
    """

    open_criteria: tuple[Quote, ...] = ()
    empty_log: Quote | None = None
    empty_learnings: Quote | None = None
    status_quote: Quote | None = None
    last_word: Status | None = None
    beginning_quote: Quote | None = None
    blocker_removal: Quote | None = None
    shows_result: bool = False
    conflicts: tuple[Quote, ...] = ()


def execution_end_of(
    source: Source, kept_section_rests: Sequence[SectionRest], fields: Sequence[StatusField], vocabulary: Vocabulary
) -> ExecutionEnd:
    """Return the facts of a task about its end.

    `kept_section_rests` are the sections of the task outside attempts, `fields` are its statuses.
    """
    log_headings = sections_with_name(source, "log")
    first_filled_heading = next((index for index in log_headings if _has_own_content(source, index)), None)
    last_status = fields[-1] if fields else None
    return ExecutionEnd(
        open_criteria=tuple(_open_criteria(source, dict(kept_section_rests))),
        empty_log=_quote_of_heading(source, log_headings[0]) if log_headings and first_filled_heading is None else None,
        empty_learnings=_empty_section(source, sections_with_name(source, "learnings")),
        status_quote=quote_at(source, last_status.position) if last_status else None,
        last_word=status_of(last_status.value, vocabulary) if last_status else None,
        beginning_quote=_quote_of_heading(source, first_filled_heading) if first_filled_heading is not None else None,
        blocker_removal=_blocker_removal_line(source),
        shows_result=any(_shows_result(section.section) for section in source),
        conflicts=conflicts(source),
    )


def _quote_of_heading(source: Source, index: int) -> Quote:
    return quote_at(source, SectionPosition(index, 0))


def _empty_section(source: Source, headings: Sequence[int]) -> Quote | None:
    """Return the first of `headings` if their sections all lack content.

    Return None if a section has content, or if there are no headings.
    """
    if not headings or any(_has_own_content(source, index) for index in headings):
        return None
    return _quote_of_heading(source, headings[0])


def _has_own_content(source: Source, heading: int) -> bool:
    """Tell whether the section of a heading contains more than headings, placeholders and text of a template."""
    return any(_has_content(source[index].section) for index in section_range(source, heading))


@memoize_per_section
def _has_content(section: Section) -> bool:
    lines = section.text.split("\n")[1:] if section.kind == "heading" else section.text.split("\n")
    return is_filled("\n".join(line for line in lines if not _PLACEHOLDER_LINE.fullmatch(line)))


def _open_criteria(source: Source, first_lines: dict[int, int]) -> Iterator[Quote]:
    """Yield the open boxes of the Completion sections outside attempts, except boxes that need no tick.

    `first_lines` maps the index of each section outside attempts to the 0-based line at which this part begins.
    """
    seen_sections: set[int] = set()
    for heading in sections_with_name(source, "completion"):
        if heading not in first_lines or first_lines[heading]:
            continue
        for index in section_range(source, heading):
            if index in seen_sections or index not in first_lines:
                continue
            seen_sections.add(index)
            for box in boxes_in(source[index].section):
                is_due = not (_STRUCK_BOX.match(box.text) or _BOX_AFTER_REVIEW.search(box.text))
                if not box.is_ticked and box.line >= first_lines[index] and is_due:
                    yield quote_at(source, SectionPosition(index, box.line))


def _blocker_removal_line(source: Source) -> Quote | None:
    """Return the last line that says that a blocker is gone, else None."""
    last_position = None
    for position, text in prose(source, range(len(source)), _BLOCKER_GONE.search):
        if not _BLOCKER_NOT_GONE.search(text):
            last_position = position
    return quote_at(source, last_position) if last_position else None


@memoize_per_section
def _shows_result(section: Section) -> bool:
    """Tell whether a section has a line with a result. In a section of the log, a code block is enough."""
    is_log = section.kind == "heading" and is_section(section.title, "log")
    return _RESULT.search(section.text) is not None or (is_log and bool(parse_blocks(section).fences))
