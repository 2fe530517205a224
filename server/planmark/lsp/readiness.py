"""What a request waits for where an answer from half of a workspace, or from an older one, could do harm."""

from __future__ import annotations

import asyncio

from planmark.lsp.protocol import RequestError
from planmark.lsp.server import Server


async def everything_read(server: Server, else_what: str) -> None:
    """Waits until every folder was read once. Raises RequestError where one was not read to the end."""
    for session in list(server.folders.values()):
        await session.wait_ready()
        if not session.folder.complete:
            raise RequestError(
                f"{session.folder.root} was not read to the end, and {else_what}: run `planmark.reindex`"
            )


async def as_on_disk(server: Server, else_what: str) -> None:
    """As `everything_read`; then looks at the disk, since other programs may have written of which nobody has told yet."""
    await everything_read(server, else_what)
    await asyncio.gather(*(session.scan_disk() for session in list(server.folders.values())))
