"""`planmark new`: a PLAN for a new feature, in the folder of the other plans."""

from __future__ import annotations

import argparse
import datetime
import re
from collections import Counter

from planmark.cli.console import line, print_note
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, CommandError
from planmark.cli.workspace_access import open_workspace, write
from planmark.formats.planmark.documents.file_names import FEATURE_PATTERN
from planmark.prompts import scaffold
from planmark.prompts.scaffold import ExistsError
from planmark.queries.workspace_view import View
from planmark.workspace.discovery import DEFAULT_PLANS_FOLDER, parent


class Options(CommandOptions):
    """The options of the command."""

    feature: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("feature", metavar="FEATURE", help="capitals, digits and hyphens, as in NEW-CHECKOUT")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command. The result is the path of the PLAN."""
    given = context.options.feature
    feature = given.removeprefix("@").removeprefix("PLAN_").removesuffix(".md")
    if not re.fullmatch(FEATURE_PATTERN, feature):
        near = re.sub(r"[^A-Z0-9]+", "-", feature.upper()).strip("-")
        hint = f"; did you mean {near}?" if re.fullmatch(FEATURE_PATTERN, near) else ""
        raise CommandError(f"`{given}` is not a feature name: use capitals, digits and hyphens{hint}", BAD_USAGE)
    view = open_workspace(context)
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    try:
        file = scaffold.plan(feature, plans_folder(view), today, view.snapshot.paths)
    except ExistsError as error:
        raise CommandError(str(error), BAD_USAGE) from None
    write(view, file)
    print_note(f"next: fill it in, then planmark next @{feature}", quiet=context.options.quiet)
    return CommandResult(DONE, line(file.path))


def plans_folder(view: View) -> str:
    """Return the folder in which most active plans have a folder of their own; `work-space/plans` if there are none."""
    folders = Counter(
        parent(parent(plan.path))
        for plan in view.snapshot.plans
        if plan.lifecycle == "active" and parent(plan.path).rpartition("/")[2] == plan.feature
    )
    return min(folders, key=lambda folder: (-folders[folder], folder), default=DEFAULT_PLANS_FOLDER)
