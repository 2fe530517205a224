"""Frames of the base protocol over standard input and output, or over one TCP connection."""

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
FLUSH_SECONDS = 5.0
_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]{1,12})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_LENGTH_AFTER_BODY = re.compile(rb"content-length:[ \t]*([0-9]{1,12})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
"""The same as `_LENGTH`, but after the body of a frame with an unreadable length: a body does not end with a line end.
"""
_HTTP = re.compile(rb"[A-Z]{3,10} [^\r\n]{0,8000} HTTP/[0-9]")

logger = logging.getLogger(__name__)


class FrameParser:
    """A parser that cuts a stream of bytes into the bodies of messages. The parser skips and logs all other bytes."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._wanted = -1
        self._is_lost = False
        """Whether the last header had no usable length, so that a body may precede the next header."""

    def feed(self, data: bytes) -> list[bytes]:
        """Return every body that `data` completes."""
        self._buffer += data
        bodies = []
        while (body := self._next()) is not None:
            bodies.append(body)
        return bodies

    def _next(self) -> bytes | None:
        while self._wanted < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > MAX_HEADER_BYTES:
                    logger.error("skipping %d bytes without a message header", len(self._buffer))
                    self._buffer.clear()
                return None
            header = bytes(self._buffer[:end])
            del self._buffer[: end + 4]
            match = (_LENGTH_AFTER_BODY if self._is_lost else _LENGTH).search(header)
            self._is_lost = match is None or int(match[1]) > MAX_BODY_BYTES
            if match is None or int(match[1]) > MAX_BODY_BYTES:
                logger.error("skipping a message without a usable Content-Length: %r", header[:200])
                continue
            self._wanted = int(match[1])
        if len(self._buffer) < self._wanted:
            return None
        with memoryview(self._buffer) as view:
            body = bytes(view[: self._wanted])
        del self._buffer[: self._wanted]
        self._wanted = -1
        return body


class ThreadWriter:
    """A writer to a file descriptor on its own thread, so that a client that does not read delays no other work."""

    def __init__(self, descriptor: int, on_lost: Callable[[], object]) -> None:
        """Start a writer. The writing thread calls `on_lost` when the client has disconnected."""
        self._pending: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._queued = self._written = 0
        self._descriptor = descriptor
        self._lost = on_lost
        self._thread = threading.Thread(target=self._run, name="planmark-write", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Queue `data`."""
        self._queued += len(data)
        self._pending.put(data)

    def get_write_buffer_size(self) -> int:
        """Return the number of bytes that the client has not read yet. The method has the name of asyncio's transports."""
        return self._queued - self._written

    def close(self, seconds: float = FLUSH_SECONDS) -> None:
        """Wait at most `seconds` until all bytes are written."""
        self._pending.put(None)
        self._thread.join(seconds)

    def _run(self) -> None:
        while (data := self._pending.get()) is not None:
            rest = memoryview(data)
            try:
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
                self._written += len(data)
            except OSError as error:
                logger.warning("cannot write to the client: %s", error)
                self._lost()
                return


def serve_stdio(connection: Connection) -> int:
    """Serve one client over standard input and output until it sends `exit` or disconnects. Return the exit code."""
    input_descriptor, outgoing = sys.stdin.fileno(), os.dup(sys.stdout.fileno())
    # Other output must not be mixed with the protocol.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (input_descriptor, outgoing):
            msvcrt.setmode(descriptor, os.O_BINARY)

    async def serve() -> int:
        loop = asyncio.get_running_loop()
        connection_end = _end_of_connection(connection, loop)
        writer = ThreadWriter(outgoing, lambda: loop.call_soon_threadsafe(connection.end, "cannot write to the client"))
        connection.protocol.set_writer(writer)
        frames = FrameParser()

        def received(data: bytes) -> None:
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
                    loop.call_soon_threadsafe(received, data)
                except RuntimeError:
                    return

        threading.Thread(target=read, name="planmark-read", daemon=True).start()
        code = await connection_end
        writer.close()
        return code

    return asyncio.run(serve())


def serve_tcp(connection: Connection, host: str, port: int, listening: Callable[[str, int], None]) -> int:
    """Serve the first client that connects to `host`:`port` until it disconnects. Return the exit code.

    `listening` receives the address, with the real port if `port` is 0. Raises OSError if the address is not available.
    """

    async def serve() -> int:
        loop = asyncio.get_running_loop()
        connection_end = _end_of_connection(connection, loop)
        is_taken = False

        class Stream(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                nonlocal is_taken
                assert isinstance(transport, asyncio.Transport)
                self.frames = FrameParser()
                self.transport = transport
                self.is_new = True
                self.refused = is_taken
                if self.refused:
                    self._refuse("refusing a second client: a server serves one client")
                else:
                    is_taken = True
                    connection.protocol.set_writer(transport)

            def data_received(self, data: bytes) -> None:
                nonlocal is_taken
                if self.is_new and _HTTP.match(data):
                    self.refused, is_taken = True, False
                    self._refuse("refusing an HTTP client: a web page must not reach the server")
                self.is_new = False
                for body in self.frames.feed(data) if not self.refused else ():
                    connection.protocol.receive(body)

            def _refuse(self, reason: str) -> None:
                logger.warning("%s", reason)
                self.transport.close()

            def connection_lost(self, _error: Exception | None) -> None:
                if not self.refused:
                    connection.end("the connection is closed")

        listener = await loop.create_server(Stream, host, port)
        address = listener.sockets[0].getsockname()
        listening(address[0], address[1])
        code = await connection_end
        listener.close()
        return code

    return asyncio.run(serve())


def is_loopback(host: str) -> bool:
    """Tell whether only programs of this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def _end_of_connection(connection: Connection, loop: asyncio.AbstractEventLoop) -> asyncio.Future[int]:
    connection_end: asyncio.Future[int] = loop.create_future()
    connection.run(loop, connection_end)
    return connection_end
