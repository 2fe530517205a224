"""`planmark new`: creates the PLAN of a new feature, in the folder of the other plans."""

from __future__ import annotations

import argparse
import datetime

from planmark.cli.console import line, print_note
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import DONE
from planmark.cli.workspace_access import create_workspace_file, open_workspace
from planmark.queries.new_plan import feature_named, new_plan


class Options(CommandOptions):
    """The options of the command."""

    feature: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("feature", metavar="FEATURE", help="capitals, digits and hyphens, as in NEW-CHECKOUT")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command. The output is the path of the PLAN."""
    feature = feature_named(context.options.feature)
    view = open_workspace(context)
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    file = new_plan(view, feature, today)
    create_workspace_file(view, file)
    print_note(f"next: fill it in, then planmark next @{feature}", quiet=context.options.quiet)
    return CommandResult(DONE, line(file.path))
