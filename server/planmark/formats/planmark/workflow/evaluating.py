"""The functions for the states of plans of the methodology, as the value that the core finds by name."""

from __future__ import annotations

from collections.abc import Sequence

from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.decision_table import DECISION_TABLE
from planmark.formats.planmark.workflow.naming import renamings
from planmark.formats.planmark.workflow.outside import links_between, outside_of
from planmark.formats.planmark.workflow.plan_state import evaluate_plan, standings
from planmark.formats.planmark.workflow.review_logs import review_logs
from planmark.plans.document import Document
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.format import AppliedRow
from planmark.plans.model import AchievementState
from planmark.workspace.plan_work import PlanWork


def items_by_document_path(plan: PlanDocuments, evaluation: PlanEvaluation) -> dict[str, AchievementState]:
    """Return a mapping from the path of each document of a plan to the achievement that the document is about.

    The result includes misnamed files that are about exactly one achievement.
    """
    ids_of_misnamed_files = {r.old: r.achievements for r in renamings(plan) if len(r.achievements) == 1}
    return {
        path: achievement
        for achievement in evaluation.state.achievements
        for path in (
            *(document.path for document in _documents_of(evaluation, achievement.id)),
            *(path for path, subject_ids in ids_of_misnamed_files.items() if subject_ids == (achievement.id,)),
        )
    }


def _documents_of(evaluation: PlanEvaluation, achievement_id: str) -> list[Document]:
    """Return the EXECUTION_TASKs, the verdicts and the SUBPLAN of an achievement."""
    assigned_documents = evaluation.assigned_documents
    subplan = assigned_documents.subplans.get(achievement_id)
    documents = (
        *assigned_documents.executions.get(achievement_id, ()),
        *assigned_documents.verdicts.get(achievement_id, ()),
    )
    return [*documents, *([subplan] if subplan else [])]


def explain(evaluation: PlanEvaluation, achievement_id: str) -> Sequence[AppliedRow]:
    """Return the rows of the decision table for an achievement, each with its result.

    The first row that matches decides.
    """
    outcomes = []
    is_decided = False
    for row in DECISION_TABLE:
        match = row.match(evaluation.inputs[achievement_id])
        is_deciding = match.is_match and not is_decided
        outcomes.append(AppliedRow(row.letter, row.state, row.condition, is_deciding, match.evidence))
        is_decided = is_decided or match.is_match
    return outcomes


WORK = PlanWork(evaluate_plan, standings, links_between, outside_of, items_by_document_path, explain, review_logs)
"""The part `work` of the methodology (see `METHODOLOGY_PARTS`)."""
