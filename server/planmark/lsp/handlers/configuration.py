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

SETTINGS_SECTION = "planmark"
"""The section of the editor's settings."""

logger = logging.getLogger(__name__)


def did_change_configuration(server: Server, params: types.DidChangeConfigurationParams) -> None:
    """Apply new settings. The server asks the client for the settings. If the client does not answer such requests, the
    server takes the settings from `params`.
    """
    server.spawn(_reconfigure(server, params.settings))


async def _reconfigure(server: Server, pushed_settings: Any) -> None:
    sessions = [None, *server.workspace.folders.values()]
    if server.client.gives_configuration:
        await fetch_settings(server, sessions)
        return
    settings = valid_settings(
        pushed_settings.get(SETTINGS_SECTION, pushed_settings) if isinstance(pushed_settings, dict) else {}
    )
    for session in sessions:
        await _apply_settings(server, session, settings)


async def fetch_settings(server: Server, sessions: Sequence[FolderSession | None]) -> None:
    """Ask the client for the settings of the folder of each session, and apply them.

    A session of None stands for the settings of all folders. The server waits only briefly for the answer. It also
    applies the settings of an answer that arrives later.
    """
    if not server.client.gives_configuration:
        return
    requested_settings = [
        types.ConfigurationItem(session.uri if session else None, SETTINGS_SECTION) for session in sessions
    ]

    async def ask() -> None:
        answer = await server.connection.workspace_configuration_async(types.ConfigurationParams(requested_settings))
        for session, settings_data in zip(sessions, answer or (), strict=False):
            await _apply_settings(server, session, valid_settings(settings_data or server.client.settings))

    await await_briefly(server.spawn(ask()))


async def _apply_settings(server: Server, session: FolderSession | None, settings: dict[str, Any]) -> None:
    """Apply the settings of the folder of `session`; if `session` is None, the settings of all folders.

    If the settings of a folder have changed, and its first scan has begun, scan the folder again.
    """
    if session is None:
        server.settings = settings
        return
    old_settings, session.settings = session.settings, settings
    if settings != old_settings and not session.is_closed:
        await server.compute(partial(session.worker.index.configure, settings))
        if session.worker.is_complete or session.scan is not None:
            await session.scan_disk()


def valid_settings(settings_data: Any) -> dict[str, Any]:
    """Return the valid settings in `settings_data`, by key, and log the invalid settings."""
    settings, warnings = client_settings(settings_data if isinstance(settings_data, dict) else {})
    for warning in warnings:
        logger.warning("%s", warning)
    if settings.keys() & {"diagnostics.severity", "diagnostics.ignore"}:
        # Imported only here, because most editors set neither.
        from planmark.diagnostics.codes import unknown_code_warnings

        for unknown_warning in unknown_code_warnings(settings):
            logger.warning("the editor's settings %s", unknown_warning.message)
    return settings
