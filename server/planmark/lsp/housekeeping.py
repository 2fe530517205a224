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
"""Shortest and longest pause between two unprompted scans of the disk, by whether the client reports changes of files.

Watchers of editors miss files in folders that are created together, for example by `mkdir -p`. Therefore the pause is short
after a change that the client reports, or that a scan finds. Each scan without a change doubles it. A client that has missed a
change counts as one that does not watch.
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


def counts_as_reporting(reports: bool, is_unreported: bool, has_reported: bool) -> bool:
    """Tell whether a client still counts as one that reports changes of files.

    `is_unreported` tells that the last scan has found a change before any report; `has_reported` that a report has arrived
    since. A report may arrive after the scan that has found its change.
    """
    return reports and (has_reported or not is_unreported)


def next_pause(pause: float, is_news: bool, bounds: tuple[float, float]) -> float:
    """Return the seconds between a scan and the next one. `is_news` tells that the scan has found a change."""
    shortest, longest = bounds
    return shortest if is_news else min(2 * pause, longest)


async def housekeeping_loop(server: Server) -> None:
    """Send metrics, look at the leases, and scan for changes that the client does not report."""
    due = dict.fromkeys(("disk", "metrics"), time.monotonic())
    reports, is_unreported = server.client.watches_files, False
    wait_time, pause = 0.0, RECONCILE_SECONDS[reports][0]
    while True:
        await asyncio.sleep(TICK_SECONDS)
        for session in list(server.workspace.folders.values()):
            server.spawn(session.look_at_leases())
        now = time.monotonic()
        reports = counts_as_reporting(reports, is_unreported, server.has_reported_files)
        bounds = RECONCILE_SECONDS[reports]
        is_unreported = False
        if server.has_reported_files:
            server.has_reported_files, pause = False, bounds[0]
        sessions = list(server.workspace.folders.values())
        if now - due["disk"] >= max(pause, wait_time / RECONCILE_SHARE) and all(
            session.scan is None for session in sessions
        ):
            # After a cancelled scan, all files of a folder would count as unreported.
            complete = [session for session in sessions if session.worker.complete]
            for session in complete:
                await session.scan_disk()
            is_news = any(session.worker.index.has_unreported for session in complete)
            is_unreported = is_news and not server.has_reported_files
            pause = next_pause(pause, is_news, bounds)
            due["disk"] = time.monotonic()
            wait_time = due["disk"] - now
        server.spawn(server.apply_metrics_settings())
        every = server.setting("metrics.intervalSeconds")
        if every and now - due["metrics"] >= every:
            due["metrics"] = now
            await server.publish_metrics()
