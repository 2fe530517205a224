"""Samples of a process every 100 ms: memory, CPU, bytes read and written."""

from __future__ import annotations

import statistics
import threading
import time
from types import TracebackType
from typing import NamedTuple

import psutil

EVERY_SECONDS = 0.1


class Sample(NamedTuple):
    """One sample of a process.

    `at` is seconds since the start, `rss` resident bytes, and `cpu` percent of one core since the last sample. `read` and
    `written` are bytes since the start.
    """

    at: float
    rss: int
    cpu: float
    read: int
    written: int


class Monitor:
    """A sampler of a process, which runs in a thread of its own during the `with` block."""

    def __init__(self, pid: int, every: float = EVERY_SECONDS) -> None:
        self.samples: list[Sample] = []
        self._process = psutil.Process(pid)
        self._every = every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Monitor:
        # The first call of `cpu_percent` always returns 0, because it only begins to count.
        self._process.cpu_percent()
        self._started = time.perf_counter()
        self._io = self._bytes()
        self.samples.append(self._look())
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()
        try:
            self.samples.append(self._look())
        except psutil.Error:
            return

    @property
    def peak(self) -> int:
        """The maximum resident bytes of all samples."""
        return max(sample.rss for sample in self.samples)

    @property
    def cpu(self) -> float:
        """Average percent of one core, without the first sample, because nothing was measured before it."""
        return statistics.fmean(sample.cpu for sample in self.samples[1:] or self.samples)

    def between(self, begin: float, end: float) -> float:
        """Return the mean resident bytes between two shares (0 to 1, inclusive) of the time."""
        whole = self.samples[-1].at
        chosen = [sample.rss for sample in self.samples if begin * whole <= sample.at <= end * whole]
        return statistics.fmean(chosen or [self.samples[-1].rss])

    def _run(self) -> None:
        due = self._started + self._every
        while not self._ended.wait(max(0.0, due - time.perf_counter())):
            try:
                self.samples.append(self._look())
            except psutil.Error:
                return
            due += self._every

    def _look(self) -> Sample:
        process = self._process
        with process.oneshot():
            read, written = self._bytes()
            rss, cpu = process.memory_info().rss, process.cpu_percent()
        return Sample(time.perf_counter() - self._started, rss, cpu, read - self._io[0], written - self._io[1])

    def _bytes(self) -> tuple[int, int]:
        try:
            counters = self._process.io_counters()
        except (psutil.AccessDenied, AttributeError):
            # macOS has no such counters.
            return 0, 0
        # Linux counts all bytes, cached or not; other systems count those that reach the disk.
        return (
            getattr(counters, "read_chars", counters.read_bytes),
            getattr(counters, "write_chars", counters.write_bytes),
        )
