"""Rename, and the edits that follow when the editor renames files."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide.rename import RenameRefusedError, follow_renames, prepare, rename
from planmark.lsp.errors import RequestError
from planmark.lsp.to_lsp import Context, can_apply
from planmark.workspace.workspace_edits import Change


def prepared(context: Context, path: str, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
    """Return the range and the name that a rename would replace."""
    page = context.page(path)
    found = prepare(page, *context.place(page, params.position))
    return types.PrepareRenamePlaceholder(context.range(page, found.span), found.current) if found else None


def answer(context: Context, path: str, params: types.RenameParams) -> types.WorkspaceEdit:
    """Return the edit of a rename. Raises RequestError, with the reason, if the new name would collide."""
    page = context.page(path)
    try:
        changes = rename(page, *context.place(page, params.position), params.new_name)
    except RenameRefusedError as error:
        raise RequestError(str(error)) from None
    return _edit(context, changes)


def will_rename(context: Context, renames: list[tuple[str, str]]) -> types.WorkspaceEdit | None:
    """Return the edits that update every mention of paths that change."""
    try:
        changes = follow_renames(context.view, renames)
    except RenameRefusedError as error:
        raise RequestError(str(error)) from None
    return _edit(context, changes) if changes else None


def _edit(context: Context, changes: list[Change]) -> types.WorkspaceEdit:
    if not can_apply(context.client, changes):
        raise RequestError(
            "this rename needs to rename files, which this editor does not support: rename them in a shell, then rename here"
        )
    return context.edit(changes)
