"""One thread that does all the work on the workspaces, the most urgent first.

The event loop only moves messages and texts, so that no request, however slow, delays a keystroke; and since one
thread reads, judges and answers, no lock guards the index.
"""

from __future__ import annotations

import contextvars
import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from enum import IntEnum
from typing import Any, NamedTuple, TypeVar

from planmark.lsp.garbage import collect_new
from planmark.metrics.trace import current

T = TypeVar("T")


class Urgency(IntEnum):
    """What goes first: changes of texts, then what somebody waits for, then diagnostics, then reading the disk."""

    CHANGE = 0
    REQUEST = 1
    UPDATE = 2
    INDEX = 3
    STOP = 4


class Job(NamedTuple):
    """Work to do, in the context of whoever wants it; the serial number keeps the order among equals.

    `submitted` is when it was wanted, by the clock of the trace that it belongs to.
    """

    urgency: Urgency
    serial: int
    work: Callable[[], Any]
    future: Future[Any]
    context: contextvars.Context
    submitted: float


class Engine:
    """Runs jobs until it is stopped; a job that is cancelled before it began never runs."""

    def __init__(self) -> None:
        self._jobs: queue.PriorityQueue[Job] = queue.PriorityQueue()
        self._serial = itertools.count()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="planmark-engine", daemon=True)
        self._thread.start()

    def submit(self, urgency: Urgency, work: Callable[[], T]) -> Future[T]:
        """A future of what `work` returns or raises."""
        future: Future[T] = Future()
        trace = current()
        submitted = trace.recorder.clock() if trace else 0.0
        self._jobs.put(Job(urgency, next(self._serial), work, future, contextvars.copy_context(), submitted))
        return future

    def stop(self, seconds: float) -> None:
        """Takes no further job and waits, for at most `seconds`, for the one that runs."""
        self._stopping = True
        self._jobs.put(Job(Urgency.STOP, next(self._serial), lambda: None, Future(), contextvars.Context(), 0.0))
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping:
            job = self._jobs.get()
            if self._stopping or not job.future.set_running_or_notify_cancel():
                continue
            try:
                result = job.context.run(_begun, job)
            except BaseException as error:
                job.future.set_exception(error)
            else:
                job.future.set_result(result)
            collect_new()


def _begun(job: Job) -> Any:
    if trace := current():
        trace.spend("queue", trace.recorder.clock() - job.submitted)
    return job.work()
