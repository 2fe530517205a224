"""Diagnostics: a code, a severity, a place, and a message that says what to do."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

import msgspec

from planmark.text.lines import text_span
from planmark.text.lookalikes import narrowed_text

Severity = Literal["error", "warning", "information", "hint"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information", "hint")
"""The severities, the gravest first."""
_WORD_BEFORE = re.compile(r"(?<=[^\W_])|(?<=[0-9]\.)")
_WORD_AFTER = re.compile(r"[^\W_]|\.[0-9]")
"""Characters next to a word; a match means that the word is part of a longer word or id."""


class RelatedPlace(msgspec.Struct, frozen=True):
    """A place, in any file, that is the reason for a diagnostic; `line` is 1-based."""

    path: str
    line: int
    message: str


class FixData:
    """The type of the data of any fix.

    This class is not a struct, so a decoder calls a hook that knows all kinds of fixes.
    """

    __slots__ = ()


class FixKind(msgspec.Struct, FixData, frozen=True, array_like=True, tag=True):
    """The base class of the kinds of fixes.

    Its fields are the input of the fix besides the diagnostic. The class name is the tag.
    """


class TextFix(FixKind, frozen=True):
    """A fix of one line of the diagnostic's file.

    The fix replaces the columns `start` to `end` (0-based code points, end exclusive) of the 1-based `line` by `text`,
    which may contain line ends. `is_safe` tells whether `check --fix` may apply the fix without a person.
    """

    title: str
    line: int
    start: int
    end: int
    text: str
    is_safe: bool = False


class LineEdit(msgspec.Struct, frozen=True):
    """One edit of a fix of several lines: 1-based line, 0-based columns in code points, end exclusive."""

    line: int
    start: int
    end: int
    text: str


class LinesFix(FixKind, frozen=True):
    """A fix that edits several lines of the diagnostic's file together. Only a person may apply this fix."""

    title: str
    edits: tuple[LineEdit, ...]


class TargetFix(FixKind, frozen=True):
    """A fix that replaces the diagnostic's target text by `text`, at its current columns on the line."""

    text: str
    is_safe: bool = False


def replace_with(text: str | None, *, is_safe: bool = False) -> TargetFix | None:
    """Return the fix that replaces the target text of a diagnostic by `text`; None if `text` is None."""
    return None if text is None else TargetFix(text, is_safe)


class Diagnostic(msgspec.Struct, frozen=True):
    """One diagnostic about one line (1-based) of one file.

    `target_text` is the part of the line that the diagnostic marks, or "" for the whole line. `fix` is the data of the
    fix, or None.
    """

    path: str
    line: int
    severity: Severity
    code: str
    message: str
    related: tuple[RelatedPlace, ...] = ()
    target_text: str = ""
    fix: FixData | None = None


class CheckInfo(NamedTuple):
    """A diagnostic code: its default severity, and `says`, a sentence about the problem."""

    code: str
    severity: Severity
    says: str

    def at(
        self,
        path: str,
        line: int,
        message: str,
        related_places: tuple[RelatedPlace, ...] = (),
        *,
        target_text: str = "",
        fix: FixData | None = None,
        severity: Severity | None = None,
    ) -> Diagnostic:
        """Return a diagnostic at a 1-based line.

        Without `severity`, the diagnostic has the default severity of its code.

        Lone surrogates of the message become question marks, because a document may contain text that cannot be shown.
        """
        shown_text = message if message.isascii() else message.encode("utf-8", "replace").decode("utf-8")
        return Diagnostic(
            path, line, severity or self.severity, self.code, shown_text, related_places, target_text, fix
        )


def columns_of(line: str, target_text: str) -> tuple[int, int] | None:
    """Return the columns (code points, end exclusive) of `target_text` in a line; None if the line does not contain it.

    For "", return the columns of all of the line's text. A word does not match inside a longer word, nor an id inside a
    longer id: `1.1` is neither in `11.1` nor in `1.1.2`. An underscore separates words: `TILL` is in `PLAN_TILL.md`.
    """
    if not target_text:
        return text_span(line)
    if line.find(target_text) < 0:
        line, target_text = narrowed_text(line), narrowed_text(target_text)
    start = line.find(target_text)
    while start >= 0:
        end = start + len(target_text)
        is_part_of_longer = (target_text[0].isalnum() and _WORD_BEFORE.match(line, start)) or (
            target_text[-1].isalnum() and _WORD_AFTER.match(line, end)
        )
        if not is_part_of_longer:
            return start, end
        start = line.find(target_text, start + 1)
    return None


def columns(line: str, target_text: str) -> tuple[int, int]:
    """Return the columns of `target_text` as `columns_of` does; if the line lacks it, the columns of all its text."""
    return columns_of(line, target_text) or text_span(line)


def is_at_least_as_grave(severity: Severity, minimum: Severity) -> bool:
    """Tell whether `severity` is as grave as `minimum`, or graver."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(minimum)
