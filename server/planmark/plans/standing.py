"""The standing of a plan: where a list of plans shows it, and whether it waits for a person."""

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
"""Lifecycle → the standing of a plan that is not closed. The steps decide the standing of an active plan."""
STEPS_FOR_A_PERSON: frozenset[Step] = frozenset(
    {
        *("request_review", "re_review", "unblock", "confirm_state", "complete_plan", "verify_and_archive"),
        *("discuss_phase", "verify_work", "complete_milestone"),
    }
)
"""The steps that only a person can finish: verdicts, confirmations, blocked executions, and the end of a plan."""
STEPS_OF_ANY_ITEM_FOR_A_PERSON: frozenset[Step] = frozenset({"request_review", "re_review", "unblock"})
"""The steps for which a plan waits for a person, even if the next step is about a different achievement."""


def standing_of(state: PlanState) -> Standing:
    """Return the standing of a plan.

    A plan that is closed, stopped or archived has the standing `closed`, because no work follows.
    """
    if state.next.step == "closed":
        return "closed"
    if state.lifecycle in STANDING_BY_LIFECYCLE:
        return STANDING_BY_LIFECYCLE[state.lifecycle]
    return "needs_you" if _waits_for_a_person(state) else "active"


def _waits_for_a_person(state: PlanState) -> bool:
    """Tell whether the next step, or a step of any achievement, is for a person."""
    return state.next.step in STEPS_FOR_A_PERSON or any(
        item.step in STEPS_OF_ANY_ITEM_FOR_A_PERSON for item in state.achievements
    )
