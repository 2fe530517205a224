"""`planmark report`: what was approved since a day, what waits for whom, what is wrong, and the progress of plans."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable
from pathlib import Path

from planmark.cli.console import json_text
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import DONE
from planmark.cli.report_output import html_report, markdown_report
from planmark.cli.report_sections import MAX_ROWS, ReportPage, report_page
from planmark.cli.since_day import EXAMPLE_DAYS_TEXT, since_day
from planmark.cli.workspace_access import find_plan, open_workspace, with_leases
from planmark.queries.lookup import NoAnswerError, no_plans_message
from planmark.queries.work_history import history_result, needed_commits
from planmark.queries.work_report import report_result
from planmark.storage.git_history import read_file_log
from planmark.storage.timestamps import local_day
from planmark.text.masking import without_secrets

REPORT_RENDERERS: dict[str, Callable[[ReportPage], str]] = {"md": markdown_report, "html": html_report}
REPORT_FORMATS = (*REPORT_RENDERERS, "json")


class Options(CommandOptions):
    """The options of the command."""

    feature: str | None
    format: str
    since: str | None
    all: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "feature", nargs="?", metavar="@FEATURE", help="a plan: its name, a part of it, or a path; default: all plans"
    )
    parser.add_argument("--since", metavar="DAY", help=f"the first day: {EXAMPLE_DAYS_TEXT} (7d)")
    parser.add_argument(
        "--format", choices=REPORT_FORMATS, default="md", help="output format (md); html is one file without scripts"
    )
    parser.add_argument("--json", action="store_const", dest="format", const="json", help="short for --format json")
    parser.add_argument("--all", action="store_true", help=f"all rows, not only {MAX_ROWS} of each section")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    options = context.options
    today = local_day()
    since = since_day(options.since, today)
    view = with_leases(context, open_workspace(context, needs_diagnostics=True))
    if not view.plans:
        raise NoAnswerError(no_plans_message(view.snapshot), "unreadable")
    plan_path = find_plan(view, options.feature).path if options.feature else None
    log = read_file_log(Path(view.snapshot.root), *needed_commits(view, today, plan_path))
    result = report_result(view, history_result(view, today, log, plan_path), since, plan_path)
    if options.format == "json":
        return CommandResult(DONE, json_text(result))
    page = report_page(result, _full_report_command(options, since), None if options.all else MAX_ROWS)
    return CommandResult(DONE, without_secrets(REPORT_RENDERERS[options.format](page)), "utf8")


def _full_report_command(options: Options, since: str) -> str:
    """Return the command line that prints the same report with all rows."""
    words = ["planmark", "report", *([options.feature] if options.feature else []), "--since", since, "--all"]
    return shlex.join([*words, *(["--format", options.format] if options.format != "md" else [])])
