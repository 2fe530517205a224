"""`planmark graph`: achievements, their dependencies and states."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from planmark.cli.errors import DONE
from planmark.cli.output import print_json, words
from planmark.cli.results import GraphEdge, GraphNode, GraphResult
from planmark.cli.workspace import find_plan, open_workspace
from planmark.workflow.model import PlanState, State

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
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("feature", metavar="@FEATURE", help="a plan: its name, a part of it, or a path")
    parser.add_argument("--format", choices=tuple(FORMATS), default="mermaid", help="how it is written (mermaid)")


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    workspace = open_workspace(args)
    plan = find_plan(workspace, args.feature)
    FORMATS[args.format](graph_result(workspace.snapshot.root, workspace.judged[plan.path].state))
    return DONE


def graph_result(root: str, state: PlanState) -> GraphResult:
    """The graph of a plan; every edge with the line that declares it."""
    return GraphResult(
        workspace=root,
        plan=state.path,
        feature=state.feature,
        nodes=[
            GraphNode(known.id, known.title, known.state, known.id == state.next.achievement)
            for known in state.achievements
        ],
        edges=[GraphEdge(edge.achievement, edge.depends_on, edge.holds, edge.reason) for edge in state.dependencies],
    )


def _print_mermaid(graph: GraphResult) -> None:
    print("graph LR")
    for node in graph.nodes:
        title = node.title.replace('"', "'").replace("`", "'")
        mark = " ← next" if node.next else ""
        print(f'  {_mermaid_id(node.id)}["{node.id} {title}<br/>{words(node.state)}{mark}"]:::{node.state}')
    known = {node.id for node in graph.nodes}
    for edge in graph.edges:
        if edge.depends_on in known and edge.achievement in known:
            arrow = "-->" if edge.holds else "-.->|circle|"
            print(f"  {_mermaid_id(edge.depends_on)} {arrow} {_mermaid_id(edge.achievement)}")
    for state in dict.fromkeys(node.state for node in graph.nodes):
        print(f"  classDef {state} fill:{COLOURS[state]}33,stroke:{COLOURS[state]}")


def _mermaid_id(achievement: str) -> str:
    return f"a{achievement.replace('.', '_')}"


def _print_dot(graph: GraphResult) -> None:
    print(
        f'digraph "{graph.feature}" {{\n  rankdir=LR;\n  node [shape=box, style="rounded,filled", fontname="sans-serif"];'
    )
    for node in graph.nodes:
        title = node.title.replace("\\", "\\\\").replace('"', '\\"')
        width = ", penwidth=3" if node.next else ""
        label = f"{node.id} {title}\\n{words(node.state)}"
        print(
            f'  "{node.id}" [label="{label}", fillcolor="{COLOURS[node.state]}55", color="{COLOURS[node.state]}"{width}];'
        )
    known = {node.id for node in graph.nodes}
    for edge in graph.edges:
        if edge.depends_on in known and edge.achievement in known:
            style = "" if edge.holds else " [style=dashed, color=red]"
            print(f'  "{edge.depends_on}" -> "{edge.achievement}"{style};')
    print("}")


FORMATS: dict[str, Callable[[GraphResult], None]] = {
    "mermaid": _print_mermaid,
    "dot": _print_dot,
    "json": print_json,
}
