"""Rules that compare the state of plans, which the files show, with the text of the PLAN."""

from __future__ import annotations

from collections.abc import Iterator

from planmark.diagnostics.rules import Topic
from planmark.diagnostics.suppression import document_suppresses_code
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.rules.statuses import COMPLETE, field_value_of
from planmark.formats.planmark.workflow.decision_table import AchievementInputs
from planmark.formats.planmark.workflow.declared import evidence_by_edge
from planmark.formats.planmark.workflow.steps import CLAIMABLE_STATES
from planmark.markdown.parsed_source import Quote
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, RelatedPlace, Severity, replacement_fix
from planmark.plans.document import Document
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import SETTLED_STATES, AchievementState, Dependency
from planmark.workspace.snapshot import Snapshot

CLAIMED_WITHOUT_EVIDENCE = DiagnosticCode(
    "claimed-without-evidence", "warning", "the PLAN says that work is done, but no file supports it"
)
FIX_UNRESOLVED = DiagnosticCode("fix-unresolved", "warning", "an achievement with a FIX that no APPROVED supersedes")
FIX_SUPERSEDED = DiagnosticCode("fix-superseded", "hint", "a FIX beside the APPROVED that supersedes it")
FIX_REOPENED = DiagnosticCode("fix-reopened", "warning", "an open FIX beside an APPROVED")
REVIEW_MISSING = DiagnosticCode("review-missing", "information", "all executions are done, but there is no verdict")
PLAN_COMPLETE = DiagnosticCode(
    "plan-complete", "information", "everything is approved, but the PLAN's status is still open"
)
BLOCKED_WORK = DiagnosticCode(
    "blocked-work", "warning", "work on an achievement whose declared dependency is not approved"
)

CODES_MUTED_ELSEWHERE = frozenset({("verdict", FIX_UNRESOLVED.code)})
"""(Kind of document, code) pairs. A comment in such a document may suppress the code, although the diagnostic is in a
different document.
"""


def claimed_without_evidence(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield one diagnostic that lists all unsupported claims of a plan."""
    states = {achievement.id: achievement.state for achievement in evaluation.state.achievements}
    unsupported_lines = [claim for claim in evaluation.state.claims if states[claim.achievement] in CLAIMABLE_STATES]
    achievement_ids = list(dict.fromkeys(claim.achievement for claim in unsupported_lines))
    if achievement_ids:
        message = (
            f"the PLAN says that {', '.join(achievement_ids)} {'is' if len(achievement_ids) == 1 else 'are'} done, but no work file or verdict shows it: "
            f"let a reviewer adopt the claims (planmark adopt @{plan.feature}), or ignore them (planmark next @{plan.feature} --ignore-claims)"
        )
        related_places = tuple(RelatedPlace(claim.path, claim.line, claim.text) for claim in unsupported_lines)
        yield CLAIMED_WITHOUT_EVIDENCE.at(plan.path, unsupported_lines[0].line, message, related_places)


def last_fixes(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield one diagnostic for the last FIX of each achievement.

    If the achievement has an APPROVED, the diagnostic is at the FIX; else it is at the definition of the achievement.
    """
    for achievement in evaluation.state.achievements:
        inputs = evaluation.inputs[achievement.id]
        fix, approved = inputs.fix, inputs.approved
        if fix is None:
            continue
        if achievement.state == "approved" and approved:
            message = f"superseded by {_file_name(approved.path)}: nothing is left to do here"
            yield FIX_SUPERSEDED.at(fix.path, 1, message, (RelatedPlace(approved.path, 1, "approved here"),))
        elif approved:
            advice = "review the fixes again" if achievement.state == "fix_resolved" else "address the fix"
            why = inputs.reviews.reopening.says if inputs.reviews.reopening else f"after {_file_name(approved.path)}"
            message = f"{achievement.id} is open again despite {_file_name(approved.path)} ({why}): {advice}"
            yield FIX_REOPENED.at(fix.path, 1, message, (RelatedPlace(approved.path, 1, "approved here"),))
        elif achievement.state in ("needs_fix", "fix_resolved") and not document_suppresses_code(
            fix, FIX_UNRESOLVED.code
        ):
            yield _unresolved_fix_diagnostic(plan, achievement, inputs, fix)


def _unresolved_fix_diagnostic(
    plan: PlanDocuments, achievement: AchievementState, inputs: AchievementInputs, fix: Document
) -> Diagnostic:
    """Return the diagnostic of a FIX without an APPROVED.

    The diagnostic is at the definition of the achievement, not in the FIX.
    If a RESOLUTION answers the FIX, the severity is information, because the FIX only waits for a review.
    """
    command_text = f"(planmark next @{plan.feature} --achievement {achievement.id})"
    related_places: tuple[RelatedPlace, ...] = (RelatedPlace(fix.path, 1, "the fix"),)
    if achievement.state == "fix_resolved" and (resolution := inputs.resolution):
        message = f"{achievement.id}: the fix waits for its review {command_text}"
        related_places = (*related_places, RelatedPlace(resolution.path, 1, "what was done"))
        return FIX_UNRESOLVED.at(achievement.path, achievement.line, message, related_places, severity="information")
    message = f"{achievement.id} needs a fix that is not resolved: address the fix {command_text}"
    return FIX_UNRESOLVED.at(achievement.path, achievement.line, message, related_places)


def missing_reviews(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each achievement whose work is done but not reviewed."""
    for achievement in evaluation.state.achievements:
        if achievement.state == "awaiting_review":
            message = f"{achievement.id}: all executions are done, but there is no verdict; next: {achievement.step.replace('_', ' ')} (planmark next @{plan.feature} --achievement {achievement.id})"
            related_places = tuple(
                RelatedPlace(e.path, e.evidence.line, e.evidence.says) for e in achievement.executions
            )
            yield REVIEW_MISSING.at(achievement.path, achievement.line, message, related_places)


def open_status_of_complete_plan(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic if the Status of a PLAN is still open although all achievements are approved."""
    status: Quote | None = plan.facts.status
    is_closed = plan.lifecycle in ("stopped", "archived")
    if evaluation.state.state == "complete" and not is_closed and status and plan.facts.status_word != "complete":
        exception_text = " that is not dropped" if evaluation.state.counts.get("dropped") else ""
        message = f"every achievement{exception_text} is approved: set the Status to ✅ Complete"
        line, value = plan.document.line(status.position), field_value_of(status)
        # The Status closes the plan and so changes the next step. Only people decide to close a plan, so the fix is not safe.
        yield PLAN_COMPLETE.at(plan.path, line, message, target_text=value, fix=replacement_fix(COMPLETE))


def work_before_dependencies(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each achievement whose work began before its dependencies were approved.

    The diagnostic is a hint if only the PLAN, or only `parallel.json`, declares the dependency.
    """
    declared_lists = _needed_ids_by_file(plan)
    for achievement in evaluation.state.achievements:
        if not achievement.blocked_by or achievement.state in ("blocked", *SETTLED_STATES):
            continue
        open_dependencies = evaluation.inputs[achievement.id].open_dependencies
        agreed_dependencies = [
            d
            for d in open_dependencies
            if d.depends_on.startswith("@")
            or all(d.depends_on in id_set for id_set in declared_lists.get(achievement.id, ()))
        ]
        disputed_dependencies = [d for d in open_dependencies if d not in agreed_dependencies]
        groups: tuple[tuple[list[Dependency], Severity | None, str], ...] = (
            (agreed_dependencies, None, "is not approved: finish that first"),
            (
                disputed_dependencies,
                "hint",
                "is not approved; only one of the PLAN and parallel.json declares it: correct the other",
            ),
        )
        for dependencies, severity, problem in groups:
            if dependencies:
                message = f"{achievement.id} has work files, but depends on {', '.join(d.depends_on for d in dependencies)}, which {problem}"
                related_places = tuple(RelatedPlace(d.reason.path, d.reason.line, d.reason.says) for d in dependencies)
                yield BLOCKED_WORK.at(achievement.path, achievement.line, message, related_places, severity=severity)


def _needed_ids_by_file(plan: PlanDocuments) -> dict[str, list[set[str]]]:
    """Return a mapping from the id of each waiting achievement to a list of sets, one for each file.

    A set contains the ids that the file declares as needed. Only dependencies within the plan are included.
    """
    ids_by_file: dict[tuple[str, str], set[str]] = {}
    for (waiting_id, needed_id), reasons in evidence_by_edge(plan).items():
        for path in reasons:
            ids_by_file.setdefault((waiting_id, path), set()).add(needed_id)
    result: dict[str, list[set[str]]] = {}
    for (waiting_id, _), needed_ids in ids_by_file.items():
        result.setdefault(waiting_id, []).append(needed_ids)
    return result


def _file_name(path: str) -> str:
    """Return the file name at the end of a path."""
    return path.rpartition("/")[2]


TOPIC = Topic(
    codes=(
        CLAIMED_WITHOUT_EVIDENCE,
        FIX_UNRESOLVED,
        FIX_SUPERSEDED,
        FIX_REOPENED,
        REVIEW_MISSING,
        PLAN_COMPLETE,
        BLOCKED_WORK,
    ),
    plan=(
        claimed_without_evidence,
        last_fixes,
        missing_reviews,
        open_status_of_complete_plan,
        work_before_dependencies,
    ),
)
