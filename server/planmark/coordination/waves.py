"""Waves: groups of items that agents can do at the same time. The module also finds the critical path of a plan."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

import msgspec

from planmark.coordination.file_overlap import FileClaims

MAX_EXCLUDED_PAIRS = 1_000
"""Maximum number of excluded pairs in a schedule."""
MAX_NAMED_ITEMS = 3
"""Maximum number of items that the reason for a wait names."""


class WorkItem(NamedTuple):
    """An item that is to be done. `hours` is None if the hours are unknown. `files` are the paths that it changes.

    `needs` are the ids of the items that must be done first. An item also waits for all items of certain other ranks:
    see `ranks_before` of `schedule`. `rank_reason` says in words why items of this rank wait; it is "" for the lowest
    rank.
    """

    id: str
    hours: float | None = None
    files: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    rank: int = 0
    rank_reason: str = ""


class ScheduledItem(NamedTuple):
    """An item in a wave. `why` is the reason why the item is not in an earlier wave."""

    item: WorkItem
    why: str


class ExcludedPair(msgspec.Struct, frozen=True):
    """Two items, `a` and `b`, that must not be done at the same time, because both change `files`."""

    a: str
    b: str
    files: tuple[str, ...]


class Schedule(NamedTuple):
    """The waves of a plan. Items of one wave do not wait for each other, and do not change the same file.

    `total_hours` is the sum of the hours of all items. `makespan` is the sum of the hours of the longest item of each
    wave. `critical_path` is the longest chain of items that wait for each other, and `critical_hours` the sum of its
    hours. `median` stands for unknown hours; if it is None, all three sums are None, too. `has_all_pairs` is False if
    there are more than `MAX_EXCLUDED_PAIRS` excluded pairs.
    """

    waves: tuple[tuple[ScheduledItem, ...], ...]
    excluded_pairs: tuple[ExcludedPair, ...]
    critical_path: tuple[str, ...]
    total_hours: float | None
    makespan: float | None
    critical_hours: float | None
    median: float | None
    has_all_pairs: bool = True


class WaitingCycleError(Exception):
    """Items that wait for each other. In `cycle`, each item waits for the next, and the first id is also the last."""

    def __init__(self, cycle: tuple[str, ...]) -> None:
        super().__init__(" → ".join(cycle))
        self.cycle = cycle


RanksBefore = Mapping[int, Collection[int]]
"""Mapping from a rank to the ranks whose items must be done before the items of this rank."""


def schedule(
    items: Sequence[WorkItem],
    agent_count: int | None = None,
    median: float | None = None,
    ranks_before: RanksBefore | None = None,
) -> Schedule:
    """Return the schedule of `items` for at most `agent_count` agents. The ids of the items must differ.

    First, the items form generations: an item waits only for items of earlier generations. Then each generation is
    split into waves, so that no two items of a wave change the same file. The longest item is placed first. A wave has
    at most `agent_count` items. `median` stands for unknown hours; if it is None, they count as one hour. If
    `ranks_before` is None, each rank waits for all lower ranks. Raises WaitingCycleError if items wait for each other.
    """
    generations, predecessors = _generations(items, ranks_before)
    hours = [item.hours if item.hours is not None else 1.0 if median is None else median for item in items]
    waves: list[tuple[ScheduledItem, ...]] = []
    longest_hours: list[float] = []
    earlier_ids: frozenset[str] = frozenset()
    for generation in generations:
        for wave in _split_generation(items, hours, generation, agent_count, earlier_ids):
            waves.append(tuple(ScheduledItem(items[index], why) for index, why in sorted(wave.items())))
            longest_hours.append(max(hours[index] for index in wave))
        earlier_ids = frozenset(items[index].id for index in generation)
    critical_path = _critical_path(len(items), predecessors, hours)
    pairs = _excluded_pairs(items)
    hour_sums = [
        None if median is None else math.fsum(hour_values)
        for hour_values in (hours, longest_hours, [hours[index] for index in critical_path])
    ]
    return Schedule(
        tuple(waves),
        tuple(pairs[:MAX_EXCLUDED_PAIRS]),
        tuple(items[index].id for index in critical_path),
        hour_sums[0],
        hour_sums[1],
        hour_sums[2],
        median,
        len(pairs) <= MAX_EXCLUDED_PAIRS,
    )


def _generations(
    items: Sequence[WorkItem], ranks_before: RanksBefore | None
) -> tuple[list[list[int]], dict[int, list[int]]]:
    """Return a tuple: a list of the generations, and a mapping from a node to the nodes for which it waits.

    A generation is a list of positions in `items`. A node is the position of an item, or the number of a barrier. Each
    rank has a barrier. The barrier waits for all items of its rank, and items of later ranks wait for the barrier.
    Without barriers, each item would wait for every item of the rank before. Raises WaitingCycleError.
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
    """Return the ids of the items in a cycle. The item that is first in `items` begins and ends the result.

    In `nodes`, each node needs the node before it. The last node is the first node again.
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
    """Yield the waves of a generation. A wave maps the position of an item to the reason why the item is in this wave.

    Items of one generation do not wait for each other. Each item goes into the first wave in which no item changes its
    files. `earlier_ids` are the ids of the items in the generation before.
    """
    claims: list[FileClaims] = []
    waves: list[dict[int, str]] = []
    file_claims = FileClaims()
    for index in sorted(generation, key=lambda index: (-hours[index], index)):
        files, why = items[index].files, _wait_reason(items[index], earlier_ids)
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
        wave_size = agent_count or len(members)
        for start in range(0, len(members), wave_size):
            part = members[start : start + wave_size]
            yield dict(part) if not start else {index: f"at most {agent_count} at a time" for index, _ in part}


def _wait_reason(item: WorkItem, earlier_ids: Collection[str]) -> str:
    """Return the reason why an item is not in the previous generation, in words.

    `earlier_ids` are the ids of the items in the previous generation.
    """
    previous_ids = [need for need in item.needs if need in earlier_ids]
    if not previous_ids:
        return item.rank_reason if item.rank_reason and earlier_ids else "waits for nothing"
    more_count = len(previous_ids) - MAX_NAMED_ITEMS
    return f"after {', '.join(previous_ids[:MAX_NAMED_ITEMS])}" + (f" and {more_count} more" if more_count > 0 else "")


def _critical_path(item_count: int, predecessors: dict[int, list[int]], hours: Sequence[float]) -> list[int]:
    """Return the positions of the items on the longest path.

    Of several longest paths, the path with the first items is returned. `hours` are the hours of the items by their
    positions. `predecessors` is the mapping of `_generations`.
    """
    longest_hours: dict[int, float] = {}
    previous_nodes: dict[int, int | None] = {}
    for index in TopologicalSorter(predecessors).static_order():
        previous_index = min(
            predecessors.get(index, ()),
            key=lambda node_before: (-longest_hours[node_before], node_before),
            default=None,
        )
        previous_nodes[index] = previous_index
        longest_hours[index] = (hours[index] if index < item_count else 0.0) + (
            0.0 if previous_index is None else longest_hours[previous_index]
        )
    path: list[int] = []
    node: int | None = min(range(item_count), key=lambda index: (-longest_hours[index], index), default=None)
    while node is not None:
        if node < item_count:
            path.append(node)
        node = previous_nodes[node]
    return path[::-1]


def _excluded_pairs(items: Sequence[WorkItem]) -> list[ExcludedPair]:
    """Return the pairs of items whose files overlap, in the order of the items.

    If there are more than `MAX_EXCLUDED_PAIRS` pairs, one more than `MAX_EXCLUDED_PAIRS` is returned.
    """
    claims = FileClaims()
    pairs: list[ExcludedPair] = []
    for index, item in enumerate(items):
        for other_index, files in sorted(claims.conflicts_with(item.files).items()):
            pairs.append(ExcludedPair(items[other_index].id, item.id, files))
            if len(pairs) > MAX_EXCLUDED_PAIRS:
                return pairs
        claims.add(index, item.files)
    return pairs
