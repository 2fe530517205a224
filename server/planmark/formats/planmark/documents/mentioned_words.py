"""The words of a text that may name achievements, documents or features, found without knowledge of the workspace.

A search for a name reads only the texts that contain its word. So these words must include every name that
`formats/planmark/editor/references.py` can find, for any settings and other files. A superfluous word costs only one
more search of a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.formats.planmark.documents.document_references import AT_FEATURE, BARE_NAME, plain_value
from planmark.formats.planmark.documents.file_names import FEATURE_PATTERN
from planmark.markdown.parsed_source import Source
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.document import interned_words
from planmark.text.lookalikes import narrowed_text

_ID = re.compile(
    r"\.(?:(?<=(?<![\w.])(?P<two>[0-9][0-9])\.)|(?<=(?<![\w.])(?P<one>[0-9])\.))(?P<rest>[0-9]{1,2}(?:\.[0-9]{1,2})?)(?!\w|\.\d)"
)
"""Pattern with the same matches as `ids.ID`, but twenty times as fast, because it begins with one fixed character."""
_FEATURE = re.compile(rf"_(?:(?<=PLAN_)|(?<=EXECUTION_TASK_)|(?<=NORTH_STAR_))(?P<feature>{FEATURE_PATTERN})")

_FORMATTING_INSIDE_NAME = tuple(re.compile(rf"{mark}(?<=[A-Z0-9_-]{mark})[`*]*[A-Z0-9_-]") for mark in ("`", r"\*"))
"""Patterns for a name with formatting inside it. `plain_value` changes no other names."""


def mentioned_in(text: str, source: Source = ()) -> tuple[str, ...]:
    """Return the names in a text: file names of documents (with `.md`), ids of achievements, features (as `@X`).

    The words are sorted, without duplicates. `@X` and the name of a document of X both name the feature X.

    `source` are the parsed sections of the text, whose words are cached. If a repair made the sections differ from the
    text, the words of both are returned.
    """
    words: set[str] = set()
    if not _equals_text(source, text):
        words.update(_words(narrowed_text(text)))
    words.update(*(_words_in_section(section.section) for section in source))
    return interned_words(sorted(words))


def _equals_text(source: Source, text: str) -> bool:
    """Tell whether the sections together equal the text. A repair makes the sections shorter than the text."""
    return sum(len(section.section.text) for section in source) == len(text)


@memoize_per_section
def document_names_in(section: Section) -> frozenset[str]:
    """Return the file names of all documents that a section names, including names in code."""
    return frozenset(_document_names(section.text))


@memoize_per_section
def _words_in_section(section: Section) -> frozenset[str]:
    return document_names_in(section).union(_ids(section.text), _features(section.text))


def _words(text: str) -> Iterator[str]:
    yield from _document_names(text)
    yield from _ids(text)
    yield from _features(text)


def _document_names(text: str) -> Iterator[str]:
    if "_" in text:
        for match in BARE_NAME.finditer(text):
            yield file_name_of_match(match)


def file_name_of_match(match: re.Match[str]) -> str:
    """Return the file name of the document that a match of `DOCUMENT_NAME` or `BARE_NAME` names."""
    return match["name"].replace("\\_", "_") + ".md"


def _ids(text: str) -> Iterator[str]:
    for two_digits, one_digit, rest in _ID.findall(text):
        yield f"{two_digits or one_digit}.{rest}"


def _features(text: str) -> Iterator[str]:
    if "@" in text:
        for feature in AT_FEATURE.findall(text):
            yield f"@{feature}"
    if "_" in text or "*" in text:
        unescaped_text = text.replace("\\_", "_")
        has_formatted_name = any(mark.search(unescaped_text) for mark in _FORMATTING_INSIDE_NAME)
        for feature in _FEATURE.findall(plain_value(text) if has_formatted_name else unescaped_text):
            yield f"@{feature}"
            yield f"@{feature.rstrip('-')}"
