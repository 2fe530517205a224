"""The open items of a plan, the order of their work, and what each of them waits for."""

from __future__ import annotations

import heapq
import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from planmark.coordination.waves import RanksBefore
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.format import PlanSite
from planmark.plans.model import DONE_STATES, AchievementState, PlanState, State
from planmark.plans.registry import format_named, methodology_part
from planmark.plans.work_scope import WorkScope
from planmark.queries.workspace_view import AnyPlan, View
from planmark.workspace.snapshot import PlanDocuments, Snapshot

WaveOrder = Literal["declared", "priority", "document"]
"""The rule that orders the items: declared dependencies or waves, priorities, or the order in the document."""
NO_SCOPE = WorkScope()
"""The scope of an item about which no document states anything."""
NOT_OPEN_STATES: frozenset[State] = DONE_STATES | {"unsupported"}
"""The states of items that agents do not work on.

An item is `unsupported` if it is ticked, but its file does not exist. A person must confirm such an item.
"""
ComputeWorkScopes = Callable[[Snapshot, PlanDocuments, PlanEvaluation], Mapping[str, WorkScope]]
"""A function that returns a mapping from the id of each achievement of a plan to the scope of its work."""


class OrderedItem(NamedTuple):
    """An open item, the names of the open items that it waits for, and the scope of its work."""

    item: AchievementState
    needs: tuple[str, ...]
    scope: WorkScope


def work_scopes(view: View, plan: AnyPlan) -> Mapping[str, WorkScope]:
    """Return a mapping from the name of each item of a plan to the scope of its work."""
    if isinstance(plan, PlanSite):
        return format_named(plan.format).scopes(view.formats.input_of(plan))
    scopes_of: ComputeWorkScopes = methodology_part("work_scopes")
    return scopes_of(view.snapshot, plan, view.evaluations[plan.path])


def item_name(item: AchievementState) -> str:
    """Return the name by which commands know an item: its ref, else its id."""
    return item.ref or item.id


def open_items(state: PlanState) -> list[AchievementState]:
    """Return the required leaves that are still to be done, in the order of the plan. Each name occurs once.

    Ticked items are left out, and so are items that only an overview lists.
    """
    required_achievements = [item for item in state.achievements if item.leaf and not item.listed and not item.optional]
    open_achievements = [item for item in required_achievements if item.state not in NOT_OPEN_STATES]
    return list({item_name(item): item for item in reversed(open_achievements)}.values())[::-1]


def hours_of(scope: WorkScope) -> float | None:
    """Return the mean of the lowest and the highest effort of an item, in hours; None if its effort is unknown."""
    mean_hours = (scope.effort.low + scope.effort.high) / 2 if scope.effort else math.inf
    return mean_hours if math.isfinite(mean_hours) else None


def median_hours(scopes: Iterable[WorkScope]) -> float | None:
    """Return the median of the hours of all items of a plan, including done items; None if no item has hours."""
    estimates = [hours for scope in scopes if (hours := hours_of(scope)) is not None]
    return statistics.median(estimates) if estimates else None


def needs_of_items(state: PlanState) -> tuple[dict[str, tuple[str, ...]], list[tuple[str, str]]]:
    """Return the dependencies between open items, and the other blockers of open items. The dependencies map the name
    of each open item to the names of the open items that it waits for.

    The other blockers are pairs: the name of a blocked item, and the name of a blocker that is no open item. Each leaf
    has the dependencies of its parents. A dependency on a parent is a dependency on all open leaves of the parent.
    """
    item_by_name: dict[str, AchievementState] = {item_name(item): item for item in state.achievements}
    for item in state.achievements:
        item_by_name.setdefault(item.id, item)
    leaf_names_by_name: dict[str, list[str]] = {}
    ancestors_by_name = {item_name(item): _item_and_ancestors(item, item_by_name) for item in state.achievements}
    for item in open_items(state):
        for achievement in ancestors_by_name[item_name(item)]:
            leaf_names_by_name.setdefault(item_name(achievement), []).append(item_name(item))
    edges_by_name: dict[str, list[str]] = {}
    for edge in state.dependencies:
        if not edge.unknown and edge.achievement in item_by_name:
            edges_by_name.setdefault(item_name(item_by_name[edge.achievement]), []).append(edge.depends_on)
    needs_by_name: dict[str, tuple[str, ...]] = {}
    other_blockers: list[tuple[str, str]] = []
    for item in open_items(state):
        needed_names: dict[str, None] = {}
        for achievement in ancestors_by_name[item_name(item)]:
            own_leaf_names = (
                frozenset(leaf_names_by_name.get(item_name(achievement), ()))
                if achievement is not item
                else frozenset[str]()
            )
            for name in dict.fromkeys(
                (*edges_by_name.get(item_name(achievement), ()), *achievement.depends_on, *achievement.blocked_by)
            ):
                needed_item = item_by_name.get(name)
                leaf_names_below = leaf_names_by_name.get(item_name(needed_item), []) if needed_item else []
                needed_names.update(
                    dict.fromkeys(leaf_name for leaf_name in leaf_names_below if leaf_name not in own_leaf_names)
                )
                if not leaf_names_below and name in achievement.blocked_by:
                    other_blockers.append((item_name(item), name))
        needs_by_name[item_name(item)] = tuple(needed_names)
    return needs_by_name, other_blockers


def _item_and_ancestors(item: AchievementState, by_name: Mapping[str, AchievementState]) -> list[AchievementState]:
    """Return an item, its parent, the parent of its parent, and so on."""
    items = [item]
    while (parent := by_name.get(items[-1].parent or "")) is not None and parent not in items:
        items.append(parent)
    return items


class Ranking(NamedTuple):
    """The order of items by ranks. Items of the same rank do not wait for each other.

    `order` is the rule that decided the ranks. `ranks` has the rank of each item. `wait_reasons` has the reason in
    words why each item waits for items of an earlier rank, "" in the first rank. `ranks_before` maps a rank to the
    ranks that must be done before this rank. `ranks_before` is None if all lower ranks must be done first.
    """

    order: WaveOrder
    ranks: list[int]
    wait_reasons: list[str]
    ranks_before: RanksBefore | None = None


def ranking_of_items(state: PlanState, items: Sequence[OrderedItem]) -> Ranking:
    """Return the ranking of `items`.

    Declared waves decide the ranks. If there are none, declared dependencies decide. If there are none either,
    achievements have the order of their priorities, and tasks of other formats have the order of the document.
    Neighbouring tasks that are marked as parallel have the same rank.

    For tasks, dependencies decide only if every task in `items` depends on a task or is a dependency of a task.
    Otherwise a task that no dependency mentions would seem to be ready. Dependencies also do not decide if a group
    waits for a different group.
    """
    if any(ordered_item.scope.wave for ordered_item in items):
        waves = [ordered_item.scope.wave or math.inf for ordered_item in items]
        return Ranking(
            "declared",
            *_dense_ranks(
                waves, [f"declared after the wave of {item_name(ordered_item.item)}" for ordered_item in items]
            ),
        )
    if state.format == "planmark":
        if state.dependencies:
            return Ranking("declared", [0] * len(items), [""] * len(items))
        priorities = [_priority_sort_key(ordered_item.item.priority) for ordered_item in items]
        return Ranking(
            "priority",
            *_dense_ranks(priorities, [f"after priority {ordered_item.item.priority}" for ordered_item in items]),
        )
    needed_names = {name for item in state.achievements for name in item.depends_on}
    is_declared = items and all(
        ordered_item.item.depends_on or ordered_item.item.id in needed_names for ordered_item in items
    )
    if is_declared and not any(group.blocked_by for group in state.groups):
        return Ranking("declared", [0] * len(items), [""] * len(items))
    return _document_ranking(items)


def _priority_sort_key(priority_text: str) -> tuple[float, str]:
    """Return the sort key of a priority. A priority in words comes after all numbers."""
    is_number = priority_text.replace(".", "", 1).isdecimal()
    return (float(priority_text), "") if is_number else (math.inf, priority_text)


def _dense_ranks(keys: Sequence[Any], wait_texts: Sequence[str]) -> tuple[list[int], list[str]]:
    """Return the rank of each key, and for each key the reason why it waits; "" for keys of the first rank.

    Ranks count from 0 without gaps. `wait_texts` has a text for each key: the reason why keys of the next rank wait for
    it. The reason of a key is the first text of the previous rank.
    """
    rank_of = {key: rank for rank, key in enumerate(sorted(set(keys)))}
    previous_text_by_rank: dict[int, str] = {}
    for key, wait_text in zip(keys, wait_texts, strict=True):
        previous_text_by_rank.setdefault(rank_of[key] + 1, wait_text)
    ranks = [rank_of[key] for key in keys]
    return ranks, [previous_text_by_rank.get(rank, "") for rank in ranks]


class _TrackEnd:
    """The end of a track, as far as its items are ranked.

    `rank` is the last rank of the track, -1 before the first item. `names` are the names of the items with this rank.
    `last_item` is the last of these items.
    """

    def __init__(self, rank: int = -1) -> None:
        self.rank = rank
        self.names: list[str] = []
        self.last_item: AchievementState | None = None

    def can_add(self, ordered_item: OrderedItem) -> bool:
        """Tell whether an item can get the rank `rank`, because it can be done beside the items in `names`."""
        last_item = self.last_item
        return (
            last_item is not None
            and ordered_item.item.parallel
            and last_item.parallel
            and (ordered_item.item.parent, ordered_item.item.group) == (last_item.parent, last_item.group)
            and not set(ordered_item.needs) & set(self.names)
        )


def _document_ranking(items: Sequence[OrderedItem]) -> Ranking:
    """Return the ranking in the order of the document, but with the dependencies of an item before the item.

    An item follows the earlier items of its track, and the earlier items without a track. An item without a track
    follows all earlier items.
    """
    ranks, wait_reasons = [0] * len(items), [""] * len(items)
    ranks_before: dict[int, tuple[int, ...]] = {}
    first_name_by_rank: dict[int, str] = {}
    track_ends = {"": _TrackEnd()}
    for index in _dependencies_first(items):
        ordered_item = items[index]
        track = ordered_item.scope.track
        track_end = track_ends.get(track) or track_ends[""]
        if not (track in track_ends and track_end.can_add(ordered_item)):
            tracks_before = {track, ""} & track_ends.keys() if track else track_ends
            rank = len(first_name_by_rank)
            first_name_by_rank[rank] = item_name(ordered_item.item)
            ranks_before[rank] = tuple(sorted({track_ends[name].rank for name in tracks_before} - {-1}))
            track_end = _TrackEnd(rank)
            if not track:
                track_ends.clear()
            track_ends[track] = track_end
        track_end.names.append(item_name(ordered_item.item))
        track_end.last_item = ordered_item.item
        ranks[index] = track_end.rank
        earlier_ranks = ranks_before[ranks[index]]
        wait_reasons[index] = f"written after {first_name_by_rank[earlier_ranks[-1]]}" if earlier_ranks else ""
    return Ranking("document", ranks, wait_reasons, ranks_before)


def _dependencies_first(items: Sequence[OrderedItem]) -> list[int]:
    """Return the positions of the items in the order of `items`, but each item after its dependencies.

    Items that wait for each other, and items that depend on them, come last.
    """
    index_by_name = {item_name(ordered_item.item): index for index, ordered_item in enumerate(items)}
    open_need_counts = [len({need for need in ordered_item.needs if need in index_by_name}) for ordered_item in items]
    dependents: dict[int, list[int]] = {}
    for index, ordered_item in enumerate(items):
        for need in {need for need in ordered_item.needs if need in index_by_name}:
            dependents.setdefault(index_by_name[need], []).append(index)
    ready_positions = [index for index, count in enumerate(open_need_counts) if not count]
    result: list[int] = []
    while ready_positions:
        index = heapq.heappop(ready_positions)
        result.append(index)
        for dependent in dependents.get(index, ()):
            open_need_counts[dependent] -= 1
            if not open_need_counts[dependent]:
                heapq.heappush(ready_positions, dependent)
    return [*result, *(index for index, count in enumerate(open_need_counts) if count)]
