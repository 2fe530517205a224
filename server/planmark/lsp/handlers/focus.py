"""`planmark/focus`."""

from __future__ import annotations

from typing import Any

from planmark.lsp.server import Server


def handle(server: Server, _: Any) -> None:
    """Scan the disk, because other programs may have changed files while the editor had no focus."""
    for session in server.workspace.folders.values():
        session.schedule_scan_after_focus()
