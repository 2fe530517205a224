"""The figures of a server: as a report, for a scrape, and as a line in the log where a request was slow."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import NamedTuple

import psutil

from planmark.answers.caches import Served, cache_figures
from planmark.lsp.folder import Folder
from planmark.metrics.caches import CacheFigures
from planmark.metrics.recorder import Outcome
from planmark.metrics.report import ProcessReport, Sizes
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


def sizes_of(folders: Sequence[Folder]) -> Sizes:
    """What was known of all folders when they were looked at last."""
    known = [folder.sizes for folder in folders]
    return Sizes(*(sum(column) for column in zip(*known, strict=True))) if known else Sizes()


def caches_of(folders: Sequence[Folder]) -> list[CacheFigures]:
    """Every cache, summed over folders."""
    return cache_figures([Served(folder.index, folder.prompts) for folder in folders])


def process_report(process: psutil.Process) -> ProcessReport:
    """Memory and processor time until now."""
    times = process.cpu_times()
    return ProcessReport(process.memory_info().rss, round(times.user + times.system, 3))


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
