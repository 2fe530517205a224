"""`planmark/metrics/get`."""

from __future__ import annotations

from typing import Any

from planmark.lsp.lsp_ext import plain
from planmark.lsp.server import Server


async def handle(server: Server, _params: Any) -> Any:
    """Return the current metrics."""
    return plain(await server.compute(server.metrics))
