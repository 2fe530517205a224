"""The standing of a plan: the group in which a list shows the plan."""

from __future__ import annotations

from typing import Literal

from planmark.plans.model import Lifecycle, PlanState, Step

Standing = Literal["active", "needs_you", "paused", "backlog", "closed"]

STANDING_BY_LIFECYCLE: dict[Lifecycle, Standing] = {
    "backlog": "backlog",
    "paused": "paused",
    "stopped": "closed",
    "archived": "closed",
}
"""Mapping from a lifecycle to the standing of a plan whose next step is not `closed`. For an active plan, the steps
decide the standing.
"""
STEPS_FOR_A_PERSON: frozenset[Step] = frozenset(
    {
        *("request_review", "re_review", "unblock", "confirm_state", "complete_plan", "verify_and_archive"),
        *("discuss_phase", "verify_work", "complete_milestone"),
    }
)
"""Steps that only a person can finish, such as verdicts, confirmations, and the end of a plan."""
ITEM_STEPS_FOR_A_PERSON: frozenset[Step] = frozenset({"request_review", "re_review", "unblock"})
"""Steps for which a plan waits for a person as soon as one of its achievements has such a step."""


def standing_of(state: PlanState) -> Standing:
    """Return the standing of a plan.

    The standing `closed` includes stopped and archived plans, because no work on them follows.
    """
    if state.next.step == "closed":
        return "closed"
    if state.lifecycle in STANDING_BY_LIFECYCLE:
        return STANDING_BY_LIFECYCLE[state.lifecycle]
    return "needs_you" if _waits_for_a_person(state) else "active"


def _waits_for_a_person(state: PlanState) -> bool:
    """Tell whether a plan waits for a person: because of its next step, or because of a step of an achievement."""
    return state.next.step in STEPS_FOR_A_PERSON or any(
        item.step in ITEM_STEPS_FOR_A_PERSON for item in state.achievements
    )
