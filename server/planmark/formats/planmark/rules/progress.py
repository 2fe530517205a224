"""Rules for the progress of work: missing executions, SUBPLANs, syntheses or deliverables, and open placeholders."""

from __future__ import annotations

from collections.abc import Iterator

from planmark.diagnostics.rules import Topic
from planmark.formats.planmark.documents.deliverable_paths import candidate_paths, possible_paths, top_folder
from planmark.formats.planmark.documents.deliverable_paths import deliverables as delivered_by
from planmark.formats.planmark.documents.placeholders import PLACEHOLDER_MARK
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.rules.naming import ORPHAN_EXECUTION, ListOrphan
from planmark.formats.planmark.workflow.decision_table import AchievementInputs, subplan_facts
from planmark.formats.planmark.workflow.naming import renamings
from planmark.markdown.parsed_source import Quote
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, RelatedPlace
from planmark.plans.document import Document
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import SETTLED_STATES, AchievementState
from planmark.plans.phrases import item_state_sentence
from planmark.text.pluralize import counted_noun
from planmark.workspace.snapshot import Snapshot

PLACEHOLDER_LEFT = DiagnosticCode("placeholder-left", "hint", "a placeholder of a template that is not filled in")
EXECUTION_MISSING = DiagnosticCode(
    "execution-missing", "warning", "a SUBPLAN that is executing or complete but has no EXECUTION_TASK"
)
SYNTHESIS_MISSING = DiagnosticCode(
    "synthesis-missing", "information", "several executions are done, but their synthesis is missing"
)
DELIVERABLE_MISSING = DiagnosticCode("deliverable-missing", "warning", "a missing deliverable of work that is done")

STATES_WITH_DELIVERABLES = ("approved", "awaiting_review", "fix_resolved")
"""States in which the deliverables of an achievement should exist."""


def unfilled_placeholders(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each unfilled placeholder of a template in work that is not approved.

    A line with `[TO BE FILLED` gives a warning if its SUBPLAN or EXECUTION_TASK should be filled in by now. That is so
    if other work depends on the document, or if it says that it is done. All other lines give a hint.
    """
    for line in plan.document.unfilled_quotes if evaluation.state.state != "complete" else ():
        yield _unfilled_diagnostic(plan.document, line, "")
    needed_ids = {needed_id for achievement in evaluation.state.achievements for needed_id in achievement.depends_on}
    for achievement in evaluation.state.achievements:
        if achievement.state in SETTLED_STATES:
            continue
        inputs = evaluation.inputs[achievement.id]
        for document, why in _documents_with_reasons(achievement, inputs, needed_ids):
            for line in document.unfilled_quotes:
                yield _unfilled_diagnostic(document, line, why if PLACEHOLDER_MARK in line.text else "")


def _documents_with_reasons(
    achievement: AchievementState, inputs: AchievementInputs, needed_ids: set[str]
) -> Iterator[tuple[Document, str]]:
    """Yield a pair (document, reason) for the SUBPLAN and each EXECUTION_TASK of an achievement.

    The reason says why the document should be filled in by now; it is "" if there is no such reason.
    """
    waiting_reason = f"others depend on {achievement.id}" if achievement.id in needed_ids else ""
    if inputs.subplan:
        yield (
            inputs.subplan,
            f"it has {counted_noun(len(inputs.tasks), 'execution')}" if inputs.tasks else waiting_reason,
        )
    for task, execution in zip(inputs.tasks, inputs.executions, strict=True):
        yield task, "it says that it is done" if execution.outcome == "done" else waiting_reason


def _unfilled_diagnostic(document: Document, line: Quote, why: str) -> Diagnostic:
    """Return the diagnostic of a line with an unfilled placeholder.

    `why` says why the document should be filled in by now; it is "" if there is no such reason.
    """
    line_number = document.line(line.position)
    message = f"not filled in{f', but {why}' if why else ''}: write what belongs here, or remove the line"
    return PLACEHOLDER_LEFT.at(
        document.path, line_number, message, target_text=line.text, severity="warning" if why else None
    )


def missing_executions(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each SUBPLAN whose Status is in progress or complete, but that has no EXECUTION_TASK."""
    for achievement in evaluation.state.achievements:
        subplan = evaluation.inputs[achievement.id].subplan
        if subplan is None or achievement.executions or achievement.state in SETTLED_STATES:
            continue
        facts = subplan_facts(subplan)
        if facts.status and facts.status_word in ("in_progress", "complete"):
            status_text = facts.status_word.replace("_", " ")
            message = f"the SUBPLAN says {status_text}, but there is no EXECUTION_TASK of {achievement.id}: create it (planmark create execution @{plan.feature} {achievement.id}), or set the Status"
            yield EXECUTION_MISSING.at(subplan.path, subplan.line(facts.status.position), message)


def missing_subplans(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each achievement that has executions but no SUBPLAN."""
    for achievement in evaluation.state.achievements:
        is_designed = achievement.subplan is not None or evaluation.inputs[achievement.id].withdrawn_subplan is not None
        if achievement.executions and not is_designed and achievement.state not in SETTLED_STATES:
            message = f"there is no SUBPLAN of {achievement.id} for this execution: create it (planmark create subplan @{plan.feature} {achievement.id}), or archive this file"
            yield ORPHAN_EXECUTION.at(achievement.executions[0].path, 1, message, fix=ListOrphan())


def missing_syntheses(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each SUBPLAN with several executions that are done, but no Execution Results Synthesis."""
    for achievement in evaluation.state.achievements:
        if achievement.step == "synthesize" and achievement.subplan:
            related_places = tuple(
                RelatedPlace(e.path, e.evidence.line, e.evidence.says) for e in achievement.executions
            )
            message = f"{len(related_places)} executions of {achievement.id} are done, but `Execution Results Synthesis` is empty: write the synthesis (planmark next @{plan.feature} --achievement {achievement.id})"
            yield SYNTHESIS_MISSING.at(achievement.subplan, 1, message, related_places)


def missing_deliverables(snapshot: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each missing deliverable of work that is done or approved.

    A deliverable is missing if no path that it may mean exists, and no file in a different folder has its name. A
    deliverable that is probably outside the workspace gets no diagnostic: the workspace does not have the first folder
    of its path, or has no file with its extension.
    """
    achievements_by_id = {achievement.id: achievement for achievement in plan.facts.achievements}
    for achievement in evaluation.state.achievements:
        if achievement.state not in STATES_WITH_DELIVERABLES:
            continue
        subplan = evaluation.inputs[achievement.id].subplan
        deliverables = [(plan.document, deliverable) for deliverable in achievements_by_id[achievement.id].deliverables]
        deliverables += [(subplan, deliverable) for deliverable in delivered_by(subplan)] if subplan else []
        reported_paths: set[str] = set()
        for document, deliverable in deliverables:
            paths = candidate_paths(document.path, deliverable.path)
            if not paths or paths[0] in reported_paths or any(path in snapshot.present_paths for path in paths):
                continue
            is_outside_workspace = (
                top_folder(deliverable.path) not in snapshot.present_paths
                or _file_extension(deliverable.path) not in snapshot.extensions
            )
            if is_outside_workspace or deliverable.path.rpartition("/")[2] in snapshot.names:
                continue
            reported_paths.add(paths[0])
            message = f"{item_state_sentence(achievement.id, achievement)}, but {deliverable.path} does not exist: deliver it, or correct the list if it has a different name"
            related_places = (
                RelatedPlace(achievement.path, achievement.line, item_state_sentence(achievement.id, achievement)),
            )
            yield DELIVERABLE_MISSING.at(
                document.path,
                document.line(deliverable.position),
                message,
                related_places,
                target_text=deliverable.path,
            )


def _file_extension(path: str) -> str:
    """Return the part of a file name after the last dot."""
    return path.rpartition("/")[2].rpartition(".")[2]


def names_that_matter(plan: PlanDocuments) -> frozenset[str]:
    """Return the paths and names of the plan's deliverables, and the names that the plan's misnamed files should have."""
    documents = (plan.document, *plan.subplans)
    deliverable_names = {d.path.rpartition("/")[2] for document in documents for d in delivered_by(document)}
    right_names = {renaming.path.rpartition("/")[2] for renaming in renamings(plan) if renaming.path}
    return frozenset(deliverable_names.union(right_names, *(possible_paths(document) for document in documents)))


TOPIC = Topic(
    codes=(PLACEHOLDER_LEFT, EXECUTION_MISSING, SYNTHESIS_MISSING, DELIVERABLE_MISSING),
    plan=(unfilled_placeholders, missing_executions, missing_subplans, missing_syntheses, missing_deliverables),
)
