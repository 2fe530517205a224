"""What a prompt may draw on: one plan, one achievement, and the texts of its documents."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

from planmark.documents.document import Document
from planmark.documents.plan import Achievement
from planmark.documents.source import (
    Source,
)
from planmark.documents.source import source_of as source_of_text
from planmark.syntax.blocks import split_lines
from planmark.text.mojibake import repair
from planmark.workflow.model import AchievementState
from planmark.workflow.plan import Judged
from planmark.workflow.state import Situation
from planmark.workspace.snapshot import Exists, PlanFiles, ReadText, Snapshot

MAX_TEXTS = 16
"""The lines of so many texts are kept: a prompt asks for those of the same few again and again."""


class Material(NamedTuple):
    """Everything that a prompt may draw on; `taken` are paths of files that came to be after the snapshot was made."""

    snapshot: Snapshot
    files: PlanFiles
    judged: Judged
    achievement: Achievement | None
    situation: Situation | None
    text: ReadText
    exists: Exists
    taken: frozenset[str] = frozenset()

    def is_taken(self, path: str) -> bool:
        """Whether a new file cannot have this path."""
        return path in self.taken or self.snapshot.has(path)


def material_of(
    snapshot: Snapshot, files: PlanFiles, judged: Judged, achievement: str | None, text: ReadText, exists: Exists
) -> Material:
    """What a prompt about an achievement, or about the plan, may draw on."""
    known = files.facts.by_id.get(achievement) if achievement else None
    situation = judged.situations[achievement] if achievement else None
    return Material(snapshot, files, judged, known, situation, functools.cache(text), exists)


def lines_of(material: Material, path: str) -> Sequence[str]:
    """The lines of a document, emoji repaired."""
    return _lines(material.text(path))


@functools.lru_cache(maxsize=MAX_TEXTS)
def _lines(text: str) -> tuple[str, ...]:
    return tuple(split_lines(repair(text) or "\n"))


def source_of(material: Material, path: str) -> Source:
    """The sections of a document."""
    return source_of_text(material.text(path))


def ready(material: Material) -> list[AchievementState]:
    """The achievements that could be worked on now: the next one, and those that are ready besides."""
    state = material.judged.state
    ids = {state.next.achievement, *(known.achievement for known in state.also_ready)}
    return [known for known in state.achievements if known.id in ids]


def tasks(material: Material) -> list[tuple[Document, str]]:
    """The EXECUTION_TASKs of the achievement, each with its outcome."""
    if material.situation is None:
        return []
    outcomes = [known.outcome for known in material.situation.executions]
    return list(zip(material.situation.tasks, outcomes, strict=True))
