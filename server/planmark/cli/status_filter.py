"""The plans and items that `planmark status` shows, and their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, get_args

from planmark.cli.arguments import wrong_choice_text
from planmark.cli.errors import BAD_USAGE, CommandError
from planmark.plans.format import PlanSite
from planmark.plans.model import DONE_STATES, AchievementState, Lifecycle, PlanCondition, PlanState, Role, State
from planmark.plans.phrases import progress_counts
from planmark.plans.priority import parse_priority, rank_of
from planmark.plans.roles import STEP_ROLES
from planmark.queries.lookup import urgency_sort_key
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.pluralize import counted_noun
from planmark.workspace.snapshot import PlanDocuments

CLOSED = "closed"
"""The state of a complete plan whose Status says that it is closed. A filter by `complete` matches the plan, too."""
PLAN_STATES: tuple[str, ...] = (*get_args(PlanCondition), CLOSED)
ITEM_STATES: tuple[str, ...] = get_args(State)
ITEM_URGENCY: tuple[State, ...] = (
    *("needs_fix", "execution_blocked", "unsupported", "fix_resolved", "awaiting_review"),
    *("active_execution", "in_progress", "next_execution", "design_placeholder", "no_execution", "no_subplan", "open"),
    *("blocked", "deferred", "dropped", "approved", "done"),
)
"""The states of items, the most urgent first: problems, waiting reviews, work that can be done, all other states."""
PlanSortKeyFunction = Callable[[View, AnyPlan, PlanState], Any]
"""A function that returns the key by which plans are sorted."""
ItemSortKeyFunction = Callable[[AchievementState], Any]
"""A function that returns the key by which items are sorted."""


class StatusFilter(NamedTuple):
    """The values of `--state`, `--role`, `--lifecycle` and `--sort`; () or "" for an option that is not given."""

    states: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    lifecycles: tuple[str, ...] = ()
    sort: str = ""

    @property
    def may_leave_out(self) -> bool:
        """Whether the filter may leave out plans or items."""
        return bool(self.states or self.roles or self.lifecycles)

    def in_words(self) -> str:
        """Return the options that leave out plans or items, as a user types them: `--state done --role executor`."""
        options = (("--state", self.states), ("--role", self.roles), ("--lifecycle", self.lifecycles))
        return " ".join(f"{name} {','.join(values)}" for name, values in options if values)


def read_filter(
    states: Iterable[str], roles: Iterable[str], lifecycles: Iterable[str], sort: str, *, is_about_items: bool
) -> StatusFilter:
    """Return the filter that the values of the options describe.

    With `is_about_items`, it is a filter of the items of one plan. Otherwise, it is a filter of plans.

    A value may contain several words, with commas between them. Raises CommandError for an unknown value. A filter of
    plans does not take a state of items. A filter of items takes neither a state of plans nor a lifecycle.
    """
    allowed_states, other_states, other_command = (
        (ITEM_STATES, PLAN_STATES, "planmark status")
        if is_about_items
        else (PLAN_STATES, ITEM_STATES, "planmark status @FEATURE")
    )
    hint = f"a state of {'plans' if is_about_items else 'achievements'}: {other_command} --state"
    sorts: Mapping[str, object] = ITEM_SORTS if is_about_items else PLAN_SORTS
    if is_about_items and any(True for _ in lifecycles):
        raise CommandError("--lifecycle chooses plans, and a plan is named: leave out one of them", BAD_USAGE)
    if sort and sort not in sorts:
        raise CommandError(f"--sort takes {wrong_choice_text(sort, sorts)}", BAD_USAGE)
    return StatusFilter(
        _option_values("--state", states, allowed_states, dict.fromkeys(other_states, hint)),
        _option_values("--role", roles, get_args(Role), {}),
        _option_values("--lifecycle", lifecycles, get_args(Lifecycle), {}),
        sort,
    )


def _option_values(
    option: str, values: Iterable[str], choices: Sequence[str], hints: Mapping[str, str]
) -> tuple[str, ...]:
    """Return those of `choices` that the values of an option name. `needs fix` and `Needs-Fix` name `needs_fix`.

    Raises CommandError for a value that is not one of `choices`. `hints` maps a value that another command takes to a
    hint for the error message.
    """
    words = [word.strip() for value in values for word in value.split(",")]
    names = ["_".join(word.casefold().replace("-", " ").replace("_", " ").split()) for word in words]
    for word, name in zip(words, names, strict=True):
        if name in choices:
            continue
        if name in hints:
            raise CommandError(f"{option} does not take `{name}`, {hints[name]} {name}", BAD_USAGE)
        raise CommandError(f"{option} takes {wrong_choice_text(word, choices)}", BAD_USAGE)
    return tuple(dict.fromkeys(names))


def plan_matches(status_filter: StatusFilter, state: PlanState) -> bool:
    """Tell whether a filter allows the state, the role and the lifecycle of a plan. An empty list allows every value.

    The role of a plan is the role of its next step. A closed plan has no next step.
    """
    is_closed = state.next.step == CLOSED
    return (
        (
            not status_filter.states
            or state.state in status_filter.states
            or (is_closed and CLOSED in status_filter.states)
        )
        and (not status_filter.roles or (not is_closed and state.next.role in status_filter.roles))
        and (not status_filter.lifecycles or state.lifecycle in status_filter.lifecycles)
    )


def role_of_item(item: AchievementState) -> str:
    """Return the role of the next step of an item; "" for an item that is done or waits."""
    return "" if item.state in DONE_STATES or item.step in ("wait", CLOSED) else STEP_ROLES[item.step].role


def chosen_items(status_filter: StatusFilter, items: Iterable[AchievementState]) -> list[AchievementState]:
    """Return the items whose state and role a filter allows, in the order that the filter names."""
    matching_items = [
        item
        for item in items
        if (not status_filter.states or item.state in status_filter.states)
        and (not status_filter.roles or role_of_item(item) in status_filter.roles)
    ]
    return sorted(matching_items, key=ITEM_SORTS[status_filter.sort or DOCUMENT_ORDER])


def chosen_plans(view: View, status_filter: StatusFilter, plans: Iterable[AnyPlan]) -> list[AnyPlan]:
    """Return the plans that match a filter, in the order that the filter names, else the most urgent plan first."""
    states = [(plan, view.state(plan.path)) for plan in plans]
    matching_plans = [(plan, state) for plan, state in states if plan_matches(status_filter, state)]
    plan_key = PLAN_SORTS[status_filter.sort or URGENCY_ORDER]
    return [
        plan for plan, _ in sorted(matching_plans, key=lambda row: (plan_key(view, *row), urgency_sort_key(row[1])))
    ]


def filter_note(status_filter: StatusFilter, shown_count: int, total: int, noun: str) -> str:
    """Return a note that says how many of `total` plans or items are shown, and by which filter.

    `noun` is the word for a plan or an item in the note.
    """
    return f"shown: {shown_count} of {counted_noun(total, noun)}, by {status_filter.in_words()}"


def _open_share(state: PlanState) -> float:
    """Return the share of a plan's items that are not done. Return 2.0 for a plan without items, so that it is last."""
    done, total, _ = progress_counts(state)
    return 1 - done / total if total else 2.0


def _changed_ns(view: View, plan: AnyPlan) -> int:
    """Return the time of the latest change of the documents of a plan, in nanoseconds."""
    return max((view.changed_at(path) for path in _document_paths(plan)), default=0)


def _document_paths(plan: AnyPlan) -> Iterable[str]:
    if isinstance(plan, PlanSite):
        return (plan.path, *plan.documents)
    return _work_paths(plan)


def _work_paths(plan: PlanDocuments) -> list[str]:
    """Return the paths of a PLAN and its work."""
    documents = (plan.document, *plan.subplans, *plan.executions, *plan.verdicts)
    return [document.path for document in documents]


DOCUMENT_ORDER = "document"
URGENCY_ORDER = "urgency"
PLAN_SORTS: Mapping[str, PlanSortKeyFunction] = {
    URGENCY_ORDER: lambda _view, _plan, _state: 0,
    "name": lambda _view, plan, _state: plan.feature.casefold(),
    "progress": lambda _view, _plan, state: _open_share(state),
    "priority": lambda _view, _plan, state: rank_of(state.priority),
    "updated": lambda view, plan, _state: -_changed_ns(view, plan),
}
"""Mapping from the name of an order of plans to the key of this order. Plans with equal keys are sorted by urgency."""
ITEM_SORTS: Mapping[str, ItemSortKeyFunction] = {
    DOCUMENT_ORDER: lambda _item: 0,
    URGENCY_ORDER: lambda item: ITEM_URGENCY.index(item.state),
    "name": lambda item: item.title.casefold(),
    "priority": lambda item: rank_of(parse_priority(item.priority)),
}
"""Mapping from the name of an order of items to the key of this order.

Items with equal keys are in the order of their document.
"""
