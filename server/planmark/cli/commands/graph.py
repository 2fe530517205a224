"""`planmark graph`: achievements, their dependencies and states."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from planmark.cli.console import json_text
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import DONE
from planmark.cli.workspace_access import find_plan, open_workspace
from planmark.queries.api_types import GraphResult
from planmark.queries.graph import dot, graph_result, mermaid
from planmark.text.masking import without_secrets

TEXTS: dict[str, Callable[[GraphResult], str]] = {"mermaid": mermaid, "dot": dot}


class Options(CommandOptions):
    """The options of the command."""

    feature: str
    format: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("feature", metavar="@FEATURE", help="a plan: its name, a part of it, or a path")
    parser.add_argument("--format", choices=(*TEXTS, "json"), default="mermaid", help="output format (mermaid)")
    parser.add_argument("--json", action="store_const", dest="format", const="json", help="short for --format json")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    view = open_workspace(context)
    graph = graph_result(view, find_plan(view, context.options.feature).path)
    form = context.options.format
    if form == "json":
        return CommandResult(DONE, json_text(graph))
    return CommandResult(DONE, without_secrets(TEXTS[form](graph)), "verbatim")
