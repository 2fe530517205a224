"""The waits of requests that could do harm if they were answered from an incomplete or outdated workspace."""

from __future__ import annotations

import asyncio

from planmark.lsp.errors import RequestError
from planmark.lsp.server import Server


async def wait_for_scan(server: Server, uri: str) -> None:
    """Wait for the first scan of the folder that contains a document."""
    if file := server.workspace.locate(uri):
        await file.folder.wait_ready()


async def everything_read(server: Server, else_what: str) -> None:
    """Wait until every folder was scanned once. Raises RequestError if a first scan is incomplete."""
    for session in list(server.workspace.folders.values()):
        await session.wait_ready()
        if not session.worker.complete:
            raise RequestError(f"the scan of {session.root} is incomplete, and {else_what}: run `planmark.reindex`")


async def as_on_disk(server: Server, else_what: str) -> None:
    """Wait as `everything_read` does, then scan the disk.

    Other programs may have written files that the client has not reported yet.
    """
    await everything_read(server, else_what)
    await asyncio.gather(*(session.scan_disk() for session in list(server.workspace.folders.values())))
