"""Prompts for several steps of one achievement: the design with its log, and the work up to its review."""

from __future__ import annotations

from planmark.plans.model import Step

DESIGN_STEPS: tuple[Step, ...] = ("create_subplan", "fill_subplan")
"""Steps in which an agent writes a SUBPLAN."""
_WORK: tuple[Step, ...] = ("next_execution", "synthesize", "finish_execution")
"""Steps from a further execution up to the review."""
THROUGH_STEPS: dict[Step, tuple[Step, ...]] = {
    **{step: (step, "create_execution") for step in DESIGN_STEPS},
    "create_execution": ("create_execution", "continue_execution", *_WORK),
    "continue_execution": ("continue_execution", *_WORK),
    "next_execution": _WORK,
    "synthesize": ("synthesize", "finish_execution"),
    "address_fix": ("address_fix", "finish_execution"),
}
"""Step of an achievement → the steps that one prompt for one agent can contain, beginning with this step.

Reviews, and decisions that only a person can make, are never among them.
"""
THROUGH_SAFETY: dict[Step, tuple[str, ...]] = {
    **dict.fromkeys(DESIGN_STEPS, ("you write no code and no verdict",)),
    "synthesize": ("you write no verdict",),
}
"""Step → the safety sentences of a prompt for several steps, where they differ from those of the step alone."""
