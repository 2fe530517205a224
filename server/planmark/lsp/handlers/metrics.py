"""`planmark/metrics/get`."""

from __future__ import annotations

from typing import Any

import msgspec

from planmark.lsp.server import Server


async def handle(server: Server, _params: Any) -> Any:
    """Return the current metrics."""
    return msgspec.to_builtins(await server.compute(server.metrics))
