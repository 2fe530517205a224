"""The loopback endpoint from which Prometheus reads the metrics, with few simultaneous connections."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from planmark.lsp.transport import is_loopback

MAX_CONNECTIONS = 8
"""Maximum number of simultaneous connections; the endpoint closes further connections immediately."""
MAX_REQUEST_SECONDS = 5.0
"""Maximum seconds that a connection may take to send its request."""

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
"""An application of the interface WSGI: it takes the environment of a request and the function that starts the
response.
"""


class QuietHandler(WSGIRequestHandler):
    """The handler of one connection. It has a time limit, and logs no requests."""

    timeout = MAX_REQUEST_SECONDS

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the base class's
        """Log nothing, because Prometheus sends a request every few seconds."""


class MetricsEndpoint(ThreadingMixIn, WSGIServer):
    """A WSGI server with at most MAX_CONNECTIONS threads."""

    daemon_threads = True

    def __init__(self, host: str, port: int, app: WsgiApp) -> None:
        """Listen on `host`:`port`. Raises OSError or OverflowError if the address cannot be used."""
        self._free_slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        super().__init__((host, port), QuietHandler)
        self.set_app(_only_for_loopback(app))

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        """Serve a connection on a separate thread, or close the connection if MAX_CONNECTIONS are open."""
        if self._free_slots.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        """Serve a connection, then allow a further connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free_slots.release()


def _only_for_loopback(app: WsgiApp) -> WsgiApp:
    """Return an application that passes a request to `app` only if its header `Host` names a loopback address.

    Other requests get the status 403. Therefore a web page that rebinds its own name to a loopback address gets no
    metrics.
    """

    def loopback_app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        host = str(environ.get("HTTP_HOST", ""))
        host_without_port = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        if not is_loopback(host_without_port):
            start_response("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"Only programs on this machine can read the metrics: use http://127.0.0.1 as the address.\n"]
        return app(environ, start_response)

    return loopback_app
