"""The one thread that does all work on the workspaces, the most urgent job first.

The event loop only transfers messages and texts, so that no slow request delays a keystroke. The index needs no lock,
because one thread reads, evaluates and answers.
"""

from __future__ import annotations

import contextvars
import itertools
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from enum import IntEnum
from typing import Any, NamedTuple, TypeVar

from planmark.lsp.gc_policy import collect_new_garbage
from planmark.metrics.trace import current_trace

T = TypeVar("T")


class JobPriority(IntEnum):
    """The priority of a job, the most urgent first.

    CHANGE is for changes of texts, REQUEST for requests, UPDATE for diagnostics, and INDEX for scans of the disk. STOP
    is for the end of the engine.
    """

    CHANGE = 0
    REQUEST = 1
    UPDATE = 2
    INDEX = 3
    STOP = 4


JOB_NAMES: dict[JobPriority, str] = {
    JobPriority.CHANGE: "applying a change",
    JobPriority.REQUEST: "answering a request",
    JobPriority.UPDATE: "checking the documents",
    JobPriority.INDEX: "scanning the disk",
}
"""Mapping from a priority to the name of a job that belongs to no message."""


class Job(NamedTuple):
    """A job: the function `work`, and the future of the result of `work`.

    `serial` keeps the order of jobs with equal priority. `context` holds the context variables of the caller of
    `submit`. `submit_time` is the time of the submission, by the clock of the job's trace. `name` describes the job.
    `subject` is the document or folder that the job is about, or "".
    """

    priority: JobPriority
    serial: int
    work: Callable[[], Any]
    future: Future[Any]
    context: contextvars.Context
    submit_time: float
    name: str
    subject: str


class OverdueJob(NamedTuple):
    """A job that has been running for too long: its serial number, its name, and its document or folder."""

    serial: int
    name: str
    subject: str


class Engine:
    """The thread that runs jobs until `stop` is called. A job that is cancelled before its start never runs."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Create an engine. `clock` returns seconds and measures the time of the current job."""
        self._clock = clock
        self._current_job: tuple[Job, float] | None = None
        """The current job and its start time by `clock`."""
        self._jobs: queue.PriorityQueue[Job] = queue.PriorityQueue()
        self._serial_numbers = itertools.count()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="planmark-engine", daemon=True)
        self._thread.start()

    def submit(self, priority: JobPriority, work: Callable[[], T], subject: str = "") -> Future[T]:
        """Queue `work`, and return the future of its result or exception.

        `subject` is the document or folder that the job is about; "" for the subject of the current trace.
        """
        future: Future[T] = Future()
        trace = current_trace()
        submit_time = trace.recorder.clock() if trace else 0.0
        name = (trace and trace.name) or JOB_NAMES[priority]
        subject = subject or (trace and trace.subject) or ""
        context = contextvars.copy_context()
        self._jobs.put(Job(priority, next(self._serial_numbers), work, future, context, submit_time, name, subject))
        return future

    def overdue_job(self, seconds: float) -> OverdueJob | None:
        """Return the current job if it has been running for `seconds` or more, else None. Any thread may call this."""
        current_job = self._current_job
        if current_job is None or self._clock() - current_job[1] < seconds:
            return None
        return OverdueJob(current_job[0].serial, current_job[0].name, current_job[0].subject)

    def stop(self, seconds: float) -> bool:
        """Start no further job, and wait at most `seconds` for the end of the current job.

        Return whether the current job has ended.
        """
        self._stopping = True
        context = contextvars.Context()
        self._jobs.put(Job(JobPriority.STOP, next(self._serial_numbers), lambda: None, Future(), context, 0.0, "", ""))
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping:
            job = self._jobs.get()
            if self._stopping or not job.future.set_running_or_notify_cancel():
                continue
            self._current_job = job, self._clock()
            try:
                result = job.context.run(_run_job, job)
            except BaseException as error:
                job.future.set_exception(error)
            else:
                job.future.set_result(result)
            collect_new_garbage()
            self._current_job = None


def _run_job(job: Job) -> Any:
    if trace := current_trace():
        trace.add_time("queue", trace.recorder.clock() - job.submit_time)
    return job.work()
