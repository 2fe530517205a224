"""The transport of messages, in the frames of LSP's base protocol, over standard input and output, or over one TCP
connection.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import queue
import re
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planmark.lsp.connection import Connection

MAX_HEADER_BYTES = 16_384
MAX_BODY_BYTES = 512 * 1024 * 1024
CHUNK_BYTES = 1 << 16
"""Maximum number of bytes that one read of the input returns."""
FLUSH_SECONDS = 5.0
"""Maximum seconds that `ThreadWriter.close` waits for unwritten bytes by default."""
_CONTENT_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]{1,12})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CONTENT_LENGTH_AFTER_BODY = re.compile(rb"content-length:[ \t]*([0-9]{1,12})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
"""The pattern of a `Content-Length` that may follow directly after a body, because a body does not end with a line end.
It is needed after a header with an unusable length, because the parser cannot skip the body of that header.
"""
_HTTP_REQUEST_LINE = re.compile(rb"[A-Z]{3,10} [^\r\n]{0,8000} HTTP/[0-9]")
"""The first line of an HTTP request."""

logger = logging.getLogger(__name__)


class FrameParser:
    """A parser that cuts a stream of bytes into the bodies of messages. The parser skips and logs all other bytes."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._body_length = -1
        """The number of bytes of the next body; -1 before its header is read."""
        self._is_length_unknown = False
        """Whether the last header had no usable length, so that a body may precede the next header."""

    def feed(self, data: bytes) -> list[bytes]:
        """Return every body that `data` completes."""
        self._buffer += data
        bodies = []
        while (body := self._next_body()) is not None:
            bodies.append(body)
        return bodies

    def _next_body(self) -> bytes | None:
        """Return the next complete body in the buffer; None until more bytes arrive."""
        while self._body_length < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > MAX_HEADER_BYTES:
                    logger.error("skipping %d bytes without a message header", len(self._buffer))
                    self._buffer.clear()
                return None
            header = bytes(self._buffer[:end])
            del self._buffer[: end + 4]
            match = (_CONTENT_LENGTH_AFTER_BODY if self._is_length_unknown else _CONTENT_LENGTH).search(header)
            self._is_length_unknown = match is None or int(match[1]) > MAX_BODY_BYTES
            if match is None or int(match[1]) > MAX_BODY_BYTES:
                logger.error("skipping a message without a usable Content-Length: %r", header[:200])
                continue
            self._body_length = int(match[1])
        if len(self._buffer) < self._body_length:
            return None
        with memoryview(self._buffer) as view:
            body = bytes(view[: self._body_length])
        del self._buffer[: self._body_length]
        self._body_length = -1
        return body


class ThreadWriter:
    """A writer to a file descriptor on its own thread, so that a client that does not read delays no other work."""

    def __init__(self, descriptor: int, on_disconnect: Callable[[], object]) -> None:
        """Start a writer. The writing thread calls `on_disconnect` when the client has disconnected."""
        self._pending: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._queued_bytes = self._written_bytes = 0
        self._descriptor = descriptor
        self._on_disconnect = on_disconnect
        self._thread = threading.Thread(target=self._run, name="planmark-write", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Queue `data` for the writing thread."""
        self._queued_bytes += len(data)
        self._pending.put(data)

    def get_write_buffer_size(self) -> int:
        """Return the number of bytes that are not written to the client yet. Transports of asyncio have a method of
        this name.
        """
        return self._queued_bytes - self._written_bytes

    def close(self, seconds: float = FLUSH_SECONDS) -> None:
        """Wait at most `seconds` until all bytes are written."""
        self._pending.put(None)
        self._thread.join(seconds)

    def _run(self) -> None:
        while (data := self._pending.get()) is not None:
            unwritten = memoryview(data)
            try:
                while unwritten:
                    unwritten = unwritten[os.write(self._descriptor, unwritten) :]
                self._written_bytes += len(data)
            except OSError as error:
                logger.warning("cannot write to the client: %s", error)
                self._on_disconnect()
                return


def serve_stdio(connection: Connection) -> int:
    """Serve one client over standard input and output until it sends `exit` or disconnects. Return the exit code."""
    input_descriptor, output_descriptor = sys.stdin.fileno(), os.dup(sys.stdout.fileno())
    # Other output must not be mixed with the protocol.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (input_descriptor, output_descriptor):
            msvcrt.setmode(descriptor, os.O_BINARY)

    async def serve() -> int:
        loop = asyncio.get_running_loop()
        connection_end = _begin_connection(connection, loop)
        writer = ThreadWriter(
            output_descriptor, lambda: loop.call_soon_threadsafe(connection.end, "cannot write to the client")
        )
        connection.protocol.set_writer(writer)
        frames = FrameParser()

        def handle_data(data: bytes) -> None:
            if not data:
                connection.end("end of input")
            for body in frames.feed(data):
                connection.protocol.receive(body)

        def read() -> None:
            data = b"-"
            while data:
                try:
                    data = os.read(input_descriptor, CHUNK_BYTES)
                except OSError as error:
                    logger.warning("cannot read from the client: %s", error)
                    data = b""
                try:
                    loop.call_soon_threadsafe(handle_data, data)
                except RuntimeError:
                    return

        threading.Thread(target=read, name="planmark-read", daemon=True).start()
        exit_code = await connection_end
        writer.close()
        return exit_code

    return asyncio.run(serve())


def serve_tcp(connection: Connection, host: str, port: int, on_listening: Callable[[str, int], None]) -> int:
    """Serve the first client that connects to `host`:`port` until it disconnects. Return the exit code.

    `on_listening` receives the host and the port of the listening socket. If `port` is 0, the system chooses a free
    port. Raises OSError if the address is not available.
    """

    async def serve() -> int:
        loop = asyncio.get_running_loop()
        connection_end = _begin_connection(connection, loop)
        has_client = False

        class Stream(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                nonlocal has_client
                assert isinstance(transport, asyncio.Transport)
                self.frames = FrameParser()
                self.transport = transport
                self.is_first_data = True
                self.is_refused = has_client
                if self.is_refused:
                    self._refuse("refusing a second client: a server serves one client")
                else:
                    has_client = True
                    connection.protocol.set_writer(transport)

            def data_received(self, data: bytes) -> None:
                nonlocal has_client
                if self.is_first_data and _HTTP_REQUEST_LINE.match(data):
                    self.is_refused, has_client = True, False
                    self._refuse("refusing an HTTP client: a web page must not reach the server")
                self.is_first_data = False
                for body in self.frames.feed(data) if not self.is_refused else ():
                    connection.protocol.receive(body)

            def _refuse(self, reason: str) -> None:
                logger.warning("%s", reason)
                self.transport.close()

            def connection_lost(self, _error: Exception | None) -> None:
                if not self.is_refused:
                    connection.end("the connection is closed")

        listener = await loop.create_server(Stream, host, port)
        address = listener.sockets[0].getsockname()
        on_listening(address[0], address[1])
        exit_code = await connection_end
        listener.close()
        return exit_code

    return asyncio.run(serve())


def is_loopback(host: str) -> bool:
    """Tell whether only programs of this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def _begin_connection(connection: Connection, loop: asyncio.AbstractEventLoop) -> asyncio.Future[int]:
    """Begin the connection, and return the future of its exit code."""
    connection_end: asyncio.Future[int] = loop.create_future()
    connection.run(loop, connection_end)
    return connection_end
