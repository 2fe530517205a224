"""`workspace/didChangeWatchedFiles`, and the registration of watchers with the client."""

from __future__ import annotations

import logging

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from planmark.lsp.handlers.configuration import SETTINGS_SECTION
from planmark.lsp.params import ChangedFilesParams
from planmark.lsp.server import Server

WATCHED_PATTERNS = (
    "**/*.{md,MD,markdown}",
    "**/parallel.json",
    "**/.kiro/specs/*/spec.json",
    "**/.specify/feature.json",
    "**/planmark.toml",
    "**/pyproject.toml",
    "**/.gitignore",
    "**/.git",
)
"""Glob patterns of the files whose changes the client is asked to report."""
FOLDER_DELETION_WATCHER = types.FileSystemWatcher("**/*", kind=types.WatchKind.Delete)
"""A watcher for deleted folders, because editors report a deleted folder without its files."""

logger = logging.getLogger(__name__)


def did_change_watched_files(server: Server, params: ChangedFilesParams) -> None:
    """Read changed files again."""
    server.files_changed([change.uri for change in params.changes])


async def register_watchers(server: Server) -> None:
    """Ask the client to report changes of files and of settings."""
    registrations = []
    if server.client.watches_files:
        watchers = [*(types.FileSystemWatcher(glob) for glob in WATCHED_PATTERNS), FOLDER_DELETION_WATCHER]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        registrations.append(types.Registration("planmark-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
    if server.client.registers_configuration:
        registrations.append(
            types.Registration(
                "planmark-settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, {"section": SETTINGS_SECTION}
            )
        )
    if registrations:
        try:
            await server.connection.client_register_capability_async(types.RegistrationParams(registrations))
        except JsonRpcException as error:
            logger.warning("the client does not watch for changes: %s", error)
