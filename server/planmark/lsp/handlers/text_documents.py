"""`textDocument/didOpen`, `didChange`, `didSave` and `didClose`."""

from __future__ import annotations

from lsprotocol import types

from planmark.lsp.handlers.work_done_progress import scan_with_progress
from planmark.lsp.server import Server


def did_open(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Store the text of an opened document. If no served folder contains the document, serve its workspace."""
    document, folder_session = server.workspace.open(params.text_document, server.settings)
    if folder_session is not None:
        server.reassign_documents()
        server.spawn(scan_with_progress(server, folder_session))
    else:
        server.document_changed(document, 0.0)


def did_change(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Apply edits to an open document."""
    document = server.workspace.change(params.text_document, params.content_changes)
    if document is not None:
        server.document_changed(document)


def did_save(server: Server, params: types.DidSaveTextDocumentParams) -> None:
    """Record that an open document has no unsaved changes. If the document is not open, read its file again."""
    document = server.workspace.documents.get(params.text_document.uri)
    if document is not None:
        server.document_changed(document, 0.0, is_saved=True)
    else:
        server.files_changed([params.text_document.uri])


def did_close(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Read a closed document from the disk again. Stop serving a folder that was served only because of this document."""
    document = server.workspace.close(params.text_document.uri)
    if document is None or document.file is None:
        return
    if server.workspace.must_be_served(document.file.folder):
        server.document_closed(document.uri, document.file)
    else:
        server.remove_folder(document.file.folder.uri)
