"""The factory of the server: imports and registers every handler and command of the registry."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from planmark.lsp.client import Client
from planmark.lsp.connection import Connection
from planmark.lsp.errors import RequestError
from planmark.lsp.handlers.registry import COMMANDS, HANDLERS, Handler
from planmark.lsp.readiness import wait_for_scan
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext


def new_server(connection: Connection, client: Client, roots: Sequence[str]) -> Server:
    """Return the server of a client, with all its handlers.

    `roots` are the URIs of the folders that the client has open at the start.
    """
    server = Server(connection, client, roots)
    for method, handler in HANDLERS.items():
        connection.feature(method)(_bind(server, handler))
    for name, command in COMMANDS.items():
        connection.command(name)(partial(_import_function(command.function), server))
    return server


def _import_function(name: str) -> Callable[..., Any]:
    """Import the function `name`, which the registry writes as `module.function`, and return the function."""
    module, _, function = name.partition(".")
    imported: Callable[..., Any] = getattr(importlib.import_module(f"planmark.lsp.handlers.{module}"), function)
    return imported


def _bind(server: Server, handler: Handler) -> Callable[[Any], Any]:
    """Return the function of `handler` in the form that pygls calls. It takes only the parameters of a message."""
    function = _import_function(handler.function)
    if not handler.document:
        return partial(function, server)
    uri_of = DOCUMENT_URI_READERS[handler.document]

    async def handle(params: Any) -> Any:
        uri = uri_of(params)
        if handler.waits_for_scan or (
            handler.refresh_capability and not getattr(server.client, handler.refresh_capability)
        ):
            await wait_for_scan(server, uri)
        return await server.run_for_document(uri, partial(_answer, function, handler, params))

    return handle


def _answer(function: Callable[..., Any], handler: Handler, params: Any, context: RequestContext, path: str) -> Any:
    """Call `function`, the function of `handler`, for a document, and return its answer.

    Return None if the answer depends on all documents, and the first scan is not complete.
    """
    needs_all_documents = handler.document == "textDocument" and (handler.waits_for_scan or handler.refresh_capability)
    return None if needs_all_documents and not context.folder.is_complete else function(context, path, params)


def _uri_in_data(params: Any) -> str:
    """Return the URI of the document that the `data` of a lens or an action names."""
    uri = params.data.get("uri") if isinstance(params.data, dict) else None
    if not isinstance(uri, str):
        raise RequestError("`data` differs from what the server sent")
    return uri


DOCUMENT_URI_READERS: dict[str, Callable[[Any], str]] = {
    "textDocument": lambda params: str(params.text_document.uri),
    "item": lambda params: str(params.item.uri),
    "data": _uri_in_data,
}
"""Mapping from a value of `Handler.document` to the function that returns the URI of the document."""
