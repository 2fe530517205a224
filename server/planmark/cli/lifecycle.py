"""The code that `planmark close`, `archive`, `pause`, `resume` and `drop` share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from planmark.cli.console import line, print_note
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO, UNREADABLE, WAITING, CommandError
from planmark.cli.workspace_access import find_plan, open_workspace
from planmark.ide.editor import work_editor
from planmark.ide.features import ActError, LifecycleAct, PreparedAct, RefusalReason, RenameRefusedError
from planmark.queries.meant import methodology_plan
from planmark.queries.workspace_view import View
from planmark.text.unified import diff_of_file
from planmark.workspace.atomic_write import WriteError, rewritable_text
from planmark.workspace.imagined import preview_changes, texts_after_changes
from planmark.workspace.scan import is_listed
from planmark.workspace.together import TextPair, carry_out
from planmark.workspace.workspace_edits import RenamePath

REFUSAL_EXIT_CODES: dict[RefusalReason, int] = {"open": WAITING, "done already": NOTHING_TO_DO, "refused": BAD_USAGE}
"""Mapping from the cause of a refused act to the exit code of the command."""


class Options(CommandOptions):
    """The options that these commands share."""

    feature: str
    dry_run: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that these commands share."""
    parser.add_argument("feature", metavar="@FEATURE", help="the plan")
    parser.add_argument("--dry-run", action="store_true", help="print the changes as a diff, and write nothing")


def run_act(context: CommandContext[Options], act: LifecycleAct) -> CommandResult:
    """Carry out `act`, such as closing, for the plan that the options name.

    The output is the path of the PLAN after the act. With `--dry-run`, nothing is written, and the output is a diff.
    """
    view = open_workspace(context)
    plan = find_plan(view, context.options.feature)
    return carry_out_changes(context.options, view, lambda: work_editor().act(view, methodology_plan(plan, act), act))


def carry_out_changes(options: Options, view: View, make_act: Callable[[], PreparedAct]) -> CommandResult:
    """Carry out the changes of the act that `make_act` returns.

    The output is the path of the PLAN after the act. With `--dry-run`, nothing is written, and the output is a diff.
    """
    try:
        act = make_act()
    except ActError as error:
        raise CommandError(str(error), REFUSAL_EXIT_CODES[error.cause]) from None
    except RenameRefusedError as error:
        raise CommandError(str(error), BAD_USAGE) from None
    if not is_listed(Path(view.snapshot.root), act.path, view.snapshot.settings):
        raise CommandError(
            f"{act.path} would not be read, because .gitignore or `files.exclude` excludes it. Nothing was changed",
            BAD_USAGE,
        )
    texts = {
        path: TextPair(view.text(path), after) for path, after in texts_after_changes(view.text, act.changes).items()
    }
    moves = [change for change in act.changes if isinstance(change, RenamePath)]
    try:
        if options.dry_run:
            return CommandResult(DONE, _diff_of_act(view, act, texts), "utf8")
        carry_out(Path(view.snapshot.root), texts, moves)
    except WriteError as error:
        raise CommandError(str(error), UNREADABLE) from None
    for note in act.notes:
        print_note(note, quiet=options.quiet)
    for move in moves:
        print_note(f"moved {move.old}/ to {move.new}/", quiet=options.quiet)
    return CommandResult(DONE, line(act.path))


def _diff_of_act(view: View, act: PreparedAct, texts: dict[str, TextPair]) -> str:
    """Return the changes of an act as a unified diff, in the order of the paths.

    `texts` maps the path of each changed document to its texts before and after the act. Raises WriteError if a file
    cannot be written.
    """
    root = Path(view.snapshot.root)
    new_paths = {old: new for new, old in preview_changes(view.snapshot, view.text, act.changes).old_paths.items()}
    diffs = []
    for path in sorted({*texts, *new_paths}):
        text = texts.get(path) or TextPair("", "")
        before = rewritable_text(root, path, text.before) if path in texts else ""
        byte_order_mark = before[: len(before) - len(text.before)]
        diffs.append(diff_of_file(path, before, byte_order_mark + text.after, new_paths.get(path)))
    return "".join(diffs)
