"""The diagnostics of a document that need no other document, and their encoding for transfer between processes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

import msgspec

from planmark.diagnostics.rule_inputs import DocumentInput, DocumentReference, SectionDiagnostic
from planmark.diagnostics.rules import methodology
from planmark.markdown.parsed_source import parse_sections
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.diagnostic import Diagnostic, FixKind, LinesFix, TargetFix, TextFix
from planmark.plans.document import Document
from planmark.workspace.settings import Settings, vocabulary_of


class DocumentDiagnostics(msgspec.Struct, frozen=True, array_like=True):
    """The diagnostics of a document that need no other document, and the document's references to other documents.

    `own` are the diagnostics. `absent` are the file names of the mentioned documents that did not exist. `references`
    is the result of `ReferenceRules.references_in`, which depends on the text and `absent` alone.
    """

    own: tuple[Diagnostic, ...]
    absent: tuple[str, ...]
    references: tuple[DocumentReference, ...]


class RuleRunCounts:
    """The number of rule runs of each scope, for measurements."""

    sections = 0
    documents = 0
    plans = 0


rule_runs = RuleRunCounts()
EMPTY_DIAGNOSTICS = DocumentDiagnostics((), (), ())
"""The result for a misnamed file, which is not a document, so no rule runs on it."""
_ENCODER = msgspec.msgpack.Encoder()


@functools.cache
def _fix_kinds() -> Mapping[Any, type[FixKind]]:
    """Return tag → kind of fix. A decoder of the union of the kinds would take 300 times as long for each fix."""
    kinds: tuple[type[FixKind], ...] = (TextFix, LinesFix, TargetFix, *methodology().fixes)
    return {kind.__struct_config__.tag: kind for kind in kinds}


def _fix_of(_: type, data: Any) -> FixKind:
    """Decode a fix. The first element is the tag of the kind of fix. Raises ValueError for an unknown tag."""
    kind = _fix_kinds().get(data[0])
    if kind is None:
        raise ValueError(f"no kind of fix is called {data[0]}")
    return msgspec.convert(data, kind)


_DECODER = msgspec.msgpack.Decoder(DocumentDiagnostics, dec_hook=_fix_of)


def check_alone(
    document: Document, text: str, mentioned_words: tuple[str, ...], settings: Settings, names: Container[str]
) -> DocumentDiagnostics:
    """Return the diagnostics of a document that need no other document, and its references to other documents.

    `mentioned_words` are the words by which the document names files, and `names` the file names of the workspace.
    """
    if document.name.kind == "misnamed":
        return EMPTY_DIAGNOSTICS
    rule_runs.documents += 1
    document_input = _input_of(document, text, settings)
    diagnostics = _run_rules(document_input)
    references = methodology().references
    absent_names = references.absent_names(document_input.kind, mentioned_words, names)
    return DocumentDiagnostics(diagnostics, absent_names, references.references_in(document_input, names, absent_names))


def check_document(document: Document, text: str, settings: Settings) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of a document that depend on no other file."""
    return () if document.name.kind == "misnamed" else _run_rules(_input_of(document, text, settings))


def refresh_references(
    previous_diagnostics: DocumentDiagnostics,
    document: Document,
    text: Callable[[], str],
    mentioned_words: tuple[str, ...],
    settings: Settings,
    names: Container[str],
) -> DocumentDiagnostics:
    """Update a result after other documents appeared or disappeared.

    Calls `text` only if a mentioned document appeared or disappeared.
    """
    if document.name.kind == "misnamed":
        return previous_diagnostics
    references = methodology().references
    absent_names = references.absent_names(document.name.kind, mentioned_words, names)
    if absent_names == previous_diagnostics.absent:
        return previous_diagnostics
    rule_runs.documents += 1
    current_references = references.references_in(_input_of(document, text(), settings), names, absent_names)
    return msgspec.structs.replace(previous_diagnostics, absent=absent_names, references=current_references)


def pack(document_diagnostics: DocumentDiagnostics) -> bytes:
    """Encode a result.

    Return b"" if the result quotes a character that UTF-8 cannot encode, such as a lone surrogate of JSON.
    """
    try:
        return _ENCODER.encode(document_diagnostics)
    except UnicodeEncodeError:
        return b""


def unpack(packed_bytes: bytes) -> DocumentDiagnostics:
    """Decode a result. Raises ValueError if the bytes are not a valid result."""
    return _DECODER.decode(packed_bytes)


def examine_packed(
    document: Document, text: str, mentioned_words: tuple[str, ...], settings: Settings, names: Container[str]
) -> bytes:
    """Run `check_alone` and encode its result. A worker calls this for each file."""
    return pack(check_alone(document, text, mentioned_words, settings, names))


def _input_of(document: Document, text: str, settings: Settings) -> DocumentInput:
    source = () if document.name.kind == "parallel" else parse_sections(text)
    return DocumentInput(document, text, source, settings, vocabulary_of(settings))


def _run_rules(document_input: DocumentInput) -> tuple[Diagnostic, ...]:
    return (
        *_section_diagnostics(document_input),
        *(diagnostic for rule in methodology().document for diagnostic in rule(document_input)),
    )


def _section_diagnostics(document_input: DocumentInput) -> Iterator[Diagnostic]:
    for section in document_input.source:
        for section_diagnostic in _check_section(section.section):
            yield section_diagnostic.at(document_input.document.path, section.start)


@memoize_per_section
def _check_section(section: Section) -> tuple[SectionDiagnostic, ...]:
    rule_runs.sections += 1
    return tuple(section_diagnostic for rule in methodology().section for section_diagnostic in rule(section))
