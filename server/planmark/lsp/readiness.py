"""Functions that wait for scans, because some requests could do harm with an incomplete or outdated workspace."""

from __future__ import annotations

import asyncio

from planmark.lsp.errors import RequestError
from planmark.lsp.server import Server


async def wait_for_scan(server: Server, uri: str) -> None:
    """Wait for the first scan of the folder that contains a document."""
    if file := server.workspace.locate(uri):
        await file.folder.wait_ready()


async def wait_for_all_scans(server: Server, risk: str) -> None:
    """Wait until every folder was scanned once. Raises RequestError if a first scan is incomplete.

    `risk` tells the user what could go wrong without a complete scan.
    """
    await server.wait_ready()
    for session in list(server.workspace.folders.values()):
        if not session.worker.is_complete:
            raise RequestError(f"the scan of {session.root} is incomplete, and {risk}: run `planmark.reindex`")


async def wait_and_rescan(server: Server, risk: str) -> None:
    """Wait as `wait_for_all_scans` does, then scan the disk.

    Other programs may have written files that the client has not reported yet.
    """
    await wait_for_all_scans(server, risk)
    await asyncio.gather(*(session.scan_disk() for session in list(server.workspace.folders.values())))
