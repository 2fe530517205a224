"""The graph of a plan: achievements, their dependencies and states, as data, Mermaid and DOT."""

from __future__ import annotations

import re

from planmark.plans.model import State
from planmark.plans.outside import Standing
from planmark.plans.phrases import is_next, state_label, words
from planmark.queries.api_types import GraphEdge, GraphNode, GraphResult
from planmark.queries.workspace_view import View
from planmark.text.masking import without_secrets
from planmark.text.visible import visible_in_one_line

COLOURS: dict[State, str] = {
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

_MERMAID = re.compile(r"[\"#%&<>`{}\[\]|\\*_$]")
"""Characters with a special meaning in Mermaid: in a quoted label, or in Markdown inside the label."""


def graph_result(view: View, path: str) -> GraphResult:
    """Return the graph of the plan at a path, with the achievements of other plans that the plan waits for.

    Every edge has the line that declares it.
    """
    state = view.state(path)
    own = [
        GraphNode(known.id or known.ref, known.title, known.state, is_next(state, known), None, state_label(known))
        for known in state.achievements
    ]
    outside = view.evaluations[path].outside.standings if path in view.evaluations else {}
    foreign = [
        GraphNode(name, standing.title, stands := state_of(view, standing), False, standing.plan, words(stands))
        for name, standing in outside.items()
    ]
    return GraphResult(
        workspace=view.snapshot.root,
        plan=state.path,
        feature=state.feature,
        nodes=own + foreign,
        edges=[GraphEdge(edge.achievement, edge.depends_on, edge.holds, edge.reason) for edge in state.dependencies],
    )


def state_of(view: View, standing: Standing) -> State:
    """Return the current state of an achievement of a different plan."""
    known = view.evaluations[standing.plan].by_id.get(standing.id)
    return known.state if known else standing.state


def mermaid(graph: GraphResult) -> str:
    """Return the graph as Mermaid. An arrow leads from a dependency to the achievement that it blocks."""
    lines = ["graph LR"]
    for node in graph.nodes:
        mark = " ← next" if node.next else ""
        label = _in_mermaid(f"{node.id} {node.title}")
        lines.append(f'  {_mermaid_id(node.id)}["{label}<br/>{node.state_label}{mark}"]:::{node.state}')
    known = {node.id for node in graph.nodes}
    for edge in graph.edges:
        if edge.depends_on in known and edge.achievement in known:
            arrow = "-->" if edge.holds else "-.->|circle|"
            lines.append(f"  {_mermaid_id(edge.depends_on)} {arrow} {_mermaid_id(edge.achievement)}")
    for state in dict.fromkeys(node.state for node in graph.nodes):
        lines.append(f"  classDef {state} fill:{COLOURS[state]}33,stroke:{COLOURS[state]}")
    return "\n".join(lines) + "\n"


def _in_mermaid(text: str) -> str:
    """Escape a text for a quoted label of Mermaid: no quotes, HTML, Markdown, entities or directives (`%%{`)."""
    return _MERMAID.sub(lambda found: f"#{ord(found[0])};", visible_in_one_line(without_secrets(text)))


def _mermaid_id(achievement: str) -> str:
    """Return an id as a name of Mermaid: `1.1` → `a1_1`, `@TILL-2 1.1` → `aTILL_2__1_1`."""
    return f"a{re.sub('[^0-9A-Za-z_]', '_', achievement.removeprefix('@').replace(' ', '__'))}"


def dot(graph: GraphResult) -> str:
    """Return the graph as DOT."""
    lines: list[str] = []
    lines.append(
        f'digraph "{_in_dot(graph.feature)}" {{\n  rankdir=LR;\n  node [shape=box, style="rounded,filled", fontname="sans-serif"];'
    )
    for node in graph.nodes:
        width = ", penwidth=3" if node.next else ""
        label = f"{_in_dot(f'{node.id} {node.title}')}\\n{node.state_label}"
        lines.append(
            f'  "{_in_dot(node.id)}" [label="{label}", fillcolor="{COLOURS[node.state]}55", color="{COLOURS[node.state]}"{width}];'
        )
    known = {node.id for node in graph.nodes}
    for edge in graph.edges:
        if edge.depends_on in known and edge.achievement in known:
            style = "" if edge.holds else " [style=dashed, color=red]"
            lines.append(f'  "{_in_dot(edge.depends_on)}" -> "{_in_dot(edge.achievement)}"{style};')
    lines.append("}")
    return "\n".join(lines) + "\n"


def _in_dot(text: str) -> str:
    """Escape a text for a quoted string of DOT, in which a backslash begins an escape and `&` an entity of HTML."""
    return visible_in_one_line(without_secrets(text)).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
