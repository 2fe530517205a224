"""A request or notification under way, and the line in the log where it was slow."""

from __future__ import annotations

import logging
from typing import NamedTuple

from planmark.metrics.recorder import Outcome
from planmark.metrics.trace import Trace, shown

PARTS_LOGGED = 6
READY = "ready"
"""The part in which a request waits until a folder was read once: that has a progress of its own, and is not slow."""

logger = logging.getLogger(__name__)


class Call(NamedTuple):
    """A request or notification under way: when it came, by the recorder's clock, and what its time goes into."""

    method: str
    started: float
    trace: Trace


def tell_if_slow(call: Call, seconds: float, outcome: Outcome, slow_seconds: float) -> None:
    """Logs a request that took `slow_seconds` or more, without the time until a folder was read, and where it went."""
    working = seconds - call.trace.parts.get((READY,), 0.0)
    if slow_seconds <= 0 or working < slow_seconds:
        return
    parts = shown(call.trace.parts, seconds)[:PARTS_LOGGED]
    about = call.trace.about or ""
    listed = " ".join(f"{name}={part * 1000:.1f}" for name, part in parts)
    logger.warning(
        "slow request: method=%s ms=%.1f outcome=%s about=%s %s",
        call.method,
        seconds * 1000,
        outcome,
        about,
        listed,
        extra={"planmark": {"method": call.method, "seconds": seconds, "about": about, "parts": dict(parts)}},
    )
