"""The JSON-RPC protocol on top of pygls, which processes every message.

In some cases, pygls would not answer a request, or would send a traceback or a message window. The protocol replaces
this behaviour. The protocol also keeps slow work off the threads that read input.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import json
import logging
import typing
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

import attrs
import cattrs
import msgspec
from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.exceptions import JsonRpcException, JsonRpcMethodNotFound
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.json_rpc import JsonRPCNotification, JsonRPCRequestMessage
from pygls.protocol.language_server import lsp_method

from planmark.lsp.capabilities import capabilities
from planmark.lsp.command_titles import with_command_titles
from planmark.lsp.errors import REQUEST_CANCELLED
from planmark.lsp.handlers.registry import HANDLERS
from planmark.lsp.lsp_ext import RawJson, mask_json
from planmark.lsp.params import ChangedFilesParams
from planmark.lsp.slow_requests import IDLE_PART, InFlightRequest, log_if_slow
from planmark.metrics.recorder import EventOutcome, Recorder
from planmark.metrics.trace import begin_trace
from planmark.text.visible import visible

logger = logging.getLogger(__name__)

PYGLS_METHODS = frozenset({types.INITIALIZE, types.SHUTDOWN, types.SET_TRACE})
"""The messages that pygls handles. The server has its own handlers for texts, folders, commands and `exit`."""
MAX_LOGGED_CHARACTERS = 400
"""Maximum length of a text of the client in a log or an error."""
JSON_TYPES_BY_NAME: dict[str, type] = dict.fromkeys(("uri", "oldUri", "newUri", "newName"), str) | dict.fromkeys(
    ("line", "character"), int
)
"""Mapping from the name of a member of parameters to the type of its JSON value. The name has this type in all
messages.
"""


LARGE_PARAMS_TYPES: dict[str, type[msgspec.Struct]] = {types.WORKSPACE_DID_CHANGE_WATCHED_FILES: ChangedFilesParams}
"""Mapping from a method whose parameters may be large to a type that decodes these parameters fast."""


class ProtocolHost(typing.Protocol):
    """The methods of a connection that a protocol calls."""

    recorder: Recorder
    slow_seconds: float
    command_titles: Mapping[str, str]

    def begin(self, params: types.InitializeParams, encoding: Any) -> None:
        """Start to serve the client that has sent `params`; `encoding` is the chosen position encoding."""

    def end(self, reason: str) -> None:
        """End the process; the log shows `reason` if the client has not sent `shutdown`."""


class Protocol(LanguageServerProtocol):
    """The protocol of one connection: it validates, times, counts and answers messages."""

    _server: ProtocolHost  # type: ignore[assignment]  # pygls needs a LanguageServer; a connection is both

    def __init__(self, server: LanguageServer, converter: cattrs.Converter) -> None:
        super().__init__(server, converter)
        self._in_flight: dict[str | int, InFlightRequest] = {}
        """Mapping from an id to its request, for requests that are not answered yet."""
        self._is_initialized = False
        self._ends_after_shutdown = False
        """Whether the process ends once `shutdown` is answered, because the client has already sent `exit`."""
        self._has_written = False
        self._queued_messages: list[bytes] | None = None
        """Messages that wait until the server is loaded; None if no message has to wait."""

    def _register_builtin_features(self) -> None:
        super()._register_builtin_features()  # type: ignore[no-untyped-call]
        for method in set(self.fm.builtin_features) - PYGLS_METHODS:
            del self.fm.builtin_features[method]

    def get_message_type(self, method: str) -> type[Any] | None:  # type: ignore[override]
        """Return the type of a message; None for a custom message, whose parameters are plain objects."""
        return types.METHOD_TO_TYPES.get(method, (None,))[0]

    def get_result_type(self, method: str) -> type[Any] | None:  # type: ignore[override]
        """Return the type of a result; None for a custom message.

        The same method of pygls has a cache, which would keep every protocol in memory, with its server and all
        documents.
        """
        return types.METHOD_TO_TYPES.get(method, (None, None))[1]

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(  # type: ignore[override]
        self, params: types.InitializeParams
    ) -> types.InitializeResult:
        """Start to serve a client, and return the capabilities of the server."""
        self.client_capabilities = params.capabilities
        encoding = ServerCapabilitiesBuilder.choose_position_encoding(params.capabilities)
        self._server.begin(params, encoding)
        self._is_initialized = True
        self.server_capabilities = capabilities(params.capabilities, encoding, self.fm.builtin_features)
        return types.InitializeResult(capabilities=self.server_capabilities, server_info=self.server_info)

    @property
    def is_shut_down(self) -> bool:
        """Whether the client has sent `shutdown`."""
        return bool(self._shutdown)

    def unsent_bytes(self) -> int:
        """Return the number of bytes that the client has not read yet; 0 if unknown."""
        size = getattr(self.writer, "get_write_buffer_size", None)
        return int(size()) if size else 0

    def raw_json(self, result: Any) -> RawJson:
        """Return `result`, an object of LSP, as JSON with masked credentials. Runs on the engine's thread."""
        return mask_json(json.dumps(result, default=self._serialize_message, ensure_ascii=False))

    def send_partial_result(self, token: types.ProgressToken, value: RawJson) -> None:
        """Send a part of the result of a request that stays open."""
        params = f'{{"token": {json.dumps(token)}, "value": {value.json}}}'
        self._write(f'{{"jsonrpc": "{self.VERSION}", "method": "{types.PROGRESS}", "params": {params}}}')

    def publish_diagnostics(self, uri: str, version: int | None, diagnostics: Sequence[types.Diagnostic]) -> None:
        """Send the diagnostics of a document."""
        masked_diagnostics = [
            _masked_diagnostic(json.dumps(diagnostic, default=self._serialize_message, ensure_ascii=False))
            for diagnostic in diagnostics
        ]
        members = {"uri": uri} if version is None else {"uri": uri, "version": version}
        params = f'{json.dumps(members, ensure_ascii=False)[:-1]}, "diagnostics": [{", ".join(masked_diagnostics)}]}}'
        method = types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS
        self._write(f'{{"jsonrpc": "{self.VERSION}", "method": "{method}", "params": {params}}}')

    def pause(self) -> None:
        """Queue the messages that arrive from now on, until `resume`."""
        self._queued_messages = []

    def resume(self) -> None:
        """Handle the queued messages in their order."""
        queued_messages, self._queued_messages = self._queued_messages or [], None
        for body in queued_messages:
            self.receive(body)

    def receive(self, body: bytes) -> None:
        """Handle one message, or queue it after `pause`.

        The answer to a malformed request is an error. A malformed notification is only logged.
        """
        if self._queued_messages is not None:
            self._queued_messages.append(body)
            return
        try:
            self._parse(body)
        except Exception:
            logger.exception("cannot handle a message")

    def _parse(self, body: bytes) -> None:
        try:
            data = json.loads(body)
        except (ValueError, RecursionError) as error:
            logger.error("received a message that is not JSON: %s", error)
            self._send_error(None, types.ErrorCodes.ParseError, f"the message is not JSON: {error}")
            return
        if not isinstance(data, dict) or data.get("jsonrpc") != self.VERSION:
            self._send_error(None, types.ErrorCodes.InvalidRequest, 'a message must be an object with "jsonrpc": "2.0"')
            return
        if "method" in data:
            self._receive_call(data)
        else:
            self._receive_response(data)

    def _receive_call(self, data: dict[str, Any]) -> None:
        start_time = self._server.recorder.clock()
        method, is_request = data["method"], "id" in data
        message_id = data.get("id") if isinstance(data.get("id"), (int, str)) else None
        if not isinstance(method, str) or (is_request and message_id is None):
            self._send_error(
                message_id, types.ErrorCodes.InvalidRequest, "`method` must be a string, and `id` a number or a string"
            )
            return
        if method == types.EXIT:
            self._exit()
            return
        if lifecycle_error := self._lifecycle_error(method):
            if message_id is not None:
                self._count_failure(method, start_time)
                self._send_error(message_id, *lifecycle_error)
            else:
                logger.warning("ignoring %s: %s", method, lifecycle_error[1])
            return
        # Some clients send `[]` for no parameters.
        if data.get("params") == []:
            data["params"] = {}
        try:
            message = self.structure_message(data)
        except (cattrs.BaseValidationError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            problem = _describe_error(error)
            self._count_failure(method, start_time)
            if message_id is not None:
                self._send_error(message_id, types.ErrorCodes.InvalidParams, f"{method}: {problem}")
            else:
                logger.warning("ignoring %s: %s", method, problem)
            return
        context = contextvars.copy_context()
        if message_id is not None:
            context.run(self._handle_request, message_id, method, message.params)
        else:
            context.run(self._handle_notification, method, getattr(message, "params", None))

    def _exit(self) -> None:
        """End the process, at any time of the connection.

        If a `shutdown` request is running, answer that request first.
        """
        if any(call.method == types.SHUTDOWN for call in self._in_flight.values()):
            self._ends_after_shutdown = True
        else:
            self._server.end("`exit` without `shutdown`")

    def _receive_response(self, data: dict[str, Any]) -> None:
        message_id = data.get("id")
        if not isinstance(message_id, (int, str)) or message_id not in self._request_futures:
            logger.warning("received a response to an unknown request: id %r", message_id)
            return
        if self._request_futures[message_id].done():
            del self._request_futures[message_id]
            logger.info("received a response too late: id %r", message_id)
            return
        try:
            message = self.structure_message(data)
        except Exception as error:
            problem = _describe_error(error)
            logger.warning("cannot read the response to request %r: %s", message_id, problem)
            response_error = types.ResponseError(types.ErrorCodes.InvalidRequest, f"unreadable response: {problem}")
            self._handle_response(message_id, None, response_error)
            return
        self._handle_response(message_id, getattr(message, "result", None), getattr(message, "error", None))

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Convert `data` to the type of its message. Raises the errors of the converter."""
        method = data.get("method")
        if method is None:
            result_type = None if "error" in data else self._result_types.pop(data["id"], None)
            message_type = types.ResponseErrorMessage if "error" in data else result_type
            return (
                self._converter.structure(data, message_type) if message_type else _UntypedResponse(data.get("result"))
            )
        if params_type := LARGE_PARAMS_TYPES.get(method):
            return JsonRPCNotification(method, self.VERSION, msgspec.convert(data.get("params"), params_type))
        message_type = self.get_message_type(method)
        if message_type is not None:
            _check_json_types(data.get("params"), "params")
            return self._converter.structure(data, message_type)
        params = data.get("params")
        if not isinstance(params, (dict, list, type(None))):
            raise ValueError("`params` must be an object")
        if "id" in data:
            return JsonRPCRequestMessage(data["id"], method, self.VERSION, params)
        return JsonRPCNotification(method, self.VERSION, params)

    def _lifecycle_error(self, method: str) -> tuple[int, str] | None:
        """Return None if a message is allowed at this stage of the connection, else the error code and the reason."""
        if self._shutdown:
            return types.ErrorCodes.InvalidRequest, "the server has shut down"
        if not self._is_initialized and method != types.INITIALIZE:
            return types.ErrorCodes.ServerNotInitialized, "send `initialize` first"
        if self._is_initialized and method == types.INITIALIZE:
            return types.ErrorCodes.InvalidRequest, "the server is already initialized"
        return None

    def _handle_request(self, msg_id: str | int, method_name: str, params: Any) -> None:
        self._in_flight[msg_id] = self._begin(self._metric_name(method_name))
        try:
            handler = self._get_handler(method_name)
        except JsonRpcMethodNotFound:
            self._send_error(
                msg_id, types.ErrorCodes.MethodNotFound, f"unknown method {method_name[:MAX_LOGGED_CHARACTERS]!r}"
            )
            return
        self._ctx_msg_id.set(msg_id)
        self._execute_handler(
            msg_id, handler, args=(params,), callback=partial(self._send_handler_result, msg_id=msg_id)
        )

    def _handle_notification(self, method_name: str, params: Any) -> None:
        if method_name == types.CANCEL_REQUEST:
            self._cancel(params.id)
            return
        try:
            handler = self._get_handler(method_name)
        except JsonRpcMethodNotFound:
            level = logging.DEBUG if method_name.startswith("$/") else logging.WARNING
            logger.log(level, "ignoring an unknown notification: %r", method_name[:MAX_LOGGED_CHARACTERS])
            return
        call = self._begin(method_name)
        outcome: EventOutcome = "done"
        try:
            handler(params)
        except Exception:
            outcome = "error"
            logger.exception("%s failed", method_name)
        self._end(call, outcome)

    def _cancel(self, msg_id: str | int) -> None:
        future = self._request_futures.get(msg_id)
        if future is None or msg_id not in self._in_flight:
            logger.debug("nothing to cancel: %r", msg_id)
        else:
            future.cancel()

    def _send_handler_result(self, future: Future[Any] | asyncio.Future[Any], *, msg_id: str | int) -> None:
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            self._send_error(msg_id, REQUEST_CANCELLED, "cancelled")
            return
        error = future.exception()
        if error is None:
            self._send_response(msg_id, future.result())
        elif isinstance(error, JsonRpcException):
            self._send_error(msg_id, error.code, error.message)
        else:
            method = self._in_flight[msg_id].method if msg_id in self._in_flight else "?"
            logger.error("%s failed", method, exc_info=error)
            message = f"{method}: internal error ({type(error).__name__}); the server's log has the details"
            self._send_error(msg_id, types.ErrorCodes.InternalError, message)

    def _send_error(self, msg_id: str | int | None, code: int, message: str) -> None:
        message = visible(with_command_titles(message, self._server.command_titles))
        if msg_id is None:
            error = {"code": int(code), "message": message}
            self._send_data({"jsonrpc": self.VERSION, "id": None, "error": error})
        else:
            self._send_response(msg_id, error=types.ResponseError(code, message))

    def _send_response(self, msg_id: Any, result: Any = None, error: types.ResponseError | None = None) -> None:
        call = self._in_flight.pop(msg_id, None)
        if call is not None:
            self._end(call, "done" if error is None else "cancelled" if error.code == REQUEST_CANCELLED else "error")
        if isinstance(result, RawJson):
            self._result_types.pop(msg_id, None)
            self._write(f'{{"jsonrpc": "{self.VERSION}", "id": {json.dumps(msg_id)}, "result": {result.json}}}')
        else:
            super()._send_response(msg_id, result, error)
        if self._ends_after_shutdown and call is not None and call.method == types.SHUTDOWN:
            self._server.end("`shutdown` failed")

    def _send_data(self, data: Any) -> None:
        message = json.dumps(data, default=self._serialize_message, ensure_ascii=False)
        # The answer to `initialize` is not masked: it contains nothing from a document, and masking would delay it.
        self._write(mask_json(message).json if self._has_written else message)

    def _write(self, message: str) -> None:
        """Send `message`, which is JSON with masked credentials."""
        self._has_written = True
        # UTF-8 cannot encode a lone surrogate, which a client may send and a file name may contain.
        body = message.encode("utf-8", "replace")
        if self.writer is None:
            logger.error("no client is connected: dropping a message of %d bytes", len(body))
            return
        self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def _begin(self, method: str) -> InFlightRequest:
        """Start to measure a request or notification. The measurement includes all later code in this context."""
        trace = begin_trace(self._server.recorder, method)
        return InFlightRequest(method, trace.recorder.clock(), trace)

    def _end(self, call: InFlightRequest, outcome: EventOutcome) -> None:
        recorder = self._server.recorder
        seconds = recorder.clock() - call.start_time - call.trace.parts.pop((IDLE_PART,), 0.0)
        recorder.request(call.method, seconds, outcome, call.trace.subject, call.trace.parts)
        log_if_slow(call, seconds, outcome, self._server.slow_seconds)

    def _count_failure(self, method: str, start_time: float) -> None:
        """Count a failed request or notification that no handler receives."""
        recorder = self._server.recorder
        recorder.request(self._metric_name(method), recorder.clock() - start_time, "error")

    def _metric_name(self, method: str) -> str:
        """Return `method` if the server handles it, else "unknown", because metrics have a fixed set of names."""
        tables = (self.fm.features, self.fm.builtin_features, HANDLERS)
        return method if any(method in methods for methods in tables) else "unknown"


# Cached, because after each change of a plan the client gets all diagnostics of the PLAN again.
@functools.lru_cache(maxsize=2048)
def _masked_diagnostic(diagnostic_json: str) -> str:
    return mask_json(diagnostic_json).json


@attrs.define
class _UntypedResponse:
    """A response whose result has no known type."""

    result: Any


def _check_json_types(value: Any, path: str) -> None:
    """Raise TypeError if `value` has a number in place of a string, or a string in place of a number.

    The converter would accept both. `path` says where `value` is in the message, such as `params.position`. The text of
    the error names this place.
    """
    if isinstance(value, list):
        for number, item in enumerate(value):
            _check_json_types(item, f"{path}[{number}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            expected_type = JSON_TYPES_BY_NAME.get(name)
            if expected_type is not None and type(item) is not expected_type:
                raise TypeError(f"expected {expected_type.__name__} @ {path}.{name}")
            _check_json_types(item, f"{path}.{name}")


def _describe_error(error: Exception) -> str:
    """Describe invalid parameters for the client, without data of this machine."""
    if isinstance(error, cattrs.BaseValidationError):
        return "; ".join(cattrs.transform_error(error, path="params"))[:MAX_LOGGED_CHARACTERS].replace(
            "params.params", "params"
        )
    return f"unreadable ({type(error).__name__}): {error}"[:MAX_LOGGED_CHARACTERS]
