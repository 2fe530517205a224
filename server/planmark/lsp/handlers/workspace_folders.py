"""`workspace/didChangeWorkspaceFolders`: which folders are served."""

from __future__ import annotations

from lsprotocol import types

from planmark.lsp.folder_session import FolderSession
from planmark.lsp.handlers.configuration import checked_settings, fetch_settings
from planmark.lsp.handlers.work_done_progress import scan_with_progress
from planmark.lsp.server import Server


def did_change_workspace_folders(server: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Serve added folders and stop serving removed ones."""
    session = server.session
    gone = {folder.uri for folder in params.event.removed}
    added = [folder.uri for folder in params.event.added]
    session.roots = list(dict.fromkeys([*(uri for uri in session.roots if uri not in gone), *added]))
    for uri in gone - set(added):
        _remove_folder(server, uri)
    for new in serve_roots(server):
        server.spawn(_start_folder(server, new))
    server.publish_status()


def serve_roots(server: Server) -> list[FolderSession]:
    """Serve each of the client's folders once, as part of the outermost one. Return those that are new."""
    new = []
    for uri in server.session.outermost_first():
        if server.session.is_covered(uri):
            _remove_folder(server, uri)
        elif session := _add_folder(server, uri):
            new.append(session)
    return new


def _add_folder(server: Server, uri: str) -> FolderSession | None:
    """Serve a folder from now on, with the settings so far. The caller scans it later."""
    settings = checked_settings(server.client.settings)
    folder = server.session.add_folder(uri, settings)
    return server.add_folder(folder, settings) if folder is not None else None


def _remove_folder(server: Server, uri: str) -> None:
    """Stop serving a folder."""
    if folder := server.session.remove_folder(uri):
        server.remove_folder(folder)


async def _start_folder(server: Server, session: FolderSession) -> None:
    await fetch_settings(server, [session])
    await scan_with_progress(server, session)
    server.publish_status()
