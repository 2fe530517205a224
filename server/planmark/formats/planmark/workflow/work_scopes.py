"""The scope of the work on each achievement: its effort, and the files that its PLAN and its SUBPLAN name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from planmark.formats.planmark.documents.deliverable_paths import candidate_paths, is_pattern
from planmark.formats.planmark.documents.deliverables import Deliverable
from planmark.formats.planmark.documents.file_names import parse_name
from planmark.formats.planmark.ownership.discovery import WORK_FOLDERS
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.decision_table import subplan_facts, task_facts
from planmark.plans.document import Document
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.work_scope import WorkScope
from planmark.workspace.snapshot import Snapshot

PLAN_DOCUMENT_KINDS = ("plan", "verdict", *WORK_FOLDERS)
"""Kinds of the documents of plans. They do not count as files of the work: each achievement has its own documents, or
no executor changes them.
"""


def work_scopes(snapshot: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> dict[str, WorkScope]:
    """Return a mapping from the id of each achievement of a plan to the scope of the work."""
    return {
        achievement.id: WorkScope(
            achievement.effort,
            _file_paths(snapshot, plan, achievement.deliverables, evaluation, achievement.id),
            executors=_executors(evaluation, achievement.id),
        )
        for achievement in plan.facts.achievements
    }


def _executors(evaluation: PlanEvaluation, achievement_id: str) -> tuple[str, ...]:
    """Return the executors that the EXECUTION_TASKs of an achievement name."""
    if achievement_id not in evaluation.inputs:
        return ()
    names = (task_facts(task).executor.strip() for task in evaluation.inputs[achievement_id].tasks)
    return tuple(dict.fromkeys(name for name in names if name))


def _file_paths(
    snapshot: Snapshot,
    plan: PlanDocuments,
    deliverables: tuple[Deliverable, ...],
    evaluation: PlanEvaluation,
    achievement_id: str,
) -> tuple[str, ...]:
    """Return the paths of the files that the PLAN and the SUBPLAN name for an achievement.

    The paths are relative to the root of the workspace.
    """
    deliverables_with_source = [(plan.document, deliverable) for deliverable in deliverables]
    subplan: Document | None = (
        evaluation.inputs[achievement_id].subplan if achievement_id in evaluation.inputs else None
    )
    if subplan is not None:
        facts = subplan_facts(subplan)
        deliverables_with_source += [(subplan, deliverable) for deliverable in (*facts.deliverables, *facts.files)]
    return tuple(dict.fromkeys(_paths_from_root(snapshot, deliverables_with_source)))


def _paths_from_root(snapshot: Snapshot, deliverables_with_source: list[tuple[Document, Deliverable]]) -> Iterator[str]:
    """Yield the path of each deliverable from the root of the workspace, except the documents of plans.

    A deliverable may be relative to any folder above the document that names it. The first path that exists is yielded.
    For a pattern, the folder before the first wildcard is yielded.
    """
    for document, deliverable in deliverables_with_source:
        name = parse_name(posixpath.basename(deliverable.path))
        if name is not None and name.kind in PLAN_DOCUMENT_KINDS:
            continue
        path = _path_without_wildcards(deliverable.path) if is_pattern(deliverable.path) else deliverable.path
        places = candidate_paths(document.path, path)
        existing_path = next((place for place in places if place in snapshot.present_paths), None)
        yield existing_path or posixpath.normpath(places[0] if places else path or ".")


def _path_without_wildcards(pattern: str) -> str:
    """Return the folder before the first wildcard of a pattern."""
    parts = pattern.split("/")
    return "/".join(parts[: next(number for number, part in enumerate(parts) if is_pattern(part))])
