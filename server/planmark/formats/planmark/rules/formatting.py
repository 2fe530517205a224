"""Rules for form: code fences, tables, checkboxes, conflict markers, encoding, line ends and unparsed sections."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.diagnostics.codes import ENCODING, FILE_UNREADABLE
from planmark.diagnostics.rule_inputs import DocumentInput, Fix, FixContext, SectionDiagnostic
from planmark.diagnostics.rules import Topic
from planmark.formats.planmark.documents.achievements import parse_defining_line
from planmark.formats.planmark.documents.conflicts import CONFLICT_PATTERN, conflict_lines
from planmark.formats.planmark.documents.named_sections import sections_with_name
from planmark.markdown.blocks import MAX_SECTION_CHARACTERS, Fence, prose_lines, reason_not_parsed, split_lines
from planmark.markdown.parsed_source import Source, blocks_of, parse_sections, section_range
from planmark.markdown.sections import Section
from planmark.markdown.tables import TableRow
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, FixKind, RelatedPlace, replacement_fix
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lines import line_end_counts, line_index, usual_line_end
from planmark.text.masking import without_secrets
from planmark.text.mojibake import may_be_mojibake, repair_line
from planmark.text.pluralize import counted_noun
from planmark.workspace.workspace_edits import TextChange, insert_whole_lines

UNCLOSED_FENCE = DiagnosticCode(
    "unclosed-fence", "warning", "a code fence without an end, so that headings after it are read as code"
)
BROKEN_TABLE = DiagnosticCode(
    "broken-table", "hint", "a row with more or fewer cells than the header, in a table that is read"
)
MERGE_CONFLICT = DiagnosticCode("merge-conflict", "error", "conflict markers of an unfinished merge")
CHECKBOX_FORM = DiagnosticCode("checkbox-form", "hint", "a checkbox that is not written as `[ ]` or `[x]`")

CONFLICT_MESSAGE = "an unfinished merge: keep one side, and remove the lines <<<<<<<, ======= and >>>>>>>"
SECTIONS_WITH_READ_TABLES: dict[str, tuple[str, ...]] = {
    "plan": ("achievement_index",),
    "subplan": ("active_tasks", "planned_executions"),
}
"""Kind of document → the sections whose tables Planmark reads. In a GRAMMAPLAN, Planmark reads every table."""
_BOX = lazy_pattern(r"\s*(?:[-*+]|[0-9]{1,9}[.)])\s+(?P<box>\[[ \t]{0,3}(?:[xX][ \t]{0,3})?\])(?=\s|$)")
"""Pattern for a checkbox at the beginning of a list item, in the usual form or in an unusual one."""
_FENCE_LINE = lazy_pattern(r"\s*(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[\w+-]*)")
"""Pattern for a line that begins or ends a code fence."""
_HEADING = lazy_pattern(r" {0,3}#{1,6} +\S")
UNPARSED_MESSAGES = {
    "too long": f"this section has more than {MAX_SECTION_CHARACTERS:,} characters, so it is not read: divide it with headings",
    "refused": "the parser crashes on this section, so it is not read until it changes: write it in a different way",
}
"""Reason why a section is not parsed → the message of the diagnostic."""


class CloseFence(FixKind, frozen=True):
    """Fix that adds the missing closing mark of a code fence."""


class RepairEncoding(FixKind, frozen=True):
    """Fix that restores the text of lines that a program decoded with the wrong encoding."""


class UnifyLineEnds(FixKind, frozen=True):
    """Fix that gives all lines of a document the same kind of line end."""


def unread_sections(section: Section) -> Iterator[SectionDiagnostic]:
    """Yield a diagnostic if Planmark does not parse the section, because it is too long or makes the parser crash."""
    if why := reason_not_parsed(section):
        yield SectionDiagnostic(FILE_UNREADABLE, 0, UNPARSED_MESSAGES[why])


def merge_conflicts(section: Section) -> Iterator[SectionDiagnostic]:
    """Yield a diagnostic for each conflict marker outside code."""
    for number, line in conflict_lines(section):
        yield SectionDiagnostic(MERGE_CONFLICT, number, CONFLICT_MESSAGE, line.rstrip())


def merge_conflicts_in_json(document_input: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each conflict marker in a `parallel.json`."""
    if document_input.kind == "parallel" and "<<<<<<<" in document_input.text:
        for number, line in enumerate(split_lines(document_input.text), 1):
            if CONFLICT_PATTERN.match(line):
                yield MERGE_CONFLICT.at(
                    document_input.document.path, number, CONFLICT_MESSAGE, target_text=line.rstrip()
                )


def odd_checkboxes(section: Section) -> Iterator[SectionDiagnostic]:
    """Yield a diagnostic for each checkbox in an unusual form, such as `[x ]` or `[]`, which not every program knows."""
    if "[" not in section.text:
        return
    for number, line in prose_lines(section, _unusual_box):
        if box := _unusual_box(line):
            new_box = "[x]" if "x" in box.casefold() else "[ ]"
            yield SectionDiagnostic(
                CHECKBOX_FORM, number, f"write this box as `{new_box}`", box, replacement_fix(new_box, is_safe=True)
            )


def _unusual_box(line: str) -> str | None:
    """Return the checkbox at the beginning of a line. Return None if there is no checkbox, or it is `[ ]` or `[x]`."""
    match = _BOX.match(line) if "[" in line else None
    return match["box"] if match and match["box"] not in ("[ ]", "[x]") else None


def encoding_and_line_end_problems(document_input: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for UTF-8 text that was decoded as Mac Roman, and a diagnostic for mixed line ends."""
    path = document_input.document.path
    damaged_texts = wrongly_decoded_lines(document_input.text)
    if damaged_texts:
        first_line_index, line, repaired_line = damaged_texts[0]
        more_text = f", and {len(damaged_texts) - 1} more" if len(damaged_texts) > 1 else ""
        message = f"text that was decoded wrongly (here `{without_secrets(line.strip())[:40]}` for `{without_secrets(repaired_line.strip())[:40]}`{more_text}): repair it"
        yield ENCODING.at(path, first_line_index + 1, message, target_text=line.strip(), fix=RepairEncoding())
    counts_by_line_end = line_end_counts(document_input.text)
    if len(counts_by_line_end) > 1:
        list_text = ", ".join(f"{number} × {LINE_END_NAMES[end]}" for end, number in sorted(counts_by_line_end.items()))
        message = f"mixed line ends ({list_text}): use one kind"
        yield ENCODING.at(path, 1, message, fix=UnifyLineEnds())


LINE_END_NAMES = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}
"""Line end → its name in messages."""


def wrongly_decoded_lines(text: str) -> list[tuple[int, str, str]]:
    """Return a tuple (0-based line, text, repaired text) for each line of UTF-8 that was decoded as Mac Roman.

    Only lines that can be restored exactly are returned.
    """
    if not may_be_mojibake(text):
        return []
    return [
        (number, line, repaired_line)
        for number, line in enumerate(split_lines(text))
        if may_be_mojibake(line) and (repaired_line := repair_line(line)) != line
    ]


def unclosed_fences(document_input: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for a code fence without an end, if headings or definitions after the fence are read as code.

    If a fence inside another fence is the cause, the diagnostic is at the outer fence.
    """
    fence_lines = unclosed_fence_with_heading(document_input.source)
    if fence_lines is None:
        return
    line, fence, swallowed_line = fence_lines
    path = document_input.document.path
    heading = without_secrets(split_lines(document_input.text)[swallowed_line].strip())[:60]
    swallowed_text = f"line {swallowed_line + 1} (`{heading}`)"
    related_places: tuple[RelatedPlace, ...] = (RelatedPlace(path, swallowed_line + 1, "read as code"),)
    if nested_fence := first_nested_fence(document_input.source):
        outer, inner, mark = nested_fence
        message = f"the inner fence at line {inner + 1} closes this fence, so that {swallowed_text} is read as code: begin and end it with {mark}{mark[0]}"
        related_places = (RelatedPlace(path, inner + 1, "the inner fence"), *related_places)
        yield UNCLOSED_FENCE.at(path, outer + 1, message, related_places, fix=CloseFence())
        return
    message = f"this fence is never closed, so that the text after it, such as {swallowed_text}, is read as code: close it with {fence}"
    yield UNCLOSED_FENCE.at(path, line + 1, message, related_places, fix=CloseFence())


def first_nested_fence(source: Source) -> tuple[int, int, str] | None:
    """Return (line of the outer fence, line of the inner fence, mark of both) for the first nested fence.

    The inner fence begins inside the outer fence and has the same mark. The lines are 0-based. Return None if no fence
    is nested.
    """
    for index, section in enumerate(source):
        text = section.section.text
        if "```" not in text and "~~~" not in text:
            continue
        lines = split_lines(text)
        for fence in blocks_of(source, index).fences:
            mark = _FENCE_LINE.search(lines[fence.line])
            for number in range(fence.line + 1, fence.end_line):
                inner_match = _FENCE_LINE.match(lines[number])
                if mark and inner_match and inner_match["info"] and inner_match["mark"] == mark["mark"]:
                    return section.start + fence.line, section.start + number, mark["mark"]
    return None


def unclosed_fence_with_heading(source: Source) -> tuple[int, str, int] | None:
    """Return (line of the fence, mark of the fence, line of the first heading in the fence) for a fence without an end.

    The lines are 0-based. A definition of an achievement counts as a heading. Return None if no open fence contains a
    heading.
    """
    if not source or not ("```" in source[-1].section.text or "~~~" in source[-1].section.text):
        return None
    last_section = source[-1]
    lines = split_lines(last_section.section.text)
    open_fences: list[Fence] = [fence for fence in blocks_of(source, len(source) - 1).fences if not fence.is_closed]
    for fence in open_fences:
        for number in range(fence.line + 1, fence.end_line):
            is_heading = _HEADING.match(lines[number]) and number and not lines[number - 1].strip()
            if is_heading or parse_defining_line(lines[number]):
                mark = re.match(r"`+|~+", lines[fence.line].strip())
                return last_section.start + fence.line, mark[0] if mark else "```", last_section.start + number
    return None


def broken_tables(document_input: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each row with more or fewer cells than the header, in the tables that Planmark reads."""
    source = document_input.source
    if document_input.kind == "grammaplan":
        section_indexes = [index for index, section in enumerate(source) if "|" in section.section.text]
    else:
        heading_indexes = [
            heading_index
            for name in SECTIONS_WITH_READ_TABLES.get(document_input.kind, ())
            for heading_index in sections_with_name(source, name)
        ]
        section_indexes = sorted(
            {index for heading_index in heading_indexes for index in section_range(source, heading_index)}
        )
    for index in section_indexes:
        lines = split_lines(source[index].section.text)
        for table in blocks_of(source, index).tables:
            for row in table.rows:
                if len(row.cells) != len(table.header):
                    line = lines[row.line].strip()
                    padded_row = _padded_row(line, row, len(table.header))
                    advice = "pad it" if padded_row else "remove a cell, or escape the pipe in one as \\|"
                    message = f"this row has {counted_noun(len(row.cells), 'cell')}, but the header has {len(table.header)}: {advice}"
                    line_number = source[index].start + row.line + 1
                    yield BROKEN_TABLE.at(
                        document_input.document.path,
                        line_number,
                        message,
                        target_text=line,
                        fix=replacement_fix(padded_row, is_safe=True),
                    )


def _padded_row(line: str, row: TableRow, cell_count: int) -> str | None:
    """Return the table row in `line` with added empty cells, so that the row has `cell_count` cells.

    Return None if the row has more cells.
    """
    missing_count = cell_count - len(row.cells)
    if missing_count < 0:
        return None
    closed_row = line if line.endswith("|") and not line.endswith("\\|") else f"{line} |"
    return closed_row + "  |" * missing_count


def close_fence(context: FixContext, _: CloseFence) -> Iterator[Fix]:
    """Yield a fix that inserts the closing mark of a fence before the first heading that the fence turns into code."""
    fence = unclosed_fence_with_heading(parse_sections(context.text))
    if fence and fence[0] == context.line_number:
        mark, heading_line = fence[1:]
        lines = split_lines(context.text)
        index = (
            heading_line - 1
            if heading_line - 1 > context.line_number and not lines[heading_line - 1].strip()
            else heading_line
        )
        yield Fix(
            f"Close the fence before line {heading_line + 1}",
            False,
            (insert_whole_lines(context.path, context.text, index, f"{mark}\n"),),
        )


def repair_encoding(context: FixContext, _: RepairEncoding) -> Iterator[Fix]:
    """Yield a fix that restores the lines that were decoded with the wrong encoding."""
    damaged_texts = wrongly_decoded_lines(context.text)
    changes = tuple(
        TextChange(context.path, number, 0, len(line), repaired_line) for number, line, repaired_line in damaged_texts
    )
    yield Fix("Repair the encoding", True, changes)


def unify_line_ends(context: FixContext, _: UnifyLineEnds) -> Iterator[Fix]:
    """Yield a fix that changes all line ends to the kind that most lines have."""
    lines, line_end = line_index(context.text), usual_line_end(context.text)
    changes = []
    for number in range(len(lines) - 1):
        start = lines.line_start_offset(number) + len(lines.line(number))
        if context.text[start : lines.line_start_offset(number + 1)] != line_end:
            changes.append(TextChange(context.path, number, len(lines.line(number)), 0, line_end, 1))
    yield Fix("Use one kind of line end", True, tuple(changes))


TOPIC = Topic(
    codes=(UNCLOSED_FENCE, BROKEN_TABLE, MERGE_CONFLICT, CHECKBOX_FORM),
    section=(unread_sections, merge_conflicts, odd_checkboxes),
    document=(encoding_and_line_end_problems, unclosed_fences, broken_tables, merge_conflicts_in_json),
    fixes=((CloseFence, close_fence), (RepairEncoding, repair_encoding), (UnifyLineEnds, unify_line_ends)),
)
