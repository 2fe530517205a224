"""The parts of the time, on a clock that the test controls, so that every number is exact."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from planmark.metrics.recorder import Recorder
from planmark.metrics.trace import Timer, begin_trace, current_trace, profiled, seconds_by_part, tracing


class Clock:
    """A clock that stands still until the test lets time pass."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_timer_records_its_duration(clock: Clock) -> None:
    recorder = Recorder(clock)
    with tracing(recorder) as trace, Timer("read") as timer:
        clock.passes(0.25)
    assert timer.seconds == 0.25
    assert trace.parts == {("read",): 0.25}
    assert (recorder.parts["read"].count, recorder.parts["read"].total) == (1, 0.25)


def test_a_part_does_not_hold_the_parts_inside_it(clock: Clock) -> None:
    recorder = Recorder(clock)
    with tracing(recorder) as trace:
        with Timer("index"):
            clock.passes(1.0)
            for _ in range(2):
                with Timer("parse"):
                    clock.passes(2.0)
                    with Timer("sections"):
                        clock.passes(4.0)
            clock.passes(0.5)
        trace.add_time("queue", 0.125)
    assert trace.parts == {
        ("index", "parse", "sections"): 8.0,
        ("index", "parse"): 4.0,
        ("index",): 1.5,
        ("queue",): 0.125,
    }
    assert recorder.parts["index"].total == 13.5
    assert [name for name, _ in seconds_by_part(trace.parts, 14.0)] == [
        "index/parse/sections",
        "index/parse",
        "index",
        "other",
        "queue",
    ]


Tree = list[tuple[float, Any]]
TREES = st.recursive(
    st.just([]),
    lambda inner: st.lists(st.tuples(st.integers(0, 64).map(lambda n: n / 8), inner), max_size=4),
    max_leaves=20,
)


@given(TREES)
def test_all_parts_add_up_to_the_whole(tree: Tree) -> None:
    """Nest blocks in any way, with repeated names."""
    clock = Clock()

    def walk(branches: Tree, depth: int) -> None:
        for seconds, inner in branches:
            with Timer("ab"[depth % 2]):
                clock.passes(seconds)
                walk(inner, depth + 1)
                clock.passes(seconds)

    with tracing(Recorder(clock)) as trace:
        walk(tree, 0)
    assert sum(trace.parts.values()) == clock.now - 1000.0
    assert all(seconds >= 0 for seconds in trace.parts.values())


@given(st.lists(st.integers()), st.dictionaries(st.text(), st.integers()))
def test_a_profiled_function_gives_what_it_gives(arguments: list[int], options: dict[str, int]) -> None:
    def given_back(*args: int, **kwargs: int) -> tuple[tuple[int, ...], dict[str, int]]:
        """Return the arguments."""
        return args, kwargs

    measured = profiled("given_back")(given_back)
    assert measured(*arguments, **options) == given_back(*arguments, **options)
    with tracing(Recorder(Clock())):
        assert measured(*arguments, **options) == given_back(*arguments, **options)
    assert (measured.__name__, measured.__doc__) == ("given_back", "Return the arguments.")


def test_a_profiled_function_raises_what_it_raises_and_is_measured(clock: Clock) -> None:
    @profiled("fails")
    def fails() -> None:
        clock.passes(3.0)
        raise KeyError("x")

    with tracing(Recorder(clock)) as trace:
        with pytest.raises(KeyError):
            fails()
        with Timer("after"):
            clock.passes(1.0)
    assert trace.parts == {("fails",): 3.0, ("after",): 1.0}


def test_where_nothing_is_measured_nothing_happens(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "planmark.metrics")
    with Timer("read") as timer:
        pass
    assert timer.seconds == 0.0
    assert current_trace() is None
    assert caplog.records == []


def test_every_part_can_be_logged(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    with tracing(Recorder(clock)), Timer("index"), Timer("parse"):
        clock.passes(0.5)
    assert caplog.records == []
    caplog.set_level(logging.DEBUG, "planmark.metrics")
    with tracing(Recorder(clock)), Timer("index"), Timer("parse"):
        clock.passes(0.5)
    record = caplog.records[0]
    assert record.getMessage() == "part name=index/parse ms=500.000"
    assert record.planmark == {"name": "index/parse", "ms": 500.0}  # type: ignore[attr-defined]


def test_a_trace_goes_where_its_context_goes(clock: Clock) -> None:
    """Follow the context to a different thread, and through tasks that run at the same time."""
    recorder = Recorder(clock)

    def in_thread(work: Callable[[], None]) -> None:
        thread = threading.Thread(target=contextvars.copy_context().run, args=(work,))
        thread.start()
        thread.join()

    def work() -> None:
        with Timer("work"):
            clock.passes(1.0)

    async def request(name: str, turns: int) -> dict[tuple[str, ...], float]:
        trace = begin_trace(recorder)
        with Timer(name):
            for _ in range(turns):
                in_thread(work)
                await asyncio.sleep(0)
        return trace.parts

    async def both() -> list[dict[tuple[str, ...], float]]:
        return await asyncio.gather(request("a", 3), request("b", 2))

    a, b = asyncio.run(both())
    assert (a["a", "work"], b["b", "work"]) == (3.0, 2.0)
    assert set(a) == {("a",), ("a", "work")} and set(b) == {("b",), ("b", "work")}
    assert current_trace() is None
