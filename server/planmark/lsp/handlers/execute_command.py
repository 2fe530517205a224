"""`workspace/executeCommand`."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from planmark.lsp.errors import INVALID_PARAMS, RequestError
from planmark.lsp.server import Server


async def handle(server: Server, params: types.ExecuteCommandParams) -> Any:
    """Run a command and return its result. Raises RequestError for an unknown command or more than one argument."""
    commands = server.protocol.fm.commands
    run = commands.get(params.command)
    if run is None:
        raise RequestError(f"unknown command {params.command}. Commands: {', '.join(commands)}", INVALID_PARAMS)
    arguments = params.arguments or ()
    if len(arguments) > 1 or (arguments and not isinstance(arguments[0], (dict, type(None)))):
        raise RequestError(f"{params.command} takes one object", INVALID_PARAMS)
    return await run(arguments[0] if arguments else None)
