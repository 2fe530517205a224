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
"""The normal forms of statuses. Documents use various words for one status."""


class Vocabulary(msgspec.Struct, frozen=True):
    """The words of a format for fields and statuses, all case-folded.

    `fields` maps the name of a header field to the words that name the field in documents. `statuses` has pairs: words
    for a status in documents, and the normal form of the status.
    """

    fields: Mapping[str, tuple[str, ...]]
    statuses: tuple[tuple[str, Status], ...]

    def __hash__(self) -> int:
        """Return a hash that is quick to compute: the number of statuses.

        Different vocabularies may have the same hash, but a process has only a few vocabularies.
        """
        return len(self.statuses)


IssueSeverity = Literal["critical", "major", "minor"]


ISSUE_SEVERITIES: tuple[IssueSeverity, ...] = ("critical", "major", "minor")
"""The severities of issues in a FIX, the most severe first."""
