"""`textDocument/didOpen`, `didChange`, `didSave` and `didClose`."""

from __future__ import annotations

from lsprotocol import types

from planmark.lsp.handlers.work_done_progress import scan_with_progress
from planmark.lsp.server import Server


def did_open(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Take the text of an opened document. Serve the workspace around it if no folder contains it."""
    buffer, served = server.session.opened(params.text_document, server.settings)
    if served is not None:
        server.spawn(scan_with_progress(server, server.add_folder(served, server.settings)))
    else:
        server.document_changed(buffer, 0.0)


def did_change(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Apply edits to an open document."""
    buffer = server.session.changed(params.text_document, params.content_changes)
    if buffer is not None:
        server.document_changed(buffer)


def did_save(server: Server, params: types.DidSaveTextDocumentParams) -> None:
    """Read a saved document again if it is not open."""
    if params.text_document.uri not in server.session.buffers:
        server.files_changed([params.text_document.uri])


def did_close(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Read a closed document from the disk again. Stop serving a folder that was served only because of it."""
    buffer, served_no_more = server.session.closed(params.text_document.uri)
    if served_no_more is not None:
        server.remove_folder(served_no_more)
    elif buffer is not None and buffer.place:
        server.document_closed(buffer.place)
