"""Parsing of one file of a workspace into a document: its name, its facts, and the first lines of its sections."""

from __future__ import annotations

from collections.abc import Callable

from planmark.formats.planmark.documents.execution_task import ExecutionTask, parse_execution_task
from planmark.formats.planmark.documents.file_names import Name
from planmark.formats.planmark.documents.misnamed import Misnamed, name_of, parse_misnamed
from planmark.formats.planmark.documents.note import Grammaplan, Note, parse_grammaplan, parse_note
from planmark.formats.planmark.documents.parallel_json import Parallel, parse_parallel
from planmark.formats.planmark.documents.placeholders import unfilled_lines
from planmark.formats.planmark.documents.plan import Plan, parse_plan
from planmark.formats.planmark.documents.subplan import Subplan, parse_subplan
from planmark.formats.planmark.documents.suppressions import suppressions
from planmark.formats.planmark.documents.verdict import Verdict, parse_verdict
from planmark.formats.planmark.documents.vocabulary import DEFAULT_VOCABULARY
from planmark.markdown.parsed_source import (
    Source,
    parse_sections,
    section_start_lines,
)
from planmark.plans.document import Document
from planmark.plans.vocabulary import Vocabulary

Facts = Plan | Subplan | ExecutionTask | Verdict | Parallel | Grammaplan | Note | Misnamed
"""The facts of a document, with one type for each kind of document or group of kinds."""


def parsed_name(document: Document) -> Name:
    """Return the parsed name of a document of the methodology, with all its parts."""
    assert isinstance(document.name, Name)
    return document.name


def misnamed_facts(document: Document) -> Misnamed:
    """Return the facts of a misnamed file."""
    assert isinstance(document.facts, Misnamed)
    return document.facts


def work_facts(document: Document) -> Subplan | ExecutionTask:
    """Return the facts of a SUBPLAN or an EXECUTION_TASK document."""
    assert isinstance(document.facts, (Subplan, ExecutionTask))
    return document.facts


MARKDOWN_PARSERS: dict[str, Callable[[Source, Name, Vocabulary], Facts]] = {
    "plan": lambda source, name, vocabulary: parse_plan(source, name.feature, vocabulary),
    "subplan": lambda source, _, vocabulary: parse_subplan(source, vocabulary),
    "execution_task": lambda source, _, vocabulary: parse_execution_task(source, vocabulary),
    "verdict": lambda source, _, vocabulary: parse_verdict(source, vocabulary),
    "grammaplan": lambda source, _, vocabulary: parse_grammaplan(source, vocabulary),
    "north_star": lambda source, _, vocabulary: parse_note(source, vocabulary),
    "note": lambda source, _, vocabulary: parse_note(source, vocabulary),
    "misnamed": parse_misnamed,
}
"""Mapping from the kind of a Markdown document to the function that parses its facts."""


def parse(
    path: str, text: str, vocabulary: Vocabulary = DEFAULT_VOCABULARY, earlier_source: Source = ()
) -> Document | None:
    """Return the document at `path` with the text `text`. Never raises for any text.

    Return None if the file is neither a document of the methodology nor misnamed. `earlier_source` are the sections of
    an earlier text of the file, from which `parse_sections` takes over the unchanged sections.
    """
    name = name_of(path.rpartition("/")[2])
    if name is None:
        return None
    if name.kind == "parallel":
        parallel_facts, json_issues = parse_parallel(text)
        return Document(path, name, parallel_facts, (0, text.count("\n") + 1), json_issues)
    return _parse_document(path, name, parse_sections(text, earlier_source), vocabulary)


def parse_source(path: str, source: Source, vocabulary: Vocabulary = DEFAULT_VOCABULARY) -> Document | None:
    """Return the Markdown document at `path` with the sections `source`.

    Return None if the file is neither a Markdown document of the methodology nor misnamed.
    """
    name = name_of(path.rpartition("/")[2])
    return (
        _parse_document(path, name, source, vocabulary) if name is not None and name.kind in MARKDOWN_PARSERS else None
    )


def _parse_document(path: str, name: Name, source: Source, vocabulary: Vocabulary) -> Document:
    """Return the Markdown document at `path` with the parsed name `name` and the sections `source`."""
    facts = MARKDOWN_PARSERS[name.kind](source, name, vocabulary)
    return Document(path, name, facts, section_start_lines(source), (), suppressions(source), unfilled_lines(source))
