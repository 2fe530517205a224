"""The evaluation of a plan: its state, and the decisions that led to it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from planmark.plans.model import (
    AchievementState,
    Evidence,
    NextStep,
    PlanState,
    Skipped,
    State,
    Step,
)
from planmark.plans.outside import EMPTY_OUTSIDE, Outside
from planmark.plans.phrases import item_in_state
from planmark.plans.roles import step_about


class Decision(msgspec.Struct, frozen=True):
    """The row of the decision table that decided the state of an achievement: its letter, state, step and evidence.

    `because` is the reason why the step differs from the step of the row, or "" if the steps are equal.
    """

    letter: str
    state: State
    step: Step
    file: str | None
    evidence: tuple[Evidence, ...]
    because: str = ""


def decided_step(item: AchievementState, decision: Decision) -> NextStep:
    """Return the step that the decision table gives an achievement, or the step that replaces it."""
    if decision.because:
        return step_about(decision.step, item.id, decision.file, decision.because)
    cause = decision.evidence[0].says if decision.evidence else "no row above matches"
    reason = f"{item_in_state(item.id, item)}: {cause}"
    return step_about(decision.step, item.id, decision.file, reason)


class PlanEvaluation(NamedTuple):
    """A plan's state with the inputs of all its decisions, for explanations.

    `inputs` holds the input of each decision, and `assigned_documents` the documents of each achievement, both in types
    of the format. `by_id` holds the achievements by id. `unreadable` maps an achievement to a statement about its
    dependencies that cannot be read. `unknown` are the files that are not read and may contain work. `own_decisions` are
    the decisions without regard to dependencies and questions, for the next evaluation of the plan.
    """

    state: PlanState
    inputs: Mapping[str, Any]
    decisions: Mapping[str, Decision]
    assigned_documents: Any
    outside: Outside = EMPTY_OUTSIDE
    by_id: Mapping[str, AchievementState] = MappingProxyType({})
    unreadable: Mapping[str | None, Evidence] = MappingProxyType({})
    unknown: tuple[Skipped, ...] = ()
    own_decisions: Mapping[str, Decision] = MappingProxyType({})


def step_for(state: PlanState, achievement: AchievementState, decision: Decision) -> NextStep:
    """Return the step of one achievement, whether or not it is the plan's next step."""
    return state.next if achievement.id == state.next.achievement else decided_step(achievement, decision)
