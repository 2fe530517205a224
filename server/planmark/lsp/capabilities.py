"""The capabilities that the server announces, from the tables of its handlers and commands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder

from planmark.lsp.handlers.registry import COMMANDS, HANDLERS


def capabilities(
    client_capabilities: types.ClientCapabilities, encoding: Any, builtin_methods: Iterable[str]
) -> types.ServerCapabilities:
    """Return the capabilities that the server announces to a client.

    `encoding` is the position encoding that the server has chosen, and `builtin_methods` are the methods that pygls
    handles. The request for diagnostics is announced only to a client that pulls diagnostics; other clients receive
    diagnostics without a request.
    """
    pulls_diagnostics = (
        client_capabilities.text_document is not None and client_capabilities.text_document.diagnostic is not None
    )
    methods = HANDLERS.keys() if pulls_diagnostics else HANDLERS.keys() - {types.TEXT_DOCUMENT_DIAGNOSTIC}
    builder = ServerCapabilitiesBuilder(
        client_capabilities,
        {*methods, *builtin_methods},
        {method: options for method in methods if (options := HANDLERS[method].options) is not None},
        list(COMMANDS),
        types.TextDocumentSyncKind.Incremental,
        None,
        encoding,
    )
    server_capabilities: types.ServerCapabilities = builder.build()  # type: ignore[no-untyped-call]
    return server_capabilities
