"""The functions that make the prompts of the methodology. They are its part `prompts`; see `methodology_part`."""

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
    """The functions that make prompts for plans of the methodology, and tables about steps.

    `next_prompt` returns the prompt of a step. It raises OverBudgetError if the prompt and its reading list together
    exceed the budget. `on_demand` returns the `NextStep` for a step that a person asks for. `repair_step` returns the
    step that repairs a damaged `parallel.json`; None if the file needs no repair.

    `parts` maps a step to its parts, which several agents do in parallel. `safety` maps a step to the sentences that
    its prompt must contain. `through` maps a step to itself and the steps after it that one agent can do with one
    prompt.
    """

    next_prompt: Callable[[WorkspaceReader, FormatPlan, PlanEvaluation, NextStep, PromptOptions], Prompt]
    on_demand: Callable[[PlanState, Step], NextStep]
    repair_step: Callable[[FormatPlan], NextStep | None]
    parts: Mapping[Step, tuple[Part, ...]]
    safety: Mapping[Step, tuple[str, ...]]
    through: Mapping[Step, tuple[Step, ...]]


@functools.cache
def plan_prompts() -> PlanPrompts:
    """Return the functions and tables of the methodology for prompts."""
    plan_prompts: PlanPrompts = methodology_part("prompts")
    return plan_prompts
