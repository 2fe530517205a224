"""The words of a text that may name achievements, documents or features, found without knowledge of the workspace.

Planmark searches a text for a name only if these words contain the name. So these words must include every name that
`formats/planmark/editor/references.py` can find, for any settings and any other files. A superfluous word costs only
one more search of the text.
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
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lookalikes import narrowed_text

_ID = lazy_pattern(
    r"\.(?:(?<=(?<![\w.])(?P<two>[0-9][0-9])\.)|(?<=(?<![\w.])(?P<one>[0-9])\.))(?P<rest>[0-9]{1,2}(?:\.[0-9]{1,2})?)(?!\w|\.\d)"
)
"""Pattern with the same matches as `ids.ID`, but twenty times as fast, because it begins with one fixed character."""
_FEATURE = lazy_pattern(rf"_(?:(?<=PLAN_)|(?<=EXECUTION_TASK_)|(?<=NORTH_STAR_))(?P<feature>{FEATURE_PATTERN})")
"""Pattern for the feature in the name of a document."""

_FORMATTING_INSIDE_NAME = tuple(lazy_pattern(rf"{mark}(?<=[A-Z0-9_-]{mark})[`*]*[A-Z0-9_-]") for mark in ("`", r"\*"))
"""Patterns for a name with formatting inside it. `plain_value` changes no other names."""


def names_mentioned_in(text: str, source: Source = ()) -> tuple[str, ...]:
    """Return the names in `text`, sorted. No name is repeated.

    A name is the file name of a document with `.md`, the id of an achievement, or a feature in the form `@X`. The name
    of a document of the feature X also counts as `@X`.

    `source` are the parsed sections of `text`. The names in each section are cached. If the parser has repaired a
    section, the sections differ from `text`, and the names in both are returned.
    """
    words: set[str] = set()
    if not _are_as_long_as_text(source, text):
        words.update(_names_in_text(narrowed_text(text)))
    words.update(*(_names_in_section(section.section) for section in source))
    return interned_words(sorted(words))


def _are_as_long_as_text(source: Source, text: str) -> bool:
    """Tell whether the sections together are as long as `text`, and so equal `text`. If the parser has repaired a
    section, the sections are shorter.
    """
    return sum(len(section.section.text) for section in source) == len(text)


@memoize_per_section
def document_names_in(section: Section) -> frozenset[str]:
    """Return the file names of all documents that a section names, including names in code."""
    return frozenset(_document_names(section.text))


@memoize_per_section
def _names_in_section(section: Section) -> frozenset[str]:
    """Return the names of documents, achievements and features in a section."""
    return document_names_in(section).union(_ids(section.text), _features(section.text))


def _names_in_text(text: str) -> Iterator[str]:
    """Yield the names of documents, achievements and features in a text."""
    yield from _document_names(text)
    yield from _ids(text)
    yield from _features(text)


def _document_names(text: str) -> Iterator[str]:
    """Yield the file names of the documents that a text names."""
    if "_" in text:
        for match in BARE_NAME.finditer(text):
            yield file_name_of_match(match)


def file_name_of_match(match: re.Match[str]) -> str:
    """Return the file name of the document that a match of `DOCUMENT_NAME` or `BARE_NAME` names."""
    return match["name"].replace("\\_", "_") + ".md"


def _ids(text: str) -> Iterator[str]:
    """Yield the ids of achievements in a text."""
    for two_digits, one_digit, rest in _ID.findall(text):
        yield f"{two_digits or one_digit}.{rest}"


def _features(text: str) -> Iterator[str]:
    """Yield the features that a text names, in the form `@X`."""
    if "@" in text:
        for feature in AT_FEATURE.findall(text):
            yield f"@{feature}"
    if "_" in text or "*" in text:
        unescaped_text = text.replace("\\_", "_")
        has_formatted_name = any(mark.search(unescaped_text) for mark in _FORMATTING_INSIDE_NAME)
        for feature in _FEATURE.findall(plain_value(text) if has_formatted_name else unescaped_text):
            yield f"@{feature}"
            yield f"@{feature.rstrip('-')}"
