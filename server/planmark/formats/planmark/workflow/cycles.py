"""Detection of cycles in a directed graph, in time linear in the number of edges."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def component_numbers(edges: Iterable[tuple[Node, Node]]) -> dict[Node, int]:
    """Return a mapping from each node to the number of the strongly connected component that contains the node.

    Each of `edges` is a pair (source, target).
    The function uses Tarjan's algorithm, without recursion.
    """
    targets = targets_of(edges)
    discovery_order: dict[Node, int] = {}
    low_links: dict[Node, int] = {}
    component_by_node: dict[Node, int] = {}
    stack: list[Node] = []
    for start in list(targets):
        if start in discovery_order:
            continue
        pending_visits = [(start, iter(targets[start]))]
        discovery_order[start] = low_links[start] = len(discovery_order)
        stack.append(start)
        while pending_visits:
            node, remaining_targets = pending_visits[-1]
            for target in remaining_targets:
                if target not in discovery_order:
                    discovery_order[target] = low_links[target] = len(discovery_order)
                    stack.append(target)
                    pending_visits.append((target, iter(targets[target])))
                    break
                if target not in component_by_node:
                    low_links[node] = min(low_links[node], discovery_order[target])
            else:
                pending_visits.pop()
                if pending_visits:
                    parent_node = pending_visits[-1][0]
                    low_links[parent_node] = min(low_links[parent_node], low_links[node])
                if low_links[node] == discovery_order[node]:
                    number = discovery_order[node]
                    while node not in component_by_node:
                        component_by_node[stack.pop()] = number
    return component_by_node


def edges_in_cycles(edges: Sequence[tuple[Node, Node]]) -> set[tuple[Node, Node]]:
    """Return the edges, each as (source, target), that are part of a cycle."""
    component_by_node = component_numbers(edges)
    return {(source, target) for source, target in edges if component_by_node[source] == component_by_node[target]}


def cycle_through(targets: Mapping[Node, Sequence[Node]], source: Node, target: Node) -> tuple[Node, ...]:
    """Return a shortest cycle that contains the edge from `source` to `target`; the first node is repeated at the end.

    Return only the two nodes if no cycle contains the edge. `targets` is the result of `targets_of`. The cost is linear
    in the size of the subgraph that is reachable from `target`.
    """
    predecessors: dict[Node, Node] = {}
    reached_nodes = [target]
    for node in reached_nodes:
        if node == source:
            break
        new_nodes = [
            next_node for next_node in targets.get(node, ()) if next_node not in predecessors and next_node != target
        ]
        predecessors.update(dict.fromkeys(new_nodes, node))
        reached_nodes += new_nodes
    else:
        return source, target
    path = [source]
    while path[-1] != target:
        path.append(predecessors[path[-1]])
    return (source, *reversed(path))


def targets_of(edges: Iterable[tuple[Node, Node]]) -> Mapping[Node, list[Node]]:
    """Return a mapping from each node to the targets of the edges that begin at the node.

    If no edge begins at a node, the list of the node is empty.
    """
    targets: dict[Node, list[Node]] = {}
    for source, target in edges:
        targets.setdefault(source, []).append(target)
        targets.setdefault(target, [])
    return targets
