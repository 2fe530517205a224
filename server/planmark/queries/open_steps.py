"""The open steps of all plans, in Planmark's order: steps that are ready, and steps that wait, with the reason."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from planmark.coordination.lease import Lease, StoredLease
from planmark.coordination.lease_names import LeaseKey, lease_key
from planmark.coordination.lease_rules import ItemStanding, LeaseWork
from planmark.plans.model import DONE_STATES, NOT_WORKABLE_STATES, AchievementState, PlanState, Role, Step
from planmark.plans.phrases import in_state
from planmark.plans.roles import STEP_ROLES, task_in_words
from planmark.queries.adoptable import adoptable_ids
from planmark.queries.item_order import (
    EXCLUDED_STATES,
    NO_SCOPE,
    OrderedItem,
    Ranking,
    item_name,
    needs_of_items,
    open_items,
    ranking_of_items,
    work_scopes,
)
from planmark.queries.lookup import workable_plans
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.pluralize import counted_noun

STEPS_THAT_WAIT: frozenset[Step] = frozenset({"confirm_state", "wait"})
"""Steps that wait for a person, or for work outside the plan."""
FINAL_STEPS: frozenset[Step] = frozenset({"closed", "complete_plan"})
"""Steps of a plan without work for an agent."""
WHOLE_PLAN = ""
"""The name of a step about a whole plan, among the names of items."""
MAX_NAMED_ITEMS = 3


class OpenStep(NamedTuple):
    """A step that is to be done. `item` is None for a step about the plan or a group.

    `wait_reason` is "" for a step that is ready. `waits_for` are the names of the items of the plan that the step waits
    for. `step` and `role` are the step and the role of the prompt that `next` gives.
    """

    plan: AnyPlan
    feature: str
    item: AchievementState | None
    step: Step
    role: Role
    label: str
    work: LeaseWork
    wait_reason: str = ""
    waits_for: tuple[str, ...] = ()


class ItemWait(NamedTuple):
    """The reason why an item waits, and the names of the items of its plan for which it waits."""

    says: str
    items: tuple[str, ...] = ()


READY = ItemWait("")


class LeasedNames:
    """The names under which the items of a plan are leased.

    A name with a line number may be out of date, because lines above the item were added or removed after the lease.
    """

    def __init__(self, prefix: str, leases: Iterable[Lease]) -> None:
        self.prefix = prefix
        self._by_plan: dict[str, set[str]] = {}
        for lease in leases:
            if lease.achievement.startswith(":"):
                self._by_plan.setdefault(lease.plan, set()).add(lease.achievement)

    @classmethod
    def of(cls, prefix: str, stored_leases: Mapping[LeaseKey, StoredLease]) -> LeasedNames:
        """Return the names in stored leases."""
        return cls(
            prefix, [stored_lease.lease for stored_lease in stored_leases.values() if stored_lease.lease is not None]
        )

    def path_of(self, plan: str) -> str:
        """Return the path of a plan from the top of its work tree."""
        return f"{self.prefix}{plan}"

    def names_of(self, state: PlanState) -> Mapping[str, str]:
        """Return the current name of an item → the earlier name under which it is leased.

        Both names contain the same digest of the item's line. An item that is leased under its current name has no entry.
        """
        names = [item_name(item) for item in state.achievements]
        by_digest: dict[str, list[str]] = {}
        for name in names:
            if name.startswith(":"):
                by_digest.setdefault(name.rpartition("-")[2], []).append(name)
        result: dict[str, str] = {}
        for leased_name in sorted(self._by_plan.get(self.path_of(state.path), set()) - set(names)):
            names_with_digest = by_digest.get(leased_name.rpartition("-")[2], [])
            if len(names_with_digest) == 1:
                result[names_with_digest[0]] = leased_name
        return result


def open_steps(view: View, names: LeasedNames, plan: AnyPlan | None = None) -> list[OpenStep]:
    """Return the open steps of the plans that Planmark may choose, or of one plan, in the order in which `next` gives them."""
    plans = workable_plans(view) if plan is None else [plan]
    return [step for open_plan in plans for step in _steps_of(view, open_plan, names)]


def standings(view: View, names: LeasedNames) -> dict[LeaseKey, ItemStanding]:
    """Return the standing of each item of each plan, and of each step about a plan or a group."""
    result: dict[LeaseKey, ItemStanding] = {}
    for plan in view.plans:
        result.update(plan_standings(view.state(plan.path), names))
    return result


def plan_standings(state: PlanState, names: LeasedNames) -> dict[LeaseKey, ItemStanding]:
    """Return the standing of each item of a plan, and of each step about the plan or a group."""
    result: dict[LeaseKey, ItemStanding] = {}
    path, leased_names = names.path_of(state.path), names.names_of(state)
    for item in state.achievements:
        name, is_open = item_name(item), item.state not in EXCLUDED_STATES
        standing = ItemStanding(STEP_ROLES[item.step].role, item.round, is_open)
        result.setdefault(lease_key(path, leased_names.get(name, name)), standing)
    name_of_next_step = name_of_next(state)
    for name in (WHOLE_PLAN, *(_group_name(group.id) for group in state.groups)):
        is_next = name == name_of_next_step and state.next.step not in FINAL_STEPS
        result[lease_key(path, name)] = ItemStanding(state.next.role, 0, is_next)
    return result


def _group_name(group: str) -> str:
    return f"#{group}"


def name_of_next(state: PlanState) -> str:
    """Return the name of what the next step is about: an item, a group, or the whole plan."""
    next_step = state.next
    return next_step.ref or next_step.achievement or (_group_name(next_step.group) if next_step.group else WHOLE_PLAN)


def _steps_of(view: View, plan: AnyPlan, names: LeasedNames) -> Iterator[OpenStep]:
    """Yield the open steps of a plan, the next one first."""
    state, scopes, path = view.state(plan.path), work_scopes(view, plan), names.path_of(plan.path)
    leased_names = names.names_of(state)
    name_of_next_step = name_of_next(state)
    items = open_items(state)
    next_item = next((item for item in items if name_of_next_step in (item_name(item), item.id)), None)
    reason_for_all = _why_nothing_ready(state, next_item)
    if next_item is None and state.next.step not in (*FINAL_STEPS, *STEPS_THAT_WAIT):
        lease_work = LeaseWork(path, name_of_next_step, state.next.step, state.next.role)
        yield _open_step(plan, state, None, state.next.step, lease_work)
    waits = _blockers_of_items(view, plan, state)
    ordered_items = sorted(items, key=lambda item: item is not next_item)
    for item in ordered_items:
        is_next = item is next_item
        step = state.next.step if is_next else item.step
        scope = scopes.get(item_name(item), NO_SCOPE)
        files = tuple(_path_in_work_tree(file, names.prefix) for file in scope.files)
        role = STEP_ROLES[step].role
        name = item_name(item)
        work = LeaseWork(path, leased_names.get(name, name), step, role, files, item.round, frozenset(scope.executors))
        wait = ItemWait(reason_for_all) if reason_for_all else READY if is_next else waits.get(item_name(item), READY)
        yield _open_step(plan, state, item, step, work, wait)


def _open_step(
    plan: AnyPlan, state: PlanState, item: AchievementState | None, step: Step, work: LeaseWork, wait: ItemWait = READY
) -> OpenStep:
    return OpenStep(plan, state.feature, item, step, work.role, task_in_words(step, state.format), work, *wait)


def _path_in_work_tree(path: str, prefix: str) -> str:
    """Return a path of the workspace from the top of its work tree.

    A file name without a folder stays as it is, because the file may be in any folder.
    """
    if path in ("", "."):
        return prefix.rstrip("/") or "."
    return path if "/" not in path else f"{prefix}{path}"


def _why_nothing_ready(state: PlanState, next_item: AchievementState | None) -> str:
    """Return the reason why no item of a plan can be ready; "" if items can be ready."""
    if state.next.step in STEPS_THAT_WAIT:
        return f"the plan waits for a person: {state.next.reason}"
    if next_item is None and state.next.step not in FINAL_STEPS:
        return f"the plan comes first: {task_in_words(state.next.step, state.format)}"
    return ""


def _blockers_of_items(view: View, plan: AnyPlan, state: PlanState) -> Mapping[str, ItemWait]:
    """Return the name of each open item that is not ready → what the item waits for."""
    needs, outer_pairs = needs_of_items(state)
    claimed_ids = frozenset(adoptable_ids(state))
    scopes = work_scopes(view, plan)
    # A ticked item whose file does not exist is not done: later items wait for it.
    required_items = [item for item in state.achievements if item.leaf and not item.listed and not item.optional]
    unfinished_items = [item for item in required_items if item.state not in DONE_STATES]
    ordered_items = [
        OrderedItem(item, needs.get(item_name(item), ()), scopes.get(item_name(item), NO_SCOPE))
        for item in unfinished_items
    ]
    ranking = ranking_of_items(state, ordered_items)
    follows_order = ranking.order == "declared" or view.snapshot.settings["leases.order"] == "priority"
    earlier_names = (
        _earlier_names(ranking, [item_name(ordered_item.item) for ordered_item in ordered_items])
        if follows_order
        else {}
    )
    outer_needs: dict[str, list[str]] = {}
    for name, outer_name in outer_pairs:
        outer_needs.setdefault(name, []).append(outer_name)
    result: dict[str, ItemWait] = {}
    for item in open_items(state):
        name = item_name(item)
        inner_needs = needs.get(name, ())
        if blockers := (*inner_needs, *outer_needs.get(name, ())):
            result[name] = ItemWait(f"waits for {_listed_names(blockers)}", inner_needs)
        elif item.state in NOT_WORKABLE_STATES or item.step in STEPS_THAT_WAIT:
            says = in_state(name, item.state) + (f": {item.evidence[0].says}" if item.evidence else "")
            result[name] = ItemWait(says)
        elif item.id in claimed_ids:
            result[name] = ItemWait("the PLAN says that it is done, but no verdict does: a person confirms that first")
        elif names_before := earlier_names.get(name):
            says = f"waits for {_listed_names(names_before)} by the order of the plan (leases.order)"
            result[name] = ItemWait(says, tuple(names_before))
    return result


def _earlier_names(ranking: Ranking, names: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return a name → the names of the ranks before its rank. Names of the first rank have no entry."""
    by_rank: dict[int, list[str]] = {}
    for name, rank in zip(names, ranking.ranks, strict=True):
        by_rank.setdefault(rank, []).append(name)
    ranks_before = ranking.ranks_before
    if ranks_before is None:
        ranks_before = {rank: (lower_rank,) for lower_rank, rank in itertools.pairwise(sorted(by_rank))}
    result: dict[str, Sequence[str]] = {}
    for rank, names_of_rank in by_rank.items():
        earlier_names = [name for lower_rank in ranks_before.get(rank, ()) for name in by_rank.get(lower_rank, ())]
        result.update(dict.fromkeys(names_of_rank, earlier_names) if earlier_names else {})
    return result


def _listed_names(names: Sequence[str]) -> str:
    more = len(names) - MAX_NAMED_ITEMS
    return ", ".join(names[:MAX_NAMED_ITEMS]) + (f" and {counted_noun(more, 'other')}" if more > 0 else "")
