"""Rules for references to documents that do not exist, and to lines beyond the end of a document."""

from __future__ import annotations

import functools
import re
from collections.abc import Container, Iterator, Mapping
from typing import NamedTuple

from planmark.diagnostics.rule_inputs import DocumentInput, DocumentReference
from planmark.diagnostics.rules import ReferenceRules, Topic
from planmark.formats.planmark.documents.document import parsed_name
from planmark.formats.planmark.documents.document_references import BARE_NAME, DOCUMENT_NAME
from planmark.formats.planmark.documents.file_names import Name, parse_name
from planmark.formats.planmark.documents.mentioned_words import document_names_in, file_name_of_match
from planmark.markdown.blocks import prose_lines, split_lines
from planmark.markdown.parsed_source import header_sections
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, replacement_fix
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.pluralize import counted_noun
from planmark.text.similarity import most_similar
from planmark.workspace.persistent_map import PathMap
from planmark.workspace.snapshot import Snapshot

REFERENCE_MISSING = DiagnosticCode("reference-missing", "hint", "a reference to a document that does not exist")
LINE_RANGE_STALE = DiagnosticCode("line-range-stale", "hint", "a line range beyond the end of the document")

PathsByName = PathMap[tuple[str, ...]]
"""File name → the paths of the files with this name in a workspace."""
_PLANNED_OR_GONE = lazy_pattern(
    r"\b(?:creat|to be|will|shall|would|should|generat|writ(?:e|ten|ing)\b|new\b|next|planned|plan to|todo|future|pending|add(?:ed|ing)?\b|"
    r"example|e\.g\.|such as|like|template|format|pattern|naming|archiv|renam|delet|remov|mov(?:e|ed|ing)\b|merg|deprecat|missing|"
    r"not (?:exist|found|created)|does ?n[o']t exist|output|expected|deliver|register|later|when|if\b|or\b)",
    re.IGNORECASE,
)
"""Words that mark a line about a document that is planned, is gone, or is only an example."""
_LIST_INTRODUCTION = lazy_pattern(
    r"\b(?:creat|to be\b|will\b|new\b|next\b|planned|future|output|deliver|archiv|renam|delet|remov|mov(?:e|es|ed|ing)\b|migrat|merg|"
    r"deprecat|missing|duplicat|generat|written|updated|example|expected|obsolete|superseded|historical|old\b|former|template)",
    re.IGNORECASE,
)
"""Words that introduce a list of documents that are planned, are gone, or existed only for a time."""
_LIST_ITEM = lazy_pattern(r"(?P<indent>\s*)(?:[-*+]\s|[0-9]{1,9}[.)]\s|[└├|])")
_LINES_AFTER_NAME = lazy_pattern(
    r"\s{0,9}[`)\]]?\s{0,9}[(\[]?(?::|#L|,?\s{0,9}(?:at\s+)?lines?\s+)(?P<first>[0-9]{1,6})(?:\s*(?:-|–|—|to)\s*L?(?P<last>[0-9]{1,6}))?",
    re.IGNORECASE,
)
"""Pattern for the line numbers directly after the name of a document, such as `:10-20` or `lines 10 to 20`."""
_NAME_WITH_LINES = lazy_pattern(
    r"\.md[`)\]]?\s{0,9}[(\[]?(?::[0-9]|#L|,?\s{0,9}(?:at\s+)?lines?\s+[0-9])", re.IGNORECASE
)
"""Pattern for the end of the name of a document with line numbers after it."""
_LONGER_NAME = lazy_pattern(r"[-_]?[*<{\[]|\.(?!md)\w|\s+(?:→|⇒|->|=>)\s")
"""Text after a name that shows that the name is only part of a pattern or longer name, or that the document moved."""
_PLACEHOLDER_IN_NAME = lazy_pattern(
    r"_[A-Z](?:_|\.)|_FILE\.|NN|XX|YY|EXAMPLE|FEATURE|TOPIC|PLACEHOLDER|NAME\b|-TEMPLATE", re.IGNORECASE
)
"""Pattern for a part of a name that shows that the name is only an example."""
_BOX = lazy_pattern(r"\s*(?:[-*+└├─]+|[0-9]+[.)])\s+\[[ xX]\]|\s*(?:[-*+└├─]+|[0-9]+[.)])\s.*✅")
"""A list item with a checkbox (an item to do), or with ✅ (the record of a finished item)."""
KINDS_WITH_UNCHECKED_REFERENCES: frozenset[str] = frozenset({"parallel", "north_star", "grammaplan"})
"""Kinds of documents in which Planmark does not check references."""


def absent_document_names(kind: str, mentioned_words: tuple[str, ...], names: Container[str]) -> tuple[str, ...]:
    """Return the words of `mentioned_words` that are names of documents, but not names of files of the workspace.

    `names` are the names of the workspace's files. Return () if Planmark checks no references in documents of `kind`.
    """
    if kind in KINDS_WITH_UNCHECKED_REFERENCES:
        return ()
    return tuple(word for word in mentioned_words if word.endswith(".md") and word not in names)


def references_to_check(
    document_input: DocumentInput, names: Container[str], absent_names: tuple[str, ...]
) -> tuple[DocumentReference, ...]:
    """Return the references to missing documents, and the references with line numbers to any document.

    References in code are left out. `names` are the names of the workspace's files; a document is missing if its name is
    not in `names`. `absent_names` are the missing documents that this document mentions anywhere.
    """
    if document_input.kind in KINDS_WITH_UNCHECKED_REFERENCES or not (
        absent_names or any(_has_line_range(section.section) for section in document_input.source)
    ):
        return ()
    section_indexes = [
        index
        for index, section in enumerate(document_input.source)
        if (mentioned_names := document_names_in(section.section))
        and (not all(name in names for name in mentioned_names) or _has_line_range(section.section))
    ]
    header_indexes = header_sections(document_input.source) if section_indexes else ()
    result: dict[tuple[str, int], DocumentReference] = {}
    for index in section_indexes:
        for reference, line, span, is_in_planned_list in _references_in(document_input.source[index].section):
            if _is_reported_elsewhere(parsed_name(document_input.document), reference.file_name) or (
                reference.file_name in names and not reference.end
            ):
                continue
            is_announced = is_in_planned_list or _is_announced(line, span)
            known_reference = result.get((reference.file_name, reference.end))
            if known_reference is None or (known_reference.is_announced and not is_announced):
                result[reference.file_name, reference.end] = reference._replace(
                    line=document_input.source[index].start + reference.line + 1,
                    in_header=index in header_indexes and reference.in_header,
                    is_announced=is_announced,
                )
    return tuple(result.values())


def _is_reported_elsewhere(own_name: Name, file_name: str) -> bool:
    """Tell whether other rules report the missing document `file_name`.

    `own_name` is the name of the document with the reference. Other rules report a missing PLAN of the same feature, and
    a missing EXECUTION_TASK of the SUBPLAN with the reference.
    """
    reference_name = parse_name(file_name)
    if reference_name is None or reference_name.feature != own_name.feature:
        return False
    is_own_execution = (own_name.kind, reference_name.kind) == (
        "subplan",
        "execution_task",
    ) and reference_name.number == own_name.number
    return reference_name.kind == "plan" or is_own_execution


@memoize_per_section
def _has_line_range(section: Section) -> bool:
    """Tell whether a section contains the name of a document with line numbers after it."""
    return bool(_NAME_WITH_LINES.search(section.text))


MAX_SUGGESTIONS = 100
"""Maximum number of missing documents for which Planmark suggests a similar name, for each referring document."""


class ReferenceInLine(NamedTuple):
    """A reference to a document in a line of a section.

    `reference.line` is the 0-based line in the section; `reference.is_announced` is always False. `text` is the text of
    the line. `span` is the column range of the name in `text`. `is_in_planned_list` tells whether the line is in a list
    of documents that are planned or gone.
    """

    reference: DocumentReference
    text: str
    span: tuple[int, int]
    is_in_planned_list: bool


@memoize_per_section
def _references_in(section: Section) -> tuple[ReferenceInLine, ...]:
    """Return every reference to a document in a section, outside code."""
    result = []
    for number, line in prose_lines(section, BARE_NAME.search):
        for match in DOCUMENT_NAME.finditer(line):
            name = file_name_of_match(match)
            if parse_name(name) is None or _PLACEHOLDER_IN_NAME.search(name) or _LONGER_NAME.match(line, match.end()):
                continue
            lines = _LINES_AFTER_NAME.match(line, match.end())
            end = int(lines["last"] or lines["first"]) if lines else 0
            range_text = lines[0].strip(" `()[],") if lines else ""
            name_text = match["name"] + (match["extension"] or "")
            document_reference = DocumentReference(name, name_text, number, "**" in line, False, end, range_text)
            result.append(
                ReferenceInLine(document_reference, line, match.span(), number in _lines_in_planned_lists(section))
            )
    return tuple(result)


@memoize_per_section
def _lines_in_planned_lists(section: Section) -> frozenset[int]:
    """Return the 0-based lines of a section that are in lists of documents that are planned or gone.

    The text that introduces the list decides: the heading, the line above the list, or an outer item of the list.
    """
    result: set[int] = set()
    heading_announces = intro_announces = False
    outer_items: list[tuple[int, bool]] = []
    for number, line in enumerate(split_lines(section.text)):
        item = _LIST_ITEM.match(line)
        if item:
            indent = len(item["indent"])
            while outer_items and outer_items[-1][0] >= indent:
                outer_items.pop()
            is_listed = outer_items[-1][1] if outer_items else heading_announces or intro_announces
            if is_listed:
                result.add(number)
            outer_items.append((indent, is_listed or bool(_LIST_INTRODUCTION.search(line))))
        elif line.startswith("#"):
            heading_announces, intro_announces, outer_items = bool(_LIST_INTRODUCTION.search(line)), False, []
        elif line.strip() and not line.startswith(" "):
            intro_announces, outer_items = bool(_LIST_INTRODUCTION.search(line)), []
    return frozenset(result)


def _is_announced(line: str, span: tuple[int, int]) -> bool:
    """Tell whether a line says that a document is planned, is gone, or is only an example.

    `span` is the column range of the document's name. Words inside the name do not count.
    """
    announced_spans = _spans_of_announcements(line)
    is_outside = bool(announced_spans) and (announced_spans[0][1] <= span[0] or announced_spans[-1][0] >= span[1])
    return is_outside or bool(_BOX.match(line))


@functools.lru_cache(maxsize=1)
def _spans_of_announcements(line: str) -> tuple[tuple[int, int], ...]:
    """Return the column range of each word in a line that marks documents as planned, gone, or examples.

    The cache contains the last line, because one line may name many documents.
    """
    return tuple(match.span() for match in _PLANNED_OR_GONE.finditer(line))


def missing_documents(
    path: str, document_references: tuple[DocumentReference, ...], names: PathsByName
) -> Iterator[Diagnostic]:
    """Yield one diagnostic for each missing document that the document at `path` mentions.

    A mention outside the header does not count if the text says that the document is planned, is gone or is an example.
    `names` are the files of the workspace. Other rules report a missing PLAN of the same feature.
    """
    own_name = parse_name(path.rpartition("/")[2])
    handled_names: set[str] = set()
    for reference in document_references:
        is_present = reference.file_name in names or reference.file_name in handled_names
        if is_present or (reference.is_announced and not reference.in_header):
            continue
        handled_names.add(reference.file_name)
        similar_name = _most_similar_name(reference, own_name, names) if len(handled_names) <= MAX_SUGGESTIONS else None
        hint = f"did you mean {similar_name}?" if similar_name else "create it, or correct the name"
        yield REFERENCE_MISSING.at(
            path,
            reference.line,
            f"there is no {reference.file_name}: {hint}",
            target_text=reference.written_name,
            fix=replacement_fix(
                similar_name
                and (similar_name if reference.written_name.endswith(".md") else similar_name.removesuffix(".md"))
            ),
            severity="warning" if reference.in_header else None,
        )


def _most_similar_name(reference: DocumentReference, own_name: Name | None, names: PathsByName) -> str | None:
    """Return the name in `names` that is most similar to the missing name of a reference; None if no name is similar.

    Only names of the same kind and with the same numbers are considered. For a reference in a header, the name with the
    feature of `own_name` takes precedence.
    """
    parsed_reference = parse_name(reference.file_name)
    if parsed_reference is None:
        return None
    same_kind_names = _names_by_kind_and_numbers(names).get(_kind_and_numbers(parsed_reference), [])
    if reference.in_header and own_name:
        name_with_own_feature = reference.file_name.replace(f"_{parsed_reference.feature}", f"_{own_name.feature}", 1)
        if name_with_own_feature in same_kind_names:
            return name_with_own_feature
    return most_similar(reference.file_name, same_kind_names, 0.92)


@functools.lru_cache(maxsize=2)
def _names_by_kind_and_numbers(names: PathsByName) -> dict[tuple[str, str, int], list[str]]:
    """Return a mapping from (kind, number, execution number) to the file names that have these three values."""
    result: dict[tuple[str, str, int], list[str]] = {}
    for name in names:
        if parsed_name := parse_name(name):
            result.setdefault(_kind_and_numbers(parsed_name), []).append(name)
    return result


def _kind_and_numbers(name: Name) -> tuple[str, str, int]:
    """Return (kind, number, execution number) of a file name."""
    return name.kind, name.number, name.execution


def stale_ranges(
    snapshot: Snapshot, references_by_path: Mapping[str, tuple[DocumentReference, ...]]
) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each line range beyond the end of a document.

    If several documents have the name, only the longest document is compared. `references_by_path` is a mapping from the
    path of a document to the references in the document.
    """
    for path, reference in (
        (path, document_reference)
        for path, references in references_by_path.items()
        for document_reference in references
    ):
        paths = snapshot.names.get(reference.file_name, ())
        documents = (document for document_path in paths if (document := snapshot.documents.get(document_path)))
        other_document = max(documents, key=lambda document: document.starts[-1], default=None)
        if other_document is not None and reference.end > other_document.starts[-1]:
            length = other_document.starts[-1]
            message = f"{reference.file_name} has {counted_noun(length, 'line')}: correct the line numbers, or name the section"
            range_text = reference.range_text
            yield LINE_RANGE_STALE.at(
                path,
                reference.line,
                message,
                target_text=range_text,
                fix=replacement_fix(_shorten_range_words(range_text, other_document.starts)),
            )


def _shorten_range_words(range_text: str, starts: tuple[int, ...]) -> str | None:
    """Return `range_text`, the words of a line range, with new numbers: the range ends at the end of the document.

    `starts` contains the first line of each section, then the number of lines of the document. If the whole range is
    beyond the end, the lines of the last section replace it. Return None for a single line, because the intended line is
    unknown.
    """
    numbers = [int(number) for number in re.findall(r"[0-9]+", range_text)]
    last_section_line = starts[-2] + 1 if len(starts) > 1 else 1
    new_range = [numbers[0] if numbers[0] <= starts[-1] else last_section_line, starts[-1]]
    return re.sub(r"[0-9]+", lambda _: str(new_range.pop(0)), range_text) if len(numbers) > 1 else None


TOPIC = Topic(codes=(REFERENCE_MISSING, LINE_RANGE_STALE))
RULES = ReferenceRules(absent_document_names, references_to_check, missing_documents, stale_ranges)
"""The functions that find missing documents and stale line ranges."""
