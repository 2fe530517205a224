"""Answers of the methodology about its files, in the types of the core (`queries/plan_answers.py`)."""

from __future__ import annotations

from planmark.formats.planmark.commands.grammaplans import grammaplan_named, grammaplan_result, grammaplan_results
from planmark.formats.planmark.commands.misnamed import misnamed_files
from planmark.formats.planmark.documents.file_names import parse_name
from planmark.formats.planmark.documents.ids import ids_meant_by_number
from planmark.formats.planmark.ownership.discovery import WORK_FOLDERS
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.assignment import achievement_id_in_header
from planmark.plans.model import AchievementState
from planmark.queries.grammaplans import GrammaplanResult
from planmark.queries.plan_answers import AnswerFunctions, DocumentSubject
from planmark.queries.workspace_view import View

KINDS_OF_ONE_ACHIEVEMENT = (*WORK_FOLDERS, "verdict")
"""Kinds of documents that are about one achievement."""
NO_SUBJECT = DocumentSubject(None, needs_achievement=False)
"""Subject of a document that is about no single achievement."""


def grammaplan_result_named(view: View, query: str) -> GrammaplanResult | None:
    """Return the result for the GRAMMAPLAN with the name or path `query`.

    Return None if there is no such GRAMMAPLAN, or if `query` is the name of a plan.
    """
    document = grammaplan_named(view, query)
    return grammaplan_result(view, document) if document else None


def document_subject(view: View, plan: PlanDocuments, path: str) -> DocumentSubject:
    """Return the subject of the document at `path`: its achievement, and whether it has to be about an achievement.

    A SUBPLAN, an EXECUTION_TASK or a verdict has to be about an achievement. Any other file, such as a misnamed file,
    need not be about an achievement.
    """
    name = parse_name(path.rpartition("/")[2])
    if name is None:
        return DocumentSubject(_achievement_of_misnamed(view, plan, path), needs_achievement=False)
    return (
        DocumentSubject(_achievement_of_document(view, plan, path), needs_achievement=True)
        if name.kind in KINDS_OF_ONE_ACHIEVEMENT
        else NO_SUBJECT
    )


def _achievement_of_document(view: View, plan: PlanDocuments, path: str) -> AchievementState | None:
    """Return the achievement that the document at `path` is about, else None.

    If the document counts for an achievement, return this achievement. Otherwise, return the achievement that the header
    names, else the only achievement that the number in the file name may mean.
    """
    if achievement := view.achievement_of(path):
        return achievement
    state, ids = view.evaluations[plan.path].state, plan.facts.ids
    document = view.snapshot.documents.get(path)
    name = parse_name(path.rpartition("/")[2])
    id_in_header = achievement_id_in_header(document, ids) if document and document.name.kind in WORK_FOLDERS else None
    achievement_ids = (id_in_header,) if id_in_header else ids_meant_by_number(name.number, ids) if name else ()
    return next((achievement for achievement in state.achievements if (achievement.id,) == achievement_ids), None)


def _achievement_of_misnamed(view: View, plan: PlanDocuments, path: str) -> AchievementState | None:
    """Return the achievement that the misnamed file at `path` is about.

    Return None if the file may be about several achievements, or if it is not a misnamed file of the plan.
    """
    results = misnamed_files(view.snapshot, plan.path) if path else ()
    achievement_ids = next((file.achievements for file in results if file.path == path), ())
    return next(
        (
            achievement
            for achievement in view.evaluations[plan.path].state.achievements
            if (achievement.id,) == achievement_ids
        ),
        None,
    )


WORK_ANSWERS = AnswerFunctions(misnamed_files, grammaplan_results, grammaplan_result_named, document_subject)
"""The functions of the methodology that answer questions about its files."""
