"""`planmark graph`: achievements, their dependencies and states, or the waves in which they can be done."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from planmark.cli.console import json_text
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, PROBLEMS_FOUND, CommandError
from planmark.cli.waves_output import waves_text
from planmark.cli.workspace_access import find_plan, open_workspace
from planmark.queries.graph import GraphResult, graph_result
from planmark.queries.graph_drawing import dot, mermaid
from planmark.queries.waves import waves_result
from planmark.text.masking import without_secrets

TEXT_WRITERS: dict[str, Callable[[GraphResult], str]] = {"mermaid": mermaid, "dot": dot}
GRAPH_FORMS = (*TEXT_WRITERS, "json")
WAVES_FORMS = ("text", "json")
"""The formats of the output with `--waves`. As in `GRAPH_FORMS`, the first format is the default."""
MAX_AGENTS = 1_000
"""Maximum value of `--agents`."""
MAX_AGENT_COUNT_DIGITS = 8
"""Maximum number of digits of the value of `--agents`."""


class Options(CommandOptions):
    """The options of the command."""

    feature: str
    format: str | None
    waves: bool
    agents: int | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("feature", metavar="@FEATURE", help="a plan: its name, a part of it, or a path")
    parser.add_argument(
        "--format", choices=("text", *TEXT_WRITERS, "json"), help="output format (mermaid; text with --waves)"
    )
    parser.add_argument("--json", action="store_const", dest="format", const="json", help="short for --format json")
    parser.add_argument("--waves", action="store_true", help="what can be done at the same time, in what order")
    parser.add_argument("--agents", type=parse_agent_count, metavar="N", help="with --waves: at most N items in a wave")


def parse_agent_count(text: str) -> int:
    """Return the number of agents that `text` names.

    Raises ArgumentTypeError if `text` is not a number from 1 to `MAX_AGENTS`.
    """
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_AGENT_COUNT_DIGITS else 0
    if not 1 <= number <= MAX_AGENTS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of agents from 1 to {MAX_AGENTS}")
    return number


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    options = context.options
    forms = WAVES_FORMS if options.waves else GRAPH_FORMS
    form = options.format or forms[0]
    if form not in forms:
        with_or_without = "with" if options.waves else "without"
        raise CommandError(f"--format {form} is not possible {with_or_without} --waves: {', '.join(forms)}", BAD_USAGE)
    if options.agents is not None and not options.waves:
        raise CommandError("--agents limits waves: add --waves", BAD_USAGE)
    view = open_workspace(context)
    plan = find_plan(view, options.feature)
    if options.waves:
        result = waves_result(view, plan, options.agents)
        output = json_text(result) if form == "json" else waves_text(result)
        return CommandResult(PROBLEMS_FOUND if result.cycle else DONE, output)
    graph = graph_result(view, plan.path)
    if form == "json":
        return CommandResult(DONE, json_text(graph))
    return CommandResult(DONE, without_secrets(TEXT_WRITERS[form](graph)), "verbatim")
