"""The edit that ticks a step of a superpowers plan. A step in a code block is never ticked."""

from __future__ import annotations

from planmark.formats.checkbox.tick import tick_function
from planmark.formats.superpowers.evaluate import facts_of
from planmark.plans.format import PlanInput, TickOutcome
from planmark.plans.model import AchievementState, PlanState

_tick_any_step = tick_function("x", with_parents=False)
"""The function that returns the edit for a step, even if the step is in a code block."""


def tick(plan_input: PlanInput, state: PlanState, item: AchievementState, undo: bool) -> TickOutcome:
    """Return the edit that ticks a step. If `undo`, return the edit that clears the box of the step.

    Refuse a step that other programs read as part of a code block, because these programs take its box for an example.
    """
    ticked = _tick_any_step(plan_input, state, item, undo)
    if ticked.edits and item.line in facts_of(plan_input).fenced:
        return TickOutcome(
            refused=f"line {item.line} lies inside a code block, as other tools read it: "
            f"{_remedy(plan_input, item.line)} first",
            waits=True,
        )
    return ticked


def _remedy(plan_input: PlanInput, line: int) -> str:
    """Return the instruction for the user that takes the step on `line` out of its code block."""
    block_line = next((fence for fence, step in facts_of(plan_input).unclosed if step == line), 0)
    return (
        f"close the block that begins in line {block_line}" if block_line else "write four backticks around the block"
    )
