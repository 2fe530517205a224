"""The graph of a plan as text in the languages Mermaid and DOT.

Boxes enclose the waves. The critical path has thick lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from planmark.plans.model import State
from planmark.queries.graph import GraphColumn, GraphNode, GraphResult
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.masking import without_secrets
from planmark.text.visible import visible_in_one_line

STATE_COLOURS: dict[State, str] = {
    "approved": "#2da44e",
    "needs_fix": "#cf222e",
    "fix_resolved": "#bf8700",
    "design_placeholder": "#bf8700",
    "execution_blocked": "#cf222e",
    "active_execution": "#0969da",
    "next_execution": "#0969da",
    "awaiting_review": "#8250df",
    "no_execution": "#54aeff",
    "blocked": "#8c959f",
    "no_subplan": "#d0d7de",
    "dropped": "#afb8c1",
    "open": "#d0d7de",
    "in_progress": "#0969da",
    "done": "#2da44e",
    "unsupported": "#cf222e",
    "deferred": "#afb8c1",
}

_SPECIAL_IN_MERMAID = lazy_pattern(r"[\"#%&<>`{}\[\]|\\*_$]")
"""Characters with a special meaning in a quoted label of Mermaid, which may contain Markdown."""


def mermaid(graph: GraphResult) -> str:
    """Return the graph as Mermaid. An arrow leads from a dependency to the achievement that waits for it.

    A wave is a subgraph. The nodes and arrows of the critical path are thick. A thick arrow (`==>`) joins neighbours on
    the critical path between which there is no dependency; see `_undeclared_order`.
    """
    names = _mermaid_names(graph)
    lines = ["graph LR"]
    for column, nodes in _nodes_by_column(graph):
        indent = "  "
        if column.wave is not None:
            lines.append(f'  subgraph wave{column.wave}["{_escaped_for_mermaid(column.title)}"]')
            indent = "    "
        for node in nodes:
            mark = " ← next" if node.next else ""
            label = _escaped_for_mermaid(f"{node.id} {node.title}")
            lines.append(
                f'{indent}{names[node.ref]}["{label}<br/>{_escaped_for_mermaid(node.state_label)}{mark}"]:::{node.state}'
            )
        if column.wave is not None:
            lines.append("  end")
    critical_pairs = set(pairwise(graph.critical_path))
    thick_edges: list[str] = []
    for number, (before, after, is_valid) in enumerate(_arrows_of(graph)):
        lines.append(f"  {names[before]} {'-->' if is_valid else '-.->|circle|'} {names[after]}")
        if (before, after) in critical_pairs:
            thick_edges.append(str(number))
    lines += [f"  {names[before]} ==> {names[after]}" for before, after in _undeclared_order(graph)]
    wave_names = [f"wave{column.wave}" for column in graph.columns if column.wave is not None]
    # Invisible links keep waves in their order, also if no arrow leads from one to the next.
    lines += [f"  {before} ~~~ {after}" for before, after in pairwise(wave_names)]
    for state in dict.fromkeys(node.state for node in graph.nodes):
        lines.append(f"  classDef {state} fill:{STATE_COLOURS[state]}33,stroke:{STATE_COLOURS[state]}")
    if thick_edges:
        lines.append(f"  linkStyle {','.join(thick_edges)} stroke-width:4px")
    if graph.critical_path:
        lines.append("  classDef critical stroke-width:4px")
        lines.append(f"  class {','.join(names[node_id] for node_id in graph.critical_path)} critical")
    return "\n".join(lines) + "\n"


def _nodes_by_column(graph: GraphResult) -> Iterator[tuple[GraphColumn, list[GraphNode]]]:
    """Yield the columns of a graph, each with its nodes. If the graph has no waves, yield one column with all nodes."""
    if not any(column.wave for column in graph.columns):
        yield GraphColumn(""), graph.nodes
        return
    nodes: list[list[GraphNode]] = [[] for _ in graph.columns]
    for node in graph.nodes:
        nodes[node.column].append(node)
    yield from zip(graph.columns, nodes, strict=True)


def _arrows_of(graph: GraphResult) -> list[tuple[str, str, bool]]:
    """Return a tuple for each edge whose two ends are nodes.

    The tuple has the ref of the dependency, the ref of the achievement that waits, and whether the dependency holds. If
    several nodes have an id, the edge joins the first of them.
    """
    ref_of = {node.id: node.ref for node in reversed(graph.nodes)}
    return [
        (ref_of[edge.depends_on], ref_of[edge.achievement], edge.holds)
        for edge in graph.edges
        if edge.depends_on in ref_of and edge.achievement in ref_of
    ]


def _undeclared_order(graph: GraphResult) -> list[tuple[str, str]]:
    """Return the pairs of neighbours on the critical path that no edge joins, as refs.

    Priorities or the order of the document decide the order of such a pair. Pairs in the same column are left out,
    because the column shows their order.
    """
    declared_pairs = {(before, after) for before, after, _ in _arrows_of(graph)}
    column_of = {node.ref: node.column for node in graph.nodes}
    critical_pairs = pairwise(graph.critical_path)
    return [pair for pair in critical_pairs if pair not in declared_pairs and column_of[pair[0]] != column_of[pair[1]]]


def _escaped_for_mermaid(text: str) -> str:
    """Return a text for a quoted label of Mermaid.

    Characters of quotes, HTML, Markdown, entities and directives (`%%{`) are escaped.
    """
    return _SPECIAL_IN_MERMAID.sub(lambda match: f"#{ord(match[0])};", visible_in_one_line(without_secrets(text)))


def _mermaid_names(graph: GraphResult) -> dict[str, str]:
    """Return a mapping from the ref of each node to its unique name in Mermaid.

    For example, the name of `1.1` is `a1_1`, and the name of `@TILL-2 1.1` is `aTILL_2__1_1`.
    """
    names: dict[str, str] = {}
    used_names: set[str] = set()
    for number, node in enumerate(graph.nodes):
        plain_name = re.sub("[^0-9A-Za-z_]", "_", node.ref.removeprefix("@").replace(" ", "__"))
        name = f"a{plain_name}" if f"a{plain_name}" not in used_names else f"b{number}_{plain_name}"
        names.setdefault(node.ref, name)
        used_names.add(name)
    return names


def dot(graph: GraphResult) -> str:
    """Return the graph as DOT, with a cluster for each wave; see `mermaid`."""
    critical_refs, critical_pairs = frozenset(graph.critical_path), set(pairwise(graph.critical_path))
    lines = [
        f'digraph "{_escaped_for_dot(graph.feature)}" {{',
        '  rankdir=LR;\n  node [shape=box, style="rounded,filled", fontname="sans-serif"];',
    ]
    for column, nodes in _nodes_by_column(graph):
        if column.wave is not None:
            lines.append(f'  subgraph "cluster_wave{column.wave}" {{\n  label="{_escaped_for_dot(column.title)}";')
        lines += [_dot_node(node, node.ref in critical_refs) for node in nodes]
        if column.wave is not None:
            lines.append("  }")
    for before, after, is_valid in _arrows_of(graph):
        style = (
            " [style=dashed, color=red]"
            if not is_valid
            else " [penwidth=4]"
            if (before, after) in critical_pairs
            else ""
        )
        lines.append(f"  {_dot_edge(before, after)}{style};")
    lines += [f"  {_dot_edge(before, after)} [penwidth=4];" for before, after in _undeclared_order(graph)]
    first_refs = [nodes[0].ref for column, nodes in _nodes_by_column(graph) if column.wave is not None]
    # Invisible edges keep waves in their order, also if no edge leads from one to the next.
    lines += [f"  {_dot_edge(before, after)} [style=invis];" for before, after in pairwise(first_refs)]
    lines.append("}")
    return "\n".join(lines) + "\n"


def _dot_node(node: GraphNode, is_critical: bool) -> str:
    width = ", penwidth=4" if is_critical else ", penwidth=3" if node.next else ""
    label = f"{_escaped_for_dot(f'{node.id} {node.title}')}\\n{_escaped_for_dot(node.state_label)}"
    colour = STATE_COLOURS[node.state]
    return f'  "{_escaped_for_dot(node.ref)}" [label="{label}", fillcolor="{colour}55", color="{colour}"{width}];'


def _dot_edge(before: str, after: str) -> str:
    """Return the arrow from the node `before` to the node `after` in DOT. Both parameters are refs of nodes."""
    return f'"{_escaped_for_dot(before)}" -> "{_escaped_for_dot(after)}"'


def _escaped_for_dot(text: str) -> str:
    """Return a text for a quoted string of DOT. Backslashes, quotes and `&` are escaped."""
    return visible_in_one_line(without_secrets(text)).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
