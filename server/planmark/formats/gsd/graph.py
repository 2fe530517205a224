"""The graph of dependencies between plans, or between phases: its cycles, its order, and the waves of plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

Edges = Mapping[str, Sequence[str]]
"""Id of a plan → ids of the plans that it depends on, including ids of missing plans."""


def cycle(edges_by_name: Edges) -> list[str]:
    """Return the ids of the plans in a cycle of dependencies, or on a path between two cycles."""
    left = dict.fromkeys(edges_by_name)
    before = _edges_between_known(edges_by_name)
    behind = _reversed_edges(before)
    _strip(left, before, behind)
    _strip(left, behind, before)
    return list(left)


def waves(edges_by_name: Edges, least: Mapping[str, int] | None = None) -> dict[str, int]:
    """Return the wave of each plan.

    A plan's wave is 1, or one more than the last wave of its dependencies, and at least its value in `least`. A plan in
    a cycle, or that depends on such a plan, has no wave.
    """
    before = _edges_between_known(edges_by_name)
    behind = _reversed_edges(before)
    degree = {name: len(edges) for name, edges in before.items()}
    ready_names = [name for name, number in degree.items() if not number]
    result: dict[str, int] = {}
    while ready_names:
        name = ready_names.pop()
        own = least.get(name, 1) if least else 1
        result[name] = max(own, 1 + max((result[one] for one in before[name]), default=0))
        for one in behind[name]:
            degree[one] -= 1
            if not degree[one]:
                ready_names.append(one)
    return result


def in_order(edges_by_name: Edges) -> list[str]:
    """Return the ids in their given order, but each after its dependencies; those in or behind a cycle are last."""
    before = _edges_between_known(edges_by_name)
    behind = _reversed_edges(before)
    place = {name: index for index, name in enumerate(edges_by_name)}
    degree = {name: len(edges) for name, edges in before.items()}
    ready_positions = [index for name, index in place.items() if not degree[name]]
    names, result = list(edges_by_name), list[str]()
    while ready_positions:
        name = names[heappop(ready_positions)]
        result.append(name)
        for one in behind[name]:
            degree[one] -= 1
            if not degree[one]:
                heappush(ready_positions, place[one])
    return [*result, *(name for name in names if degree[name])]


def _edges_between_known(edges_by_name: Edges) -> dict[str, list[str]]:
    return {
        name: [one for one in dict.fromkeys(edges) if one in edges_by_name] for name, edges in edges_by_name.items()
    }


def _reversed_edges(before: Edges) -> dict[str, list[str]]:
    behind: dict[str, list[str]] = {name: [] for name in before}
    for name, edges in before.items():
        for one in edges:
            behind[one].append(name)
    return behind


def _strip(left: dict[str, None], edges: Edges, against: Edges) -> None:
    """Remove plans without edges to remaining plans from `left`, until every remaining plan has such an edge."""
    degree = {name: sum(one in left for one in edges[name]) for name in left}
    ready_names = [name for name, number in degree.items() if not number]
    while ready_names:
        name = ready_names.pop()
        del left[name]
        for one in against[name]:
            if one in left:
                degree[one] -= 1
                if not degree[one]:
                    ready_names.append(one)
