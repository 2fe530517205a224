"""The command `planmark.open`, and the request that asks the client to show a document."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import msgspec
from lsprotocol import types

from planmark.lsp.errors import RequestError
from planmark.lsp.params import read_params
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext

SHOW_SECONDS = 10.0
"""Maximum seconds that the server waits until the client has shown a document."""

logger = logging.getLogger(__name__)


class OpenParams(msgspec.Struct, frozen=True, rename="camel"):
    """A document, named by its path relative to the workspace, and a 1-based line. 0 stands for no line."""

    path: str
    line: int = 0
    workspace: str | None = None


async def handle(server: Server, raw_params: Any) -> Any:
    """Show a document of a workspace."""
    params = read_params(raw_params, OpenParams)

    def find_uri(contexts: Sequence[RequestContext]) -> str:
        for context in contexts:
            is_named = params.workspace in (None, context.folder.uri, context.view.snapshot.root)
            if is_named and context.view.snapshot.has(params.path):
                return context.uri(params.path)
        raise RequestError(f"no document {params.path} in an open workspace")

    uri = await server.run_for_all(find_uri)
    start = types.Position(max(0, params.line - 1), 0)
    is_shown = await show_document(server, uri, types.Range(start, start) if params.line else None)
    return {"uri": uri, "line": params.line, "shown": is_shown}


async def show_document(server: Server, uri: str, selection: types.Range | None) -> bool:
    """Ask the client to show a document. Return whether the client showed the document."""
    if not server.client.shows_documents:
        return False
    response = server.connection.window_show_document_async(
        types.ShowDocumentParams(uri, take_focus=True, selection=selection)
    )
    try:
        return bool((await asyncio.wait_for(response, SHOW_SECONDS)).success)
    except Exception as error:
        logger.warning("cannot show %s: %s", uri, error)
        return False
