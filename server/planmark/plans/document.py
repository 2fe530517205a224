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
    """The parts of a file name. `kind` is the kind of the document, in the words of its format.

    `feature` is the plan that the file name contains, and `number` the number in the file name as written. `meant_kind`
    is the kind that a misnamed file is meant as, and None for all other files.
    """

    kind: str
    feature: str = ""
    number: str = ""
    meant_kind: str | None = None


class Suppression(msgspec.Struct, frozen=True):
    """A suppression comment: its codes, its 0-based line, and the line that it applies to (None: the whole file)."""

    codes: tuple[str, ...]
    line: int
    line_about: int | None


class JsonIssue(msgspec.Struct, frozen=True):
    """An error in a JSON document, with its 0-based line and the words at fault."""

    message: str
    line: int
    words: str = ""
    severity: Literal["error", "warning"] = "error"


class Document(msgspec.Struct, frozen=True):
    """A parsed file. `path` is relative to the workspace, with `/`.

    The type of `facts` depends on the kind of the name. `starts` holds the 0-based first line of each section, and at its
    end the number of lines of the file.
    """

    path: str
    name: DocumentName
    facts: Any
    starts: tuple[int, ...]
    json_issues: tuple[JsonIssue, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    unfilled_quotes: tuple[Quote, ...] = ()

    def line(self, position: SectionPosition) -> int:
        """Return the 1-based line of `position`."""
        return line_number(self.starts, position) + 1

    def lines(self, line_range: LineRange) -> tuple[int, int]:
        """Return the 1-based first and last line of `line_range`, both inclusive."""
        first = self.line(line_range.start)
        return first, max(first, self.line(line_range.end) - 1)


def is_markdown(path: str) -> bool:
    """Tell whether a file is Markdown by its name."""
    return path.lower().endswith((".md", ".markdown"))


def interned_words(words: Iterable[str]) -> tuple[str, ...]:
    """Return words as interned strings, so that equal words are one object."""
    return tuple(map(sys.intern, words))
