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
    ranks that `schedule` is given; `after` says so in words, "" for the lowest rank.
    """

    id: str
    hours: float | None = None
    files: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    rank: int = 0
    after: str = ""


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

    `total` is the sum of all hours, and `makespan` the sum of the longest item of each wave. `critical` is the hours of
    the `critical_path`, the longest chain of items that wait for each other. All are None without a `median`, which
    stands for missing hours. `are_all_pairs` is False if there are more than `MAX_PAIRS`.
    """

    waves: tuple[tuple[Member, ...], ...]
    excluded_pairs: tuple[ExcludedPair, ...]
    critical_path: tuple[str, ...]
    total: float | None
    makespan: float | None
    critical: float | None
    median: float | None
    are_all_pairs: bool = True


class WaitingCycleError(Exception):
    """Items that wait for each other. `cycle` begins and ends with the same id; each one waits for the next."""

    def __init__(self, cycle: tuple[str, ...]) -> None:
        super().__init__(" → ".join(cycle))
        self.cycle = cycle


RanksBefore = Mapping[int, Collection[int]]
"""Rank → the ranks whose items must be done before its items."""


def schedule(
    items: Sequence[WorkItem],
    agents: int | None = None,
    median: float | None = None,
    ranks_before: RanksBefore | None = None,
) -> Schedule:
    """Return the waves of `items`, for at most `agents` at a time. The ids must differ.

    A generation contains the items whose dependencies are all in earlier generations. If its items change the same
    files, it is split, the longest item first, and then by `agents`. `median` stands for missing hours; without it,
    every item counts as one hour. Without `ranks_before`, each rank waits for all lower ranks. Raises WaitingCycleError
    if items wait for each other.
    """
    generations, before = _generations(items, ranks_before)
    hours = [item.hours if item.hours is not None else 1.0 if median is None else median for item in items]
    waves: list[tuple[Member, ...]] = []
    longest: list[float] = []
    earlier_ids: frozenset[str] = frozenset()
    for generation in generations:
        for wave in _split_generation(items, hours, generation, agents, earlier_ids):
            waves.append(tuple(Member(items[index], why) for index, why in sorted(wave.items())))
            longest.append(max(hours[index] for index in wave))
        earlier_ids = frozenset(items[index].id for index in generation)
    path = _critical_path(len(items), before, hours)
    pairs = _excluded_pairs(items)
    sums = [None if median is None else math.fsum(part) for part in (hours, longest, [hours[index] for index in path])]
    return Schedule(
        tuple(waves),
        tuple(pairs[:MAX_PAIRS]),
        tuple(items[index].id for index in path),
        sums[0],
        sums[1],
        sums[2],
        median,
        len(pairs) <= MAX_PAIRS,
    )


def _generations(
    items: Sequence[WorkItem], ranks_before: RanksBefore | None
) -> tuple[list[list[int]], dict[int, list[int]]]:
    """Return the positions of the items of each generation, and what each node of the order waits for.

    The nodes are the positions of items and, behind them, a barrier for each rank. A barrier waits for all items of its
    rank, so that the edges between ranks stay as many as the items.
    """
    at_of = {item.id: index for index, item in enumerate(items)}
    ranks = sorted({item.rank for item in items})
    barrier = {rank: len(items) + number for number, rank in enumerate(ranks)}
    lower: RanksBefore = (
        {rank: (one,) for one, rank in itertools.pairwise(ranks)} if ranks_before is None else ranks_before
    )
    before: dict[int, list[int]] = {
        index: [
            *(at_of[need] for need in item.needs if need in at_of),
            *(barrier[rank] for rank in lower.get(item.rank, ())),
        ]
        for index, item in enumerate(items)
    }
    for index, item in enumerate(items):
        before.setdefault(barrier[item.rank], []).append(index)
    sorter = TopologicalSorter(before)
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
    return generations, before


def _cycle_ids(items: Sequence[WorkItem], nodes: Sequence[int]) -> tuple[str, ...]:
    """Return a cycle as ids, from its first item on. `nodes` repeats its first node, and each is needed by the next."""
    around = [index for index in reversed(nodes[1:]) if index < len(items)]
    start = around.index(min(around))
    ids = [items[index].id for index in (*around[start:], *around[:start])]
    return (*ids, ids[0])


def _split_generation(
    items: Sequence[WorkItem],
    hours: Sequence[float],
    generation: Sequence[int],
    agents: int | None,
    earlier_ids: Collection[str],
) -> Iterator[dict[int, str]]:
    """Yield the waves of a generation: position → why it is in this wave. Each item takes the first wave that it fits.

    `earlier_ids` are the ids of the generation before.
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
        size = agents or len(members)
        for start in range(0, len(members), size):
            part = members[start : start + size]
            yield dict(part) if not start else {index: f"at most {agents} at a time" for index, _ in part}


def _waits_for(item: WorkItem, earlier_ids: Collection[str]) -> str:
    """Return the reasons why an item is not in the previous generation, whose ids are `earlier_ids`."""
    last = [need for need in item.needs if need in earlier_ids]
    if not last:
        return item.after if item.after and earlier_ids else "waits for nothing"
    more = len(last) - MAX_NAMED_ITEMS
    return f"after {', '.join(last[:MAX_NAMED_ITEMS])}" + (f" and {more} more" if more > 0 else "")


def _critical_path(count: int, before: dict[int, list[int]], hours: Sequence[float]) -> list[int]:
    """Return the positions of the items on the longest path; of equally long ones, that through the first items."""
    longest: dict[int, float] = {}
    came_from: dict[int, int | None] = {}
    for index in TopologicalSorter(before).static_order():
        previous_index = min(before.get(index, ()), key=lambda one: (-longest[one], one), default=None)
        came_from[index] = previous_index
        longest[index] = (hours[index] if index < count else 0.0) + (
            0.0 if previous_index is None else longest[previous_index]
        )
    path: list[int] = []
    node: int | None = min(range(count), key=lambda index: (-longest[index], index), default=None)
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
