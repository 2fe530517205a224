"""The capabilities that the server announces, from the tables of its handlers and commands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder

from planmark.lsp.handlers.registry import COMMANDS, HANDLERS


def capabilities(client: types.ClientCapabilities, encoding: Any, builtin: Iterable[str]) -> types.ServerCapabilities:
    """Return the capabilities that the server announces to a client. `builtin` are the methods that pygls handles.

    A client that does not pull diagnostics receives them without a request.
    """
    builder = ServerCapabilitiesBuilder(
        client,
        {*HANDLERS, *builtin},
        {method: handler.options for method, handler in HANDLERS.items() if handler.options is not None},
        list(COMMANDS),
        types.TextDocumentSyncKind.Incremental,
        None,
        encoding,
    )
    announced: types.ServerCapabilities = builder.build()  # type: ignore[no-untyped-call]
    if client.text_document is None or client.text_document.diagnostic is None:
        announced.diagnostic_provider = None
    return announced
