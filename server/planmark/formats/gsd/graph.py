"""The graph of dependencies between plans, or between phases: its cycles, its order, and the waves of plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

Edges = Mapping[str, Sequence[str]]
"""Id of a plan or phase → ids of its dependencies, including ids of missing plans or phases."""


def ids_in_cycle(edges_by_id: Edges) -> list[str]:
    """Return the ids in a cycle of dependencies, or on a path between two cycles."""
    remaining_ids = dict.fromkeys(edges_by_id)
    dependencies = _edges_to_existing_ids(edges_by_id)
    dependents = _reversed_edges(dependencies)
    _remove_dead_ends(remaining_ids, dependencies, dependents)
    _remove_dead_ends(remaining_ids, dependents, dependencies)
    return list(remaining_ids)


def waves(edges_by_id: Edges, least_wave_by_id: Mapping[str, int] | None = None) -> dict[str, int]:
    """Return the wave of each plan.

    A plan without dependencies is in wave 1, any other plan in the wave after the last wave of its dependencies. The
    wave is at least the value in `least_wave_by_id`. A plan in a cycle has no wave, and neither has a plan that depends
    on such a plan.
    """
    dependencies_by_id = _edges_to_existing_ids(edges_by_id)
    dependents_by_id = _reversed_edges(dependencies_by_id)
    open_dependency_count = {plan_id: len(dependency_ids) for plan_id, dependency_ids in dependencies_by_id.items()}
    ready_ids = [plan_id for plan_id, count in open_dependency_count.items() if not count]
    result: dict[str, int] = {}
    while ready_ids:
        plan_id = ready_ids.pop()
        least_wave = least_wave_by_id.get(plan_id, 1) if least_wave_by_id else 1
        result[plan_id] = max(
            least_wave, 1 + max((result[other_id] for other_id in dependencies_by_id[plan_id]), default=0)
        )
        for other_id in dependents_by_id[plan_id]:
            open_dependency_count[other_id] -= 1
            if not open_dependency_count[other_id]:
                ready_ids.append(other_id)
    return result


def in_dependency_order(edges_by_id: Edges) -> list[str]:
    """Return the ids in their given order, but each after its dependencies.

    Ids in a cycle, and ids that depend on a cycle, are last.
    """
    dependencies = _edges_to_existing_ids(edges_by_id)
    dependents = _reversed_edges(dependencies)
    position_by_id = {name: index for index, name in enumerate(edges_by_id)}
    open_dependency_count = {name: len(dependency_ids) for name, dependency_ids in dependencies.items()}
    ready_positions = [index for name, index in position_by_id.items() if not open_dependency_count[name]]
    names, result = list(edges_by_id), list[str]()
    while ready_positions:
        name = names[heappop(ready_positions)]
        result.append(name)
        for other in dependents[name]:
            open_dependency_count[other] -= 1
            if not open_dependency_count[other]:
                heappush(ready_positions, position_by_id[other])
    return [*result, *(name for name in names if open_dependency_count[name])]


def _edges_to_existing_ids(edges_by_id: Edges) -> dict[str, list[str]]:
    """Return the edges without duplicates and without edges to missing plans or phases."""
    return {
        name: [other for other in dict.fromkeys(edges) if other in edges_by_id] for name, edges in edges_by_id.items()
    }


def _reversed_edges(edges_by_id: Edges) -> dict[str, list[str]]:
    """Return the id of each plan or phase → the ids of the plans or phases that depend on it."""
    reversed_edges: dict[str, list[str]] = {name: [] for name in edges_by_id}
    for name, edges in edges_by_id.items():
        for other in edges:
            reversed_edges[other].append(name)
    return reversed_edges


def _remove_dead_ends(remaining: dict[str, None], edges: Edges, reversed_edges: Edges) -> None:
    """Remove ids from `remaining` until each remaining id has an edge to a remaining id.

    `reversed_edges` contains the same edges in the opposite direction.
    """
    edge_count = {name: sum(other in remaining for other in edges[name]) for name in remaining}
    ready_names = [name for name, count in edge_count.items() if not count]
    while ready_names:
        name = ready_names.pop()
        del remaining[name]
        for other in reversed_edges[name]:
            if other in remaining:
                edge_count[other] -= 1
                if not edge_count[other]:
                    ready_names.append(other)
