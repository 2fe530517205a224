"""Work that may lie where nothing is read: it is neither done again nor taken for done."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from planmark.workflow.model import Evidence, Step
from planmark.workflow.state import Decision, Situation
from planmark.workflow.steps import SETTLED
from planmark.workspace.skipped import Held, held_by, is_about
from planmark.workspace.snapshot import PlanFiles

_WORK: frozenset[Held] = frozenset({"execution_task", "verdict", "parallel"})
_ANY: frozenset[Held] = _WORK | {"subplan"}
DOUBTED: dict[Step, frozenset[Held]] = {
    "create_subplan": _ANY,
    "fill_subplan": _WORK,
    "create_execution": _WORK,
    "fill_execution": _WORK,
    "continue_execution": _WORK,
    "next_execution": _WORK,
    "unblock": _WORK,
    "synthesize": _ANY,
    "request_review": _ANY,
    "address_fix": frozenset({"verdict"}),
    "re_review": frozenset({"verdict"}),
}
"""Step → what may make it needless or wrong. A step that creates is in doubt by all that may be there already."""


def asked_first(
    files: PlanFiles, decisions: Mapping[str, Decision], situations: Mapping[str, Situation]
) -> dict[str, Decision]:
    """The decisions, with the question for a person in the place of each step that may do again what was skipped."""
    if not files.skipped:
        return dict(decisions)
    return {known: _asked_first(files, decision, situations[known]) for known, decision in decisions.items()}


def _asked_first(files: PlanFiles, decision: Decision, situation: Situation) -> Decision:
    if decision.state in SETTLED:
        return decision
    doubted = DOUBTED.get(decision.step, frozenset())
    skipped = [
        Evidence(files.path, situation.plan_line, f"{known.path} {known.why}")
        for known in files.skipped
        if doubted.intersection(held_by(known.path)) and is_about(known.path, situation.achievement, files.facts.ids)
    ]
    if not skipped:
        return decision
    because = f"{skipped[0].says}, and may hold work for {situation.achievement}"
    return replace(
        decision, step="confirm_state", file=files.path, evidence=(*skipped, *decision.evidence), because=because
    )


def notes(files: PlanFiles) -> tuple[str, ...]:
    """What was skipped where a plan looks for its work, a sentence each."""
    return tuple(f"{known.path} {known.why}: what it holds for {files.feature} is not known" for known in files.skipped)
