"""The facts of an EXECUTION_TASK: the log of one execution of a SUBPLAN, and its outcome."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from planmark.formats.planmark.documents.boxes import OPEN_MARK_PATTERN, Box, boxes_in
from planmark.formats.planmark.documents.closing import ExecutionEnd, execution_end_of
from planmark.formats.planmark.documents.document_references import subplan_reference
from planmark.formats.planmark.documents.ids import id_named_in
from planmark.formats.planmark.documents.named_sections import header_field, sections_with_name
from planmark.formats.planmark.documents.placeholders import is_filled, placeholders, section_is_filled
from planmark.formats.planmark.documents.statuses import (
    SectionRest,
    StatusField,
    section_rests_outside_attempts,
    statuses,
)
from planmark.formats.planmark.documents.vocabulary import is_blocked, is_field, opens_section, status_of
from planmark.markdown.blocks import parse_blocks, prose_lines
from planmark.markdown.parsed_source import Quote, SectionPosition, Source, quote_at, section_range, title_of
from planmark.markdown.sections import Section
from planmark.plans.model import Outcome
from planmark.plans.vocabulary import Status, Vocabulary
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lookalikes import has_invisible_at_word

_BOLD_COMPLETE = lazy_pattern(r":\s*(?P<value>[✅☑]\ufe0f?\s*complete.*)", re.IGNORECASE)
"""Pattern for the end of a bold line that says complete: `: ✅ COMPLETE`."""
_DOUBT_MARK = lazy_pattern(rf"~~|{OPEN_MARK_PATTERN}")
"""Pattern for the marks of a heading that is struck through or not complete."""
_OUTCOMES_BY_STATUS: dict[Status | None, Outcome] = {"abandoned": "stopped", "skipped": "stopped", "failed": "failed"}
_NO_BLOCKER = lazy_pattern(
    r"\W*(?:no|none|no blockers?|nothing|n/?a|nil)\b(?: (?:so far|yet|known|currently|at the moment|left))?\W*(?:\n|$)",
    re.IGNORECASE,
)
"""Pattern for the value of a Blocker field that says that nothing blocks."""
_PLAIN_FIELD = lazy_pattern(r"(?P<name>[A-Za-z][\w ]{0,40}?)[ \t]*[:：](?P<value>.*)")
"""Pattern for a line with a field whose name is not bold."""


class ExecutionTask(msgspec.Struct, frozen=True):
    """Facts of an EXECUTION_TASK.

    `evidence` is the line that decided the outcome. `status` is the line of the first status of the document. `header`
    is the line of the first status in the header. `header_word` is the normal form of this status.

    `achievement` is the id that the header names, even if no PLAN has this id. `achievement_at` is the line of the id.
    `plan` is the value of the Plan field in the header. `plan_at` is the line of this field. `subplan` is (feature,
    number) of the SUBPLAN that the header names. If the name of the SUBPLAN has no feature, the feature is "".
    """

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
    ending: ExecutionEnd
    executor: str = ""


def parse_execution_task(source: Source, vocabulary: Vocabulary) -> ExecutionTask:
    """Return the facts of the EXECUTION_TASK whose sections are `source`."""
    kept_section_rests = list(section_rests_outside_attempts(source))
    fields = statuses(source, kept_section_rests, vocabulary)
    outcome, evidence = _outcome(source, kept_section_rests, fields, vocabulary)
    achievement_field = header_field(source, "achievement", vocabulary)
    plan_field = header_field(source, "plan", vocabulary)
    subplan_field = header_field(source, "subplan", vocabulary)
    executor_field = header_field(source, "executor", vocabulary)
    header = next((status for status in fields if status.in_header), None)
    return ExecutionTask(
        title=title_of(source),
        outcome=outcome,
        evidence=quote_at(source, evidence) if evidence else None,
        status=quote_at(source, fields[0].position) if fields else None,
        header=quote_at(source, header.position) if header else None,
        header_word=status_of(header.value, vocabulary) if header else None,
        achievement=id_named_in(achievement_field[1]) if achievement_field else None,
        achievement_at=quote_at(source, achievement_field[0]) if achievement_field else None,
        plan=plan_field[1] if plan_field else "",
        plan_at=quote_at(source, plan_field[0]) if plan_field else None,
        subplan=subplan_reference(subplan_field[1]) if subplan_field else None,
        placeholders=placeholders(source),
        ending=execution_end_of(source, kept_section_rests, fields, vocabulary),
        executor=executor_field[1] if executor_field else "",
    )


def _outcome(
    source: Source, kept_section_rests: list[SectionRest], fields: list[StatusField], vocabulary: Vocabulary
) -> tuple[Outcome, SectionPosition | None]:
    """Return the outcome of an execution, and the position of the text that decided the outcome.

    If the last status outside attempts says blocked, stopped or failed, this status decides. A failed execution that
    names a blocker is blocked. Otherwise, the execution is done if its text says so, else open.
    """
    last_status = fields[-1] if fields else None
    if last_status:
        outcome = _OUTCOMES_BY_STATUS.get(status_of(last_status.value, vocabulary))
        if outcome != "stopped" and is_blocked(last_status.value, vocabulary):
            return "blocked", last_status.position
        if outcome == "failed" and (blocker_position := _blocker_position(source, kept_section_rests, vocabulary)):
            return "blocked", blocker_position
        if outcome:
            return outcome, last_status.position
    done_position = _done_position(source, kept_section_rests, fields, vocabulary)
    if done_position:
        return "done", done_position
    return "open", last_status.position if last_status else None


def _blocker_position(
    source: Source, kept_section_rests: list[SectionRest], vocabulary: Vocabulary
) -> SectionPosition | None:
    """Return the position of the text that names a blocker, or None if nothing names a blocker. The text is the first
    Blocker field that names a blocker, else the first Blocker section that names one.
    """
    words = vocabulary.fields["blocker"]
    section_indexes = [
        index for index, _ in kept_section_rests if any(word in source[index].section.text.casefold() for word in words)
    ]
    for index in section_indexes:
        for line, value in _blocker_fields(source[index].section, vocabulary):
            if is_filled(value) and not _NO_BLOCKER.match(value):
                return SectionPosition(index, line)
    for index in sections_with_name(source, "blocker"):
        text = "\n".join(line for _, line in prose_lines(source[index].section)).partition("\n")[2]
        if index in section_indexes and section_is_filled(source, index) and not _NO_BLOCKER.match(text.strip()):
            return SectionPosition(index, 0)
    return None


def _blocker_fields(section: Section, vocabulary: Vocabulary) -> Iterator[tuple[int, str]]:
    """Yield (0-based line, value) for each Blocker field of a section.

    The name of the field may be bold or plain, or may be in a row of a table. The value may be a list below the name.
    """
    blocks = parse_blocks(section)
    for field in blocks.fields:
        if is_field(field.name, "blocker", vocabulary):
            item_texts = [item.text for item in blocks.items if field.body[0] <= item.line < field.body[1]]
            yield field.line, field.value or "\n".join(item_texts)
    for line, text in prose_lines(section):
        match = _PLAIN_FIELD.match(text)
        if match and is_field(match["name"], "blocker", vocabulary):
            yield line, match["value"]
    for table in blocks.tables:
        for line, cells in ((table.line, table.header), *table.rows):
            if len(cells) == 2 and is_field(cells[0].text.strip("* :"), "blocker", vocabulary):
                yield line, cells[1].text


def _done_position(
    source: Source, kept_section_rests: list[SectionRest], fields: list[StatusField], vocabulary: Vocabulary
) -> SectionPosition | None:
    """Return the position of the text that says that the execution is done, else None."""
    header_statuses = [status for status in fields if status.in_header]
    for status_fields in (header_statuses, fields[-1:]):
        if status_fields and all(status_of(status.value, vocabulary) == "complete" for status in status_fields):
            return status_fields[0].position
    first_lines = dict(kept_section_rests)
    for index in first_lines:
        section = source[index].section
        if section.kind != "heading" or first_lines[index]:
            continue
        says_complete = (
            section.level == 2
            and opens_section(section.title, "achievement_complete")
            and not (_DOUBT_MARK.search(section.title) or has_invisible_at_word(section.title))
        )
        if not says_complete and not opens_section(section.title, "completion"):
            continue
        boxes = _boxes_outside_attempts(source, index, first_lines)
        if not all(box.is_ticked for box in boxes):
            continue
        if says_complete:
            return SectionPosition(index, 0)
        if position := _complete_line_position(source, index, first_lines, vocabulary):
            return position
        if boxes:
            return SectionPosition(index, 0)
    return None


def _boxes_outside_attempts(source: Source, heading_index: int, first_lines: dict[int, int]) -> list[Box]:
    """Return the boxes in the section of a heading. Boxes in attempts are ignored.

    `first_lines` maps the index of each section to the 0-based line where its part outside attempts begins.
    """
    return [
        box
        for index in section_range(source, heading_index)
        if index in first_lines
        for box in boxes_in(source[index].section)
        if box.line >= first_lines[index]
    ]


def _complete_line_position(
    source: Source, heading_index: int, first_lines: dict[int, int], vocabulary: Vocabulary
) -> SectionPosition | None:
    """Return the position of the first bold line `…: ✅ COMPLETE` in a Completion section, else None.

    Lines in attempts are ignored. `first_lines` maps the index of each section to the 0-based line where its part
    outside attempts begins.
    """
    for index in section_range(source, heading_index):
        if index not in first_lines:
            continue
        for line, text in prose_lines(source[index].section):
            match = _BOLD_COMPLETE.search(text.replace("*", "")) if "**" in text else None
            if match and line >= first_lines[index] and status_of(match["value"], vocabulary) == "complete":
                return SectionPosition(index, line)
    return None
