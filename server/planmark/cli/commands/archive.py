"""`planmark archive`: moves the folder of a closed plan to its archive."""

from __future__ import annotations

from pathlib import Path

from planmark.cli.context import CommandContext, CommandResult
from planmark.cli.lifecycle import Options, add_arguments, carry_out_changes
from planmark.cli.workspace_access import find_plan, open_workspace
from planmark.ide.editor import work_editor
from planmark.ide.features import PreparedAct
from planmark.ide.moved_links import changes_in_other_files, notes_about_moved_links
from planmark.queries.meant import methodology_plan
from planmark.queries.workspace_view import View
from planmark.workspace.atomic_write import WriteError, rewritable_text
from planmark.workspace.scan import markdown_files
from planmark.workspace.workspace_edits import RenamePath, in_order

__all__ = ["Options", "add_arguments", "run"]


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    view = open_workspace(context)
    plan = methodology_plan(find_plan(view, context.options.feature), "archive")
    return carry_out_changes(
        context.options, view, lambda: _add_link_changes(view, work_editor().act(view, plan, "archive"))
    )


def _add_link_changes(view: View, act: PreparedAct) -> PreparedAct:
    """Return `act` with further changes, which correct links in Markdown files that are not documents.

    If such a file cannot be written, a note tells of the links in the file.
    """
    root = Path(view.snapshot.root)
    move = next(change for change in act.changes if isinstance(change, RenamePath))
    paths = markdown_files(root, view.snapshot.settings)
    writable_paths = [
        path
        for path in paths
        if not view.snapshot.has(path) and _is_unchanged_and_writable(root, path, view.text(path))
    ]
    other_changes = changes_in_other_files(view, move, writable_paths)
    notes_about_links = notes_about_moved_links(
        view, move, [path for path in paths if path not in frozenset(writable_paths)]
    )
    changes = [change for file_changes in other_changes.changes.values() for change in file_changes]
    return act._replace(
        changes=in_order([*act.changes, *changes]), notes=(*act.notes, *other_changes.notes, *notes_about_links)
    )


def _is_unchanged_and_writable(root: Path, path: str, text: str) -> bool:
    """Tell whether a file contains exactly `text` and is writable."""
    try:
        rewritable_text(root, path, text)
    except WriteError:
        return False
    return True
