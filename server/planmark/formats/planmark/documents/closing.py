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
from planmark.formats.planmark.documents.vocabulary import opens_section, status_of
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
from planmark.text.lazy_pattern import lazy_pattern

_PLACEHOLDER_LINE = lazy_pattern(
    r"[\W_]*(?:(?:to be|will be|needs to be|not yet) (?:filled|completed|added|documented|determined|written|described|updated)\b.*"
    r"|tbd|tba|to ?do|pending|fill (?:this )?in\b.*|coming soon|(?:no )?(?:learnings?|entries|iterations?) yet)[\W_]*"
    r"|[\W_]*result[\W_]*begun[\W_]*",
    re.IGNORECASE,
)
"""Pattern for a line in place of missing text: `TBD`, for example, or an unchanged line of `planmark create`."""
_STRUCK_BOX = lazy_pattern(r"[\W_]*(?:~~|<del>|<s>)")
"""Pattern for the beginning of the text of a box whose text is struck through."""
_TEXT_OF_BOX_NOT_DUE = lazy_pattern(
    r"\b(?:reviewed|review (?:passed|complete|approved|by|and)|(?:peer|code|final|mentor|reviewer'?s?) review|for review|approv\w*|archiv\w*"
    r"|request\w* (?:a )?(?:re-?)?review|feedback|sign(?:ed)?[- ]?off|next achievement|merged?"
    r"|n/a|not applicable|optional|deferred|if abandoned)\b",
    re.IGNORECASE,
)
"""Pattern for the text of a box that an executor need not tick before the review.

Such a box is about a later event, or its text says that the box does not apply.
"""
_BLOCKER_GONE = lazy_pattern(
    r"\bblock(?:er|ers|ing issues?|age)\b[^.\n]{0,60}\b(?:resolved|lifted|removed|fixed|cleared|gone)\b|\bunblocked\b|\bno longer blocked\b",
    re.IGNORECASE,
)
"""Pattern for text that says that a blocker is gone."""
_BLOCKER_NOT_GONE = lazy_pattern(
    r"\b(?:not|un(?:til|less|resolved)|once|when|if|after|must|should|would|could|can|to be|how|needs?|waiting|before|without)\b|\?",
    re.IGNORECASE,
)
"""Pattern for words that deny or only announce that a blocker is gone."""
_TEST_RESULT = lazy_pattern(
    r"\b\d+(?:/\d+)?\s+(?:tests?\s+)?(?:pass(?:ed|ing)?|succeeded|fail(?:ed|ing|ures?)?)\b|\b(?:all|every)\s+(?:\d+\s+)?(?:unit |integration )?tests?\s+pass"
    r"|\btests?\b[^\n]{0,30}\b(?:pass(?:ed|ing)?|green|ok)\b|\bexit (?:code|status)\b|\bPASS(?:ED)?\b|\b0 (?:errors|failures)\b",
    re.IGNORECASE,
)
"""Pattern for text that reports the result of a test or a command."""


class ExecutionEnd(msgspec.Struct, frozen=True):
    """The facts about the end of an EXECUTION_TASK.

    `open_criteria` are the open boxes of the Completion sections. `empty_log` is the first heading of the log if the
    whole log is empty. `empty_learnings` is the first heading of the learnings if all learnings are empty.
    `status_quote` is the line of the last status. `last_word` is the normal form of the last status.

    `beginning_quote` is the heading of the first log section that has content. `blocker_removal` is the last line that
    says that a blocker is gone. `shows_result` tells whether any text looks like the result of a test or a command.
    `conflicts` are the lines that begin a merge conflict.
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
    """Return the facts about the end of an EXECUTION_TASK.

    `kept_section_rests` are the parts of sections that are not about an attempt, an example or a different document.
    `fields` are the statuses of the EXECUTION_TASK, in order.
    """
    log_headings = sections_with_name(source, "log")
    first_filled_heading = next((index for index in log_headings if _has_content_below_heading(source, index)), None)
    last_status = fields[-1] if fields else None
    return ExecutionEnd(
        open_criteria=tuple(_open_criteria(source, dict(kept_section_rests))),
        empty_log=_quote_of_heading(source, log_headings[0]) if log_headings and first_filled_heading is None else None,
        empty_learnings=_first_heading_if_all_empty(source, sections_with_name(source, "learnings")),
        status_quote=quote_at(source, last_status.position) if last_status else None,
        last_word=status_of(last_status.value, vocabulary) if last_status else None,
        beginning_quote=_quote_of_heading(source, first_filled_heading) if first_filled_heading is not None else None,
        blocker_removal=_blocker_removal_line(source),
        shows_result=any(_shows_result(section.section) for section in source),
        conflicts=conflicts(source),
    )


def _quote_of_heading(source: Source, heading_index: int) -> Quote:
    """Return the line of the heading with the index `heading_index`."""
    return quote_at(source, SectionPosition(heading_index, 0))


def _first_heading_if_all_empty(source: Source, heading_indexes: Sequence[int]) -> Quote | None:
    """Return the first heading in `heading_indexes` if the sections of all these headings are empty.

    Return None if one of the sections has content, or if `heading_indexes` is empty.
    """
    if not heading_indexes or any(_has_content_below_heading(source, index) for index in heading_indexes):
        return None
    return _quote_of_heading(source, heading_indexes[0])


def _has_content_below_heading(source: Source, heading_index: int) -> bool:
    """Tell whether the section of a heading contains more than headings, placeholders and text of a template."""
    return any(_has_content(source[index].section) for index in section_range(source, heading_index))


@memoize_per_section
def _has_content(section: Section) -> bool:
    """Tell whether a section contains more than its heading, placeholders and text of a template."""
    lines = section.text.split("\n")[1:] if section.kind == "heading" else section.text.split("\n")
    return is_filled("\n".join(line for line in lines if not _PLACEHOLDER_LINE.fullmatch(line)))


def _open_criteria(source: Source, first_lines: dict[int, int]) -> Iterator[Quote]:
    """Yield each open box of a Completion section that an executor has to tick before the review.

    Boxes in attempts are ignored. `first_lines` maps the index of each section to the 0-based line where its part
    outside attempts begins.
    """
    searched_indexes: set[int] = set()
    for heading_index in sections_with_name(source, "completion"):
        if heading_index not in first_lines or first_lines[heading_index]:
            continue
        for index in section_range(source, heading_index):
            if index in searched_indexes or index not in first_lines:
                continue
            searched_indexes.add(index)
            for box in boxes_in(source[index].section):
                is_due = not (_STRUCK_BOX.match(box.text) or _TEXT_OF_BOX_NOT_DUE.search(box.text))
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
    """Tell whether a section shows the result of a test or a command.

    In a section of the log, any code block counts as a result.
    """
    is_log = section.kind == "heading" and opens_section(section.title, "log")
    return _TEST_RESULT.search(section.text) is not None or (is_log and bool(parse_blocks(section).fences))
