"""The graph of dependencies between plans, or between phases: its cycles, its order, and the waves of plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

Edges = Mapping[str, Sequence[str]]
"""Id of a plan or phase → ids of its dependencies, including ids of missing plans or phases."""


def ids_in_cycle(edges_by_name: Edges) -> list[str]:
    """Return the ids in a cycle of dependencies, or on a path between two cycles."""
    remaining = dict.fromkeys(edges_by_name)
    dependencies = _known_edges(edges_by_name)
    dependents = _reversed_edges(dependencies)
    _remove_ends(remaining, dependencies, dependents)
    _remove_ends(remaining, dependents, dependencies)
    return list(remaining)


def waves(edges_by_name: Edges, least_waves: Mapping[str, int] | None = None) -> dict[str, int]:
    """Return the wave of each plan.

    A plan without dependencies is in wave 1, any other plan in the wave after the last wave of its dependencies. The
    wave is at least the value in `least_waves`. A plan in a cycle has no wave, and a plan that depends on it has none.
    """
    dependencies = _known_edges(edges_by_name)
    dependents = _reversed_edges(dependencies)
    degree = {name: len(edges) for name, edges in dependencies.items()}
    ready_names = [name for name, number in degree.items() if not number]
    result: dict[str, int] = {}
    while ready_names:
        name = ready_names.pop()
        least_wave = least_waves.get(name, 1) if least_waves else 1
        result[name] = max(least_wave, 1 + max((result[other] for other in dependencies[name]), default=0))
        for other in dependents[name]:
            degree[other] -= 1
            if not degree[other]:
                ready_names.append(other)
    return result


def in_dependency_order(edges_by_name: Edges) -> list[str]:
    """Return the ids in their given order, but each after its dependencies.

    Ids in a cycle, and ids that depend on a cycle, are last.
    """
    dependencies = _known_edges(edges_by_name)
    dependents = _reversed_edges(dependencies)
    position_of = {name: index for index, name in enumerate(edges_by_name)}
    degree = {name: len(edges) for name, edges in dependencies.items()}
    ready_positions = [index for name, index in position_of.items() if not degree[name]]
    names, result = list(edges_by_name), list[str]()
    while ready_positions:
        name = names[heappop(ready_positions)]
        result.append(name)
        for other in dependents[name]:
            degree[other] -= 1
            if not degree[other]:
                heappush(ready_positions, position_of[other])
    return [*result, *(name for name in names if degree[name])]


def _known_edges(edges_by_name: Edges) -> dict[str, list[str]]:
    return {
        name: [other for other in dict.fromkeys(edges) if other in edges_by_name]
        for name, edges in edges_by_name.items()
    }


def _reversed_edges(edges_by_name: Edges) -> dict[str, list[str]]:
    reversed_edges: dict[str, list[str]] = {name: [] for name in edges_by_name}
    for name, edges in edges_by_name.items():
        for other in edges:
            reversed_edges[other].append(name)
    return reversed_edges


def _remove_ends(remaining: dict[str, None], edges: Edges, reversed_edges: Edges) -> None:
    """Remove plans from `remaining` until each remaining plan has an edge to a remaining plan."""
    degree = {name: sum(other in remaining for other in edges[name]) for name in remaining}
    ready_names = [name for name, number in degree.items() if not number]
    while ready_names:
        name = ready_names.pop()
        del remaining[name]
        for other in reversed_edges[name]:
            if other in remaining:
                degree[other] -= 1
                if not degree[other]:
                    ready_names.append(other)
