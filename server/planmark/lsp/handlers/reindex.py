"""The command `planmark.reindex`."""

from __future__ import annotations

import asyncio
from typing import Any

from planmark.lsp.handlers.status import status_json
from planmark.lsp.handlers.work_done_progress import scan_with_progress
from planmark.lsp.lsp_ext import RawJson
from planmark.lsp.params import PlanParams
from planmark.lsp.server import Server


async def handle(server: Server, _params: Any) -> RawJson:
    """Scan every folder again, with progress, and return the status of all plans."""
    await asyncio.gather(*(scan_with_progress(server, session) for session in list(server.workspace.folders.values())))
    return await status_json(server, PlanParams())
