"""What a text may name, found without knowing the workspace: whatever means something there is among these words.

A search for a name reads only the texts that have its word. So no word may be missing that `editor/mentions.py` could find,
whatever the settings and the other files are; one too many costs a look.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

from planmark.documents.names import FEATURE_PATTERN
from planmark.documents.references import AT_FEATURE, BARE_NAME, plain
from planmark.documents.source import Source
from planmark.syntax.by_section import by_section
from planmark.syntax.sections import Section
from planmark.text.lookalikes import narrowed

_ID = re.compile(
    r"\.(?:(?<=(?<![\w.])(?P<two>[0-9][0-9])\.)|(?<=(?<![\w.])(?P<one>[0-9])\.))(?P<rest>[0-9]{1,2}(?:\.[0-9]{1,2})?)(?!\w|\.\d)"
)
"""The same as `ids.ID`: what begins with one certain character is found twenty times as fast."""
_FEATURE = re.compile(rf"_(?:(?<=PLAN_)|(?<=EXECUTION_TASK_)|(?<=NORTH_STAR_))(?P<feature>{FEATURE_PATTERN})")

_MARKED_INSIDE = tuple(re.compile(rf"{mark}(?<=[A-Z0-9_-]{mark})[`*]*[A-Z0-9_-]") for mark in ("`", r"\*"))
"""A name that formatting runs through: elsewhere `plain` leaves names as they are."""


def mentioned_in(text: str, source: Source = ()) -> tuple[str, ...]:
    """The file names (with `.md`) of documents, the ids of achievements, and the features as `@X` that a text names.

    A feature is named by `@X` and by the name of a document of its own. `source` are the sections that the text is read by:
    only those that are new are looked at; where they are another text, after a repair, both count. Each word once, in order.
    """
    found: set[str] = set()
    if not _is_whole(source, text):
        found.update(_words(narrowed(text)))
    found.update(*(_in_section(placed.section) for placed in source))
    return shared_words(sorted(found))


def _is_whole(source: Source, text: str) -> bool:
    """Whether the sections are those of the text itself: a repair makes it shorter."""
    return sum(len(placed.section.text) for placed in source) == len(text)


def shared_words(words: Iterable[str]) -> tuple[str, ...]:
    """The words, each the same object in all texts that have it."""
    return tuple(map(sys.intern, words))


@by_section
def documents_in(section: Section) -> frozenset[str]:
    """The file names of all documents that a section names, be it in code."""
    return frozenset(_documents(section.text))


@by_section
def _in_section(section: Section) -> frozenset[str]:
    return documents_in(section).union(_ids(section.text), _features(section.text))


def _words(text: str) -> Iterator[str]:
    yield from _documents(text)
    yield from _ids(text)
    yield from _features(text)


def _documents(text: str) -> Iterator[str]:
    if "_" in text:
        for match in BARE_NAME.finditer(text):
            yield file_name(match)


def file_name(match: re.Match[str]) -> str:
    """The file name that a match of a document's name means."""
    return match["name"].replace("\\_", "_") + ".md"


def _ids(text: str) -> Iterator[str]:
    for two, one, rest in _ID.findall(text):
        yield f"{two or one}.{rest}"


def _features(text: str) -> Iterator[str]:
    if "@" in text:
        for feature in AT_FEATURE.findall(text):
            yield f"@{feature}"
    if "_" in text or "*" in text:
        unescaped = text.replace("\\_", "_")
        is_marked = any(mark.search(unescaped) for mark in _MARKED_INSIDE)
        for feature in _FEATURE.findall(plain(text) if is_marked else unescaped):
            yield f"@{feature}"
            yield f"@{feature.rstrip('-')}"
