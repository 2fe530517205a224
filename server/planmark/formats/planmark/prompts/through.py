"""The steps that one prompt can contain together: the design with its EXECUTION_TASK, and the work up to the review."""

from __future__ import annotations

from planmark.plans.model import Step

DESIGN_STEPS: tuple[Step, ...] = ("create_subplan", "fill_subplan")
"""Steps in which an agent writes a SUBPLAN."""
_STEPS_AFTER_EXECUTION: tuple[Step, ...] = ("next_execution", "synthesize", "finish_execution")
"""Steps that may follow the first execution, before the review."""
JOINED_STEPS: dict[Step, tuple[Step, ...]] = {
    **{step: (step, "create_execution") for step in DESIGN_STEPS},
    "create_execution": ("create_execution", "continue_execution", *_STEPS_AFTER_EXECUTION),
    "continue_execution": ("continue_execution", *_STEPS_AFTER_EXECUTION),
    "next_execution": _STEPS_AFTER_EXECUTION,
    "synthesize": ("synthesize", "finish_execution"),
    "address_fix": ("address_fix", "finish_execution"),
}
"""Step of an achievement → the steps that one prompt for one agent can contain, beginning with this step.

These steps never include a review, or a decision that only a person can make.
"""
SAFETY_OF_SEVERAL_STEPS: dict[Step, tuple[str, ...]] = {
    **dict.fromkeys(DESIGN_STEPS, ("you write no code and no verdict",)),
    "synthesize": ("you write no verdict",),
}
"""First step of a prompt for several steps → its safety sentences, if they differ from the sentences of the step alone.
"""
