"""The verdicts of each achievement with their dates, and whether any selection of them approves the achievement."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from planmark.formats.planmark.documents.document import parsed_name
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.assignment import AssignedDocuments
from planmark.formats.planmark.workflow.verdicts import reviews, round_of, verdict_facts
from planmark.plans.document import Document
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import Evidence
from planmark.plans.review_log import DatedVerdict, ReviewLog, VerdictKind
from planmark.text.lazy_pattern import lazy_pattern

VERDICT_KINDS: tuple[VerdictKind, ...] = ("approved", "fix", "resolution")
_FIELD_NAME = lazy_pattern(r"^[^:：|]*[:：|]")
"""Pattern for the name of a field and the colon or border after it."""
_MARKS_AROUND_VALUE = " \t*_|`"
"""Characters around the value of a field that do not belong to the value."""


def review_logs(plan: PlanDocuments, evaluation: PlanEvaluation) -> dict[str, ReviewLog]:
    """Return a mapping from the id of each achievement with verdicts to the log of these verdicts."""
    assigned_documents: AssignedDocuments = evaluation.assigned_documents
    logs: dict[str, ReviewLog] = {}
    for achievement in plan.facts.achievements:
        verdicts = assigned_documents.verdicts.get(achievement.id, ())
        if not verdicts:
            continue
        doubts: dict[str, tuple[Evidence, ...]] = {}
        for evidence in evaluation.inputs[achievement.id].reviews.doubts:
            doubts[evidence.path] = (*doubts.get(evidence.path, ()), evidence)
        logs[achievement.id] = _review_log(verdicts, assigned_documents, doubts)
    return logs


def _review_log(
    verdicts: tuple[Document, ...], assigned_documents: AssignedDocuments, doubts: Mapping[str, tuple[Evidence, ...]]
) -> ReviewLog:
    """Return the log of an achievement's verdicts.

    The log contains the verdicts, and a function that tells whether a selection of the verdicts approves the achievement.
    `doubts` is a mapping from the path of each APPROVED that does not approve to the reasons.
    """

    def is_approved_by(paths: Collection[str]) -> bool:
        """Tell whether the verdicts at `paths` alone approve the achievement."""
        result = reviews(
            [document for document in verdicts if document.path in paths], assigned_documents.numbers_by_path, doubts
        )
        return result.approved is not None and not result.is_fix_open

    dated_verdicts = [
        DatedVerdict(
            document.path,
            kind,
            round_of(assigned_documents.numbers_by_path[document.path]),
            _reviewer(document),
            verdict_facts(document).date,
            verdict_facts(document).has_unreadable_date,
            document.path not in doubts,
        )
        for document in verdicts
        for kind in VERDICT_KINDS
        if parsed_name(document).verdict == kind
    ]
    return ReviewLog(dated_verdicts, is_approved_by)


def _reviewer(document: Document) -> str:
    """Return the name in the Reviewer field of a verdict; "" if there is no such field."""
    reviewer_quote = verdict_facts(document).reviewer
    return (
        _FIELD_NAME.sub("", reviewer_quote.text.lstrip(_MARKS_AROUND_VALUE), count=1).strip(_MARKS_AROUND_VALUE)
        if reviewer_quote
        else ""
    )
