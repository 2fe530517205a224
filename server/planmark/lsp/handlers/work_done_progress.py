"""`window/workDoneProgress/create` and `cancel`: scans whose progress the client shows and the user can cancel."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from lsprotocol import types

from planmark.lsp.client import await_briefly
from planmark.lsp.folder_session import ActiveScan, FolderSession
from planmark.lsp.server import Server
from planmark.text.visible import visible_in_one_line


def cancel(server: Server, params: types.WorkDoneProgressCancelParams) -> None:
    """Cancel the scan whose progress the user has cancelled."""
    for session in server.workspace.folders.values():
        if session.scan is not None and params.token == session.scan.progress_token:
            session.scan_was_cancelled = True
            session.scan.task.cancel()


async def scan_with_progress(server: Server, session: FolderSession) -> None:
    """Scan a folder. The client shows the progress of the scan, and the user can cancel the scan."""
    worker = session.worker
    session.scan_was_cancelled = False
    token = f"planmark/{uuid.uuid4()}"
    shows_progress = server.client.shows_progress and await await_briefly(
        server.connection.window_work_done_progress_create_async(types.WorkDoneProgressCreateParams(token))
    )
    if session.is_closed:
        return

    def send_progress(value: Any) -> None:
        if shows_progress:
            server.connection.progress(types.ProgressParams(token, value))

    def report(done_count: int, total_count: int) -> None:
        if total_count:
            server.publish_progress(session, done_count, total_count)
            send_progress(
                types.WorkDoneProgressReport(
                    message=f"{done_count} of {total_count} documents", percentage=100 * done_count // total_count
                )
            )

    send_progress(
        types.WorkDoneProgressBegin(
            visible_in_one_line(f"Planmark: reading {worker.root.name}"), cancellable=True, percentage=0
        )
    )
    task = asyncio.ensure_future(session.scan_disk(report))
    session.scan = ActiveScan(task, token)
    server.publish_status()
    try:
        await task
    except asyncio.CancelledError:
        if not session.scan_was_cancelled:
            raise
        await server.compute(worker.cancel_scan)
        session.mark_ready()
        server.publish_plans_changed(session)
    finally:
        session.scan = None
        session.progress = ""
        send_progress(types.WorkDoneProgressEnd())
        server.publish_status()
