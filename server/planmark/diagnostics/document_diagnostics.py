"""The diagnostics that one document alone decides, and their encoding for transfer between processes."""

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
    """The diagnostics that a document alone decides, and the references of the document to other documents.

    `own` are the diagnostics. `absent` are the file names that the document mentions and that did not exist at the time
    of the check. `references` is the result of `ReferenceRules.references_in`, which depends only on the text and
    `absent`.
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
    """Return a mapping from the tag of each kind of fix to its class.

    With the mapping, decoding a fix is 300 times as fast as with a decoder of the union of all classes.
    """
    fix_kinds: tuple[type[FixKind], ...] = (TextFix, LinesFix, TargetFix, *methodology().fixes)
    return {kind.__struct_config__.tag: kind for kind in fix_kinds}


def _decode_fix(_: type, data: Any) -> FixKind:
    """Decode a fix from `data`, whose first element is the tag of the kind. Raises ValueError for an unknown tag."""
    fix_kind = _fix_kinds().get(data[0])
    if fix_kind is None:
        raise ValueError(f"no kind of fix is called {data[0]}")
    return msgspec.convert(data, fix_kind)


_DECODER = msgspec.msgpack.Decoder(DocumentDiagnostics, dec_hook=_decode_fix)


def document_diagnostics_of(
    document: Document, text: str, mentioned_words: tuple[str, ...], settings: Settings, names: Container[str]
) -> DocumentDiagnostics:
    """Return the diagnostics that `document` alone decides, and the references of `document` to other documents.

    `mentioned_words` are the words by which the document names files, and `names` the file names of the workspace.
    """
    if document.name.kind == "misnamed":
        return EMPTY_DIAGNOSTICS
    rule_runs.documents += 1
    document_input = _input_of_document_rules(document, text, settings)
    diagnostics = _run_rules(document_input)
    references = methodology().references
    absent_names = references.absent_names(document_input.kind, mentioned_words, names)
    return DocumentDiagnostics(diagnostics, absent_names, references.references_in(document_input, names, absent_names))


def check_document(document: Document, text: str, settings: Settings) -> tuple[Diagnostic, ...]:
    """Return the diagnostics that `document` alone decides."""
    return () if document.name.kind == "misnamed" else _run_rules(_input_of_document_rules(document, text, settings))


def refresh_references(
    previous_diagnostics: DocumentDiagnostics,
    document: Document,
    text: Callable[[], str],
    mentioned_words: tuple[str, ...],
    settings: Settings,
    names: Container[str],
) -> DocumentDiagnostics:
    """Return `previous_diagnostics` with the current references, after other documents appeared or disappeared.

    `text` returns the text of the document. It is called only if a document that the text mentions appeared or
    disappeared.
    """
    if document.name.kind == "misnamed":
        return previous_diagnostics
    references = methodology().references
    absent_names = references.absent_names(document.name.kind, mentioned_words, names)
    if absent_names == previous_diagnostics.absent:
        return previous_diagnostics
    rule_runs.documents += 1
    current_references = references.references_in(
        _input_of_document_rules(document, text(), settings), names, absent_names
    )
    return msgspec.structs.replace(previous_diagnostics, absent=absent_names, references=current_references)


def pack(document_diagnostics: DocumentDiagnostics) -> bytes:
    """Encode the diagnostics of a document.

    Return b"" if a diagnostic quotes a character that UTF-8 cannot encode, such as a lone surrogate of JSON.
    """
    try:
        return _ENCODER.encode(document_diagnostics)
    except UnicodeEncodeError:
        return b""


def unpack(packed_bytes: bytes) -> DocumentDiagnostics:
    """Decode the result of `pack`. Raises ValueError if the bytes are not valid."""
    return _DECODER.decode(packed_bytes)


def check_and_pack(
    document: Document, text: str, mentioned_words: tuple[str, ...], settings: Settings, names: Container[str]
) -> bytes:
    """Run `document_diagnostics_of` and return its encoded result. A worker calls this function for each file."""
    return pack(document_diagnostics_of(document, text, mentioned_words, settings, names))


def _input_of_document_rules(document: Document, text: str, settings: Settings) -> DocumentInput:
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
