"""What a check says: a code, a severity, a place and a message that tells what to do."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from planmark.text.lines import text_span

Severity = Literal["error", "warning", "information", "hint"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information", "hint")
"""From the gravest on."""


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


def columns(line: str, words: str) -> tuple[int, int]:
    """The columns (code points, end exclusive) of `words` in the text of a line; of all of it where they are not there.

    Words that begin or end with a letter or digit are not found inside longer ones: `1.1` is not in `11.1`.
    """
    if words:
        before = r"(?<![\w.])" if words[0].isalnum() else ""
        behind = r"(?!\w|\.\w)" if words[-1].isalnum() else ""
        if match := re.search(f"{before}{re.escape(words)}{behind}", line):
            return match.span()
    return text_span(line)


def at_least(severity: Severity, least: Severity) -> bool:
    """Whether `severity` is as grave as `least`, or graver."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(least)
