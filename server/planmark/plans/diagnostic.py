"""Diagnostics: a code, a severity, a place, and a message that says what to do."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lines import nonblank_span
from planmark.text.lookalikes import narrowed_text

Severity = Literal["error", "warning", "information", "hint"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information", "hint")
"""The severities, the gravest first."""
_WORD_BEFORE = lazy_pattern(r"(?<=[^\W_])|(?<=[0-9]\.)")
_WORD_AFTER = lazy_pattern(r"[^\W_]|\.[0-9]")
"""Patterns of the text before a word, and of the text after a word. If one of them matches, the word is only a part of
a longer word or id.
"""


class RelatedPlace(msgspec.Struct, frozen=True):
    """A place that explains a diagnostic, in the file of the diagnostic or in a different file. `line` is 1-based."""

    path: str
    line: int
    message: str


class FixData:
    """The type of the field `fix` of a diagnostic.

    The class is not a struct, so that a decoder of msgspec calls the hook that knows all kinds of fixes.
    """

    __slots__ = ()


class FixKind(msgspec.Struct, FixData, frozen=True, array_like=True, tag=True):
    """The base class of the kinds of fixes. Each kind is a subclass.

    The fields of a subclass are the values that the fix needs besides the diagnostic. In stored data, the name of the
    class is the tag that identifies the kind.
    """


class TextFix(FixKind, frozen=True):
    """A fix of one line in the file of the diagnostic.

    The fix replaces a part of the 1-based `line` by `text`, which may contain line ends. The part begins at the column
    `start` and ends before the column `end`. Both columns are 0-based and count code points. `is_safe` tells whether
    `check --fix` may apply the fix without a person.
    """

    title: str
    line: int
    start: int
    end: int
    text: str
    is_safe: bool = False


class LineEdit(msgspec.Struct, frozen=True):
    """One edit of a `LinesFix`. It replaces a part of the 1-based `line` by `text`.

    The part begins at the column `start` and ends before the column `end`. Both columns are 0-based and count code
    points.
    """

    line: int
    start: int
    end: int
    text: str


class LinesFix(FixKind, frozen=True):
    """A fix that edits several lines in the file of the diagnostic. Only a person may apply this fix."""

    title: str
    edits: tuple[LineEdit, ...]


class TargetFix(FixKind, frozen=True):
    """A fix that replaces the target text of the diagnostic by `text`, at the current position of the target text in
    the line.

    `is_safe` tells whether `check --fix` may apply the fix without a person.
    """

    text: str
    is_safe: bool = False


def replacement_fix(text: str | None, *, is_safe: bool = False) -> TargetFix | None:
    """Return the fix that replaces the target text of a diagnostic by `text`; None if `text` is None."""
    return None if text is None else TargetFix(text, is_safe)


class Diagnostic(msgspec.Struct, frozen=True):
    """A diagnostic about one line of a file. `line` is 1-based.

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


class DiagnosticCode(NamedTuple):
    """A diagnostic code, its default severity, and a sentence about the problem (`says`)."""

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
        """Return a diagnostic with this code at a 1-based line of the file at `path`.

        If `severity` is None, the diagnostic has the default severity of the code. Lone surrogates in `message` become
        question marks, because they cannot be encoded.
        """
        shown_text = message if message.isascii() else message.encode("utf-8", "replace").decode("utf-8")
        return Diagnostic(
            path, line, severity or self.severity, self.code, shown_text, related_places, target_text, fix
        )


def columns_of(line: str, target_text: str) -> tuple[int, int] | None:
    """Return the start and the end of `target_text` in a line, as columns; None if `line` does not contain this text.

    Columns are 0-based and count code points, and the end is exclusive. If `target_text` is "", return the columns of
    the whole text of the line.

    A word does not match inside a longer word. An id does not match inside a longer id: `1.1` is neither in `11.1` nor
    in `1.1.2`. An underscore separates words: `TILL` is in `PLAN_TILL.md`.
    """
    if not target_text:
        return nonblank_span(line)
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


def columns_or_whole_line(line: str, target_text: str) -> tuple[int, int]:
    """Return the columns of `target_text` as `columns_of` does.

    If the line does not contain `target_text`, return the columns of the whole text of the line.
    """
    return columns_of(line, target_text) or nonblank_span(line)


def is_at_least_as_grave(severity: Severity, minimum: Severity) -> bool:
    """Tell whether `severity` is as grave as `minimum`, or graver."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(minimum)
