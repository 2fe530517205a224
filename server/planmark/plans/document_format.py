"""The functions and tables by which the index and the store read the documents of the methodology."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

from planmark.markdown.parsed_source import Quote, Source
from planmark.plans.document import Document, DocumentName
from planmark.plans.registry import methodology_part
from planmark.plans.vocabulary import Vocabulary


class DocumentFormat(NamedTuple):
    """The functions and tables that read documents of the methodology: PLANs, records of work, and verdicts.

    `kinds` are the kinds of documents that are parsed, in the order of reading. Kinds that decide states come first.
    Files of the kinds in `counted_if_unreadable` count as documents even if they cannot be read. `work_kinds` are the
    kinds of documents that record work.

    `name_of` returns the parts of a correct or misnamed file name, None for other names. `parse_name` does the same,
    but returns None for misnamed files. `is_verdict` tells whether a file name is the name of a verdict.
    `marks_workspace` tells whether a file with this name makes its folder a workspace. `is_in_manual` tells whether a
    path is in a folder that explains the methodology. Such folders are not read.

    `parse` returns the document for a path and a text. `parse_source` returns the document for a path and parsed
    sections. Both return None if the file is not a document, and they raise no errors. `pack` converts a document to
    bytes. `unpack` converts a path and these bytes to the document.

    `mentions` returns the names in a text: ids, features, and file names of documents. `plan_words` takes the kind and
    the text of a document. It returns the words of a verdict that may name its plan, and no words for other kinds.
    `places` returns the paths whose existence a document depends on. `has_items` tells whether a document defines
    achievements. `may_be_plan` tells whether a file name is the name of a PLAN, or a misnamed form of such a name.
    `unfilled_quotes` returns the lines that still have placeholders of a template.
    """

    kinds: tuple[str, ...]
    counted_if_unreadable: frozenset[str]
    work_kinds: frozenset[str]
    name_of: Callable[[str], DocumentName | None]
    parse_name: Callable[[str], DocumentName | None]
    is_verdict: Callable[[str], bool]
    marks_workspace: Callable[[str], bool]
    is_in_manual: Callable[[str], bool]
    parse: Callable[[str, str, Vocabulary], Document | None]
    parse_source: Callable[[str, Source, Vocabulary], Document | None]
    pack: Callable[[Document], bytes]
    unpack: Callable[[str, bytes], Document]
    mentions: Callable[[str, Source], tuple[str, ...]]
    plan_words: Callable[[str, str], frozenset[str]]
    places: Callable[[Document], tuple[str, ...]]
    has_items: Callable[[Document], bool]
    may_be_plan: Callable[[str], bool]
    unfilled_quotes: Callable[[Source], tuple[Quote, ...]]


@functools.cache
def document_format() -> DocumentFormat:
    """Return the functions and tables of the methodology that read documents."""
    result: DocumentFormat = methodology_part("documents")
    return result
