"""A server on the SDK of the Model Context Protocol whose only tool answers with a fixed text: the floor of `agents`."""

from __future__ import annotations

from typing import Any

import anyio
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server


async def _tools(_context: Any, _params: Any) -> types.ListToolsResult:
    return types.ListToolsResult(tools=[types.Tool(name="next", input_schema={"type": "object"})])


async def _call(_context: Any, _params: Any) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text="nothing")])


async def _main() -> None:
    server = Server[Any]("bare", on_list_tools=_tools, on_call_tool=_call)
    async with stdio_server() as (from_client, to_client):
        await server.run(from_client, to_client, server.create_initialization_options())


if __name__ == "__main__":
    anyio.run(_main)
