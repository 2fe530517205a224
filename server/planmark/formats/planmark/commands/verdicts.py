"""Verdicts that a person records: the proofs for an approval, and the check of the resulting state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from planmark.formats.planmark.commands.scaffold import new_verdict_file
from planmark.formats.planmark.documents.document import parse
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.prompts.context import Material, material_of
from planmark.formats.planmark.prompts.template_context import deliverable_standings
from planmark.formats.planmark.workflow.plan_state import evaluate_plan
from planmark.plans.model import State
from planmark.plans.phrases import name_in_words, state_sentence
from planmark.queries.authoring import (
    STATE_AFTER_DECISION,
    ApprovalCondition,
    DecisionFile,
    DecisionInput,
    DecisionKind,
    DecisionRefusedError,
    ExistsError,
)
from planmark.queries.preflight import preflight_of
from planmark.queries.workspace_view import View
from planmark.storage.paths import leaves_root
from planmark.workspace.scan import is_listed
from planmark.workspace.settings import vocabulary_of
from planmark.workspace.workspace_edits import CreateFile

CODES_COVERED_BY_PROOFS = ("deliverable-missing",)
"""Codes of the preflight findings that the proofs for an approval already cover."""


def proofs(material: Material) -> tuple[ApprovalCondition, ...]:
    """Return the proofs for an approval. Each proof says in a sentence whether the files meet a condition of the
    approval.

    The conditions are about the executions and deliverables of the achievement, and about FIX files without an answer.
    """
    return tuple(_proofs(material))


def _proofs(material: Material) -> Iterator[ApprovalCondition]:
    """Yield the proofs for an approval. Each proof says in a sentence whether the files meet a condition of the
    approval.
    """
    inputs = material.inputs
    assert inputs is not None and material.achievement is not None
    achievement_id = material.achievement.id
    if not any(execution.outcome == "done" for execution in inputs.executions):
        yield ApprovalCondition(False, f"no EXECUTION_TASK of {achievement_id} is done")
    for execution in inputs.executions:
        is_ended = execution.outcome not in ("open", "blocked")
        yield ApprovalCondition(is_ended, f"{execution.path}:{execution.evidence.line} {execution.evidence.says}")
    for file in deliverable_standings(material):
        if file.standing != "unknown":
            is_there = file.standing == "there"
            yield ApprovalCondition(
                is_there, f"deliverable `{file.deliverable.path}` {'exists' if is_there else 'does not exist'}"
            )
    reviews = inputs.reviews
    unanswered_fixes = [
        *reviews.other_open_fixes,
        *([reviews.fix] if reviews.fix and reviews.is_fix_open and not reviews.is_answered else []),
    ]
    for fix in unanswered_fixes:
        yield ApprovalCondition(False, f"{fix.path} is not answered by a RESOLUTION")


def decision_file(
    view: View,
    plan: PlanDocuments,
    achievement: str,
    decision: DecisionKind,
    decision_input: DecisionInput,
    force: bool,
) -> DecisionFile:
    """Return the file that records a decision on an achievement, with its proofs and the findings of the preflight.

    `achievement` is an id. If proofs are missing, an approval needs `force` and a note. Then the file lists the missing
    proofs. Raises DecisionRefusedError if proofs are missing without `force` and a note, or if a file with the same
    name exists. The error is also raised if the achievement already has the decided state, or would not get this state.
    """
    evaluation = view.evaluations[plan.path]
    material = material_of(view.reader, plan, evaluation, achievement)
    state = evaluation.decisions[achievement].state
    if decision != "fix" and state == STATE_AFTER_DECISION[decision]:
        deciding_file = evaluation.by_id[achievement].verdict
        raise DecisionRefusedError(
            f"{state_sentence(achievement, state)} already ({deciding_file}): nothing was written", is_settled=True
        )
    proof_list = proofs(material) if decision == "approve" else ()
    missing_proofs = tuple(proof.says for proof in proof_list if not proof.is_met)
    if missing_proofs and not (force and decision_input.note.strip()):
        proof_lines = "".join(f"\n  {line}" for line in missing_proofs)
        raise DecisionRefusedError(
            f"the files do not show that {achievement} is done:{proof_lines}", missing_proofs=missing_proofs
        )
    try:
        file = new_verdict_file(material, decision, decision_input._replace(missing=missing_proofs))
    except ExistsError as error:
        raise DecisionRefusedError(str(error)) from None
    refuse_other_state(view, plan, achievement, file, STATE_AFTER_DECISION[decision])
    preflight_findings = (
        preflight_of(view, plan, evaluation.by_id[achievement], view.exists) if decision == "approve" else ()
    )
    return DecisionFile(
        file,
        proof_list,
        tuple(finding for finding in preflight_findings if finding.code not in CODES_COVERED_BY_PROOFS),
    )


def refuse_other_state(view: View, plan: PlanDocuments, achievement: str, file: CreateFile, state: State) -> None:
    """Raise DecisionRefusedError if the verdict `file` would not give the state `state` to an achievement.

    `achievement` is an id. The error is also raised if Planmark would not read the file.
    """
    settings = view.snapshot.settings
    root = Path(view.snapshot.root)
    if leaves_root(root, file.path):
        raise DecisionRefusedError(
            f"{file.path} lies outside the workspace {root}: nothing was written", is_unread=True
        )
    if not is_listed(root, file.path, settings):
        raise DecisionRefusedError(
            f"{file.path} would not be read, because it is ignored: nothing was written", is_unread=True
        )
    document = parse(file.path, file.text, vocabulary_of(settings))
    assert document is not None
    verdicts = sorted((*plan.verdicts, document), key=lambda verdict: verdict.path)
    decision = evaluate_plan(replace(plan, verdicts=tuple(verdicts)), view.evaluations.outside(plan.path)).decisions[
        achievement
    ]
    if decision.state != state:
        reason = decision.evidence[0].says if decision.evidence else "no other rule matches"
        message = f"with {file.path} {achievement} would be {name_in_words(decision.state)} ({reason}), not {name_in_words(state)}"
        raise DecisionRefusedError(f"{message}: nothing was written")
