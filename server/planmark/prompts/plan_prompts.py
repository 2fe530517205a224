"""The functions that make the prompts of the methodology, as a value that is found by name."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import NamedTuple

from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import NextStep, PlanState, Step
from planmark.plans.registry import methodology_part
from planmark.prompts.parts import Part
from planmark.prompts.prompt import Prompt, PromptOptions
from planmark.workspace.reader import WorkspaceReader
from planmark.workspace.snapshot import FormatPlan


class PlanPrompts(NamedTuple):
    """The functions that make prompts of plans with work and verdicts.

    `next_prompt` returns the prompt of a step, which fits into the budget together with its reading list. `next_prompt`
    raises OverBudgetError if the parts that must remain exceed the budget. `on_demand` returns a step that a person
    asks for. `repair_step` returns the step that repairs `parallel.json` before another step changes the file, or None.

    `parts` maps a step to the parts that several agents do in parallel. `safety` maps each step to the sentences that its
    prompt must contain. `through` maps a step from which one agent can go on to all the steps of such a prompt.
    """

    next_prompt: Callable[[WorkspaceReader, FormatPlan, PlanEvaluation, NextStep, PromptOptions], Prompt]
    on_demand: Callable[[PlanState, Step], NextStep]
    repair_step: Callable[[FormatPlan], NextStep | None]
    parts: Mapping[Step, tuple[Part, ...]]
    safety: Mapping[Step, tuple[str, ...]]
    through: Mapping[Step, tuple[Step, ...]]


@functools.cache
def plan_prompts() -> PlanPrompts:
    """Return the prompts of the methodology."""
    plan_prompts: PlanPrompts = methodology_part("prompts")
    return plan_prompts
