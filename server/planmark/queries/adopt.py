"""The verdicts that the text of an old PLAN claims."""

from __future__ import annotations

from typing import NamedTuple

from planmark.plans.evaluation import Decision
from planmark.plans.model import AchievementState, ClaimLine
from planmark.prompts.context import material_of
from planmark.prompts.scaffold import adopted
from planmark.queries.api_types import AdoptResult, ProposalResult
from planmark.queries.lookup import achievement_named
from planmark.queries.workspace_view import View
from planmark.workspace.snapshot import PlanDocuments
from planmark.workspace.workspace_edits import CreateFile

DECIDED = ("approved", "needs_fix", "fix_resolved", "dropped")
"""States that a person has decided: the text of the PLAN no longer counts."""
NOBODY = "[FILL: who reviewed]"


class Proposal(NamedTuple):
    """An achievement that the PLAN claims to be done: the decision by the files, the claims, and a confirming verdict."""

    achievement: AchievementState
    decision: Decision
    claims: tuple[ClaimLine, ...]
    file: CreateFile


def proposals(view: View, plan: PlanDocuments, achievement: str | None, reviewer: str, now: str) -> list[Proposal]:
    """Return the claims that no verdict decides, in the order of the plan.

    `now` is the time in the format of documents. Raises NoAnswerError for an unknown id.
    """
    evaluation = view.evaluations[plan.path]
    wanted = achievement_named(evaluation.state, achievement).id if achievement else None
    claimed: dict[str, list[ClaimLine]] = {}
    for claim in evaluation.state.claims:
        claimed.setdefault(claim.achievement, []).append(claim)
    found = []
    for known in evaluation.state.achievements:
        claims = tuple(claimed.get(known.id, ()))
        if not claims or known.state in DECIDED or wanted not in (None, known.id):
            continue
        material = material_of(view.snapshot, plan, evaluation, known.id, view.text, view.exists)
        file = adopted(material, [(claim.line, claim.text) for claim in claims], reviewer, now)
        found.append(Proposal(known, evaluation.decisions[known.id], claims, file))
    return found


def adopt_result(view: View, plan: PlanDocuments, proposed: list[Proposal]) -> AdoptResult:
    """Return the proposals as the public result."""
    return AdoptResult(
        workspace=view.snapshot.root,
        plan=plan.path,
        feature=plan.feature,
        proposals=[
            ProposalResult(
                p.achievement.id, p.achievement.title, p.achievement.state, p.claims, p.file.path, p.file.text
            )
            for p in proposed
        ],
    )
