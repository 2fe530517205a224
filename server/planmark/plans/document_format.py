"""How a format reads documents, as a value: what their names and texts say. The index and the store know no more of them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

from planmark.markdown.parsed_source import Quote, Source
from planmark.plans.document import Document, DocumentName
from planmark.plans.registry import methodology_part
from planmark.plans.vocabulary import Vocabulary


class DocumentFormat(NamedTuple):
    """The documents of a format that has plans, work and verdicts.

    `kinds` are the kinds of documents that are parsed, in the order of reading: those that decide states come first.
    Files of `counting_unread` kinds count even if they cannot be read, and `work_kinds` are those of the work itself.

    `name_of` returns what a file name says or is meant to say, None for other files. `parse_name` returns only what a
    correct name says. `is_sign` tells whether a file of a name makes its folder a workspace. `explains` tells whether a
    path lies in a folder that explains the method; it is not read.

    `parse` returns the document at a path with a text, and `parse_source` that of parsed sections. Both return None if
    the format does not read the path, and never raise. `pack` and `unpack` convert a document to bytes and back.

    `mentions` returns the words by which a text names things. `plan_words` returns the words of a text that may name
    its plan, for the kinds that need them. `places` are the paths whose existence the document depends on. `has_items`
    tells whether a document defines items of a plan. `may_be_plan` tells whether a file name is that of a plan, or
    meant as one. `unfilled` returns the lines that still have the placeholders of a template.
    """

    kinds: tuple[str, ...]
    counting_unread: frozenset[str]
    work_kinds: frozenset[str]
    name_of: Callable[[str], DocumentName | None]
    parse_name: Callable[[str], DocumentName | None]
    is_sign: Callable[[str], bool]
    explains: Callable[[str], bool]
    parse: Callable[[str, str, Vocabulary], Document | None]
    parse_source: Callable[[str, Source, Vocabulary], Document | None]
    pack: Callable[[Document], bytes]
    unpack: Callable[[str, bytes], Document]
    mentions: Callable[[str, Source], tuple[str, ...]]
    plan_words: Callable[[str, str], frozenset[str]]
    places: Callable[[Document], tuple[str, ...]]
    has_items: Callable[[Document], bool]
    may_be_plan: Callable[[str], bool]
    unfilled: Callable[[Source], tuple[Quote, ...]]


@functools.cache
def document_format() -> DocumentFormat:
    """Return how the methodology reads documents."""
    found: DocumentFormat = methodology_part("documents")
    return found
