"""A running request or notification, and its line in the log if the request is slow."""

from __future__ import annotations

import logging
from typing import NamedTuple

from planmark.metrics.recorder import EventOutcome
from planmark.metrics.trace import Trace, seconds_by_part

MAX_LOGGED_PARTS = 6
"""Maximum number of parts of a request in a line of the log, the longest first."""
READY_PART = "ready"
"""The part of a request that waits for the first scan of a folder.

This part never counts as slow, because the scan reports its progress.
"""
IDLE_PART = "idle"
"""The part of a request that waits for the next change. This part is excluded from the duration."""

logger = logging.getLogger(__name__)


class InFlightRequest(NamedTuple):
    """A running request or notification. `start_time` is by the recorder's clock. `trace` has the parts of its time."""

    method: str
    start_time: float
    trace: Trace


def log_if_slow(call: InFlightRequest, seconds: float, outcome: EventOutcome, slow_seconds: float) -> None:
    """Log a request that took `slow_seconds` or more, with the parts of its time.

    The wait for the first scan of a folder does not count. If `slow_seconds` is 0 or less, nothing is logged.
    """
    working_seconds = seconds - call.trace.parts.get((READY_PART,), 0.0)
    if slow_seconds <= 0 or working_seconds < slow_seconds:
        return
    parts = seconds_by_part(call.trace.parts, seconds)[:MAX_LOGGED_PARTS]
    subject = call.trace.subject or ""
    part_list = " ".join(f"{name}={part * 1000:.1f}" for name, part in parts)
    logger.warning(
        "slow request: method=%s ms=%.1f outcome=%s about=%s %s",
        call.method,
        seconds * 1000,
        outcome,
        subject,
        part_list,
        extra={"planmark": {"method": call.method, "seconds": seconds, "about": subject, "parts": dict(parts)}},
    )
