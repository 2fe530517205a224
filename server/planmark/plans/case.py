"""A case: a passage of a document about a cause, a fix, a resolution or a learning, from which later work can learn."""

from __future__ import annotations

from typing import Literal, NamedTuple

CaseKind = Literal["cause", "attempt", "fix", "resolution", "learning"]


class Case(NamedTuple):
    """A passage of a document: its kind, its heading, its text without the heading, and its lines (1-based, inclusive)."""

    kind: CaseKind
    title: str
    text: str
    start: int
    end: int
