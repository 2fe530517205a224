"""What a check says: a code, a severity, a place and a message that tells what to do."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from planmark.text.lines import text_span
from planmark.text.lookalikes import narrowed

Severity = Literal["error", "warning", "information", "hint"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information", "hint")
"""From the gravest on."""
_BEGUN = re.compile(r"(?<=[^\W_])|(?<=[0-9]\.)")
_GOES_ON = re.compile(r"[^\W_]|\.[0-9]")
"""At the ends of words, that they are part of a longer one."""


class Related(msgspec.Struct, frozen=True):
    """A place in another file (or the same) that is the reason; `line` is 1-based."""

    path: str
    line: int
    message: str


class Diagnostic(msgspec.Struct, frozen=True):
    """One finding about one line (1-based) of one file.

    `words` are the part of the line that it is about, "" for all of it; `wanted` what should stand there instead, where
    that is known, and `certain` whether that is so without thinking.
    """

    path: str
    line: int
    severity: Severity
    code: str
    message: str
    related: tuple[Related, ...] = ()
    words: str = ""
    wanted: str | None = None
    certain: bool = False


def columns_of(line: str, words: str) -> tuple[int, int] | None:
    """The columns (code points, end exclusive) of `words` in a line, of all of its text for ""; None where they are not there.

    Words are not found inside longer ones, nor ids inside longer ids: `1.1` is neither in `11.1` nor in `1.1.2`. An
    underscore parts words, so that `TILL` is in `PLAN_TILL.md`.
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
    """As `columns_of`; all of the line's text where the words are not there."""
    return columns_of(line, words) or text_span(line)


def at_least(severity: Severity, least: Severity) -> bool:
    """Whether `severity` is as grave as `least`, or graver."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(least)
