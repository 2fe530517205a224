"""The progress of the work on an item. Only the states of the files decide it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from planmark.coordination.lease import Lease, WorkBegin
from planmark.coordination.lease_rules import ItemStanding, is_step_over
from planmark.plans.format import PlanSite
from planmark.plans.model import DONE_STATES, AchievementState, State
from planmark.plans.roles import STEP_ROLES
from planmark.queries.open_steps import name_for_next_step
from planmark.run.reading import LeasedItem

RANK_BY_STATE: Mapping[State, int] = {
    "no_subplan": 0,
    "blocked": 0,
    "open": 0,
    "unsupported": 0,
    "design_placeholder": 1,
    "no_execution": 2,
    "in_progress": 2,
    "execution_blocked": 3,
    "next_execution": 4,
    "active_execution": 5,
    "awaiting_review": 6,
    "needs_fix": 8,
    "fix_resolved": 9,
    "dropped": 10,
    "deferred": 10,
    "approved": 10,
    "done": 10,
}
"""Mapping from a state to its rank: its place in the order of the work on an item.

The order holds within one round of review and one execution.
"""
REVIEWED_RANK = 8
"""The lowest rank at which a review decides. From this rank on, done executions do not count."""


class ItemProgress(NamedTuple):
    """The state of an item when its work began (`before`), and now (`after`).

    `by` is the evidence for the state now.
    """

    before: str
    after: str
    has_advanced: bool
    by: str


def work_begin_of(leased_item: LeasedItem) -> WorkBegin:
    """Return the state of an item when the work begins, and its number of done executions.

    If the work is about the plan or a group, the step takes the place of the state.
    """
    if leased_item.item is None:
        return WorkBegin(leased_item.state.next.step)
    return WorkBegin(leased_item.item.state, _done_execution_count(leased_item.item))


def progress_of(leased_item: LeasedItem, lease: Lease) -> ItemProgress:
    """Return the progress of the work of a lease. `leased_item` is the item as the work tree shows it."""
    before = lease.began or WorkBegin("")
    if leased_item.item is None:
        next_step = leased_item.state.next
        is_same_step = name_for_next_step(leased_item.state) == lease.achievement and next_step.step == lease.step
        return ItemProgress(before.state or lease.step, next_step.step, not is_same_step, next_step.reason)
    item = leased_item.item
    evidence = next(iter(item.evidence), None)
    by = f"{evidence.path}:{evidence.line}: {evidence.says}" if evidence else ""
    return ItemProgress(before.state, item.state, _has_advanced(leased_item, item, lease), by)


def _has_advanced(leased_item: LeasedItem, item: AchievementState, lease: Lease) -> bool:
    if has_box(leased_item):
        return item.state in DONE_STATES
    if lease.began is None:
        # A lease of `next --lease` says only which role the step has, in which round.
        return is_step_over(lease, ItemStanding(STEP_ROLES[item.step].role, item.round, item.state not in DONE_STATES))
    return _position(item) > _position_at_begin(lease.began, lease)


def has_box(leased_item: LeasedItem) -> bool:
    """Tell whether the box of an item decides its state."""
    return isinstance(leased_item.plan, PlanSite) and leased_item.item is not None and bool(leased_item.item.marker)


def _position(item: AchievementState) -> tuple[int, int, int, bool]:
    """Return a tuple that compares how far the work on an item is.

    It holds the round, the number of done executions, the rank of the state, and whether the step is a later step. In a
    state with several steps, `synthesize` and `fill_subplan` come before all others.
    """
    rank = RANK_BY_STATE[item.state]
    is_reviewed = rank >= REVIEWED_RANK
    return (
        item.round,
        0 if is_reviewed else _done_execution_count(item),
        rank,
        item.step not in ("synthesize", "fill_subplan"),
    )


def _position_at_begin(before: WorkBegin, lease: Lease) -> tuple[int, int, int, bool]:
    """Return the tuple of `_position` for an item when the work of a lease began."""
    rank = next((rank for state, rank in RANK_BY_STATE.items() if state == before.state), 0)
    is_reviewed = rank >= REVIEWED_RANK
    is_later_step = lease.step not in ("synthesize", "fill_subplan")
    return lease.round, 0 if is_reviewed else before.executions, rank, is_later_step


def _done_execution_count(item: AchievementState) -> int:
    return sum(execution.outcome == "done" for execution in item.executions)
