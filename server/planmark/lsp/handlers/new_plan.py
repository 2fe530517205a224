"""The commands with which a workspace begins: `planmark.newPlan`, `planmark.setUpWorkspace`, `planmark.copyExample`."""

from __future__ import annotations

import asyncio
import datetime
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from planmark.lsp.errors import INVALID_PARAMS, RequestError
from planmark.lsp.handlers.create import NewFile, create_by_edit
from planmark.lsp.params import read_params
from planmark.lsp.plan_lookup import contexts_of_workspace
from planmark.lsp.readiness import wait_and_rescan
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.queries.new_plan import feature_from_text, new_plan, settings_file
from planmark.storage.paths import WorkspaceError
from planmark.workspace.atomic_write import PathTakenError
from planmark.workspace.example import copy_example
from planmark.workspace.workspace_edits import CreateFile


class WorkspaceParams(msgspec.Struct, frozen=True):
    """The folder of a workspace, as a path or URI. It may be omitted if only one workspace is open."""

    workspace: str | None = None


class NewPlanParams(WorkspaceParams, frozen=True):
    """The `feature` of the new PLAN, or a `name` in any words, from which Planmark makes the feature."""

    feature: str = ""
    name: str = ""


class ExampleParams(msgspec.Struct, frozen=True):
    """An absolute path of a folder that is empty or does not exist."""

    folder: str = ""


async def create_plan(server: Server, raw_params: Any) -> Any:
    """Create the PLAN of a new feature, next to the other plans. Raises RequestError if a PLAN with this name exists."""
    params = read_params(raw_params, NewPlanParams)
    await wait_and_rescan(server, "the plan may already exist")
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    feature = feature_from_text(params.name) if params.name else params.feature
    if params.name and not feature:
        raise RequestError(f"`{params.name}` has no letter or digit that a file name of a PLAN may have: use A to Z")
    return await _create_file(server, params, lambda context: new_plan(context.view, feature, today))


async def set_up_workspace(server: Server, raw_params: Any) -> Any:
    """Create the settings file of a workspace. Raises RequestError if the file exists."""
    return await _create_file(server, read_params(raw_params, WorkspaceParams), lambda _context: settings_file())


async def copy_example_workspace(server: Server, raw_params: Any) -> Any:
    """Copy the example workspace to an empty folder outside of the open workspaces.

    Raises RequestError, with the reason, if the copy cannot be written.
    """
    params = read_params(raw_params, ExampleParams)
    target_folder = Path(params.folder)
    if not params.folder or not target_folder.is_absolute():
        raise RequestError("name the target by its absolute path, in `folder`", INVALID_PARAMS)
    for session in server.workspace.folders.values():
        if target_folder.is_relative_to(session.root):
            raise RequestError(f"{target_folder} is in the open workspace {session.root}, whose plans it would join")
    try:
        await asyncio.get_running_loop().run_in_executor(None, copy_example, target_folder)
    except (PathTakenError, WorkspaceError) as error:
        raise RequestError(str(error)) from None
    except OSError as error:
        raise RequestError(f"cannot write the example to {target_folder}: {error.strerror or error}") from None
    return {"folder": str(target_folder)}


async def _create_file(
    server: Server, params: WorkspaceParams, make_file: Callable[[RequestContext], CreateFile]
) -> Any:
    def prepare_file(contexts: Sequence[RequestContext], _taken_paths: frozenset[str]) -> NewFile:
        context = _context_of_workspace(contexts, params.workspace)
        file: CreateFile = make_file(context)
        if os.path.lexists(context.folder.root / file.path):
            raise RequestError(f"{file.path} exists already, and is not overwritten")
        return NewFile(context, file)

    return await create_by_edit(server, prepare_file)


def _context_of_workspace(contexts: Sequence[RequestContext], workspace_uri: str | None) -> RequestContext:
    chosen_contexts = contexts_of_workspace(contexts, workspace_uri)
    if not chosen_contexts:
        raise RequestError("no folder is open: open the folder that the plans belong to")
    if len(chosen_contexts) > 1:
        roots = ", ".join(context.view.snapshot.root for context in chosen_contexts)
        raise RequestError(f"{len(chosen_contexts)} workspaces are open; choose one with `workspace`: {roots}")
    return chosen_contexts[0]
