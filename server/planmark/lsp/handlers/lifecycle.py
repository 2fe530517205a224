"""`initialized` and `shutdown`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any

from lsprotocol import types

from planmark.lsp.folder_session import FolderSession
from planmark.lsp.folder_worker import FolderWorker
from planmark.lsp.handlers.configuration import fetch_settings, valid_settings
from planmark.lsp.handlers.watched_files import register_watchers
from planmark.lsp.handlers.work_done_progress import scan_with_progress
from planmark.lsp.handlers.workspace_folders import serve_roots
from planmark.lsp.housekeeping import housekeeping_loop, watchdog_loop
from planmark.lsp.server import Server

CLOSE_SECONDS = 1.0
"""Maximum seconds that `shutdown` waits for the last metrics, and again for the store. Clients wait two seconds for the
answer to `shutdown`.
"""


def initialized(server: Server, _: types.InitializedParams) -> None:
    """Serve the client's folders, and start the background work."""
    server.spawn(_start_serving(server, serve_roots(server)))


async def shutdown(server: Server, _: Any) -> None:
    """Send the last metrics, and save the parsed facts in the store."""
    server.pulled_diagnostics.end()
    # The engine's thread may be busy, and clients wait only briefly for an answer.
    await _wait_at_most(server, CLOSE_SECONDS, server.publish_metrics(always=True))
    await _wait_at_most(server, CLOSE_SECONDS, server.compute(partial(_close_workers, server.workers)))


async def _start_serving(server: Server, sessions: list[FolderSession]) -> None:
    server.spawn(housekeeping_loop(server))
    server.spawn(watchdog_loop(server))
    server.spawn(register_watchers(server))
    server.settings = valid_settings(server.client.settings)
    await fetch_settings(server, [None, *sessions])
    server.spawn(server.apply_metrics_settings())
    await asyncio.gather(*(scan_with_progress(server, session) for session in sessions))
    server.publish_status()


def _close_workers(workers: Sequence[FolderWorker]) -> None:
    for worker in workers:
        worker.close()


async def _wait_at_most(server: Server, seconds: float, work: Coroutine[Any, Any, Any]) -> None:
    """Wait at most `seconds` for `work`. If `work` has not ended by then, it continues in the background."""
    await asyncio.wait({server.spawn(work)}, timeout=seconds)
