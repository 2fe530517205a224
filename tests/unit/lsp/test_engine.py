"""The engine's thread: which job runs, and for how long, for any caller."""

from __future__ import annotations

import contextvars
import threading
from concurrent.futures import Future

from planmark.lsp.engine import Engine, JobPriority, OverdueJob
from planmark.metrics.recorder import Recorder
from planmark.metrics.trace import begin_trace, tracing

SECONDS = 120.0


class Clock:
    """A clock that stands still until the test sets it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_long_job_is_overdue_until_it_has_ended() -> None:
    clock, begun, go_on = Clock(), threading.Event(), threading.Event()
    engine = Engine(clock)

    def work() -> None:
        begun.set()
        assert go_on.wait(SECONDS)

    def ask() -> Future[None]:
        begin_trace(Recorder(clock), "textDocument/hover").subject = "plans/PAY/PLAN_PAY.md"
        return engine.submit(JobPriority.REQUEST, work)

    done = contextvars.copy_context().run(ask)
    assert begun.wait(SECONDS)
    clock.now = 9.9
    assert engine.overdue_job(10.0) is None
    clock.now = 10.0
    assert engine.overdue_job(10.0) == OverdueJob(0, "textDocument/hover", "plans/PAY/PLAN_PAY.md")
    assert not engine.stop(0.0)
    go_on.set()
    done.result(SECONDS)
    assert engine.stop(SECONDS)
    assert engine.overdue_job(0.0) is None


def test_a_job_without_a_message_is_named_by_its_priority() -> None:
    clock, begun, go_on = Clock(), threading.Event(), threading.Event()
    engine = Engine(clock)

    def work() -> None:
        begun.set()
        assert go_on.wait(SECONDS)

    with tracing(Recorder(clock)):
        engine.submit(JobPriority.UPDATE, work, "plans/PAY/PLAN_PAY.md")
    assert begun.wait(SECONDS)
    assert engine.overdue_job(0.0) == OverdueJob(0, "checking the documents", "plans/PAY/PLAN_PAY.md")
    go_on.set()
    assert engine.stop(SECONDS)
