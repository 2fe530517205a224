"""The scope of the work on each achievement: its effort, and the files that its PLAN and its SUBPLAN name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from planmark.formats.planmark.documents.deliverable_paths import candidates, is_pattern
from planmark.formats.planmark.documents.deliverables import Deliverable
from planmark.formats.planmark.documents.file_names import parse_name
from planmark.formats.planmark.ownership.discovery import WORK_FOLDERS
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.decision_table import subplan_facts, task_facts
from planmark.plans.document import Document
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.work_scope import WorkScope
from planmark.workspace.snapshot import Snapshot

OWN_DOCUMENTS = ("plan", "verdict", *WORK_FOLDERS)
"""Kinds of documents that each achievement has separately, or that no executor changes."""


def work_scopes(snapshot: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> dict[str, WorkScope]:
    """Return the scope of each achievement of a plan, by id."""
    return {
        achievement.id: WorkScope(
            achievement.effort,
            _files(snapshot, plan, achievement.deliverables, evaluation, achievement.id),
            executors=_executors(evaluation, achievement.id),
        )
        for achievement in plan.facts.achievements
    }


def _executors(evaluation: PlanEvaluation, achievement: str) -> tuple[str, ...]:
    """Return the executors that the EXECUTION_TASKs of an achievement name."""
    if achievement not in evaluation.inputs:
        return ()
    names = (task_facts(task).executor.strip() for task in evaluation.inputs[achievement].tasks)
    return tuple(dict.fromkeys(name for name in names if name))


def _files(
    snapshot: Snapshot,
    plan: PlanDocuments,
    deliverables: tuple[Deliverable, ...],
    evaluation: PlanEvaluation,
    achievement: str,
) -> tuple[str, ...]:
    deliverables_with_source = [(plan.document, deliverable) for deliverable in deliverables]
    subplan: Document | None = evaluation.inputs[achievement].subplan if achievement in evaluation.inputs else None
    if subplan is not None:
        facts = subplan_facts(subplan)
        deliverables_with_source += [(subplan, deliverable) for deliverable in (*facts.deliverables, *facts.files)]
    return tuple(dict.fromkeys(_paths_from_root(snapshot, deliverables_with_source)))


def _paths_from_root(snapshot: Snapshot, deliverables_with_source: list[tuple[Document, Deliverable]]) -> Iterator[str]:
    """Yield named paths from the root of the workspace, without the plan's own documents.

    If the path exists below a folder of its document, that path is yielded. For a pattern, the folder before its first
    wildcard is yielded.
    """
    for document, deliverable in deliverables_with_source:
        name = parse_name(posixpath.basename(deliverable.path))
        if name is not None and name.kind in OWN_DOCUMENTS:
            continue
        path = _path_without_wildcards(deliverable.path) if is_pattern(deliverable.path) else deliverable.path
        places = candidates(document.path, path)
        existing_path = next((place for place in places if place in snapshot.present_paths), None)
        yield existing_path or posixpath.normpath(places[0] if places else path or ".")


def _path_without_wildcards(pattern: str) -> str:
    parts = pattern.split("/")
    return "/".join(parts[: next(number for number, part in enumerate(parts) if is_pattern(part))])
