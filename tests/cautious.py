"""Order of caution: a more cautious answer claims less as done, and begins no work that may exist already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from planmark.plans.model import State, Step
from planmark.queries.unchanged import PlanAnswers

ASKING: tuple[Step, ...] = ("rename_document", "confirm_state", "update_index", "wait")
"""Steps in which a person states what exists, before any work begins."""
BEGUN: tuple[State, ...] = ("active_execution", "execution_blocked")
"""States in which the work goes on in the existing file. An unknown status word neither blocks nor ends that work."""
FIXES: tuple[State, ...] = ("needs_fix", "fix_resolved")

MORE_CAUTIOUS: dict[State, tuple[State, ...]] = {
    "approved": FIXES,
    "dropped": (
        "no_subplan",
        "design_placeholder",
        "no_execution",
        *BEGUN,
        "next_execution",
        "awaiting_review",
        *FIXES,
    ),
    "awaiting_review": ("next_execution", "design_placeholder", *BEGUN, *FIXES),
    "next_execution": ("design_placeholder", *BEGUN, *FIXES),
    "no_execution": ("design_placeholder", *BEGUN),
    "design_placeholder": (),
    "no_subplan": (),
    "active_execution": ("design_placeholder", "execution_blocked"),
    "execution_blocked": ("design_placeholder", "active_execution"),
    "fix_resolved": ("needs_fix",),
    "needs_fix": (),
    "blocked": (),
}
"""State → the more cautious states. Planmark asks for a design that it cannot read before its executions go on.

Two states of which neither is in the other's row are not comparable: `awaiting_review` claims work, `no_subplan` would
repeat it.
"""


class Less(NamedTuple):
    """An answer that is less cautious than before, in words."""

    where: str
    was: str
    now: str


def less_cautious(before: PlanAnswers, after: PlanAnswers | None) -> Iterator[Less]:
    """Yield each point in which a plan is less cautious than before. Yield nothing if the plan is no longer read."""
    if after is None:
        return
    complete = ("complete_plan", "closed")
    if after.next[0] in complete and before.next[0] not in complete:
        yield Less("next", before.next[0], after.next[0])
    if after.state == "complete" and before.state != "complete":
        yield Less("plan", before.state, after.state)
    now = {known: (state, step) for known, state, step in after.achievements}
    for known, state, step in before.achievements:
        if known in now and not is_cautious((state, step), now[known], confirmed(after, known)):
            yield Less(known, f"{state}/{step}", "/".join(now[known]))


def confirmed(answer: PlanAnswers, achievement: str) -> bool:
    """Tell whether the next step of a plan asks about the achievement."""
    return answer.next[0] in ASKING and answer.next[1] == achievement


def is_cautious(before: tuple[State, Step], after: tuple[State, Step], asked: bool) -> bool:
    """Tell whether a state and its step are the same as before, or more cautious."""
    if before[0] == after[0] and (before[1] == after[1] or after[1] in ASKING):
        return True
    if after[0] in MORE_CAUTIOUS[before[0]]:
        return True
    if after[0] in ("approved", "dropped"):
        return after[1] == "rename_document"
    return asked or after[1] in ASKING
