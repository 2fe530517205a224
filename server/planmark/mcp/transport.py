"""The transport of the protocol's messages over standard input and output, with one message on each line.

The SDK gets only valid messages. This module answers the lines that are no valid messages. One thread reads, and one
thread writes. So a client that does not read, or that closes its end, delays no other work.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, NamedTuple

import anyio
import mcp_types as types
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

from planmark.lsp.transport import ThreadWriter

MAX_LINE_BYTES = 4 * 1024 * 1024
"""Maximum number of bytes of a message."""
CHUNK_BYTES = 1 << 16
"""Maximum number of bytes that one read of the input returns."""
GRACE_SECONDS = 0.7
"""Maximum seconds for which the server still answers requests after the end of the input."""
FLUSH_SECONDS = 0.2
"""Maximum seconds for writing the last output at the end."""
MAX_UNREAD_BYTES = 16 * 1024 * 1024
"""If more bytes than this number wait for the client to read them, no further message of the SDK is written.
"""
UNREAD_CHECK_INTERVAL_SECONDS = 0.05
"""Seconds between two checks whether at most MAX_UNREAD_BYTES still wait for the client."""
SUBSCRIPTION_METHOD = "subscriptions/listen"
"""The method of a request that is answered only when its subscription ends."""

logger = logging.getLogger(__name__)

IncomingStream = MemoryObjectReceiveStream[SessionMessage | Exception]
"""The stream from which the SDK reads the client's messages."""
OutgoingStream = MemoryObjectSendStream[SessionMessage]
"""The stream to which the SDK writes messages for the client."""


class Refusal(NamedTuple):
    """The error that answers a line without a valid message. `request_id` is None if the line has no readable id."""

    code: int
    message: str
    request_id: int | str | None = None


class LineSplitter:
    """A parser that cuts a stream of bytes into lines, and drops lines that are longer than `max_bytes`."""

    def __init__(self, max_bytes: int = MAX_LINE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._buffer = bytearray()
        self._is_dropping = False

    def feed(self, data: bytes) -> list[bytes | None]:
        """Return the lines that `data` completes, without line ends; None stands for a line that is too long."""
        complete_lines: list[bytes | None] = []
        *full_lines, incomplete_line = data.split(b"\n")
        for line_part in full_lines:
            self._add(line_part)
            complete_lines.append(None if self._is_dropping else bytes(self._buffer))
            self._buffer.clear()
            self._is_dropping = False
        self._add(incomplete_line)
        return complete_lines

    def _add(self, line_part: bytes) -> None:
        """Add bytes to the current line, or drop this line if it becomes too long."""
        if self._is_dropping or len(self._buffer) + len(line_part) > self._max_bytes:
            self._is_dropping = True
            self._buffer.clear()
        else:
            self._buffer += line_part


def read_message(line: bytes | None) -> SessionMessage | Refusal | None:
    """Return the message in `line`. If the line has no valid message, return a refusal.

    Return None if the line is empty, or if it is a notification or a response that the SDK does not accept. If `line`
    is None, the line was too long, and a refusal is returned.
    """
    if line is None:
        return Refusal(types.INVALID_REQUEST, f"a message has at most {MAX_LINE_BYTES // 1024 // 1024} MiB")
    if not line.strip():
        return None
    try:
        value = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return Refusal(types.PARSE_ERROR, "this line is no JSON: send one message on each line, in UTF-8")
    if isinstance(value, list):
        return Refusal(types.INVALID_REQUEST, "a batch: send each message on a line of its own")
    if not isinstance(value, dict):
        return Refusal(types.INVALID_REQUEST, "a message is a JSON object")
    if "method" not in value and "id" in value and ("result" in value or "error" in value):
        return _validated_message(value, None)
    refusal = _envelope_refusal(value)
    return refusal if refusal or not _may_go_to_sdk(value) else _validated_message(value, _invalid_request(value))


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _may_go_to_sdk(value: dict[str, Any]) -> bool:
    """Tell whether to pass a message to the SDK. The SDK gets requests, and notifications whose `params` are an object."""
    return "id" in value or isinstance(value.get("params", {}), dict)


def _envelope_refusal(value: dict[str, Any]) -> Refusal | None:
    """Check the members of a request or a notification. Return a refusal if a member is wrong, else None."""
    request_id = value.get("id")
    readable_id = request_id if isinstance(request_id, str) or type(request_id) is int else None
    if value.get("jsonrpc") != "2.0":
        return Refusal(types.INVALID_REQUEST, 'a message has `"jsonrpc": "2.0"`', readable_id)
    if not isinstance(value.get("method"), str):
        return Refusal(types.INVALID_REQUEST, "a request has a `method`, which is a string", readable_id)
    if "id" in value and readable_id is None:
        return Refusal(types.INVALID_REQUEST, "the `id` of a request is a string or a whole number")
    if "id" in value and not isinstance(value.get("params", {}), dict):
        return Refusal(types.INVALID_PARAMS, "`params` is an object", readable_id)
    return None


def _invalid_request(value: dict[str, Any]) -> Refusal | None:
    """Return the refusal for a message that the SDK does not accept; None if the message is a notification."""
    return Refusal(types.INVALID_REQUEST, "the message is no request") if "id" in value else None


def _validated_message(value: dict[str, Any], refusal: Refusal | None) -> SessionMessage | Refusal | None:
    """Return the message that the JSON object `value` describes; `refusal` if the SDK does not accept the object."""
    try:
        return SessionMessage(types.jsonrpc_message_adapter.validate_python(value, by_name=False))
    except ValidationError:
        return refusal


def message_bytes(message: types.JSONRPCMessage) -> bytes:
    """Return a message as one line. Text that is not valid Unicode becomes escapes."""
    value = message.model_dump(by_alias=True, exclude_unset=True)
    try:
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    except UnicodeEncodeError:
        line = json.dumps(value, separators=(",", ":")).encode("ascii")
    return line + b"\n"


class _PipeStream(io.TextIOWrapper):
    """The stream that is `sys.stdout` while a server runs. Its text goes to standard error. The stream never counts as
    a terminal.
    """

    def isatty(self) -> bool:
        """Return False, because the tables of a server have no colours and no width."""
        return False


@contextlib.contextmanager
def protected_output() -> Iterator[tuple[int, int]]:
    """Yield a tuple of two file descriptors: the input and the output of the protocol.

    During the block, `sys.stdout` and the descriptor 1 lead to standard error, so that no other output reaches the
    client. The descriptor 0 leads to the null device. So no program that the server starts reads the client's
    messages.
    """
    input_descriptor, output_descriptor = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (input_descriptor, output_descriptor):
            msvcrt.setmode(descriptor, os.O_BINARY)
    sys.stdout.flush()
    old_output = sys.stdout
    null_descriptor = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null_descriptor, 0)
    os.close(null_descriptor)
    os.dup2(2, 1)
    sys.stdout = _PipeStream(io.FileIO(1, "w", closefd=False), "utf-8", "replace", write_through=True)
    try:
        yield input_descriptor, output_descriptor
    finally:
        sys.stdout = old_output


class OpenRequests:
    """The ids of the requests that have no answer yet."""

    def __init__(self) -> None:
        self._ids: set[int | str] = set()
        self._all_answered = anyio.Event()

    def received(self, message: types.JSONRPCMessage) -> None:
        """Note a message from the client. A request is open from now on. A cancellation ends the cancelled request."""
        if isinstance(message, types.JSONRPCRequest) and message.method != SUBSCRIPTION_METHOD:
            self._ids.add(message.id)
            self._all_answered = anyio.Event()
        elif isinstance(message, types.JSONRPCNotification) and message.method == "notifications/cancelled":
            self._end((message.params or {}).get("requestId"))

    def sent(self, message: types.JSONRPCMessage) -> None:
        """Note a message to the client. An answer ends the request that it answers."""
        if isinstance(message, types.JSONRPCResponse | types.JSONRPCError):
            self._end(message.id)

    async def wait_for_answers(self) -> None:
        """Wait until every request has its answer."""
        if self._ids:
            await self._all_answered.wait()

    def _end(self, request_id: object) -> None:
        if isinstance(request_id, int | str):
            self._ids.discard(request_id)
        if not self._ids:
            self._all_answered.set()


@contextlib.contextmanager
def interrupt_handler(interrupt: Callable[[], None]) -> Iterator[None]:
    """Run a block. The first Ctrl-C during the block calls `interrupt`, and the second raises KeyboardInterrupt.

    If the process ignores Ctrl-C, or handles Ctrl-C outside of Python, the block changes nothing about the handling.
    """
    old_handler = signal.getsignal(signal.SIGINT)

    def handle(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, old_handler)
        interrupt()

    if not callable(old_handler):
        yield
        return
    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, old_handler)


@contextlib.asynccontextmanager
async def message_streams(
    input_descriptor: int, output_descriptor: int, interrupted: threading.Event
) -> AsyncIterator[tuple[IncomingStream, OutgoingStream]]:
    """Yield a tuple of two streams for the SDK: the messages from the client, and the messages to the client.

    The streams end when the client closes its end of one of the descriptors. Ctrl-C also ends the streams, and sets
    `interrupted`. By default, Ctrl-C would cancel the main task. If the SDK were opening a session at that moment, it
    would raise an error that hides the Ctrl-C.
    """
    loop = asyncio.get_running_loop()
    to_server, from_client = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    to_client, from_server = anyio.create_memory_object_stream[SessionMessage](0)
    has_ended, connection_lost = anyio.Event(), anyio.Event()
    reading_lock = threading.Lock()
    """The reading thread holds this lock while it gives a line to the event loop. So it gives no line after the end."""
    open_requests = OpenRequests()

    def set_event(event: anyio.Event) -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(event.set)

    def lose_connection() -> None:
        set_event(connection_lost)
        set_event(has_ended)

    def interrupt() -> None:
        interrupted.set()
        lose_connection()

    writer = ThreadWriter(output_descriptor, lose_connection)

    async def handle_line(line: bytes | None) -> None:
        message = read_message(line)
        if isinstance(message, Refusal):
            error = types.ErrorData(code=message.code, message=message.message)
            writer.write(message_bytes(types.JSONRPCError(jsonrpc="2.0", id=message.request_id, error=error)))
        elif message is not None:
            open_requests.received(message.message)
            with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                await to_server.send(message)

    def read() -> None:
        line_splitter = LineSplitter()
        with contextlib.suppress(OSError, RuntimeError):
            while data := os.read(input_descriptor, CHUNK_BYTES):
                for line in line_splitter.feed(data):
                    with reading_lock:
                        if has_ended.is_set():
                            return
                        handling = asyncio.run_coroutine_threadsafe(handle_line(line), loop)
                    handling.result()
        set_event(has_ended)

    async def write() -> None:
        async for message in from_server:
            while writer.get_write_buffer_size() > MAX_UNREAD_BYTES and not connection_lost.is_set():
                await anyio.sleep(UNREAD_CHECK_INTERVAL_SECONDS)
            writer.write(message_bytes(message.message))
            open_requests.sent(message.message)

    async def close_at_end() -> None:
        await has_ended.wait()
        if not connection_lost.is_set():
            with anyio.move_on_after(GRACE_SECONDS):
                await open_requests.wait_for_answers()
        await to_server.aclose()

    async with anyio.create_task_group() as group:
        threading.Thread(target=read, name="planmark-read", daemon=True).start()
        group.start_soon(write)
        group.start_soon(close_at_end)
        try:
            with interrupt_handler(interrupt):
                yield from_client, to_client
        finally:
            with reading_lock:
                has_ended.set()
            group.cancel_scope.cancel()
            writer.close(FLUSH_SECONDS)
