"""`workspace/didChangeWorkspaceFolders`: the choice of the folders that the server serves."""

from __future__ import annotations

from lsprotocol import types

from planmark.lsp.folder_session import FolderSession
from planmark.lsp.handlers.configuration import fetch_settings, valid_settings
from planmark.lsp.handlers.work_done_progress import scan_with_progress
from planmark.lsp.server import Server


def did_change_workspace_folders(server: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Serve added folders and stop serving removed folders."""
    workspace = server.workspace
    removed_uris = {folder.uri for folder in params.event.removed}
    added_uris = [folder.uri for folder in params.event.added]
    workspace.roots = list(dict.fromkeys([*(uri for uri in workspace.roots if uri not in removed_uris), *added_uris]))
    for uri in removed_uris - set(added_uris):
        server.remove_folder(uri)
    if removed_uris:
        server.refresh()
    for session in serve_roots(server):
        server.spawn(_scan_new_folder(server, session))
    server.publish_status()


def serve_roots(server: Server) -> list[FolderSession]:
    """Serve the folders of the client. A folder inside another folder of the client gets no session, because the
    session of the outer folder serves it.

    Return the sessions of the folders that were not served before.
    """
    new_sessions = []
    for uri in server.workspace.folders_by_depth():
        if server.workspace.is_served_elsewhere(uri):
            server.remove_folder(uri)
        elif session := server.add_folder(uri, valid_settings(server.client.settings)):
            new_sessions.append(session)
    return new_sessions


async def _scan_new_folder(server: Server, session: FolderSession) -> None:
    await fetch_settings(server, [session])
    await scan_with_progress(server, session)
    server.publish_status()
