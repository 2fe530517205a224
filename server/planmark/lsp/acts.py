"""The commands that close, archive, pause and resume a plan, or drop an achievement, as edits that the client shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from lsprotocol import types

from planmark.ide.dropping import drop
from planmark.ide.lifecycle import Act, FinishedAct, act
from planmark.ide.moved_links import beside_as_is
from planmark.ide.rename import RenameRefusedError
from planmark.lsp.errors import RequestError
from planmark.lsp.handlers.plan_requests import Chosen, choose, needed
from planmark.lsp.params import PlanParams
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import Context, can_apply
from planmark.storage.paths import leaves
from planmark.text.visible import in_line
from planmark.workspace.scan import is_listed, markdown_files
from planmark.workspace.workspace_edits import RenamePath, TextChange


class Acting(NamedTuple):
    """What an act changes, and the edit that carries it out."""

    context: Context
    done: FinishedAct
    edit: types.WorkspaceEdit


async def act_on(server: Server, wanted: PlanParams, what: Act) -> Any:
    """Do `what` to a plan by an edit. Raises RequestError, with the reason, if that is impossible."""
    return await _carried_out(
        server, wanted, what, lambda chosen: _noted(chosen, act(chosen.context.view, chosen.plan, what))
    )


def _noted(chosen: Chosen, done: FinishedAct) -> FinishedAct:
    """Add notes about links in other Markdown files, because an editor may hold texts that differ from the disk."""
    view, root = chosen.context.view, chosen.context.folder.root
    move = next((change for change in done.changes if isinstance(change, RenamePath)), None)
    if move is None:
        return done
    paths = markdown_files(root, view.snapshot.settings)
    return done._replace(notes=(*done.notes, *beside_as_is(view, move, paths)))


async def drop_by_edit(server: Server, wanted: PlanParams, note: str) -> Any:
    """Drop an achievement by an edit of its PLAN. Raises RequestError, with the reason, if that is impossible."""
    return await _carried_out(
        server, wanted, "drop", lambda chosen: drop(chosen.context.view, chosen.plan, needed(chosen, wanted), note)
    )


async def _carried_out(server: Server, wanted: PlanParams, what: str, doing: Callable[[Chosen], FinishedAct]) -> Any:

    def acting(contexts: Sequence[Context]) -> Acting:
        chosen = choose(contexts, wanted)
        context = chosen.context
        try:
            done = doing(chosen)
        except RenameRefusedError as error:
            raise RequestError(str(error)) from None
        root = context.folder.root
        if not is_listed(root, done.path, context.view.snapshot.settings):
            raise RequestError(f"{done.path} would not be read, because .gitignore or `files.exclude` excludes it")
        if any(leaves(root, change.new) for change in done.changes if isinstance(change, RenamePath)):
            raise RequestError(f"{done.path} would be outside {root}, because a folder in its path is a symbolic link")
        if not server.client.applies_edits or not can_apply(context.client, done.changes):
            raise RequestError(
                f"this editor does not support such an edit: run `planmark {what} @{chosen.plan.feature}`"
            )
        return Acting(context, done, context.edit(done.changes))

    context, done, edit = await server.answer_all(acting)
    label = in_line(f"Planmark: {what} {done.path}")
    result = await server.connection.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
    return {
        "path": done.path,
        "uri": context.uri(done.path),
        "changed": [context.uri(_after(path, done)) for path in _changed(done)],
        "notes": [in_line(note) for note in done.notes],
        "applied": result.applied,
        "failureReason": result.failure_reason,
    }


def _changed(done: FinishedAct) -> Sequence[str]:
    return sorted({change.path for change in done.changes if isinstance(change, TextChange)})


def _after(path: str, done: FinishedAct) -> str:
    """Return the path that a document has after the moves."""
    for change in done.changes:
        if isinstance(change, RenamePath) and path.startswith(f"{change.old}/"):
            path = change.new + path[len(change.old) :]
    return path
