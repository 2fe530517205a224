"""The words of fields and statuses in documents. A workspace may add words in its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Status = Literal[
    "planning",
    "not_started",
    "design",
    "design_complete",
    "ready",
    "in_progress",
    "blocked",
    "paused",
    "abandoned",
    "skipped",
    "archived",
    "failed",
    "complete",
]


class Vocabulary(msgspec.Struct, frozen=True):
    """The words of a format: name of a header field → its words, and words of statuses → the status, case-folded."""

    fields: Mapping[str, tuple[str, ...]]
    statuses: tuple[tuple[str, Status], ...]

    def __hash__(self) -> int:
        """Return a cheap hash.

        Most vocabularies have the same hash; equality tells the few vocabularies of a process apart.
        """
        return len(self.statuses)


IssueSeverity = Literal["critical", "major", "minor"]


ISSUE_SEVERITIES: tuple[IssueSeverity, ...] = ("critical", "major", "minor")
"""The severities, the most severe first."""
