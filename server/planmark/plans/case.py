"""A case: a passage of a document about a cause, an attempt, a fix, a resolution or a learning.

The search for similar work finds cases.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

CaseKind = Literal["cause", "attempt", "fix", "resolution", "learning"]


class Case(NamedTuple):
    """A case: its kind, its heading, its text without the heading, and its lines in the document.

    `start` and `end` are 1-based, and both are inclusive.
    """

    kind: CaseKind
    title: str
    text: str
    start: int
    end: int
