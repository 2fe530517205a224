"""The writing of several changes to a workspace: all changes or no change.

All texts are written first, and paths are moved last. After a failure, the earlier changes are undone. If the process
is killed before the first move, some texts are changed and no path is moved; the same command then completes the
changes.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from planmark.storage.paths import leaves_root
from planmark.workspace.atomic_write import WriteError, move_path, rewritable_text, rewrite_file, workspace_lock
from planmark.workspace.workspace_edits import RenamePath


class TextPair(NamedTuple):
    """A text before and after a change."""

    before: str
    after: str


def carry_out(root: Path, texts: Mapping[str, TextPair], moves: Sequence[RenamePath]) -> None:
    """Change the texts of documents, and move files and folders below `root`, a resolved path.

    `texts` is a mapping from the path of a document to its texts before and after the change. If a change fails, undo
    all changes and raise WriteError.
    """
    with workspace_lock(root), contextlib.ExitStack() as undo_stack:
        for move in moves:
            _refuse_move(root, move)
        for path, text in texts.items():
            rewritable_text(root, path, text.before)
        for path, text in texts.items():
            rewrite_file(root, path, text.before, text.after)
            undo_stack.callback(_restore_text, root, path, text)
        for move in moves:
            undo_stack.enter_context(_moved_path(root, move))
        undo_stack.pop_all()


def _restore_text(root: Path, path: str, text: TextPair) -> None:
    """Restore the text before the change, unless another program has changed the file meanwhile."""
    with contextlib.suppress(WriteError):
        rewrite_file(root, path, text.after, text.before)


def _refuse_move(root: Path, move: RenamePath) -> None:
    """Raise WriteError if a move must not begin.

    Both paths must be inside the workspace. The old path must exist and not be a link, and the new path must not exist.
    """
    old, new = root / move.old, root / move.new
    if leaves_root(root, move.old) or leaves_root(root, move.new) or old.is_symlink():
        raise WriteError(f"{move.old} or {move.new} leads out of the workspace {root}: nothing was moved")
    if os.path.lexists(new):
        raise WriteError(f"{move.new} exists already: nothing was moved")
    if not old.exists():
        raise WriteError(f"{move.old} is not there any more: nothing was moved")


@contextlib.contextmanager
def _moved_path(root: Path, move: RenamePath) -> Iterator[None]:
    """Move a file or folder before a `with` block. If the block raises an exception, move the file or folder back.

    Creates the missing parent folders of the new path. If the move fails, removes the folders that it has created and
    raises WriteError.
    """
    old, new = root / move.old, root / move.new
    created_folders = [folder for folder in (new.parent, *new.parent.parents) if not folder.exists()]
    try:
        move_path(root, move.old, move.new)
    except WriteError:
        for folder in created_folders:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise
    try:
        yield
    except (Exception, KeyboardInterrupt):
        with contextlib.suppress(OSError):
            new.rename(old)
        raise
