"""`workspace/didChangeConfiguration` and `workspace/configuration`: the settings of the editor."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from lsprotocol import types

from planmark.lsp.client import await_briefly
from planmark.lsp.folder_session import FolderSession
from planmark.lsp.server import Server
from planmark.workspace.settings import client_settings

SECTION = "planmark"
"""The section of the editor's settings."""

logger = logging.getLogger(__name__)


def did_change_configuration(server: Server, params: types.DidChangeConfigurationParams) -> None:
    """Apply new settings: the settings that the client returns on request, else the settings in the notification."""
    server.spawn(_reconfigure(server, params.settings))


async def _reconfigure(server: Server, pushed_settings: Any) -> None:
    sessions = [None, *server.workspace.folders.values()]
    if server.client.gives_configuration:
        await fetch_settings(server, sessions)
        return
    settings = checked_settings(
        pushed_settings.get(SECTION, pushed_settings) if isinstance(pushed_settings, dict) else {}
    )
    for session in sessions:
        await _apply_settings(server, session, settings)


async def fetch_settings(server: Server, sessions: Sequence[FolderSession | None]) -> None:
    """Ask the client for the settings of the folder of each session; for None, for the settings of all folders.

    The server does not wait for a late answer, but applies its settings.
    """
    if not server.client.gives_configuration:
        return
    items = [types.ConfigurationItem(session.uri if session else None, SECTION) for session in sessions]

    async def ask() -> None:
        answer = await server.connection.workspace_configuration_async(types.ConfigurationParams(items))
        for session, data in zip(sessions, answer or (), strict=False):
            await _apply_settings(server, session, checked_settings(data or server.client.settings))

    await await_briefly(server.spawn(ask()))


async def _apply_settings(server: Server, session: FolderSession | None, settings: dict[str, Any]) -> None:
    """Apply settings of a folder, or of all folders (None).

    If the settings of a folder changed and its first scan has begun, scan the folder again.
    """
    if session is None:
        server.settings = settings
        return
    old_settings, session.settings = session.settings, settings
    if settings != old_settings and not session.is_closed:
        await server.compute(partial(session.worker.index.configure, settings))
        if session.worker.is_complete or session.scan is not None:
            await session.scan_disk()


def checked_settings(data: Any) -> dict[str, Any]:
    """Return the valid settings of the editor, and log the invalid settings."""
    settings, warnings = client_settings(data if isinstance(data, dict) else {})
    for warning in warnings:
        logger.warning("%s", warning)
    if settings.keys() & {"diagnostics.severity", "diagnostics.ignore"}:
        # Imported only here, because most editors set neither.
        from planmark.diagnostics.codes import unknown_codes

        for unknown_warning in unknown_codes(settings):
            logger.warning("the editor's settings %s", unknown_warning.message)
    return settings
