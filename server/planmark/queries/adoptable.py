"""The achievements of a plan whose claims a person can confirm."""

from __future__ import annotations

from planmark.plans.model import PlanState, State

DECIDED_STATES: frozenset[State] = frozenset({"approved", "needs_fix", "fix_resolved", "dropped"})
"""The states of achievements with a verdict, and of dropped achievements. In these states, a claim in the PLAN does not
count.
"""


def adoptable_ids(state: PlanState) -> tuple[str, ...]:
    """Return the ids of the achievements that the PLAN claims to be done, except those in `DECIDED_STATES`."""
    claimed_ids = {claim.achievement for claim in state.claims}
    return tuple(item.id for item in state.achievements if item.id in claimed_ids and item.state not in DECIDED_STATES)
