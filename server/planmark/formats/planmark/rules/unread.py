"""Rules for files that Planmark does not read, because of their names or because it cannot open them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec.structs import replace

from planmark.diagnostics.rule_inputs import WorkspaceInput
from planmark.diagnostics.rules import Topic
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.rules.naming import RenameFile
from planmark.formats.planmark.workflow.naming import (
    Renaming,
    is_certainly_work,
    renaming_advice,
    renamings,
    unowned_renaming,
)
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, RelatedPlace, Severity
from planmark.plans.document import Document
from planmark.plans.evaluation import PlanEvaluation
from planmark.workspace.snapshot import Snapshot

WORK_OUT_OF_SIGHT = DiagnosticCode(
    "work-out-of-sight", "warning", "a folder or a document of a plan's work that is not read"
)
DOCUMENT_NAME = DiagnosticCode(
    "document-name", "warning", "a file that seems to be work or a verdict, but whose name is not recognized"
)
PLAN_NAME = DiagnosticCode("plan-name", "hint", "a file that looks like a plan but does not count as one")

KIND_NAMES = {"subplan": "a SUBPLAN", "execution_task": "an EXECUTION_TASK", "verdict": "a verdict"}
"""Kind of document → its name in messages, with the article."""


def rejected_plans(workspace: WorkspaceInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each file that looks like a PLAN but does not count as one.

    The diagnostic is a warning if the file contains achievements and only its name is wrong.
    """
    snapshot = workspace.snapshot
    target_counts = Counter(
        rejected_plan.path.rpartition("/")[0] + f"/{rejected_plan.name}" for rejected_plan in snapshot.not_plans
    )
    for rejected_plan in snapshot.not_plans:
        target = rejected_plan.path.rpartition("/")[0] + f"/{rejected_plan.name}"
        advice_text = f": rename it to {rejected_plan.name}" if rejected_plan.name else ""
        if rejected_plan.name and target_counts[target] > 1:
            advice_text = (
                f", but another file would get the name {rejected_plan.name} as well: give them different names"
            )
        yield PLAN_NAME.at(
            rejected_plan.path,
            1,
            f"does not count as a plan: {rejected_plan.reason}{advice_text}",
            fix=RenameFile(rejected_plan.name) if rejected_plan.name and target_counts[target] == 1 else None,
            severity="warning" if rejected_plan.holds_achievements else None,
        )


def misnamed_documents(snapshot: Snapshot, plan: PlanDocuments, _evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each misnamed file of a plan.

    If the file may belong to several plans, only one of these plans reports it.
    """
    documents = {document.path: document for document in plan.misnamed}
    for renaming in renamings(plan) if documents else ():
        if snapshot.owners.get(renaming.old) == plan.path:
            document = documents[renaming.old]
            severity: Severity | None = None if is_certainly_work(document, plan.facts.ids) else "hint"
            yield _misnamed_diagnostic(snapshot, document, renaming, plan.feature, severity)


def work_out_of_sight(_: Snapshot, plan: PlanDocuments, _evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each unread file or folder that may contain work of a plan."""
    for skipped in plan.skipped:
        message = f"{skipped.path} {skipped.why}: it may hold work of {plan.feature}, so no step asks for work that may be there; make it readable, or move it away"
        yield WORK_OUT_OF_SIGHT.at(plan.path, 1, message)


def misnamed_without_plan(workspace: WorkspaceInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each misnamed file that belongs to no plan."""
    snapshot = workspace.snapshot
    for document in snapshot.misnamed:
        if document.path not in snapshot.owners:
            renaming = unowned_renaming(snapshot, document)
            severity: Severity | None = None if is_certainly_work(document, renaming.achievements) else "hint"
            yield _misnamed_diagnostic(snapshot, document, renaming, "", severity)


def _misnamed_diagnostic(
    snapshot: Snapshot, document: Document, renaming: Renaming, feature: str, severity: Severity | None
) -> Diagnostic:
    """Return the diagnostic of a misnamed file.

    `feature` is the feature of the plan to which the file belongs; it is "" if the file belongs to no plan.
    """
    kind_name = KIND_NAMES.get(document.name.meant_kind or "", "a document")
    achievement_text = f" of {' or '.join(renaming.achievements)}" if renaming.achievements else ""
    is_taken = renaming.path is not None and snapshot.has(renaming.path)
    if is_taken and not renaming.doubt:
        renaming = replace(renaming, doubt="taken")
    message = f"it seems to be {kind_name}{achievement_text}, but its name is not recognized: {renaming_advice(renaming, feature)}"
    fix = RenameFile(renaming.path) if renaming.path and not renaming.doubt else None
    related_places = (RelatedPlace(renaming.path, 1, "it has this name"),) if is_taken and renaming.path else ()
    return DOCUMENT_NAME.at(document.path, 1, message, related_places, fix=fix, severity=severity)


TOPIC = Topic(
    codes=(WORK_OUT_OF_SIGHT, DOCUMENT_NAME, PLAN_NAME),
    plan=(misnamed_documents, work_out_of_sight),
    workspace=(
        (rejected_plans, lambda snapshot: (snapshot.table,)),
        (misnamed_without_plan, lambda snapshot: (snapshot.misnamed, snapshot.table, snapshot.names)),
    ),
)
