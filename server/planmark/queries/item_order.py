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
"""The source of the order of items: declared dependencies or waves, priorities, or the order of the document."""
NO_SCOPE = WorkScope()
EXCLUDED_STATES: frozenset[State] = DONE_STATES | {"unsupported"}
"""The states of items that no agent is to do. A person must confirm a ticked item whose file does not exist."""
WorkScopes = Callable[[Snapshot, PlanDocuments, PlanEvaluation], Mapping[str, WorkScope]]
"""The part of the methodology that returns achievement id → the scope of its work."""


class OrderedItem(NamedTuple):
    """An open item, the names of its dependencies, and the scope of its work; see `WorkItem`."""

    item: AchievementState
    needs: tuple[str, ...]
    scope: WorkScope


def work_scopes(view: View, plan: AnyPlan) -> Mapping[str, WorkScope]:
    """Return the scope of the work on each item of a plan, by the name of the item."""
    if isinstance(plan, PlanSite):
        return format_named(plan.format).scopes(view.formats.input_of(plan))
    scopes_of: WorkScopes = methodology_part("work_scopes")
    return scopes_of(view.snapshot, plan, view.evaluations[plan.path])


def item_name(item: AchievementState) -> str:
    """Return the name of an item for commands."""
    return item.ref or item.id


def open_items(state: PlanState) -> list[AchievementState]:
    """Return the required leaves that are to be done, each name once. Items that are ticked or only announced are not."""
    required_achievements = [item for item in state.achievements if item.leaf and not item.listed and not item.optional]
    open_achievements = [item for item in required_achievements if item.state not in EXCLUDED_STATES]
    return list({item_name(item): item for item in reversed(open_achievements)}.values())[::-1]


def hours_of(scope: WorkScope) -> float | None:
    """Return the mean of the lowest and the highest effort in hours; None without an effort."""
    middle = (scope.effort.low + scope.effort.high) / 2 if scope.effort else math.inf
    return middle if math.isfinite(middle) else None


def median_hours(scopes: Iterable[WorkScope]) -> float | None:
    """Return the median of the hours of all items of a plan, including done items."""
    estimates = [hours for scope in scopes if (hours := hours_of(scope)) is not None]
    return statistics.median(estimates) if estimates else None


def needs_of_items(state: PlanState) -> tuple[dict[str, tuple[str, ...]], list[tuple[str, str]]]:
    """Return the dependencies of each open item, and pairs of an open item and a name that blocks it from outside.

    Each leaf has the dependencies of its parents. A dependency on a parent is a dependency on all leaves of the parent.
    """
    by_name: dict[str, AchievementState] = {item_name(item): item for item in state.achievements}
    for item in state.achievements:
        by_name.setdefault(item.id, item)
    leaves: dict[str, list[str]] = {}
    ancestors_by_name = {item_name(item): _with_parents(item, by_name) for item in state.achievements}
    for item in open_items(state):
        for achievement in ancestors_by_name[item_name(item)]:
            leaves.setdefault(item_name(achievement), []).append(item_name(item))
    edges_by_name: dict[str, list[str]] = {}
    for edge in state.dependencies:
        if not edge.unknown and edge.achievement in by_name:
            edges_by_name.setdefault(item_name(by_name[edge.achievement]), []).append(edge.depends_on)
    needs: dict[str, tuple[str, ...]] = {}
    outside_blockers: list[tuple[str, str]] = []
    for item in open_items(state):
        needed_names: dict[str, None] = {}
        for achievement in ancestors_by_name[item_name(item)]:
            own_leaves = (
                frozenset(leaves.get(item_name(achievement), ())) if achievement is not item else frozenset[str]()
            )
            for name in dict.fromkeys(
                (*edges_by_name.get(item_name(achievement), ()), *achievement.depends_on, *achievement.blocked_by)
            ):
                needed_item = by_name.get(name)
                leaves_below = leaves.get(item_name(needed_item), []) if needed_item else []
                needed_names.update(dict.fromkeys(leaf for leaf in leaves_below if leaf not in own_leaves))
                if not leaves_below and name in achievement.blocked_by:
                    outside_blockers.append((item_name(item), name))
        needs[item_name(item)] = tuple(needed_names)
    return needs, outside_blockers


def _with_parents(item: AchievementState, by_name: Mapping[str, AchievementState]) -> list[AchievementState]:
    """Return an item, its parent, the parent of its parent, and so on."""
    items = [item]
    while (parent := by_name.get(items[-1].parent or "")) is not None and parent not in items:
        items.append(parent)
    return items


class Ranking(NamedTuple):
    """The order of the items: the rank of each item, and the reason in words why it waits for the rank before.

    `ranks_before` maps a rank to the ranks that must be done before it; None if all smaller ranks come first.
    """

    order: WaveOrder
    ranks: list[int]
    wait_reasons: list[str]
    ranks_before: RanksBefore | None = None


def ranking_of_items(state: PlanState, items: Sequence[OrderedItem]) -> Ranking:
    """Return the ranking of the items.

    Declared waves decide, else declared dependencies. Without both, achievements have the order of their priorities, and
    tasks of other formats the order of the document. Neighbouring tasks that are marked as parallel have one rank.

    The dependencies of tasks decide only if every open task has or is a dependency, because other tasks would seem to be
    free. They do not decide either if a group waits for a different group.
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
    """Return the sort key of a priority. A word is sorted after all numbers."""
    is_number = priority_text.replace(".", "", 1).isdecimal()
    return (float(priority_text), "") if is_number else (math.inf, priority_text)


def _dense_ranks(keys: Sequence[Any], texts: Sequence[str]) -> tuple[list[int], list[str]]:
    """Return the ranks of keys, from 0 without gaps, and for each key the first text of the previous rank."""
    rank_of = {key: rank for rank, key in enumerate(sorted(set(keys)))}
    previous_text_by_rank: dict[int, str] = {}
    for key, text in zip(keys, texts, strict=True):
        previous_text_by_rank.setdefault(rank_of[key] + 1, text)
    ranks = [rank_of[key] for key in keys]
    return ranks, [previous_text_by_rank.get(rank, "") for rank in ranks]


class _TrackEnd:
    """The end of a track: its last rank, the names of the items with this rank, and the last of these items.

    The rank is -1 before the first item.
    """

    def __init__(self, rank: int = -1) -> None:
        self.rank = rank
        self.names: list[str] = []
        self.last_item: AchievementState | None = None

    def can_add(self, ordered_item: OrderedItem) -> bool:
        """Tell whether an item can be done beside the items of the rank."""
        last_item = self.last_item
        return (
            last_item is not None
            and ordered_item.item.parallel
            and last_item.parallel
            and (ordered_item.item.parent, ordered_item.item.group) == (last_item.parent, last_item.group)
            and not set(ordered_item.needs) & set(self.names)
        )


def _document_ranking(items: Sequence[OrderedItem]) -> Ranking:
    """Return the order of the document, with the dependencies of an item before the item.

    An item follows the last item of its track, and the items without a track that are written before it. An item without
    a track follows all items that are written before it.
    """
    ranks, wait_reasons = [0] * len(items), [""] * len(items)
    ranks_before: dict[int, tuple[int, ...]] = {}
    first_name_by_rank: dict[int, str] = {}
    tracks = {"": _TrackEnd()}
    for index in _dependencies_first(items):
        ordered_item = items[index]
        track = ordered_item.scope.track
        track_end = tracks.get(track) or tracks[""]
        if not (track in tracks and track_end.can_add(ordered_item)):
            tracks_before = {track, ""} & tracks.keys() if track else tracks
            rank = len(first_name_by_rank)
            first_name_by_rank[rank] = item_name(ordered_item.item)
            ranks_before[rank] = tuple(sorted({tracks[name].rank for name in tracks_before} - {-1}))
            track_end = _TrackEnd(rank)
            if not track:
                tracks.clear()
            tracks[track] = track_end
        track_end.names.append(item_name(ordered_item.item))
        track_end.last_item = ordered_item.item
        ranks[index] = track_end.rank
        earlier_ranks = ranks_before[ranks[index]]
        wait_reasons[index] = f"written after {first_name_by_rank[earlier_ranks[-1]]}" if earlier_ranks else ""
    return Ranking("document", ranks, wait_reasons, ranks_before)


def _dependencies_first(items: Sequence[OrderedItem]) -> list[int]:
    """Return the positions of items in the order of the document, but each item after its dependencies.

    The items of a cycle are last.
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
