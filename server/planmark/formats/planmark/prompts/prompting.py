"""The functions and tables for the prompts of the methodology, as the value that the core finds by name."""

from __future__ import annotations

from planmark.formats.planmark.prompts.next_prompt import next_prompt
from planmark.formats.planmark.prompts.part_questions import PARTS_BY_STEP
from planmark.formats.planmark.prompts.safety import SAFETY_SENTENCES
from planmark.formats.planmark.prompts.through import JOINED_STEPS
from planmark.formats.planmark.workflow.plan_state import parallel_json_repair_step, requested_step
from planmark.prompts.plan_prompts import PlanPrompts

PROMPTS = PlanPrompts(
    next_prompt, requested_step, parallel_json_repair_step, PARTS_BY_STEP, SAFETY_SENTENCES, JOINED_STEPS
)
"""The part `prompts` of the methodology (see `METHODOLOGY_PARTS`)."""
