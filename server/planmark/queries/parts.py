"""The prompts of the parts of a step: one for each reviewer of a change, or for each kind of research."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planmark.plans.model import AchievementState, NextStep, State, Step
from planmark.plans.phrases import words
from planmark.plans.roles import STEP_ROLES
from planmark.prompts.budget import OverBudgetError
from planmark.prompts.parts import PARTS, Work, part_of
from planmark.prompts.prompt import ESTIMATED, Counter, Prompt, PromptOptions, next_prompt
from planmark.prompts.tokens import NoExactCounterError
from planmark.queries.lookup import NoAnswerError
from planmark.queries.workspace_view import View
from planmark.text.similarity import most_like
from planmark.workspace.snapshot import PlanDocuments

SUITABLE: dict[Step, tuple[State, ...]] = {
    "review": ("awaiting_review", "fix_resolved"),
    "research": ("no_subplan", "design_placeholder", "blocked"),
}
"""Step with parts → the states of an achievement that it suits."""


def parts_named(step: Step, names: str) -> tuple[str, ...]:
    """Return the parts of a step that a list such as `security,docs` names, in the order in which they begin.

    Raises NoAnswerError for a part that the step does not have.
    """
    known = [part.name for part in PARTS[step]]
    asked = [name.strip() for name in names.split(",") if name.strip()]
    for name in asked:
        if name not in known:
            near = most_like(name, known)
            hint = f"did you mean {near}? " if near else ""
            raise NoAnswerError(f"no {step} of {name}; {hint}There are {', '.join(known)}", "usage")
    if not asked:
        raise NoAnswerError(f"name what to {step}: {', '.join(known)}", "usage")
    return tuple(name for name in known if name in asked)


def suitable(view: View, plan: PlanDocuments, step: Step, achievement: AchievementState | None) -> AchievementState:
    """Return the achievement that a step with parts is about: the one that was asked for, else the first that it suits.

    Raises NoAnswerError if the step does not suit it.
    """
    state, states = view.state(plan.path), SUITABLE[step]
    if achievement is None:
        ordered = sorted(state.achievements, key=lambda one: one.id != state.next.achievement)
        achievement = next((one for one in ordered if one.state in states), None)
        if achievement is None:
            waits = " or ".join(map(words, states))
            raise NoAnswerError(f"{step}: no achievement of @{plan.feature} is {waits}", "nothing_to_do")
    if achievement.state not in states:
        asks = STEP_ROLES[achievement.step].asks
        says = f"{achievement.id} is {words(achievement.state)}: there is nothing to {step} yet. Its next step: {asks}"
        raise NoAnswerError(says, "nothing_to_do" if achievement.state in ("approved", "dropped") else "usage")
    return achievement


def part_prompts(
    view: View,
    plan: PlanDocuments,
    step: Step,
    achievement: AchievementState,
    names: Sequence[str],
    work: Work | None = None,
    *,
    budget: int | None = None,
    counter: Counter = ESTIMATED,
) -> Iterator[Prompt]:
    """Yield the prompt of each part of a step. Up to "Your part", all have the same bytes.

    Raises NoAnswerError if one exceeds its budget, or if the exact counter is missing.
    """
    duty = STEP_ROLES[step]
    reason = f"{achievement.id} is {words(achievement.state)}"
    asked = NextStep(step, achievement.id, duty.role, duty.tier, achievement.subplan or plan.path, reason)
    for name in names:
        options = PromptOptions(budget, counter, (), view.renderer, part_of(step, name), work)
        try:
            yield next_prompt(view.snapshot, plan, view.evaluations[plan.path], asked, view.text, view.exists, options)
        except (OverBudgetError, NoExactCounterError) as error:
            raise NoAnswerError(str(error), "usage") from None
