"""`planmark demo`: copies an example workspace to a folder, and runs commands there."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from planmark.cli.console import line
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, CommandError
from planmark.workspace.atomic_write import PathTakenError
from planmark.workspace.example import copy_example

DemoCommands = tuple[tuple[str, tuple[str, ...]], ...]
"""The commands to run in an example workspace. Each is a tuple: a title, and the arguments after `planmark`."""

DEMO_COMMANDS: dict[str, DemoCommands] = {
    "planmark": (
        ("Every plan: its progress and its next step", ("status",)),
        ("One plan: each achievement with the file that decides its state", ("status", "@CHECKOUT")),
        ("Why an achievement is in its state, rule by rule", ("why", "@CHECKOUT", "1.2")),
        ("The diagnostics, and how to fix them", ("check", "--select", "fix-unresolved,claimed-without-evidence")),
        ("The next prompt, ready to paste", ("next", "@CHECKOUT")),
    ),
    "openspec": (
        ("Every change: its progress and its next step", ("status",)),
        ("One change: each task with the line or the file that decides its state", ("status", "@add-html-report")),
        ("A box that lies: the file of the ticked task is nowhere", ("why", "@add-html-report", "1.2")),
        ("The diagnostics, and how to fix them", ("check",)),
        ("The next prompt, ready to paste", ("next", "@add-link-cache")),
        ("Tick the task when it is done: one byte changes", ("tick", "@add-link-cache", "2.2", "--dry-run")),
    ),
    "speckit": (
        ("Every feature: its progress and its next step", ("status",)),
        ("One feature: phases that wait, and what can be done side by side", ("status", "@002-shopping-list")),
        ("A box that lies: the file of the ticked task is nowhere", ("why", "@003-household", "T003")),
        ("The diagnostics, and how to fix them", ("check",)),
        ("The next prompt, ready to paste", ("next", "@002-shopping-list")),
        ("Tick the task when it is done: one byte changes", ("tick", "@002-shopping-list", "T003", "--dry-run")),
    ),
    "kiro": (
        ("Every spec: its progress and its next step", ("status",)),
        ("One spec: the task that was started, and what waits for it", ("status", "@reminders")),
        ("A box that lies: the file of the ticked task is nowhere", ("why", "@export-csv", "2.1")),
        ("The diagnostics, and how to fix them", ("check",)),
        ("The next prompt, ready to paste", ("next", "@reminders")),
        ("Tick the task when it is done: one byte changes", ("tick", "@reminders", "2.1", "--dry-run")),
    ),
    "superpowers": (
        ("Every plan: its progress and its next step", ("status",)),
        ("One plan: each task, and each step with its box", ("status", "@2026-03-09-alerts")),
        ("A task that is done, but its file is nowhere", ("why", "@2026-03-16-history", "1")),
        ("The diagnostics, and how to fix them", ("check",)),
        ("The next prompt, ready to paste", ("next", "@2026-03-09-alerts")),
        ("Tick a step when it is done: one byte changes", ("tick", "@2026-03-09-alerts", "2/1", "--dry-run")),
    ),
    "gsd": (
        ("Every tree: its progress and its next step", ("status",)),
        ("One tree: each plan, with the SUMMARY that makes it done", ("status", "@v1.1")),
        ("A tick that lies: the plan has no SUMMARY", ("why", "@v1.1", "04-02")),
        ("The diagnostics: where ROADMAP and STATE contradict the files", ("check",)),
        ("The next prompt, ready to paste", ("next", "@v1.1")),
        ("Tick a plan that has its SUMMARY: one byte of ROADMAP changes", ("tick", "@v1.1", "04-01", "--dry-run")),
    ),
    "featureplanner": (
        ("Every plan: its progress and its next step", ("status",)),
        ("One plan: its phases, and what waits for the first one", ("status", "@calendar")),
        ("A box that lies: the file of the ticked task is nowhere", ("why", "@import-plants", "Test 1.1")),
        ("The diagnostics: open gates, and statuses that contradict the boxes", ("check",)),
        ("The next prompt, ready to paste", ("next", "@calendar")),
        ("Tick the task when it is done: one byte changes", ("tick", "@calendar", "Test 2.1", "--dry-run")),
    ),
}
"""Mapping from the name of a format to the commands to run in the example workspace of this format."""


class Options(CommandOptions):
    """The options of the command."""

    folder: str | None
    plan_format: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("folder", nargs="?", metavar="DIR", help="the target folder; default: a new temporary folder")
    parser.add_argument(
        "--plan-format",
        choices=tuple(DEMO_COMMANDS),
        default="planmark",
        metavar="NAME",
        help=f"the format of the plans: {', '.join(DEMO_COMMANDS)} (planmark)",
    )


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    from planmark.cli.main import main

    folder, plan_format = context.options.folder, context.options.plan_format
    target = Path(folder) if folder else Path(tempfile.mkdtemp(prefix="planmark-demo-")) / "workspace"
    try:
        copy_example(target, plan_format)
    except PathTakenError as error:
        raise CommandError(str(error), BAD_USAGE) from None
    sys.stdout.write(line(f"The example workspace is in {target}"))
    sys.stdout.write("\n")
    for title, arguments in DEMO_COMMANDS[plan_format]:
        sys.stdout.write(line((f"── {title}", "bold")))
        sys.stdout.write(line(f"$ planmark {' '.join(arguments)}"))
        sys.stdout.write("\n")
        sys.stdout.flush()
        main(("--workspace", str(target), *arguments))
        sys.stdout.flush()
        sys.stdout.write("\n")
    return CommandResult(DONE, line(f"Continue there: cd {target} && planmark status"))
