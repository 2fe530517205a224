"""The evaluation of a plan: the state of the plan, and the decisions about its achievements."""

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
from planmark.plans.outside import NO_OTHER_PLANS, OtherPlansInput
from planmark.plans.phrases import item_state_sentence
from planmark.plans.roles import step_about


class Decision(msgspec.Struct, frozen=True):
    """The decision about an achievement: the letter of a row of the decision table, a state, a step, and the evidence.

    `file` is the path of the document that the step is about, or None. `because` is the reason why `step` differs from
    the step of the row, "" if they are equal.
    """

    letter: str
    state: State
    step: Step
    file: str | None
    evidence: tuple[Evidence, ...]
    because: str = ""


def decided_step(item: AchievementState, decision: Decision) -> NextStep:
    """Return the step of a decision about the achievement `item`, with its reason in words."""
    if decision.because:
        return step_about(decision.step, item.id, decision.file, decision.because)
    deciding_words = decision.evidence[0].says if decision.evidence else "no row above matches"
    reason = f"{item_state_sentence(item.id, item)}: {deciding_words}"
    return step_about(decision.step, item.id, decision.file, reason)


class PlanEvaluation(NamedTuple):
    """The state of a plan, with the values from which the state was decided.

    `inputs` maps the id of an achievement to the input of its decision. `decisions` maps the id to the decision.
    `assigned_documents` has the documents of each achievement. The types of inputs and assigned documents depend on the
    format. `outside` is the input from other plans. `by_id` maps an id to the achievement.

    `unreadable` maps the id of an achievement to a declaration of its dependencies that cannot be read. The key None
    means that the declaration may be about any achievement. `unknown` are files that Planmark does not read, but that
    may contain work. `own_decisions` are the decisions before dependencies and open questions are considered. The next
    evaluation of the plan reuses them.
    """

    state: PlanState
    inputs: Mapping[str, Any]
    decisions: Mapping[str, Decision]
    assigned_documents: Any
    outside: OtherPlansInput = NO_OTHER_PLANS
    by_id: Mapping[str, AchievementState] = MappingProxyType({})
    unreadable: Mapping[str | None, Evidence] = MappingProxyType({})
    unknown: tuple[Skipped, ...] = ()
    own_decisions: Mapping[str, Decision] = MappingProxyType({})


def step_for(state: PlanState, achievement: AchievementState, decision: Decision) -> NextStep:
    """Return the step of an achievement. For the next achievement of the plan, it is the next step of the plan."""
    return state.next if achievement.id == state.next.achievement else decided_step(achievement, decision)
