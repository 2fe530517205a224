"""Detection of cycles in a directed graph, in time linear in the number of edges."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def components(edges: Iterable[tuple[Node, Node]]) -> dict[Node, int]:
    """Map each node to the number of its strongly connected component (Tarjan's algorithm, without recursion)."""
    targets = targets_of(edges)
    order: dict[Node, int] = {}
    lowest: dict[Node, int] = {}
    component: dict[Node, int] = {}
    path: list[Node] = []
    for start in list(targets):
        if start in order:
            continue
        pending = [(start, iter(targets[start]))]
        order[start] = lowest[start] = len(order)
        path.append(start)
        while pending:
            node, rest = pending[-1]
            for target in rest:
                if target not in order:
                    order[target] = lowest[target] = len(order)
                    path.append(target)
                    pending.append((target, iter(targets[target])))
                    break
                if target not in component:
                    lowest[node] = min(lowest[node], order[target])
            else:
                pending.pop()
                if pending:
                    above = pending[-1][0]
                    lowest[above] = min(lowest[above], lowest[node])
                if lowest[node] == order[node]:
                    number = order[node]
                    while node not in component:
                        component[path.pop()] = number
    return component


def edges_in_cycles(edges: Sequence[tuple[Node, Node]]) -> set[tuple[Node, Node]]:
    """Return the edges that are part of a cycle."""
    component = components(edges)
    return {(source, target) for source, target in edges if component[source] == component[target]}


def cycle_through(targets: Mapping[Node, Sequence[Node]], source: Node, target: Node) -> tuple[Node, ...]:
    """Return a shortest cycle that contains the edge, with its first node repeated at the end.

    Return only the edge if no cycle contains it. `targets` is the result of `targets_of`. The cost is linear in the
    size of the subgraph that is reachable from `target`.
    """
    came_from: dict[Node, Node] = {}
    reached_nodes = [target]
    for node in reached_nodes:
        if node == source:
            break
        new_nodes = [other for other in targets.get(node, ()) if other not in came_from and other != target]
        came_from.update(dict.fromkeys(new_nodes, node))
        reached_nodes += new_nodes
    else:
        return source, target
    path = [source]
    while path[-1] != target:
        path.append(came_from[path[-1]])
    return (source, *reversed(path))


def targets_of(edges: Iterable[tuple[Node, Node]]) -> Mapping[Node, list[Node]]:
    """Map every node that an edge names to the targets of its edges."""
    targets: dict[Node, list[Node]] = {}
    for source, target in edges:
        targets.setdefault(source, []).append(target)
        targets.setdefault(target, [])
    return targets
