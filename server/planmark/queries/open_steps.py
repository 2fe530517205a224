"""The open steps of all plans, the most urgent plan first. A step is ready, or it waits for a reason."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from planmark.coordination.lease import Lease, StoredLease
from planmark.coordination.lease_names import LeaseKey, lease_key
from planmark.coordination.lease_rules import ItemStanding, LeaseWork
from planmark.plans.model import DONE_STATES, NOT_WORKABLE_STATES, AchievementState, PlanState, Role, Step
from planmark.plans.phrases import state_sentence
from planmark.plans.roles import STEP_ROLES, task_in_words
from planmark.queries.adoptable import adoptable_ids
from planmark.queries.item_order import (
    NO_SCOPE,
    NOT_OPEN_STATES,
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
"""Steps of a plan that has no more work for an agent."""
WHOLE_PLAN = ""
"""The name that mappings and leases use for a step about the whole plan. For other steps they use the name of the item.
"""
MAX_NAMED_ITEMS = 3
"""Maximum number of items that a reason to wait names."""


class OpenStep(NamedTuple):
    """A step that is still to be done.

    `item` is None for a step about the whole plan or a group. `step` and `role` are those of the prompt from `planmark
    next`. `label` is the step in words. `work` is the step as leases know it. `wait_reason` is the reason in words why
    the step waits, "" for a step that is ready. `waits_for` are the names of the items that the step waits for.
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
    """The reason in words why an item waits, and the names of the items of its plan that it waits for.

    The reason is "" for an item that is ready.
    """

    says: str
    items: tuple[str, ...] = ()


READY = ItemWait("")
"""The wait of an item that is ready: no reason, and no items that it waits for."""


class LeasedNames:
    """The names of items in leases. `prefix` is the folder of the workspace in its work tree.

    The name of an item may contain a line number. If lines above the item change after the lease, the name in the lease
    differs from the current name.
    """

    def __init__(self, prefix: str, leases: Iterable[Lease]) -> None:
        self.prefix = prefix
        self._names_by_plan: dict[str, set[str]] = {}
        """Mapping from the path of a plan, relative to the work tree, to the names with a line number in its leases."""
        for lease in leases:
            if lease.achievement.startswith(":"):
                self._names_by_plan.setdefault(lease.plan, set()).add(lease.achievement)

    @classmethod
    def of(cls, prefix: str, stored_leases: Mapping[LeaseKey, StoredLease]) -> LeasedNames:
        """Return the names in the leases of `stored_leases`, without the leases that cannot be read."""
        return cls(
            prefix, [stored_lease.lease for stored_lease in stored_leases.values() if stored_lease.lease is not None]
        )

    def path_of(self, plan_path: str) -> str:
        """Return the path of a plan relative to the work tree. `plan_path` is relative to the workspace."""
        return f"{self.prefix}{plan_path}"

    def leased_name_by_name(self, state: PlanState) -> Mapping[str, str]:
        """Return a mapping from the current name of an item to its earlier name in a lease.

        Both names contain the same digest of the item's line. An item has an entry only if the names differ.
        """
        names = [item_name(item) for item in state.achievements]
        names_by_digest: dict[str, list[str]] = {}
        for name in names:
            if name.startswith(":"):
                names_by_digest.setdefault(name.rpartition("-")[2], []).append(name)
        result: dict[str, str] = {}
        for leased_name in sorted(self._names_by_plan.get(self.path_of(state.path), set()) - set(names)):
            names_with_digest = names_by_digest.get(leased_name.rpartition("-")[2], [])
            if len(names_with_digest) == 1:
                result[names_with_digest[0]] = leased_name
        return result


def open_steps(view: View, names: LeasedNames, plan: AnyPlan | None = None) -> list[OpenStep]:
    """Return the open steps of `plan`, its next step first.

    If `plan` is None, return the open steps of all plans that Planmark may choose, the most urgent plan first.
    """
    plans = workable_plans(view) if plan is None else [plan]
    return [step for open_plan in plans for step in _steps_of(view, open_plan, names)]


def standings(view: View, names: LeasedNames) -> dict[LeaseKey, ItemStanding]:
    """Return a mapping from the key of a lease to the standing of its item, for all plans; see `plan_standings`."""
    result: dict[LeaseKey, ItemStanding] = {}
    for plan in view.plans:
        result.update(plan_standings(view.state(plan.path), names))
    return result


def plan_standings(state: PlanState, names: LeasedNames) -> dict[LeaseKey, ItemStanding]:
    """Return a mapping from the key of a lease to the standing of its item: its role, its round, and whether it is
    open.

    The mapping has a key for each item, for each group, and for the whole plan, whether or not they are leased.
    """
    result: dict[LeaseKey, ItemStanding] = {}
    path, leased_names = names.path_of(state.path), names.leased_name_by_name(state)
    for item in state.achievements:
        name, is_open = item_name(item), item.state not in NOT_OPEN_STATES
        standing = ItemStanding(STEP_ROLES[item.step].role, item.round, is_open)
        result.setdefault(lease_key(path, leased_names.get(name, name)), standing)
    name_of_next_step = name_for_next_step(state)
    for name in (WHOLE_PLAN, *(_group_name(group.id) for group in state.groups)):
        is_next = name == name_of_next_step and state.next.step not in FINAL_STEPS
        result[lease_key(path, name)] = ItemStanding(state.next.role, 0, is_next)
    return result


def _group_name(group_id: str) -> str:
    """Return the name that leases use for the group with the id `group_id`."""
    return f"#{group_id}"


def name_for_next_step(state: PlanState) -> str:
    """Return the name of the item or the group that the next step of a plan is about.

    Return WHOLE_PLAN if the step is about the whole plan.
    """
    next_step = state.next
    return next_step.ref or next_step.achievement or (_group_name(next_step.group) if next_step.group else WHOLE_PLAN)


def _steps_of(view: View, plan: AnyPlan, names: LeasedNames) -> Iterator[OpenStep]:
    """Yield the open steps of a plan, its next step first."""
    state, scopes, path = view.state(plan.path), work_scopes(view, plan), names.path_of(plan.path)
    leased_names = names.leased_name_by_name(state)
    name_of_next_step = name_for_next_step(state)
    items = open_items(state)
    next_item = next((item for item in items if name_of_next_step in (item_name(item), item.id)), None)
    reason_for_all = _why_nothing_ready(state, next_item)
    if next_item is None and state.next.step not in (*FINAL_STEPS, *STEPS_THAT_WAIT):
        lease_work = LeaseWork(path, name_of_next_step, state.next.step, state.next.role)
        yield _open_step(plan, state, None, state.next.step, lease_work)
    wait_by_name = _wait_by_name(view, plan, state)
    ordered_items = sorted(items, key=lambda item: item is not next_item)
    for item in ordered_items:
        is_next = item is next_item
        step = state.next.step if is_next else item.step
        scope = scopes.get(item_name(item), NO_SCOPE)
        files = tuple(_path_in_work_tree(file, names.prefix) for file in scope.files)
        role = STEP_ROLES[step].role
        name = item_name(item)
        work = LeaseWork(path, leased_names.get(name, name), step, role, files, item.round, frozenset(scope.executors))
        wait = (
            ItemWait(reason_for_all)
            if reason_for_all
            else READY
            if is_next
            else wait_by_name.get(item_name(item), READY)
        )
        yield _open_step(plan, state, item, step, work, wait)


def _open_step(
    plan: AnyPlan, state: PlanState, item: AchievementState | None, step: Step, work: LeaseWork, wait: ItemWait = READY
) -> OpenStep:
    return OpenStep(plan, state.feature, item, step, work.role, task_in_words(step, state.format), work, *wait)


def _path_in_work_tree(path: str, prefix: str) -> str:
    """Return a path relative to the work tree. `path` is relative to the workspace, whose folder is `prefix`.

    A file name without a folder stays as it is, because the file may be in any folder.
    """
    if path in ("", "."):
        return prefix.rstrip("/") or "."
    return path if "/" not in path else f"{prefix}{path}"


def _why_nothing_ready(state: PlanState, next_item: AchievementState | None) -> str:
    """Return the reason why no item of a plan can be ready; "" if items can be ready.

    `next_item` is the item that the next step is about; None if the step is about the whole plan or a group.
    """
    if state.next.step in STEPS_THAT_WAIT:
        return f"the plan waits for a person: {state.next.reason}"
    if next_item is None and state.next.step not in FINAL_STEPS:
        return f"the plan comes first: {task_in_words(state.next.step, state.format)}"
    return ""


def _wait_by_name(view: View, plan: AnyPlan, state: PlanState) -> Mapping[str, ItemWait]:
    """Return a mapping from the name of an item to its wait. Only open items that are not ready have an entry."""
    needs_by_name, other_blockers = needs_of_items(state)
    claimed_ids = frozenset(adoptable_ids(state))
    scopes = work_scopes(view, plan)
    # A ticked item whose file does not exist is not done: later items wait for it.
    required_items = [item for item in state.achievements if item.leaf and not item.listed and not item.optional]
    unfinished_items = [item for item in required_items if item.state not in DONE_STATES]
    ordered_items = [
        OrderedItem(item, needs_by_name.get(item_name(item), ()), scopes.get(item_name(item), NO_SCOPE))
        for item in unfinished_items
    ]
    ranking = ranking_of_items(state, ordered_items)
    follows_order = ranking.order == "declared" or view.snapshot.settings["leases.order"] == "priority"
    earlier_names = (
        _names_in_ranks_before(ranking, [item_name(ordered_item.item) for ordered_item in ordered_items])
        if follows_order
        else {}
    )
    other_needs: dict[str, list[str]] = {}
    for name, other_name in other_blockers:
        other_needs.setdefault(name, []).append(other_name)
    result: dict[str, ItemWait] = {}
    for item in open_items(state):
        name = item_name(item)
        needs_in_plan = needs_by_name.get(name, ())
        if blockers := (*needs_in_plan, *other_needs.get(name, ())):
            result[name] = ItemWait(f"waits for {_names_in_words(blockers)}", needs_in_plan)
        elif item.state in NOT_WORKABLE_STATES or item.step in STEPS_THAT_WAIT:
            says = state_sentence(name, item.state) + (f": {item.evidence[0].says}" if item.evidence else "")
            result[name] = ItemWait(says)
        elif item.id in claimed_ids:
            result[name] = ItemWait("the PLAN says that it is done, but no verdict does: a person confirms that first")
        elif names_before := earlier_names.get(name):
            says = f"waits for {_names_in_words(names_before)} by the order of the plan (leases.order)"
            result[name] = ItemWait(says, tuple(names_before))
    return result


def _names_in_ranks_before(ranking: Ranking, names: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return a mapping from the name of an item to the names of the items in the ranks directly before its rank.

    `names` are the names of the items, in the order of `ranking.ranks`. Items of the first rank have no entry.
    """
    names_by_rank: dict[int, list[str]] = {}
    for name, rank in zip(names, ranking.ranks, strict=True):
        names_by_rank.setdefault(rank, []).append(name)
    ranks_before = ranking.ranks_before
    if ranks_before is None:
        ranks_before = {rank: (lower_rank,) for lower_rank, rank in itertools.pairwise(sorted(names_by_rank))}
    result: dict[str, Sequence[str]] = {}
    for rank, names_of_rank in names_by_rank.items():
        names_before = [name for lower_rank in ranks_before.get(rank, ()) for name in names_by_rank.get(lower_rank, ())]
        result.update(dict.fromkeys(names_of_rank, names_before) if names_before else {})
    return result


def _names_in_words(names: Sequence[str]) -> str:
    """Return `names` as text: at most MAX_NAMED_ITEMS of the names, and then the number of further names."""
    more = len(names) - MAX_NAMED_ITEMS
    return ", ".join(names[:MAX_NAMED_ITEMS]) + (f" and {counted_noun(more, 'other')}" if more > 0 else "")
