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
        named = [(f"item {number}", item) for number, item in enumerate(state.achievements, 1)]
        achievements = tuple((name, item.state, item.step) for name, item in named)
        upcoming = next((name for name, item in named if item.ref == state.next.ref), None)
    else:
        return None
    return PlanAnswers(state.feature, state.lifecycle, state.state, (state.next.step, upcoming), achievements)


def difference(before: View, after: View) -> str | None:
    """Return the first answer that differs between two views, in words; None if all are equal.

    Only plans whose documents differ are evaluated.
    """
    for path in (*other_plans(before.snapshot, after.snapshot), *changed_sites(before, after)):
        one, other = answer(before, path), answer(after, path)
        if one != other:
            return _first_difference(path, one, other)
    return None


def _first_difference(path: str, one: PlanAnswers | None, other: PlanAnswers | None) -> str:
    """Return the first difference between two answers about one plan, in words."""
    if one is None or other is None:
        return f"{path} would {'no longer' if one else 'now'} be a plan"
    for name in ("feature", "lifecycle", "state"):
        was, would_be = getattr(one, name), getattr(other, name)
        if was != would_be:
            return f"the {name} of {one.feature} would be {_readable_word(would_be)}, not {_readable_word(was)}"
    states = {known: state for known, state, _ in one.achievements}
    for known, state, _ in other.achievements:
        if known not in states:
            return f"{one.feature} would have an achievement {known}"
        if states[known] != state:
            return f"{known} of {one.feature} would be {_readable_word(state)}, not {_readable_word(states[known])}"
    if gone := states.keys() - {known for known, _, _ in other.achievements}:
        return f"{one.feature} would have no achievement {min(gone)}"
    if one.next != other.next:
        return f"the next step of {one.feature} would be {_step(other.next)}, not {_step(one.next)}"
    return f"the steps or the order of the achievements of {one.feature} would change"


def _step(step: tuple[Step, str | None]) -> str:
    return f"{_readable_word(step[0])}{f' {step[1]}' if step[1] else ''}"


def _readable_word(word: str) -> str:
    return word.replace("_", " ")
