"""The commands `planmark.createSubplan` and `planmark.createExecution`, and the creation of files by workspace edits."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from lsprotocol import types

from planmark.lsp.errors import RequestError
from planmark.lsp.handlers.open import show_document
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.plan_lookup import find_plan, required_achievement
from planmark.lsp.readiness import wait_and_rescan
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext, can_apply
from planmark.queries.authoring import ExistsError, NewFileContext, authoring
from planmark.queries.meant import methodology_plan
from planmark.storage.paths import leaves_root
from planmark.workspace.workspace_edits import CreateFile

MAY_EXIST_MESSAGE = "the file may already exist"


class NewFile(NamedTuple):
    """A file to create, and the context of its workspace."""

    context: RequestContext
    file: CreateFile


class PendingFile(NamedTuple):
    """A file to create, and the edit that creates it."""

    context: RequestContext
    file: CreateFile
    edit: types.WorkspaceEdit


async def create_subplan(server: Server, raw_params: Any) -> Any:
    """Create the SUBPLAN of an achievement."""
    params = read_params(raw_params, PlanParams)
    return await create_file(server, params, authoring().create["subplan"], MAY_EXIST_MESSAGE)


async def create_execution(server: Server, raw_params: Any) -> Any:
    """Create the next EXECUTION_TASK of an achievement."""
    params = read_params(raw_params, PlanParams)
    return await create_file(server, params, authoring().create["execution"], MAY_EXIST_MESSAGE)


async def create_file(
    server: Server, params: PlanParams, make_file: Callable[[NewFileContext], CreateFile], risk: str
) -> Any:
    """Ask the client to create a file of an achievement by a workspace edit, and to show the file.

    `make_file` builds the file. `risk` tells the user what could go wrong if the scan of the workspace is incomplete.
    """
    await wait_and_rescan(server, risk)

    return await create_by_edit(
        server, lambda contexts, taken_paths: new_file(contexts, params, make_file, taken_paths)
    )


def new_file(
    contexts: Sequence[RequestContext],
    params: PlanParams,
    make_file: Callable[[NewFileContext], CreateFile],
    taken_paths: frozenset[str] = frozenset(),
) -> NewFile:
    """Return the file that `make_file` builds for the achievement in `params`.

    Raises ExistsError if no file name is free.
    """
    resolved_plan = find_plan(contexts, params)
    context, plan = resolved_plan.context, methodology_plan(resolved_plan.plan, "create")
    file_context = NewFileContext(context.view, plan, required_achievement(resolved_plan, params).id, taken_paths)
    return NewFile(context, _file_with_free_name(context, file_context, make_file))


async def create_by_edit(
    server: Server, prepare_file: Callable[[Sequence[RequestContext], frozenset[str]], NewFile]
) -> Any:
    """Ask the client to create the file that `prepare_file` returns by a workspace edit, and to show the file.

    `prepare_file` receives the contexts, and the paths that other processes have created meanwhile. If `prepare_file`
    raises ExistsError, the request ends with a RequestError.
    """
    taken_paths: frozenset[str] = frozenset()

    def pending_file(contexts: Sequence[RequestContext]) -> PendingFile:
        try:
            context, file = prepare_file(contexts, taken_paths)
        except ExistsError as error:
            raise RequestError(str(error)) from None
        if leaves_root(context.folder.root, file.path):
            raise RequestError(
                f"{file.path} would be outside {context.folder.root}, because a folder in its path is a symbolic link"
            )
        if not server.client.applies_edits or not can_apply(context.client, [file]):
            raise RequestError(f"this editor cannot create files: create {file.path} on the command line")
        return PendingFile(context, file, context.edit([file]))

    while True:
        context, file, edit = await server.run_for_all(pending_file)
        label = f"Create {file.path}"
        edit_result = await server.connection.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
        if edit_result.applied or not os.path.lexists(context.folder.root / file.path):
            break
        # Another process created the file first.
        taken_paths |= {file.path}
    uri = context.uri(file.path)
    if edit_result.applied:
        await show_document(server, uri, None)
    return {"path": file.path, "uri": uri, "applied": edit_result.applied, "failureReason": edit_result.failure_reason}


def _file_with_free_name(
    context: RequestContext, file_context: NewFileContext, make_file: Callable[[NewFileContext], CreateFile]
) -> CreateFile:
    """Return the file that `make_file` builds, under a file name that does not exist on disk.

    The snapshot may be older than the disk, so this function also checks the disk.

    Raises ExistsError if no file name is free.
    """
    while True:
        file = make_file(file_context)
        if not os.path.lexists(context.folder.root / file.path):
            return file
        file_context = file_context._replace(existing_paths=file_context.existing_paths | {file.path})
