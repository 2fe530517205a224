"""Proposed verdicts for achievements that the text of an old PLAN claims to be done."""

from __future__ import annotations

from planmark.formats.planmark.commands.scaffold import approval_of_claim
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.prompts.context import material_of
from planmark.plans.model import ClaimLine
from planmark.queries.adoptable import adoptable_ids
from planmark.queries.authoring import Proposal
from planmark.queries.lookup import achievement_named
from planmark.queries.workspace_view import View


def proposals(view: View, plan: PlanDocuments, achievement: str | None, reviewer: str, now: str) -> list[Proposal]:
    """Return a proposed verdict for each achievement that the PLAN only claims to be done, in the order of the PLAN.

    If `achievement` is an id, only this achievement is considered. `reviewer` is the name for the verdicts. `now` is
    the UTC time, such as `2026-11-29T14:05:31Z`. Raises NoAnswerError if the PLAN has no achievement with this id.
    """
    evaluation = view.evaluations[plan.path]
    achievement_id = achievement_named(evaluation.state, achievement).id if achievement else None
    claims_by_id: dict[str, list[ClaimLine]] = {}
    for claim in evaluation.state.claims:
        claims_by_id.setdefault(claim.achievement, []).append(claim)
    ids_with_open_claims = adoptable_ids(evaluation.state)
    proposed_verdicts = []
    for item in evaluation.state.achievements:
        if item.id not in ids_with_open_claims or achievement_id not in (None, item.id):
            continue
        claims = tuple(claims_by_id[item.id])
        material = material_of(view.reader, plan, evaluation, item.id)
        file = approval_of_claim(material, [(claim.line, claim.text) for claim in claims], reviewer, now)
        proposed_verdicts.append(Proposal(item, evaluation.decisions[item.id], claims, file))
    return proposed_verdicts
