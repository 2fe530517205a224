"""The loops that run while a client is served: the watchdog, and periodic metrics and scans."""

from __future__ import annotations

import asyncio
import time

import psutil

from planmark.lsp.server import Server

TICK_SECONDS = 1.0
CLIENT_SECONDS = 5.0
"""Interval between two checks whether the client's process still exists."""
RECONCILE_SECONDS = {True: (1.0, 20.0), False: (2.0, 2.0)}
"""Shortest and longest pause between two unprompted scans of the disk, by whether the client watches files.

Watchers of editors miss files in folders that are created together, for example by `mkdir -p`. Therefore the pause is short
after a change that the client reports, or that a scan finds. Each scan without a change doubles it.
"""
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


def next_pause(pause: float, is_news: bool, bounds: tuple[float, float]) -> float:
    """Return the seconds between a scan and the next one. `is_news` tells that the scan has found a change."""
    shortest, longest = bounds
    return shortest if is_news else min(2 * pause, longest)


async def housekeeping_loop(server: Server) -> None:
    """Send metrics, look at the leases, and scan for changes that the client does not report."""
    due = dict.fromkeys(("disk", "metrics"), time.monotonic())
    took, pause = 0.0, RECONCILE_SECONDS[server.client.watches_files][0]
    while True:
        await asyncio.sleep(TICK_SECONDS)
        for session in list(server.workspace.folders.values()):
            server.spawn(session.look_at_leases())
        now = time.monotonic()
        bounds = RECONCILE_SECONDS[server.client.watches_files]
        if server.has_reported_files:
            server.has_reported_files, pause = False, bounds[0]
        sessions = list(server.workspace.folders.values())
        if now - due["disk"] >= max(pause, took / RECONCILE_SHARE) and all(
            session.scan is None for session in sessions
        ):
            before = [session.worker.sizes.revision for session in sessions]
            for session in sessions:
                if session.worker.complete:
                    await session.scan_disk()
            is_news = before != [session.worker.sizes.revision for session in sessions]
            pause = next_pause(pause, is_news, bounds)
            due["disk"] = time.monotonic()
            took = due["disk"] - now
        server.spawn(server.apply_metrics_settings())
        every = server.setting("metrics.intervalSeconds")
        if every and now - due["metrics"] >= every:
            due["metrics"] = now
            await server.publish_metrics()
