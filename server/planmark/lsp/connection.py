"""The connection to one client, with only the imports that the answer to `initialize` needs.

After the answer to `initialize` is sent, the engine's thread imports the other modules. Messages that arrive meanwhile
wait.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import time
import typing
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import CancelledError
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from planmark import __version__
from planmark.lsp.client import Client, client_of, folders_of
from planmark.lsp.engine import Engine, JobPriority
from planmark.lsp.protocol import Protocol
from planmark.metrics.recorder import Event, Recorder
from planmark.metrics.stats import set_default_recorder
from planmark.metrics.trace import begin_trace
from planmark.text.encodings import Encoding

THREAD_SWITCH_SECONDS = 0.001
"""Maximum seconds for which the engine's thread runs before the event loop can run. A keystroke does not wait longer
than this.
"""
STOP_SECONDS = 2.0
"""Maximum seconds that the end of a connection waits for the current job."""
PUBLICATION_DELAY_SECONDS = 0.06
"""Seconds from an edit to the publication of new diagnostics. A further edit in this time postpones the publication."""

MAX_EARLY_EVENTS = 100
"""Maximum number of events that are kept until the settings of metrics are known."""

logger = logging.getLogger(__name__)


class LoadedServer(typing.Protocol):
    """The methods of a server that a connection calls."""

    def close(self) -> None:
        """Write the remaining records of metrics before the process ends."""


class Connection(LanguageServer):
    """The connection to a client. It has the engine and, after the server is loaded, the server."""

    protocol: Protocol

    def __init__(self, import_factory: Callable[[], ServerFactory]) -> None:
        """Create a connection.

        `import_factory` imports the server and returns its factory. The engine's thread calls `import_factory`.
        """
        self._import_factory = import_factory
        self.recorder = Recorder(time.perf_counter)
        self.early_events: deque[tuple[float, Event]] = deque(maxlen=MAX_EARLY_EVENTS)
        """Events counted before the settings of metrics are known, each with its wall-clock time."""
        self.recorder.event_sink = lambda event: self.early_events.append((time.time(), event))
        self.slow_seconds = 0.0
        """Minimum duration of a request that is logged as slow; 0.0 for no log."""
        self.command_titles: Mapping[str, str] = {}
        """See `Client.command_titles`."""
        self.edit_seconds = PUBLICATION_DELAY_SECONDS
        self.start_time = time.monotonic()
        super().__init__("planmark", __version__, protocol_cls=Protocol, converter_factory=default_converter)
        self.engine = Engine()
        self.has_stuck_job = False
        """Whether a job still ran when the connection ended. The process must not wait for that job."""
        self.server: LoadedServer | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._connection_end: asyncio.Future[int] | None = None

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log the error. Without this method, pygls would show the error to the user in a window."""
        logger.error("%s: %s", getattr(source, "__name__", source), error)

    def run(self, loop: asyncio.AbstractEventLoop, connection_end: asyncio.Future[int]) -> None:
        """Prepare the process to serve on the event loop `loop`. When the connection ends, the future `connection_end`
        receives the exit code.
        """
        sys.setswitchinterval(THREAD_SWITCH_SECONDS)
        # The engine collects garbage between two jobs.
        gc.disable()
        set_default_recorder(self.recorder)
        loop.set_exception_handler(
            lambda _, details: logger.error("%s", details.get("message"), exc_info=details.get("exception"))
        )
        self._connection_end = connection_end

    def begin(self, params: types.InitializeParams, encoding: Any) -> None:
        """Start serving the client that has sent `initialize` with `params`. `encoding` is the position encoding that
        the server has chosen. The answer to `initialize` is sent in the current turn of the event loop, and the server
        is loaded afterwards.
        """
        position_encoding: Encoding = encoding.value if isinstance(encoding, types.PositionEncodingKind) else encoding
        self.protocol.pause()
        client = client_of(params, position_encoding)
        self.command_titles = client.command_titles
        self.spawn(self._load_server(client, folders_of(params)))

    def end(self, reason: str) -> None:
        """End the process.

        If the client has sent `shutdown`, the exit code is 0. Otherwise the exit code is 1, and the log shows `reason`.
        """
        if self._connection_end is None or self._connection_end.done():
            return
        if not self.protocol.is_shut_down:
            logger.warning("ending without `shutdown`: %s", reason)
        for task in self._tasks:
            task.cancel()
        self.has_stuck_job = not self.engine.stop(STOP_SECONDS)
        if self.server is not None:
            self.server.close()
        self._connection_end.set_result(0 if self.protocol.is_shut_down else 1)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run `work` in the background and log its errors."""

        async def run() -> None:
            begin_trace(self.recorder)
            try:
                await work
            except (asyncio.CancelledError, CancelledError):
                pass
            except JsonRpcException as error:
                logger.info("the client returned an error: %s", error)
            except Exception:
                logger.exception("background work failed")

        task = asyncio.ensure_future(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # If the task is cancelled before it starts, nothing awaits `work`: close it.
        task.add_done_callback(lambda _: work.close())
        return task

    async def _load_server(self, client: Client, roots: Sequence[str]) -> None:
        try:
            new_server = await asyncio.wrap_future(self.engine.submit(JobPriority.CHANGE, self._import_factory))
            self.server = new_server(self, client, roots)
        except Exception:
            logger.exception("cannot load the server")
            self.end("cannot load the server")
            return
        self.protocol.resume()


ServerFactory = Callable[[Connection, Client, Sequence[str]], LoadedServer]
"""The function that builds the server of a client.

Its arguments are the connection, the client, and the URIs of the folders that the client has open at the start.
"""
