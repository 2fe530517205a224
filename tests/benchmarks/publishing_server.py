"""Stand-in for markdown-oxide: it takes whole texts, publishes diagnostics without versions, and offers none to pull.

It finds no heading before the second search, and ends if an edit is not a whole text.
"""

from __future__ import annotations

import os
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("publishing", "0", text_document_sync_kind=types.TextDocumentSyncKind.Full)
searches: list[str] = []


def _publish(uri: str) -> None:
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def opened(params: types.DidOpenTextDocumentParams) -> None:
    for _ in range(2):
        _publish(params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(params: types.DidChangeTextDocumentParams) -> None:
    document = server.workspace.get_text_document(params.text_document.uri)
    if len(document.lines) < 1000 or not any(line.startswith("x") for line in document.lines):
        os._exit(1)
    _publish(document.uri)


@server.feature(types.TEXT_DOCUMENT_HOVER)
async def hover(_: types.HoverParams) -> types.Hover | None:
    return None


@server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
async def symbols(_: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    return []


@server.feature(types.TEXT_DOCUMENT_REFERENCES)
async def references(_: types.ReferenceParams) -> list[types.Location] | None:
    return None


@server.feature(types.WORKSPACE_SYMBOL)
async def workspace_symbol(params: types.WorkspaceSymbolParams) -> list[types.SymbolInformation]:
    searches.append(params.query)
    start = types.Position(0, 0)
    place = types.Location("file:///x.md", types.Range(start, start))
    return [types.SymbolInformation(place, params.query, types.SymbolKind.String)][: len(searches) - 1]


@server.feature(types.SHUTDOWN)
def shutdown(_: Any) -> None:
    os._exit(0)


if __name__ == "__main__":
    server.start_io()
