"""Diagnostics: a code, a severity, a place, and a message that says what to do."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from planmark.text.lines import text_span
from planmark.text.lookalikes import narrowed

Severity = Literal["error", "warning", "information", "hint"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information", "hint")
"""The severities, the gravest first."""
_BEGUN = re.compile(r"(?<=[^\W_])|(?<=[0-9]\.)")
_GOES_ON = re.compile(r"[^\W_]|\.[0-9]")
"""Patterns for the two ends of words; a match means that the words are part of a longer word or id."""


class Related(msgspec.Struct, frozen=True):
    """A place, in any file, that is the reason for a diagnostic; `line` is 1-based."""

    path: str
    line: int
    message: str


class TextFix(msgspec.Struct, frozen=True):
    """A fix of one line of the diagnostic's file.

    It replaces the columns `start` to `end` (0-based code points, end exclusive) of the 1-based `line` by `text`, which
    may contain line ends. `is_safe` tells whether `check --fix` may make it without a person.
    """

    title: str
    line: int
    start: int
    end: int
    text: str
    is_safe: bool = False


class Diagnostic(msgspec.Struct, frozen=True):
    """One diagnostic about one line (1-based) of one file.

    `target_text` is the part of the line that it is about, or "" for the whole line. `replacement` is the text that
    should replace it, or None if it is unknown. `is_safe` tells whether the replacement needs no review. `fix` is the
    fix of a diagnostic of a format that describes it as data.
    """

    path: str
    line: int
    severity: Severity
    code: str
    message: str
    related: tuple[Related, ...] = ()
    target_text: str = ""
    replacement: str | None = None
    is_safe: bool = False
    fix: TextFix | None = None


def columns_of(line: str, words: str) -> tuple[int, int] | None:
    """Return the columns (code points, end exclusive) of `words` in a line; None if the line does not contain them.

    For "", return the columns of all of the line's text. Words do not match inside longer words, nor ids inside longer
    ids: `1.1` is neither in `11.1` nor in `1.1.2`. An underscore separates words, so `TILL` is in `PLAN_TILL.md`.
    """
    if not words:
        return text_span(line)
    if line.find(words) < 0:
        line, words = narrowed(line), narrowed(words)
    start = line.find(words)
    while start >= 0:
        end = start + len(words)
        goes_on = (words[0].isalnum() and _BEGUN.match(line, start)) or (
            words[-1].isalnum() and _GOES_ON.match(line, end)
        )
        if not goes_on:
            return start, end
        start = line.find(words, start + 1)
    return None


def columns(line: str, words: str) -> tuple[int, int]:
    """Return the columns of `words` as `columns_of` does; those of all of the line's text if `words` are not there."""
    return columns_of(line, words) or text_span(line)


def at_least(severity: Severity, least: Severity) -> bool:
    """Tell whether `severity` is at least as grave as `least`."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(least)
