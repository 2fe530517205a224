"""The times of the parts of one request, one command or other work. The time of a part does not include the parts
inside it. A request, a command, a background task of the server, or a run of `planmark profile` begins a `Trace`.
`Timer` and `profiled` then measure code, in every thread that receives the context variables of the trace. If there is
no trace, they measure nothing.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import ParamSpec, TypeVar

from planmark.metrics.recorder import Recorder

P = ParamSpec("P")
R = TypeVar("R")

logger = logging.getLogger(__name__)


class Trace:
    """The measured parts of one request, one command or other work. `name` is, for example, the method of a request, or
    "".

    `subject` is the feature or the document of the work, or None. `parts` maps the path of a part to its seconds,
    without the parts inside it. A path is a tuple of names, from the outermost part to the inner one. `inner_seconds`
    is the time of the outermost parts.
    """

    __slots__ = ("inner_seconds", "is_logged", "name", "parts", "path", "recorder", "subject")
    path: tuple[str, ...]

    def __init__(self, recorder: Recorder, name: str = "") -> None:
        self.name = name
        self.recorder = recorder
        self.parts: dict[tuple[str, ...], float] = {}
        self.path = ()
        self.inner_seconds = 0.0
        self.subject: str | None = None
        self.is_logged = logger.isEnabledFor(logging.DEBUG)

    @property
    def trace(self) -> Trace:
        """The trace itself, because code also asks a timer for its trace. It is a property, because an attribute would
        make a reference cycle for each request.
        """
        return self

    def add_time(self, name: str, seconds: float) -> None:
        """Count seconds that no timer measures, such as the time in a queue, as the part `name`."""
        self.parts[name,] = self.parts.get((name,), 0.0) + seconds
        self.recorder.part(name, seconds)


class Timer:
    """A context manager that measures its block as a part of the current trace.

    `seconds` is the time of the block; 0.0 if there is no trace. `inner_seconds` is the time of the parts inside it.
    `path` has the names of the parts, from the outermost part to this part.
    """

    __slots__ = ("_parent", "_start_time", "_token", "inner_seconds", "name", "path", "seconds", "trace")
    trace: Trace
    path: tuple[str, ...]

    def __init__(self, name: str) -> None:
        self.name = name
        self.seconds = 0.0
        self.inner_seconds = 0.0

    def __enter__(self) -> Timer:
        parent = _current_span.get()
        self._parent = parent
        if parent is not None:
            self.trace = parent.trace
            self.path = (*parent.path, self.name)
            self._token: Token[Trace | Timer | None] = _current_span.set(self)
            self._start_time = self.trace.recorder.clock()
        return self

    def __exit__(self, *_: object) -> None:
        parent = self._parent
        if parent is None:
            return
        trace = self.trace
        self.seconds = trace.recorder.clock() - self._start_time
        _current_span.reset(self._token)
        parent.inner_seconds += self.seconds
        trace.parts[self.path] = trace.parts.get(self.path, 0.0) + self.seconds - self.inner_seconds
        trace.recorder.part(self.name, self.seconds)
        if trace.is_logged:
            ms = round(self.seconds * 1000, 3)
            name = "/".join(self.path)
            logger.debug("part name=%s ms=%.3f", name, ms, extra={"planmark": {"name": name, "ms": ms}})


_current_span: ContextVar[Trace | Timer | None] = ContextVar("planmark_open", default=None)


def begin_trace(recorder: Recorder, name: str = "") -> Trace:
    """Begin a trace for all later code in this context, and return the trace."""
    trace = Trace(recorder, name)
    _current_span.set(trace)
    return trace


@contextmanager
def tracing(recorder: Recorder) -> Iterator[Trace]:
    """Begin a trace for the block of the `with` statement. The trace ends after the block."""
    trace = Trace(recorder)
    token = _current_span.set(trace)
    try:
        yield trace
    finally:
        _current_span.reset(token)


def current_trace() -> Trace | None:
    """Return the trace of the current context; None if there is no trace."""
    current_span = _current_span.get()
    return current_span.trace if current_span is not None else None


def profiled(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that measures each call of a function as the part `name` of the current trace.

    The decorated function returns the same values and raises the same exceptions.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def measured(*args: P.args, **kwargs: P.kwargs) -> R:
            if _current_span.get() is None:
                return function(*args, **kwargs)
            with Timer(name):
                return function(*args, **kwargs)

        return measured

    return decorate


def seconds_by_part(parts: dict[tuple[str, ...], float], total_seconds: float) -> list[tuple[str, float]]:
    """Return a list of tuples: the name of a part, and its seconds. The longest part is the first.

    A further part `other` has the rest of `total_seconds`, which belongs to no part.
    """
    other_seconds = total_seconds - sum(parts.values())
    named_seconds = [("/".join(path), seconds) for path, seconds in parts.items()]
    return sorted([*named_seconds, ("other", max(0.0, other_seconds))], key=lambda part: (-part[1], part[0]))
