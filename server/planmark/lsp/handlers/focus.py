"""`planmark/focus`."""

from __future__ import annotations

from typing import Any

from planmark.lsp.server import Server


def handle(server: Server, _: Any) -> None:
    """Scan the disk, because other programs may have written while the user was away."""
    for session in server.workspace.folders.values():
        session.schedule_scan_after_focus()
