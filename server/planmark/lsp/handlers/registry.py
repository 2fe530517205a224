"""The table of requests about documents, and the one way in which all handlers are called."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from lsprotocol import types

from planmark.lsp.errors import RequestError
from planmark.lsp.handlers import (
    call_hierarchy,
    code_actions,
    code_lens,
    completion,
    diagnostics,
    hover,
    navigation,
    rename,
)
from planmark.lsp.lsp_ext import Encoded
from planmark.lsp.readiness import as_on_disk
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import Context


def _of_document(params: Any) -> str:
    return str(params.text_document.uri)


def _of_item(params: Any) -> str:
    return str(params.item.uri)


def _of_data(params: Any) -> str:
    """Return the URI of the document that the `data` of a lens or an action names."""
    uri = params.data.get("uri") if isinstance(params.data, dict) else None
    if not isinstance(uri, str):
        raise RequestError("`data` differs from what the server sent")
    return uri


async def _read_once(server: Server, uri: str) -> None:
    """Wait for the first scan, because a fix based on half of a workspace could be wrong."""
    if place := server.session.locate(uri):
        await server.session_of(place.folder).wait_ready()


async def _as_on_disk(server: Server, _uri: str) -> None:
    await as_on_disk(server, "documents that were not read may mention the old name")


class Feature(NamedTuple):
    """A request about a document: its handler, the way to find the URI, and what to wait for first, given the URI."""

    answer: Callable[[Context, str, Any], Any]
    uri: Callable[[Any], str] = _of_document
    first: Callable[[Server, str], Awaitable[None]] | None = None


FEATURES: dict[str, Feature] = {
    types.TEXT_DOCUMENT_HOVER: Feature(hover.answer),
    types.TEXT_DOCUMENT_COMPLETION: Feature(completion.answer),
    types.TEXT_DOCUMENT_DEFINITION: Feature(navigation.definition),
    types.TEXT_DOCUMENT_REFERENCES: Feature(navigation.references),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: Feature(navigation.document_symbols),
    types.TEXT_DOCUMENT_DOCUMENT_LINK: Feature(navigation.links),
    types.TEXT_DOCUMENT_CODE_ACTION: Feature(code_actions.answer, first=_read_once),
    types.CODE_ACTION_RESOLVE: Feature(code_actions.resolved, _of_data, _read_once),
    types.TEXT_DOCUMENT_CODE_LENS: Feature(code_lens.answer),
    types.CODE_LENS_RESOLVE: Feature(code_lens.resolved, _of_data),
    types.TEXT_DOCUMENT_INLAY_HINT: Feature(code_lens.inlay_hints),
    types.TEXT_DOCUMENT_PREPARE_RENAME: Feature(rename.prepared),
    types.TEXT_DOCUMENT_RENAME: Feature(rename.answer, first=_as_on_disk),
    types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: Feature(call_hierarchy.prepared),
    types.CALL_HIERARCHY_INCOMING_CALLS: Feature(call_hierarchy.incoming, _of_item),
    types.CALL_HIERARCHY_OUTGOING_CALLS: Feature(call_hierarchy.outgoing, _of_item),
}
"""Request → the function that answers it from the document that it names."""


def register(server: Server) -> None:
    """Register every request about documents and workspaces."""
    for method, feature in FEATURES.items():
        _register(server, method, feature)

    @server.connection.feature(types.TEXT_DOCUMENT_DIAGNOSTIC)
    async def diagnostic(params: types.DocumentDiagnosticParams) -> Any:
        place = server.session.locate(params.text_document.uri)
        if place is None:
            return types.RelatedFullDocumentDiagnosticReport([])
        session = server.session_of(place.folder)
        if server.client.refreshes_diagnostics and not session.is_ready:
            return await server.answer(params.text_document.uri, diagnostics.pulled_alone)
        await session.wait_ready()
        return await server.answer(params.text_document.uri, lambda c, path: diagnostics.pulled(c, path, params))

    @server.connection.feature(types.WORKSPACE_DIAGNOSTIC)
    async def workspace_diagnostic(params: types.WorkspaceDiagnosticParams) -> Encoded:
        known: dict[str, dict[str, str]] = {}
        for previous in params.previous_result_ids:
            if place := server.session.locate(previous.uri):
                known.setdefault(place.folder.uri, {})[previous.uri] = previous.value
        for session in list(server.folders.values()):
            await session.wait_ready()

        def pulled(contexts: list[Context]) -> Encoded:
            reports = [
                report
                for context in contexts
                for report in diagnostics.pulled_of_workspace(context, known.get(context.folder.uri, {}))
            ]
            return server.protocol.encoded(types.WorkspaceDiagnosticReport(reports))

        return await server.answer_all(pulled)

    @server.connection.feature(types.WORKSPACE_SYMBOL)
    async def workspace_symbol(params: types.WorkspaceSymbolParams) -> list[types.SymbolInformation]:
        return await server.answer_all(
            lambda contexts: [s for context in contexts for s in navigation.workspace_symbols(context, params)]
        )

    @server.connection.feature(types.WORKSPACE_WILL_RENAME_FILES)
    async def will_rename(params: types.RenameFilesParams) -> types.WorkspaceEdit | None:
        renames = []
        for file in params.files:
            old, new = server.session.locate(file.old_uri), server.session.locate(file.new_uri)
            if old and new and old.folder is new.folder:
                renames.append((old, new))
        if not renames:
            return None
        await _as_on_disk(server, params.files[0].old_uri)
        folder = renames[0][0].folder
        inside = [(old.path, new.path) for old, new in renames if old.folder is folder]
        context = server.session_of(folder).context
        return await server.compute(lambda: rename.will_rename(context(), inside))


def _register(server: Server, method: str, feature: Feature) -> None:
    @server.connection.feature(method)
    async def handler(params: Any) -> Any:
        uri = feature.uri(params)
        if feature.first is not None:
            await feature.first(server, uri)
        return await server.answer(uri, lambda context, path: feature.answer(context, path, params))
