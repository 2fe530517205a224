"""Work that may be in files that Planmark does not read or does not count. Planmark neither asks for this work again
nor counts it as done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from planmark.formats.planmark.documents.misnamed import name_of
from planmark.formats.planmark.ownership.ownership import FIX_NAMES_NO_PLAN_REASON
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.ownership.skipped import SkippedKind, achievement_ids_at, kinds_at
from planmark.formats.planmark.workflow.assignment import AssignedDocuments
from planmark.formats.planmark.workflow.decision_table import AchievementInputs
from planmark.plans.evaluation import Decision
from planmark.plans.model import SETTLED_STATES, Evidence, Skipped, Step

_WORK_KINDS: frozenset[SkippedKind] = frozenset({"execution_task", "verdict", "parallel"})
"""Kinds of documents that may show work on an existing SUBPLAN, or change its dependencies."""
_ALL_KINDS: frozenset[SkippedKind] = _WORK_KINDS | {"subplan"}
DOUBTFUL_KINDS_BY_STEP: dict[Step, frozenset[SkippedKind]] = {
    "create_subplan": _ALL_KINDS,
    "fill_subplan": _WORK_KINDS,
    "create_execution": _WORK_KINDS,
    "fill_execution": _WORK_KINDS,
    "continue_execution": _WORK_KINDS,
    "next_execution": _WORK_KINDS,
    "unblock": _WORK_KINDS,
    "synthesize": _ALL_KINDS,
    "request_review": _ALL_KINDS,
    "address_fix": frozenset({"verdict"}),
    "re_review": frozenset({"verdict"}),
}
"""Step → the kinds of unread or uncounted documents that may make the step needless or wrong.

For a step that creates a document, these include the kind of this document, because it may already exist.
"""
MAX_UNKNOWN_PLACES_IN_EVIDENCE = 10
"""Maximum number of files and folders from `unknown_work` in the evidence of an achievement; more are omitted.

The `notes` of the plan name all of these files and folders.
"""
AMBIGUOUS_NUMBER_REASON = "has a number that may stand for several achievements, and counts for none"


def unknown_work(plan: PlanDocuments, assigned_documents: AssignedDocuments) -> tuple[Skipped, ...]:
    """Return the files and folders that do not count but may contain work of the plan.

    These are files and folders that Planmark skips, documents that belong to no plan, and documents that may belong to
    several achievements.
    """
    ambiguous_paths = (problem.path for problem in assigned_documents.findings if problem.code == "number-ambiguous")
    return (*plan.skipped, *plan.uncounted, *(Skipped(path, AMBIGUOUS_NUMBER_REASON) for path in ambiguous_paths))


def paths_that_prevent_completion(plan: PlanDocuments, unknown_places: Sequence[Skipped]) -> tuple[Skipped, ...]:
    """Return the files and folders that keep the plan from being complete even if all achievements are approved.

    `unknown_places` is the result of `unknown_work`. The result contains its skipped files and folders, and every FIX
    among its other files.
    """
    return (
        *plan.skipped,
        *(skipped_entry for skipped_entry in unknown_places[len(plan.skipped) :] if _is_fix(skipped_entry)),
    )


def _is_fix(skipped: Skipped) -> bool:
    """Tell whether a skipped path is a FIX by its name or by the reason why it does not count."""
    name = name_of(skipped.path.rpartition("/")[2])
    return skipped.why == FIX_NAMES_NO_PLAN_REASON or (name is not None and name.verdict == "fix")


def put_questions_first(
    plan: PlanDocuments,
    unknown_places: Sequence[Skipped],
    decisions: Mapping[str, Decision],
    inputs_by_id: Mapping[str, AchievementInputs],
) -> dict[str, Decision]:
    """Return `decisions`, in which a question for a person replaces each step that may repeat work in `unknown_places`."""
    if not unknown_places:
        return dict(decisions)
    skipped_by_subject: dict[tuple[str, SkippedKind], list[Skipped]] = {}
    for skipped in unknown_places:
        for achievement_id in achievement_ids_at(skipped.path, plan.facts.ids) or ("",):
            for kind in kinds_at(skipped.path):
                skipped_by_subject.setdefault((achievement_id, kind), []).append(skipped)
    return {
        achievement_id: _question_or_decision(plan, skipped_by_subject, decision, inputs_by_id[achievement_id])
        for achievement_id, decision in decisions.items()
    }


def _question_or_decision(
    plan: PlanDocuments,
    skipped_by_subject: Mapping[tuple[str, SkippedKind], Sequence[Skipped]],
    decision: Decision,
    inputs: AchievementInputs,
) -> Decision:
    """Return `decision`, or a question for a person if the step may repeat work in files that do not count.

    `skipped_by_subject` is a mapping from (id of an achievement, kind of document) to the files and folders that may
    contain such a document. The id "" stands for any achievement.
    """
    if decision.state in SETTLED_STATES:
        return decision
    skipped_of_subjects = (
        skipped_by_subject.get((achievement_id, kind), ())[:MAX_UNKNOWN_PLACES_IN_EVIDENCE]
        for achievement_id in ("", inputs.achievement)
        for kind in sorted(DOUBTFUL_KINDS_BY_STEP.get(decision.step, ()))
    )
    entries = sorted(
        {
            skipped_file.path: skipped_file
            for listed_skipped_files in skipped_of_subjects
            for skipped_file in listed_skipped_files
        }.items()
    )[:MAX_UNKNOWN_PLACES_IN_EVIDENCE]
    if not entries:
        return decision
    skipped_evidence = [
        Evidence(plan.path, inputs.plan_line, f"{path} {skipped_entry.why}") for path, skipped_entry in entries
    ]
    reason = f"{skipped_evidence[0].says}, and may hold work for {inputs.achievement}"
    return replace(
        decision, step="confirm_state", file=plan.path, evidence=(*skipped_evidence, *decision.evidence), because=reason
    )


def notes(plan: PlanDocuments, unknown_places: Sequence[Skipped]) -> tuple[str, ...]:
    """Return one sentence for each file or folder that may contain work of the plan but does not count."""
    return tuple(
        f"{skipped_entry.path} {skipped_entry.why}: what it holds for {plan.feature} is not known"
        for skipped_entry in unknown_places
    )
