"""`planmark drop`: marks an achievement in its PLAN as no longer wanted."""

from __future__ import annotations

import argparse

from planmark.cli import lifecycle
from planmark.cli.context import CommandContext, CommandResult
from planmark.cli.workspace_access import find_plan_and_document, open_workspace
from planmark.ide.editor import work_editor
from planmark.queries.meant import methodology_plan, needed_achievement


class Options(lifecycle.Options):
    """The options of the command."""

    achievement: str | None
    note: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("feature", metavar="@FEATURE", help="the plan")
    parser.add_argument(
        "achievement", nargs="?", metavar="N.N", help="the achievement; not needed for the path of one of its documents"
    )
    parser.add_argument(
        "--note", metavar="TEXT", required=True, help="why it is no longer wanted; part of its new title"
    )
    parser.add_argument("--dry-run", action="store_true", help="print the changes as a diff, and write nothing")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command. The output is the path of the PLAN; with `--dry-run`, it is a diff."""
    options = context.options
    view = open_workspace(context)
    named_plan = find_plan_and_document(view, options.feature)
    plan = methodology_plan(named_plan.plan, "drop")
    achievement = needed_achievement(view, named_plan, options.achievement)
    return lifecycle.carry_out_changes(options, view, lambda: work_editor().drop(view, plan, achievement, options.note))
