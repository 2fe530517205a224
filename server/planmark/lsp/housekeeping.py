"""The loops that run while a client is served: the watchdog, and periodic metrics and scans."""

from __future__ import annotations

import asyncio
import time

import psutil

from planmark.lsp.server import Server

TICK_SECONDS = 1.0
CLIENT_SECONDS = 5.0
"""Interval between two checks whether the client's process still exists."""
RECONCILE_SECONDS = {True: 20.0, False: 2.0}
"""Minimum between two unprompted scans of the disk, by whether the client watches files."""
RECONCILE_SHARE = 0.05
"""Maximum share of the time that scans of the disk take."""


async def watchdog_loop(server: Server) -> None:
    """Report a job that takes too long, and exit when the client's process has ended.

    This loop never waits for the engine.
    """
    last_check = time.monotonic()
    while True:
        await asyncio.sleep(TICK_SECONDS)
        server.publish_overdue()
        process = server.client.process_id
        if process and time.monotonic() - last_check >= CLIENT_SECONDS:
            last_check = time.monotonic()
            if not psutil.pid_exists(process):
                server.connection.end(f"the client's process {process} no longer exists")
                return


async def housekeeping_loop(server: Server) -> None:
    """Send metrics, look at the leases, and scan for changes that the client does not report."""
    due = dict.fromkeys(("disk", "metrics"), time.monotonic())
    took = 0.0
    while True:
        await asyncio.sleep(TICK_SECONDS)
        for session in list(server.workspace.folders.values()):
            server.spawn(session.look_at_leases())
        now = time.monotonic()
        every = max(RECONCILE_SECONDS[server.client.watches_files], took / RECONCILE_SHARE)
        sessions = list(server.workspace.folders.values())
        if now - due["disk"] >= every and all(session.scan is None for session in sessions):
            for session in sessions:
                if session.worker.complete:
                    await session.scan_disk()
            due["disk"] = time.monotonic()
            took = due["disk"] - now
        server.spawn(server.apply_metrics_settings())
        every = server.setting("metrics.intervalSeconds")
        if every and now - due["metrics"] >= every:
            due["metrics"] = now
            await server.publish_metrics()
