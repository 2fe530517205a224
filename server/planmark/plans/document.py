"""A parsed file of a plan: the parts of its name, its facts, and the first lines of its sections."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from planmark.markdown.parsed_source import (
    LineRange,
    Quote,
    SectionPosition,
    line_number,
)


class DocumentName(msgspec.Struct, frozen=True, omit_defaults=True):
    """The parts of the file name of a document.

    `kind` is the kind of the document, such as `subplan`. `feature` is the feature in the file name, "" if there is
    none. `number` is the number in the file name, as written. `meant_kind` is the kind that a misnamed file should
    probably have, None for all other files.
    """

    kind: str
    feature: str = ""
    number: str = ""
    meant_kind: str | None = None


class Suppression(msgspec.Struct, frozen=True):
    """A suppression: the codes in the comment, the 0-based line of the comment, and the line that it applies to.

    `line_about` is None if the comment applies to the whole file.
    """

    codes: tuple[str, ...]
    line: int
    line_about: int | None


class JsonIssue(msgspec.Struct, frozen=True):
    """An error in a JSON document: a message, the 0-based line, and the wrong words of this line."""

    message: str
    line: int
    words: str = ""
    severity: Literal["error", "warning"] = "error"


class Document(msgspec.Struct, frozen=True):
    """A parsed file. `path` is relative to the workspace, with `/` between folders.

    `name.kind` decides the type of `facts`. `starts` has the 0-based first line of each section. Its last value is the
    number of lines of the file.
    """

    path: str
    name: DocumentName
    facts: Any
    starts: tuple[int, ...]
    json_issues: tuple[JsonIssue, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    unfilled_quotes: tuple[Quote, ...] = ()

    def line(self, position: SectionPosition) -> int:
        """Return the 1-based line of a position in a section."""
        return line_number(self.starts, position) + 1

    def lines(self, line_range: LineRange) -> tuple[int, int]:
        """Return the first and the last line of a range of lines. Both are 1-based and inclusive."""
        first = self.line(line_range.start)
        return first, max(first, self.line(line_range.end) - 1)


def is_markdown(path: str) -> bool:
    """Tell whether the name of a file is the name of a Markdown file."""
    return path.lower().endswith((".md", ".markdown"))


def interned_words(words: Iterable[str]) -> tuple[str, ...]:
    """Return `words` as interned strings: equal words are the same object, which saves memory."""
    return tuple(map(sys.intern, words))
