"""The connection to one client: what it takes to answer `initialize`, and no more.

What serves the client is imported once that answer is on its way, on the engine's thread; what the client says meanwhile
waits.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from planmark import __version__
from planmark.lsp.client import client_of, folders_of
from planmark.lsp.engine import Engine, Urgency
from planmark.lsp.protocol import Protocol
from planmark.metrics.recorder import Event, Recorder
from planmark.metrics.stats import use
from planmark.metrics.trace import begin_trace
from planmark.text.encodings import Encoding

if TYPE_CHECKING:
    from planmark.lsp.client import Client
    from planmark.lsp.server import Server

SWITCH_SECONDS = 0.001
"""So soon the engine's thread makes room for the event loop: a keystroke waits no longer for the interpreter."""
STOP_SECONDS = 2.0
EDIT_SECONDS = 0.06
"""So long after an edit another one may come before findings are made anew."""

MAX_EARLY = 100

logger = logging.getLogger(__name__)


class Connection(LanguageServer):
    """A client, the thread that works for it, and the server as soon as it is loaded."""

    protocol: Protocol

    def __init__(self) -> None:
        self.recorder = Recorder(time.perf_counter)
        self.early: deque[tuple[float, Event]] = deque(maxlen=MAX_EARLY)
        """What was counted before it is known where figures go, with the time of the clock on the wall."""
        self.recorder.keep = lambda event: self.early.append((time.time(), event))
        self.slow_seconds = 0.0
        """A request that takes longer is logged; 0.0 for none."""
        self.edit_seconds = EDIT_SECONDS
        self.started = time.monotonic()
        super().__init__("planmark", __version__, protocol_cls=Protocol, converter_factory=default_converter)
        self.engine = Engine()
        self.is_stuck = False
        """Whether a job still ran when the connection had ended: the process must not wait for it."""
        self.server: Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ended: asyncio.Future[int] | None = None

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Errors go to the log: no window pops up at the user."""
        logger.error("%s: %s", getattr(source, "__name__", source), error)

    def run(self, loop: asyncio.AbstractEventLoop, ended: asyncio.Future[int]) -> None:
        """Is called once the loop runs; `ended` gets the exit code."""
        sys.setswitchinterval(SWITCH_SECONDS)
        # The engine collects, between two jobs.
        gc.disable()
        use(self.recorder)
        loop.set_exception_handler(
            lambda _, about: logger.error("%s", about.get("message"), exc_info=about.get("exception"))
        )
        self._ended = ended

    def begin(self, params: types.InitializeParams, encoding: Any) -> None:
        """Begins with a client: loads the server once this turn of the loop, and with it the answer, is done."""
        unit: Encoding = encoding.value if isinstance(encoding, types.PositionEncodingKind) else encoding
        self.protocol.hold()
        self.spawn(self._load(client_of(params, unit), folders_of(params)))

    def end(self, reason: str) -> None:
        """Ends the process: with 0 after a `shutdown`, else with 1."""
        if self._ended is None or self._ended.done():
            return
        if not self.protocol.is_shut_down:
            logger.warning("ending without a shutdown: %s", reason)
        for task in self._tasks:
            task.cancel()
        self.is_stuck = not self.engine.stop(STOP_SECONDS)
        if self.server is not None:
            self.server.close()
        self._ended.set_result(0 if self.protocol.is_shut_down else 1)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Runs `work` beside everything else; what goes wrong is logged."""

        async def run() -> None:
            begin_trace(self.recorder)
            try:
                await work
            except (asyncio.CancelledError, CancelledError):
                pass
            except JsonRpcException as error:
                logger.info("the client refuses: %s", error)
            except Exception:
                logger.exception("background work failed")

        task = asyncio.ensure_future(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Where the task is cancelled before it began, nobody has awaited the work.
        task.add_done_callback(lambda _: work.close())
        return task

    async def _load(self, client: Client, roots: Sequence[str]) -> None:
        try:
            serve = await asyncio.wrap_future(self.engine.submit(Urgency.CHANGE, _imported))
            self.server = serve(self, client, roots)
        except Exception:
            logger.exception("the server cannot be loaded")
            self.end("the server cannot be loaded")
            return
        self.protocol.go_on()


def _imported() -> Callable[[Connection, Client, Sequence[str]], Server]:
    """What puts the server together. Importing it takes as long as all that came before."""
    from planmark.lsp.start import new_server

    return new_server
