"""What a check says: a code, a severity, a place and a message that tells what to do."""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["error", "warning", "information", "hint"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information", "hint")
"""From the gravest on."""


class Related(msgspec.Struct, frozen=True):
    """A place in another file (or the same) that is the reason; `line` is 1-based."""

    path: str
    line: int
    message: str


class Diagnostic(msgspec.Struct, frozen=True):
    """One finding about one line (1-based) of one file."""

    path: str
    line: int
    severity: Severity
    code: str
    message: str
    related: tuple[Related, ...] = ()


def at_least(severity: Severity, least: Severity) -> bool:
    """Whether `severity` is as grave as `least`, or graver."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(least)
