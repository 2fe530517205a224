"""The input of a prompt: one plan, one achievement, and the texts of its documents."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

from planmark.formats.planmark.documents.plan import Achievement
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.decision_table import AchievementInputs
from planmark.markdown.blocks import split_lines
from planmark.markdown.parsed_source import (
    Source,
)
from planmark.markdown.parsed_source import parse_sections as source_of_text
from planmark.plans.document import Document
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import AchievementState
from planmark.text.mojibake import repair_mojibake
from planmark.workspace.reader import WorkspaceReader
from planmark.workspace.snapshot import Exists, ReadText, Snapshot

MAX_CACHED_TEXTS = 16
"""Maximum number of texts whose lines are cached. A prompt reads the same few texts repeatedly."""


class Material(NamedTuple):
    """The input of a prompt: the plan, the achievement and their documents.

    `text` returns the text of a document; `exists` tells whether a path exists. `existing_paths` are the paths of files that were created after the snapshot.
    """

    snapshot: Snapshot
    plan: PlanDocuments
    evaluation: PlanEvaluation
    achievement: Achievement | None
    inputs: AchievementInputs | None
    text: ReadText
    exists: Exists
    existing_paths: frozenset[str] = frozenset()

    def path_is_occupied(self, path: str) -> bool:
        """Tell whether a file has the path `path`. If so, a new file needs a different path."""
        return path in self.existing_paths or self.snapshot.has(path)


def material_of(
    reader: WorkspaceReader, plan: PlanDocuments, evaluation: PlanEvaluation, achievement_id: str | None
) -> Material:
    """Return the input of a prompt about an achievement, or about the whole plan if `achievement_id` is None."""
    planned_achievement = plan.facts.by_id.get(achievement_id) if achievement_id else None
    inputs = evaluation.inputs[achievement_id] if achievement_id else None
    return Material(
        reader.snapshot, plan, evaluation, planned_achievement, inputs, functools.cache(reader.text), reader.exists
    )


def lines_of(material: Material, path: str) -> Sequence[str]:
    """Return the lines of the document at `path`, with damaged emoji repaired."""
    return _lines(material.text(path))


@functools.lru_cache(maxsize=MAX_CACHED_TEXTS)
def _lines(text: str) -> tuple[str, ...]:
    """Return the lines of a text, with damaged emoji repaired."""
    return tuple(split_lines(repair_mojibake(text) or "\n"))


def sections_of(material: Material, path: str) -> Source:
    """Return the sections of the document at `path`."""
    return source_of_text(material.text(path))


def ready_achievements(material: Material) -> list[AchievementState]:
    """Return the achievements that can be worked on now.

    These are the achievement of the plan's next step, and the achievements that the plan's state names in `also_ready`.
    """
    state = material.evaluation.state
    ids = {state.next.achievement, *(achievement.achievement for achievement in state.also_ready)}
    return [achievement for achievement in state.achievements if achievement.id in ids]


def tasks_with_outcomes(material: Material) -> list[tuple[Document, str]]:
    """Return a pair (EXECUTION_TASK, outcome of the execution) for each EXECUTION_TASK of the achievement."""
    if material.inputs is None:
        return []
    outcomes = [execution.outcome for execution in material.inputs.executions]
    return list(zip(material.inputs.tasks, outcomes, strict=True))
