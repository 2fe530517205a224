"""`planmark.closePlan`, `archivePlan`, `pausePlan`, `resumePlan` and `dropAchievement`: edits that the client shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from lsprotocol import types

from planmark.ide.editor import work_editor
from planmark.ide.features import LifecycleAct, PreparedAct, RenameRefusedError
from planmark.ide.moved_links import notes_about_moved_links
from planmark.lsp.errors import RequestError
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.plan_lookup import ResolvedPlan, find_plan, required_achievement
from planmark.lsp.readiness import wait_and_rescan
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext, can_apply
from planmark.queries.meant import methodology_plan
from planmark.storage.paths import leaves_root
from planmark.text.visible import visible_in_one_line
from planmark.workspace.scan import is_listed, markdown_files
from planmark.workspace.workspace_edits import RenamePath, TextChange


class DropParams(PlanParams, frozen=True, rename="camel"):
    """The parameters of `planmark.dropAchievement`. `note` is the reason to drop the achievement."""

    note: str = ""


class PendingEdit(NamedTuple):
    """An act on a plan with its changes, and the workspace edit that makes these changes."""

    context: RequestContext
    act: PreparedAct
    edit: types.WorkspaceEdit


async def close_plan(server: Server, raw_params: Any) -> Any:
    """Mark a complete plan as closed."""
    return await _run_act(server, raw_params, "close")


async def archive_plan(server: Server, raw_params: Any) -> Any:
    """Move the folder of a closed plan to its archive, and update every link to the folder."""
    return await _run_act(server, raw_params, "archive")


async def pause_plan(server: Server, raw_params: Any) -> Any:
    """Mark a plan as paused."""
    return await _run_act(server, raw_params, "pause")


async def resume_plan(server: Server, raw_params: Any) -> Any:
    """Make a paused plan active again."""
    return await _run_act(server, raw_params, "resume")


async def drop_achievement(server: Server, raw_params: Any) -> Any:
    """Mark an achievement in its PLAN as no longer wanted."""
    params = read_params(raw_params, DropParams)
    await wait_and_rescan(server, "the achievement may already have a verdict")
    return await _edit_plan(
        server,
        params,
        "drop",
        lambda resolved_plan: work_editor().drop(
            resolved_plan.context.view,
            methodology_plan(resolved_plan.plan, "drop"),
            required_achievement(resolved_plan, params),
            params.note,
        ),
    )


async def _run_act(server: Server, raw_params: Any, act_name: LifecycleAct) -> Any:
    params = read_params(raw_params, PlanParams)
    await wait_and_rescan(server, "the edit may affect other plans")
    return await _edit_plan(
        server,
        params,
        act_name,
        lambda resolved_plan: _add_link_notes(
            resolved_plan,
            work_editor().act(resolved_plan.context.view, methodology_plan(resolved_plan.plan, act_name), act_name),
        ),
    )


def _add_link_notes(resolved_plan: ResolvedPlan, act: PreparedAct) -> PreparedAct:
    """Return `act` with notes about the links that the move of a folder breaks in other Markdown files.

    The act does not change these files, because an editor may show texts that differ from the disk.
    """
    view, root = resolved_plan.context.view, resolved_plan.context.folder.root
    move = next((change for change in act.changes if isinstance(change, RenamePath)), None)
    if move is None:
        return act
    paths = markdown_files(root, view.snapshot.settings)
    return act._replace(notes=(*act.notes, *notes_about_moved_links(view, move, paths)))


async def _edit_plan(
    server: Server, params: PlanParams, act_name: str, perform: Callable[[ResolvedPlan], PreparedAct]
) -> Any:
    """Ask the client to change a plan by a workspace edit, and return the result.

    `perform` returns the changes. Raises RequestError, with the reason, if the change is impossible.
    """

    def pending_edit(contexts: Sequence[RequestContext]) -> PendingEdit:
        resolved_plan = find_plan(contexts, params)
        context = resolved_plan.context
        try:
            act = perform(resolved_plan)
        except RenameRefusedError as error:
            raise RequestError(str(error)) from None
        root = context.folder.root
        if not is_listed(root, act.path, context.view.snapshot.settings):
            raise RequestError(f"{act.path} would not be read, because .gitignore or `files.exclude` excludes it")
        if any(leaves_root(root, change.new) for change in act.changes if isinstance(change, RenamePath)):
            raise RequestError(f"{act.path} would be outside {root}, because a folder in its path is a symbolic link")
        if not server.client.applies_edits or not can_apply(context.client, act.changes):
            raise RequestError(
                f"this editor does not support such an edit: run `planmark {act_name} @{resolved_plan.plan.feature}`"
            )
        return PendingEdit(context, act, context.edit(act.changes))

    context, act, edit = await server.run_for_all(pending_edit)
    label = visible_in_one_line(f"Planmark: {act_name} {act.path}")
    edit_result = await server.connection.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
    return {
        "path": act.path,
        "uri": context.uri(act.path),
        "changed": [context.uri(_path_after_moves(path, act)) for path in _changed_paths(act)],
        "notes": [visible_in_one_line(note) for note in act.notes],
        "applied": edit_result.applied,
        "failureReason": edit_result.failure_reason,
    }


def _changed_paths(act: PreparedAct) -> Sequence[str]:
    return sorted({change.path for change in act.changes if isinstance(change, TextChange)})


def _path_after_moves(path: str, act: PreparedAct) -> str:
    """Return the path that a document has after the changes of `act`."""
    for change in act.changes:
        if isinstance(change, RenamePath) and path.startswith(f"{change.old}/"):
            path = change.new + path[len(change.old) :]
    return path
