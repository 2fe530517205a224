"""The answers that a safe fix must not change: the plans, and their features, lifecycles, states and next steps."""

from __future__ import annotations

from typing import NamedTuple

from planmark.plans.model import State, Step
from planmark.queries.workspace_view import View, paths_of_changed_sites
from planmark.workspace.snapshot import changed_plan_paths


class PlanAnswers(NamedTuple):
    """The answers about a plan that a safe fix must not change.

    `next` is the next step, and the name of its item or None. `achievements` has a tuple for each item in order: its
    name, its state and its step. The name is an id, or a position such as `item 3` in formats other than the
    methodology.
    """

    feature: str
    lifecycle: str
    state: str
    next: tuple[Step, str | None]
    achievements: tuple[tuple[str, State, Step], ...]


def answers_about_plan(view: View, path: str) -> PlanAnswers | None:
    """Return the answers of `view` about the plan at `path`; None if no plan has this path."""
    if path in view.evaluations:
        state = view.evaluations[path].state
        achievements = tuple((item.id, item.state, item.step) for item in state.achievements)
        name_of_next_item = state.next.achievement
    elif any(site.path == path for site in view.snapshot.sites):
        # A fix may add an id to an item, or move its line, so the position in the list identifies an item.
        state = view.state(path)
        named_items = [(f"item {number}", item) for number, item in enumerate(state.achievements, 1)]
        achievements = tuple((name, item.state, item.step) for name, item in named_items)
        name_of_next_item = next((name for name, item in named_items if item.ref == state.next.ref), None)
    else:
        return None
    return PlanAnswers(state.feature, state.lifecycle, state.state, (state.next.step, name_of_next_item), achievements)


def first_difference(before: View, after: View) -> str | None:
    """Return the first answer that differs between two views, in words; None if all answers are equal.

    Only plans whose documents differ are compared.
    """
    for path in (*changed_plan_paths(before.snapshot, after.snapshot), *paths_of_changed_sites(before, after)):
        old_answers, new_answers = answers_about_plan(before, path), answers_about_plan(after, path)
        if old_answers != new_answers:
            return _difference_in_words(path, old_answers, new_answers)
    return None


def _difference_in_words(path: str, old_answers: PlanAnswers | None, new_answers: PlanAnswers | None) -> str:
    """Return the first difference between the answers of two views about the plan at `path`, in words."""
    if old_answers is None or new_answers is None:
        return f"{path} would {'no longer' if old_answers else 'now'} be a plan"
    for name in ("feature", "lifecycle", "state"):
        old_value, new_value = getattr(old_answers, name), getattr(new_answers, name)
        if old_value != new_value:
            return f"the {name} of {old_answers.feature} would be {_readable_word(new_value)}, not {_readable_word(old_value)}"
    state_by_id = {item_id: state for item_id, state, _ in old_answers.achievements}
    for item_id, state, _ in new_answers.achievements:
        if item_id not in state_by_id:
            return f"{old_answers.feature} would have an achievement {item_id}"
        if state_by_id[item_id] != state:
            return f"{item_id} of {old_answers.feature} would be {_readable_word(state)}, not {_readable_word(state_by_id[item_id])}"
    if missing_ids := state_by_id.keys() - {item_id for item_id, _, _ in new_answers.achievements}:
        return f"{old_answers.feature} would have no achievement {min(missing_ids)}"
    if old_answers.next != new_answers.next:
        return f"the next step of {old_answers.feature} would be {_step_in_words(new_answers.next)}, not {_step_in_words(old_answers.next)}"
    return f"the steps or the order of the achievements of {old_answers.feature} would change"


def _step_in_words(step_and_item: tuple[Step, str | None]) -> str:
    """Return a step in words, followed by the name of its item if there is one: `address fix 1.2`."""
    step, item = step_and_item
    return f"{_readable_word(step)}{f' {item}' if item else ''}"


def _readable_word(word: str) -> str:
    return word.replace("_", " ")
