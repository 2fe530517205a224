"""The command `planmark.fillTemplate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from lsprotocol import types

from planmark.ide.document import is_blank
from planmark.ide.editor import work_editor
from planmark.lsp.errors import RequestError
from planmark.lsp.handlers.record_verdict import current_time_text
from planmark.lsp.params import read_params
from planmark.lsp.plan_lookup import contexts_of_workspace
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.workspace.workspace_edits import TextChange


class TemplateParams(msgspec.Struct, frozen=True):
    """An empty document, named by `path`, which is relative to the workspace, or by `uri`."""

    path: str = ""
    uri: str = ""
    workspace: str | None = None


class PendingTemplate(NamedTuple):
    """The document to fill, and the workspace edit that inserts the template."""

    context: RequestContext
    path: str
    edit: types.WorkspaceEdit


async def handle(server: Server, raw_params: Any) -> Any:
    """Ask the client to insert a template into an empty document, by a workspace edit. The kind of the document decides
    the template.

    Raises RequestError, with the reason, if the template cannot be inserted.
    """
    params = read_params(raw_params, TemplateParams)
    now = current_time_text()

    def prepare_text(contexts: Sequence[RequestContext]) -> PendingTemplate:
        context, path = _context_and_path(contexts_of_workspace(contexts, params.workspace), params)
        document = context.document(path)
        if not is_blank(document):
            raise RequestError(f"{path} is not empty: its text stays")
        text = work_editor().template_of(document, now)
        if text is None:
            raise RequestError(f"{path} has no template: its name is none of a PLAN, a SUBPLAN or an EXECUTION_TASK")
        if not server.client.applies_edits:
            raise RequestError("this editor does not apply edits of the server")
        last_line = len(document.lines) - 1
        change = TextChange(path, 0, 0, len(document.line(last_line)), text, lines=last_line)
        return PendingTemplate(context, path, context.edit([change]))

    context, path, edit = await server.run_for_all(prepare_text)
    label = f"Write the template of {path}"
    edit_result = await server.connection.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
    answer = {"path": path, "uri": context.uri(path)}
    return {**answer, "applied": edit_result.applied, "failureReason": edit_result.failure_reason}


def _context_and_path(contexts: Sequence[RequestContext], params: TemplateParams) -> tuple[RequestContext, str]:
    for context in contexts:
        path = params.path or context.path(params.uri) or ""
        if path and context.view.snapshot.has(path):
            return context, path
    raise RequestError(f"no document {params.path or params.uri} in an open workspace")
