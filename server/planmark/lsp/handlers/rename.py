"""`textDocument/rename`, `textDocument/prepareRename` and `workspace/willRenameFiles`."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide.editor import editor_of, work_editor
from planmark.ide.features import RenameRefusedError
from planmark.lsp.errors import RequestError
from planmark.lsp.readiness import wait_and_rescan
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext, can_apply
from planmark.workspace.workspace_edits import Change

MAY_MENTION_MESSAGE = "documents that were not read may mention the old name"


def prepare(
    context: RequestContext, path: str, params: types.PrepareRenameParams
) -> types.PrepareRenamePlaceholder | None:
    """Return the name under the cursor that a rename would replace, and its range; None without such a name."""
    document = context.document(path)
    line_and_column = context.line_and_column(document, params.position)
    rename_target = editor_of(document).prepare_rename(document, *line_and_column)
    return (
        types.PrepareRenamePlaceholder(context.range(document, rename_target.span), rename_target.current_name)
        if rename_target
        else None
    )


async def handle(server: Server, params: types.RenameParams) -> types.WorkspaceEdit | None:
    """Return the edit that renames the name under the cursor.

    Raises RequestError, with the reason, if the rename is refused.
    """
    await wait_and_rescan(server, MAY_MENTION_MESSAGE)
    return await server.run_for_document(
        params.text_document.uri, lambda context, path: _rename_edit(context, path, params)
    )


async def will_rename_files(server: Server, params: types.RenameFilesParams) -> types.WorkspaceEdit | None:
    """Return the edit that updates every mention of files, before the editor renames the files."""
    locate = server.workspace.locate
    renamed_paths = [(locate(file.old_uri), locate(file.new_uri)) for file in params.files]
    renames = [(old, new) for old, new in renamed_paths if old and new and old.folder is new.folder]
    if not renames:
        return None
    await wait_and_rescan(server, MAY_MENTION_MESSAGE)
    folder = renames[0][0].folder
    renamed_in_folder = [(old.path, new.path) for old, new in renames if old.folder is folder]
    return await server.compute(lambda: _mentions_edit(folder.context(), renamed_in_folder))


def _rename_edit(context: RequestContext, path: str, params: types.RenameParams) -> types.WorkspaceEdit:
    document = context.document(path)
    try:
        line_and_column = context.line_and_column(document, params.position)
        changes = editor_of(document).rename(document, *line_and_column, params.new_name)
    except RenameRefusedError as error:
        raise RequestError(str(error)) from None
    return _workspace_edit(context, changes)


def _mentions_edit(context: RequestContext, renames: list[tuple[str, str]]) -> types.WorkspaceEdit | None:
    """Return the edit that updates the mentions of renamed files; None if no document mentions the files.

    `renames` has a tuple for each file: its old path and its new path.
    """
    try:
        changes = work_editor().follow_renames(context.view, renames)
    except RenameRefusedError as error:
        raise RequestError(str(error)) from None
    return _workspace_edit(context, changes) if changes else None


def _workspace_edit(context: RequestContext, changes: list[Change]) -> types.WorkspaceEdit:
    if not can_apply(context.client, changes):
        raise RequestError(
            "this rename needs to rename files, which this editor does not support: rename them in a shell, then rename here"
        )
    return context.edit(changes)
