"""The error responses of the server, with their codes."""

from __future__ import annotations

from lsprotocol import types
from pygls.exceptions import JsonRpcException

REQUEST_CANCELLED = types.LSPErrorCodes.RequestCancelled
REQUEST_FAILED = types.LSPErrorCodes.RequestFailed
INVALID_PARAMS = types.ErrorCodes.InvalidParams


class RequestError(JsonRpcException):
    """An error response to a request, with a message for the user and an error code of LSP or JSON-RPC."""

    def __init__(self, message: str, code: int = REQUEST_FAILED) -> None:
        super().__init__(message, code)
