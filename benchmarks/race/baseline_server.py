"""Floor of the race: a pygls server that only answers requests, and publishes empty diagnostics after an edit."""

from __future__ import annotations

from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "0", text_document_sync_kind=types.TextDocumentSyncKind.Incremental)


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(params: Any) -> None:
    document = params.text_document
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document.uri, [], document.version))


@server.feature(types.TEXT_DOCUMENT_HOVER)
async def hover(_: types.HoverParams) -> types.Hover | None:
    return types.Hover("nothing")


@server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC)
async def diagnostic(_: types.DocumentDiagnosticParams) -> types.RelatedFullDocumentDiagnosticReport:
    return types.RelatedFullDocumentDiagnosticReport([])


@server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
async def symbols(_: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    return []


@server.feature(types.TEXT_DOCUMENT_REFERENCES)
async def references(_: types.ReferenceParams) -> list[types.Location]:
    return []


@server.feature(types.WORKSPACE_SYMBOL)
async def workspace_symbol(_: types.WorkspaceSymbolParams) -> list[types.SymbolInformation]:
    return []


if __name__ == "__main__":
    server.start_io()
