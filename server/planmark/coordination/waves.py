"""Waves: the work of a plan in groups that agents can do at the same time, and the longest path through it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

import msgspec

from planmark.coordination.file_overlap import FileClaims

MAX_PAIRS = 1_000
"""The maximum number of pairs that are listed as excluded."""
MAX_NAMED_ITEMS = 3
"""The maximum number of items that a reason names."""


class WorkItem(NamedTuple):
    """An item that is to be done. `hours` is None if it is unknown; `files` are the paths that it changes.

    `needs` are the ids of items that must be done first. An item also waits for all items of lower `rank`, or of the
    ranks that `schedule` is given; `rank_reason` says so in words, "" for the lowest rank.
    """

    id: str
    hours: float | None = None
    files: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    rank: int = 0
    rank_reason: str = ""


class Member(NamedTuple):
    """An item in a wave, and why it is not in an earlier one."""

    item: WorkItem
    why: str


class ExcludedPair(msgspec.Struct, frozen=True):
    """Two items that must not be done at the same time, and the files that both change."""

    a: str
    b: str
    files: tuple[str, ...]


class Schedule(NamedTuple):
    """The waves of a plan. Items of one wave neither wait for each other nor change the same file.

    `total_hours` is the sum of all hours, and `makespan` the sum of the longest item of each wave. `critical_hours` is
    the sum for the `critical_path`, the longest chain of items that wait for each other. All are None without a
    `median`, which stands for missing hours. `has_all_pairs` is False if there are more than `MAX_PAIRS`.
    """

    waves: tuple[tuple[Member, ...], ...]
    excluded_pairs: tuple[ExcludedPair, ...]
    critical_path: tuple[str, ...]
    total_hours: float | None
    makespan: float | None
    critical_hours: float | None
    median: float | None
    has_all_pairs: bool = True


class WaitingCycleError(Exception):
    """Items that wait for each other. `cycle` begins and ends with the same id; each one waits for the next."""

    def __init__(self, cycle: tuple[str, ...]) -> None:
        super().__init__(" → ".join(cycle))
        self.cycle = cycle


RanksBefore = Mapping[int, Collection[int]]
"""Rank → the ranks whose items must be done before its items."""


def schedule(
    items: Sequence[WorkItem],
    agent_count: int | None = None,
    median: float | None = None,
    ranks_before: RanksBefore | None = None,
) -> Schedule:
    """Return the waves of `items`, for at most `agent_count` agents. The ids must differ.

    A generation contains the items whose dependencies are all in earlier generations. If its items change the same
    files, it is split, the longest item first, and then into waves of at most `agent_count` items. `median` stands for
    missing hours; without it, every item counts as one hour. Without `ranks_before`, each rank waits for all lower
    ranks. Raises WaitingCycleError if items wait for each other.
    """
    generations, predecessors = _generations(items, ranks_before)
    hours = [item.hours if item.hours is not None else 1.0 if median is None else median for item in items]
    waves: list[tuple[Member, ...]] = []
    longest_hours: list[float] = []
    earlier_ids: frozenset[str] = frozenset()
    for generation in generations:
        for wave in _split_generation(items, hours, generation, agent_count, earlier_ids):
            waves.append(tuple(Member(items[index], why) for index, why in sorted(wave.items())))
            longest_hours.append(max(hours[index] for index in wave))
        earlier_ids = frozenset(items[index].id for index in generation)
    path = _critical_path(len(items), predecessors, hours)
    pairs = _excluded_pairs(items)
    hour_sums = [
        None if median is None else math.fsum(part) for part in (hours, longest_hours, [hours[index] for index in path])
    ]
    return Schedule(
        tuple(waves),
        tuple(pairs[:MAX_PAIRS]),
        tuple(items[index].id for index in path),
        hour_sums[0],
        hour_sums[1],
        hour_sums[2],
        median,
        len(pairs) <= MAX_PAIRS,
    )


def _generations(
    items: Sequence[WorkItem], ranks_before: RanksBefore | None
) -> tuple[list[list[int]], dict[int, list[int]]]:
    """Return the positions of the items of each generation, and node → the nodes that it waits for.

    The nodes are the positions of items and, behind them, a barrier for each rank. A barrier waits for all items of its
    rank, and later items wait for the barrier. Otherwise each item would wait for every item of the rank before.
    """
    index_by_id = {item.id: index for index, item in enumerate(items)}
    ranks = sorted({item.rank for item in items})
    barrier_of_rank = {rank: len(items) + number for number, rank in enumerate(ranks)}
    ranks_waited_for: RanksBefore = (
        {rank: (lower_rank,) for lower_rank, rank in itertools.pairwise(ranks)}
        if ranks_before is None
        else ranks_before
    )
    predecessors: dict[int, list[int]] = {
        index: [
            *(index_by_id[need] for need in item.needs if need in index_by_id),
            *(barrier_of_rank[rank] for rank in ranks_waited_for.get(item.rank, ())),
        ]
        for index, item in enumerate(items)
    }
    for index, item in enumerate(items):
        predecessors.setdefault(barrier_of_rank[item.rank], []).append(index)
    sorter = TopologicalSorter(predecessors)
    try:
        sorter.prepare()
    except CycleError as error:
        raise WaitingCycleError(_cycle_ids(items, error.args[1])) from None
    generations: list[list[int]] = []
    while sorter.is_active():
        ready = sorter.get_ready()
        sorter.done(*ready)
        if generation := sorted(index for index in ready if index < len(items)):
            generations.append(generation)
    return generations, predecessors


def _cycle_ids(items: Sequence[WorkItem], nodes: Sequence[int]) -> tuple[str, ...]:
    """Return a cycle as ids, from its first item on.

    The last of `nodes` is the first node again; each node needs the node before it.
    """
    item_indexes = [index for index in reversed(nodes[1:]) if index < len(items)]
    start = item_indexes.index(min(item_indexes))
    ids = [items[index].id for index in (*item_indexes[start:], *item_indexes[:start])]
    return (*ids, ids[0])


def _split_generation(
    items: Sequence[WorkItem],
    hours: Sequence[float],
    generation: Sequence[int],
    agent_count: int | None,
    earlier_ids: Collection[str],
) -> Iterator[dict[int, str]]:
    """Yield the waves of a generation: position → why it is in this wave.

    No item of a generation waits for a different item of it. Each item takes the first wave that it fits. `earlier_ids` are
    the ids of the generation before.
    """
    claims: list[FileClaims] = []
    waves: list[dict[int, str]] = []
    file_claims = FileClaims()
    for index in sorted(generation, key=lambda index: (-hours[index], index)):
        files, why = items[index].files, _waits_for(items[index], earlier_ids)
        number = min(frozenset(range(len(waves) + 1)) - file_claims.owners(files))
        file_claims.add(number, files)
        if number == len(waves):
            claims.append(FileClaims())
            waves.append({})
        if number:
            conflicts = claims[number - 1].conflicts_with(files)
            why = f"changes {conflicts[min(conflicts)][0]}, as {items[min(conflicts)].id} does"
        claims[number].add(index, files)
        waves[number][index] = why
    for wave in waves:
        members = list(wave.items())
        size = agent_count or len(members)
        for start in range(0, len(members), size):
            part = members[start : start + size]
            yield dict(part) if not start else {index: f"at most {agent_count} at a time" for index, _ in part}


def _waits_for(item: WorkItem, earlier_ids: Collection[str]) -> str:
    """Return the reasons why an item is not in the previous generation, whose ids are `earlier_ids`."""
    previous_ids = [need for need in item.needs if need in earlier_ids]
    if not previous_ids:
        return item.rank_reason if item.rank_reason and earlier_ids else "waits for nothing"
    more_count = len(previous_ids) - MAX_NAMED_ITEMS
    return f"after {', '.join(previous_ids[:MAX_NAMED_ITEMS])}" + (f" and {more_count} more" if more_count > 0 else "")


def _critical_path(count: int, predecessors: dict[int, list[int]], hours: Sequence[float]) -> list[int]:
    """Return the positions of the items on the longest path. Of several paths, take that through the first items."""
    longest_hours: dict[int, float] = {}
    came_from: dict[int, int | None] = {}
    for index in TopologicalSorter(predecessors).static_order():
        previous_index = min(
            predecessors.get(index, ()),
            key=lambda node_before: (-longest_hours[node_before], node_before),
            default=None,
        )
        came_from[index] = previous_index
        longest_hours[index] = (hours[index] if index < count else 0.0) + (
            0.0 if previous_index is None else longest_hours[previous_index]
        )
    path: list[int] = []
    node: int | None = min(range(count), key=lambda index: (-longest_hours[index], index), default=None)
    while node is not None:
        if node < count:
            path.append(node)
        node = came_from[node]
    return path[::-1]


def _excluded_pairs(items: Sequence[WorkItem]) -> list[ExcludedPair]:
    """Return the pairs of items whose files meet, in order; at most one more than `MAX_PAIRS`."""
    claims = FileClaims()
    pairs: list[ExcludedPair] = []
    for index, item in enumerate(items):
        for other, files in sorted(claims.conflicts_with(item.files).items()):
            pairs.append(ExcludedPair(items[other].id, item.id, files))
            if len(pairs) > MAX_PAIRS:
                return pairs
        claims.add(index, item.files)
    return pairs
