"""The invariants of a fix: the set of plans, their lifecycles, their states, and their next steps."""

from __future__ import annotations

from typing import NamedTuple

from planmark.plans.model import State, Step
from planmark.queries.workspace_view import View, changed_sites
from planmark.workspace.snapshot import other_plans


class PlanAnswers(NamedTuple):
    """The answers about a plan; `achievements` are (id, state, step), in order."""

    feature: str
    lifecycle: str
    state: str
    next: tuple[Step, str | None]
    achievements: tuple[tuple[str, State, Step], ...]


def answer(view: View, path: str) -> PlanAnswers | None:
    """Return the answers of `view` about the plan at `path`; None if no plan has this path."""
    if path in view.evaluations:
        state = view.evaluations[path].state
        achievements = tuple((item.id, item.state, item.step) for item in state.achievements)
        upcoming = state.next.achievement
    elif any(site.path == path for site in view.snapshot.sites):
        # A fix may add the id of an item, or move the item by a line, so the position in the list identifies the item.
        state = view.state(path)
        named_items = [(f"item {number}", item) for number, item in enumerate(state.achievements, 1)]
        achievements = tuple((name, item.state, item.step) for name, item in named_items)
        upcoming = next((name for name, item in named_items if item.ref == state.next.ref), None)
    else:
        return None
    return PlanAnswers(state.feature, state.lifecycle, state.state, (state.next.step, upcoming), achievements)


def difference(before: View, after: View) -> str | None:
    """Return the first answer that differs between two views, in words; None if all are equal.

    Only plans whose documents differ are evaluated.
    """
    for path in (*other_plans(before.snapshot, after.snapshot), *changed_sites(before, after)):
        plan_answers, other = answer(before, path), answer(after, path)
        if plan_answers != other:
            return _first_difference(path, plan_answers, other)
    return None


def _first_difference(path: str, plan_answers: PlanAnswers | None, other: PlanAnswers | None) -> str:
    """Return the first difference between two answers about one plan, in words."""
    if plan_answers is None or other is None:
        return f"{path} would {'no longer' if plan_answers else 'now'} be a plan"
    for name in ("feature", "lifecycle", "state"):
        value, would_be = getattr(plan_answers, name), getattr(other, name)
        if value != would_be:
            return (
                f"the {name} of {plan_answers.feature} would be {_readable_word(would_be)}, not {_readable_word(value)}"
            )
    states = {item_id: state for item_id, state, _ in plan_answers.achievements}
    for item_id, state, _ in other.achievements:
        if item_id not in states:
            return f"{plan_answers.feature} would have an achievement {item_id}"
        if states[item_id] != state:
            return f"{item_id} of {plan_answers.feature} would be {_readable_word(state)}, not {_readable_word(states[item_id])}"
    if missing_ids := states.keys() - {item_id for item_id, _, _ in other.achievements}:
        return f"{plan_answers.feature} would have no achievement {min(missing_ids)}"
    if plan_answers.next != other.next:
        return f"the next step of {plan_answers.feature} would be {_step(other.next)}, not {_step(plan_answers.next)}"
    return f"the steps or the order of the achievements of {plan_answers.feature} would change"


def _step(step: tuple[Step, str | None]) -> str:
    return f"{_readable_word(step[0])}{f' {step[1]}' if step[1] else ''}"


def _readable_word(word: str) -> str:
    return word.replace("_", " ")
