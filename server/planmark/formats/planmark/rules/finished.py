"""Finished documents, and the codes of diagnostics that no longer matter in these documents."""

from __future__ import annotations

from collections.abc import Iterator

from planmark.diagnostics.rules import FinishReason, FinishReasonByPath
from planmark.formats.planmark.documents.document import parsed_name
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.plans.diagnostic import Diagnostic
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import SETTLED_STATES

CODES_IGNORED_IF_DONE = frozenset(
    {
        *("size", "missing-section", "reference-missing", "line-range-stale", "placeholder-left"),
        *("broken-table", "checkbox-form", "status-unknown", "status-missing", "unused-suppression"),
    }
)
"""Codes whose diagnostics are left out in a finished document, unless the diagnostic is an error or a warning."""
CODES_IGNORED_IF_CLOSED = frozenset(
    {
        *("achievement-format", "index-missing", "index-tick-missing", "effort-exceeded", "statistics-wrong"),
        *("handoff-stale", "status-contradicts-files", "parallel-status-stored", "dependency-asymmetric"),
        *("fix-superseded", "synthesis-missing"),
    }
)
"""Codes that, in addition to `CODES_IGNORED_IF_DONE`, no longer matter in the documents of a closed plan."""


def finished_documents(plan: PlanDocuments, evaluation: PlanEvaluation) -> FinishReasonByPath:
    """Return a mapping from the path of each document that needs no more work to the reason, "done" or "closed"."""
    if _is_closed(plan, evaluation):
        return dict(_closed_documents(plan))
    archived_documents: FinishReasonByPath = {
        d.path: "done" for d in (*plan.subplans, *plan.executions) if parsed_name(d).is_archived
    }
    return {**archived_documents, **dict(_done_documents(evaluation))}


def _is_closed(plan: PlanDocuments, evaluation: PlanEvaluation) -> bool:
    """Tell whether a plan is closed: it is complete by its files and its Status, or it is stopped or archived."""
    is_closed = evaluation.state.state == "complete" and plan.facts.status_word == "complete"
    return is_closed or plan.lifecycle in ("stopped", "archived")


def _closed_documents(plan: PlanDocuments) -> Iterator[tuple[str, FinishReason]]:
    """Yield a pair (path, "closed") for each document of a plan."""
    documents = (plan.document, *plan.subplans, *plan.executions, *plan.verdicts)
    for document in (*documents, *([plan.parallel] if plan.parallel else [])):
        yield document.path, "closed"


def _done_documents(evaluation: PlanEvaluation) -> Iterator[tuple[str, FinishReason]]:
    """Yield a pair (path, "done") for each document that is done.

    These are the SUBPLAN and the EXECUTION_TASKs of each approved or dropped achievement. The EXECUTION_TASKs of other
    achievements are done if the execution has ended.
    """
    for achievement in evaluation.state.achievements:
        is_settled = achievement.state in SETTLED_STATES
        if is_settled and achievement.subplan:
            yield achievement.subplan, "done"
        for task in evaluation.assigned_documents.executions.get(achievement.id, ()) if is_settled else ():
            yield task.path, "done"
        for execution in achievement.executions:
            if execution.outcome not in ("open", "blocked"):
                yield execution.path, "done"


def is_relevant(diagnostic: Diagnostic, finish_reason: FinishReason | None) -> bool:
    """Tell whether a diagnostic still matters in a document.

    `finish_reason` says why the document needs no more work; it is None if the document is not finished.
    """
    if finish_reason is None:
        return True
    if finish_reason == "closed" and diagnostic.code in CODES_IGNORED_IF_CLOSED:
        return False
    return diagnostic.code not in CODES_IGNORED_IF_DONE or diagnostic.severity in ("error", "warning")
