"""The loops that run while a client is served: the watchdog, and periodic metrics and scans."""

from __future__ import annotations

import asyncio
import time

import psutil

from planmark.lsp.server import Server

ROUND_SECONDS = 1.0
"""Seconds between two rounds of each loop."""
CLIENT_CHECK_SECONDS = 5.0
"""Minimum seconds between two checks whether the client's process still exists."""
SCAN_PAUSE_BOUNDS = {True: (1.0, 20.0), False: (2.0, 2.0)}
"""The shortest and the longest pause between two periodic scans, in seconds.

The key tells whether the client reports changes of files.

Watchers of editors miss files in folders that are created together, for example by `mkdir -p`. Therefore the pause is short
after a change that the client reports, or that a scan finds. Each scan without a change doubles the pause. A client that has
missed a change counts as a client that reports no changes.
"""
MAX_SCAN_SHARE = 0.05
"""Maximum share of the time that periodic scans of the disk may take, from 0 to 1."""


async def watchdog_loop(server: Server) -> None:
    """Report a job that takes too long, and exit when the client's process has ended.

    This loop never waits for the engine.
    """
    last_check = time.monotonic()
    while True:
        await asyncio.sleep(ROUND_SECONDS)
        server.publish_overdue_job()
        process_id = server.client.process_id
        if process_id and time.monotonic() - last_check >= CLIENT_CHECK_SECONDS:
            last_check = time.monotonic()
            if not psutil.pid_exists(process_id):
                server.connection.end(f"the client's process {process_id} no longer exists")
                return


def counts_as_reporting(reports_changes: bool, has_missed_change: bool, has_reported_since: bool) -> bool:
    """Tell whether a client still counts as a client that reports changes of files.

    `reports_changes` tells whether the client has counted as such a client until now. `has_missed_change` tells whether
    the last scan found a change that the client had not reported. `has_reported_since` tells whether the client has
    sent a report after that scan. Such a late report may be about the same change.
    """
    return reports_changes and (has_reported_since or not has_missed_change)


def next_pause(pause_before: float, has_found_change: bool, bounds: tuple[float, float]) -> float:
    """Return the seconds between a scan and the next scan.

    `pause_before` is the pause before the scan, in seconds. `has_found_change` tells that the scan has found a change.
    `bounds` are the shortest and the longest pause.
    """
    shortest, longest = bounds
    return shortest if has_found_change else min(2 * pause_before, longest)


async def housekeeping_loop(server: Server) -> None:
    """Send metrics, look at the leases, and scan for changes that the client does not report."""
    last_scan_end = last_metrics_time = time.monotonic()
    reports_changes, has_missed_change = server.client.watches_files, False
    scan_seconds, pause = 0.0, SCAN_PAUSE_BOUNDS[reports_changes][0]
    while True:
        await asyncio.sleep(ROUND_SECONDS)
        for session in list(server.workspace.folders.values()):
            server.spawn(session.look_at_leases())
        now = time.monotonic()
        reports_changes = counts_as_reporting(reports_changes, has_missed_change, server.has_reported_files)
        bounds = SCAN_PAUSE_BOUNDS[reports_changes]
        has_missed_change = False
        if server.has_reported_files:
            server.has_reported_files, pause = False, bounds[0]
        sessions = list(server.workspace.folders.values())
        if now - last_scan_end >= max(pause, scan_seconds / MAX_SCAN_SHARE) and all(
            session.scan is None for session in sessions
        ):
            # After a cancelled scan, all files of a folder would count as unreported.
            complete_sessions = [session for session in sessions if session.worker.is_complete]
            for session in complete_sessions:
                await session.scan_disk()
            has_found_change = any(session.worker.index.has_unreported_change for session in complete_sessions)
            has_missed_change = has_found_change and not server.has_reported_files
            pause = next_pause(pause, has_found_change, bounds)
            last_scan_end = time.monotonic()
            scan_seconds = last_scan_end - now
        server.spawn(server.apply_metrics_settings())
        metrics_seconds = server.setting("metrics.intervalSeconds")
        if metrics_seconds and now - last_metrics_time >= metrics_seconds:
            last_metrics_time = now
            await server.publish_metrics()
