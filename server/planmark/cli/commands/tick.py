"""`planmark tick`: ticks the boxes of tasks in other plan formats."""

from __future__ import annotations

import argparse
from pathlib import Path

from planmark.cli.console import line
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import DONE, UNREADABLE, CommandError
from planmark.cli.workspace_access import find_plan, lock_workspace, open_workspace, reopen_workspace
from planmark.plans.phrases import marked_label
from planmark.queries.lookup import plan_at
from planmark.queries.ticks import TickResult, site_to_tick, tick
from planmark.queries.workspace_view import View
from planmark.text.unified import diff_of_file
from planmark.workspace.atomic_write import WriteError
from planmark.workspace.together import TextPair, carry_out


class Options(CommandOptions):
    """The options of the command."""

    feature: str
    refs: list[str]
    undo: bool
    dry_run: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("feature", metavar="@FEATURE", help="the plan")
    parser.add_argument("refs", nargs="+", metavar="REF", help="a task: its id, or `:LINE-HHHH` as `status` shows it")
    parser.add_argument("--undo", action="store_true", help="open the boxes again")
    parser.add_argument("--dry-run", action="store_true", help="print the changes as a diff, and write nothing")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command. The output is a line for each task; with `--dry-run`, it is a diff."""
    options = context.options
    view = open_workspace(context)
    path = site_to_tick(find_plan(view, options.feature)).path
    with lock_workspace(context):
        # Another process may have changed the document since the scan.
        view = reopen_workspace(context)
        site = site_to_tick(plan_at(view, path))
        tick_result = tick(view, site, options.refs, undo=options.undo)
        if options.dry_run:
            diffs = [diff_of_file(name, *texts) for name, texts in sorted(tick_result.texts.items())]
            return CommandResult(DONE, "".join(diffs), "utf8")
        _write_ticked_documents(view, tick_result)
    return CommandResult(
        DONE, _result_text(tick_result), notes=tuple(f"planmark: {note}" for note in tick_result.notes)
    )


def _write_ticked_documents(view: View, tick_result: TickResult) -> None:
    """Write the documents with the changed boxes. Raises CommandError if a document cannot be written."""
    try:
        carry_out(Path(view.snapshot.root), {path: TextPair(*texts) for path, texts in tick_result.texts.items()}, ())
    except WriteError as error:
        raise CommandError(str(error), UNREADABLE) from None


def _result_text(tick_result: TickResult) -> str:
    lines = []
    for item, is_changed in zip(tick_result.items, tick_result.changed, strict=True):
        suffix = "" if is_changed else ", as before"
        lines.append(line(f"{item.path}:{item.line} {item.id or item.ref} {marked_label(item)}{suffix}"))
    return "".join(lines)
