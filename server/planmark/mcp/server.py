"""The server: the handlers of the protocol's requests, for one client over standard input and output."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeVar

import anyio
import mcp_types as types
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

from planmark import __version__
from planmark.lsp.engine import Engine, JobPriority
from planmark.mcp.failures import failure_text
from planmark.mcp.prompt_heads import GivenPrompts
from planmark.mcp.reading import check, next_prompt, status
from planmark.mcp.resources import STATUS_URI, TEMPLATES, resource_arguments
from planmark.mcp.subscriptions import Subscriptions
from planmark.mcp.tool_table import (
    INSTRUCTIONS,
    ArgumentError,
    Tool,
    checked_arguments,
    input_schema,
    nearest,
    tools,
)
from planmark.mcp.transport import message_streams, protected_output
from planmark.mcp.workspace import ServedWorkspace
from planmark.workspace.index import Progress

T = TypeVar("T")
Context = ServerRequestContext[Any, Any]

FIXED = CacheHint(ttl_ms=3_600_000, scope="private")
"""How long a client may keep lists that never change while a server runs."""
NOW = CacheHint(ttl_ms=0, scope="private")
RESOURCE_MISSING = -32002
"""The code for an unknown resource before the revision 2026-07-28."""
STATELESS = "2026-07-28"
"""The revision from which requests have no session."""
ERRORS_AS_RESULTS = "2025-11-25"
"""The revision from which wrong arguments are a result that the model sees, instead of an error of the protocol."""
STOP_SECONDS = 0.1
ADVANCE = 25
"""Number of files between two notifications of progress."""

logger = logging.getLogger(__name__)


class ServerOptions(NamedTuple):
    """The options of a server, as the command line gives them."""

    workspace: str | None
    agent: str | None
    read_only: bool


class Call(NamedTuple):
    """One call of a tool: its checked arguments, and the function that gets the progress of the first scan."""

    given: Mapping[str, Any]
    progress: Progress | None = None


class AgentServer:
    """The state of one server: its workspace, which only the engine's thread uses, and its subscriptions."""

    def __init__(self, options: ServerOptions, environment: Mapping[str, str]) -> None:
        self.options = options
        self.engine = Engine()
        self.workspace = ServedWorkspace(options.workspace, environment)
        self.prompts = GivenPrompts()
        self.subscriptions = Subscriptions(self.resource_text)
        self.tools = {tool.name: tool for tool in tools(read_only=options.read_only)}
        self.functions: dict[str, Callable[[Call], str]] = {
            "status": lambda call: status(self.workspace, call.given, call.progress),
            "next": lambda call: next_prompt(self.workspace, call.given, self.prompts, call.progress),
            "check": lambda call: check(self.workspace, call.given, call.progress),
        }

    async def on_engine(self, work: Callable[[], T]) -> T:
        """Return the result of work on the engine's thread. Work that is cancelled before it began is not done."""
        return await asyncio.wrap_future(self.engine.submit(JobPriority.REQUEST, work))

    async def resource_text(self, uri: str) -> str:
        """Return the text of a resource, or the text of its error."""
        given = resource_arguments(uri)
        if given is None:
            return ""
        try:
            return await self.on_engine(lambda: status(self.workspace, given))
        except Exception as error:
            return self.failure(error)

    def failure(self, error: Exception) -> str:
        """Return the text of an error for the client."""
        try:
            root = str(self.workspace.root())
        except Exception:
            root = ""
        return failure_text(error, root)

    async def list_tools(self, _context: Context, _params: object) -> types.ListToolsResult:
        """Return the tools, always in the same order."""
        return types.ListToolsResult(tools=[_listed(tool) for tool in self.tools.values()])

    async def call_tool(self, context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        """Return the answer of a tool as one text block."""
        tool = self.tools.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {params.name[:80]}{nearest(params.name, self.tools)}")
        try:
            given = checked_arguments(tool, params.arguments or {})
        except ArgumentError as error:
            if context.protocol_version < ERRORS_AS_RESULTS:
                raise MCPError(types.INVALID_PARAMS, str(error)) from None
            return text_result(str(error), is_error=True)
        call = Call(given, self._progress(context))
        try:
            return text_result(await self.on_engine(functools.partial(self.functions[tool.name], call)))
        except Exception as error:
            return text_result(self.failure(error), is_error=True)

    def _progress(self, context: Context) -> Progress | None:
        """Return a function that sends the progress of a scan to a client that wants it."""
        if not (context.meta and "progress_token" in context.meta):
            return None
        loop = asyncio.get_running_loop()

        def report(done: int, of: int) -> None:
            if of and done % ADVANCE == 0:
                asyncio.run_coroutine_threadsafe(context.session.report_progress(done, of, "reading"), loop)

        return report

    async def list_resources(self, _context: Context, _params: object) -> types.ListResourcesResult:
        """Return the resource that every workspace has."""
        about = types.Resource(
            uri=STATUS_URI, name="status", description="The state of every plan", mime_type="text/plain"
        )
        return types.ListResourcesResult(resources=[about])

    async def list_templates(self, _context: Context, _params: object) -> types.ListResourceTemplatesResult:
        """Return the templates of the resources of plans and achievements."""
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(
                    uri_template=known.uri, name=known.name, description=known.description, mime_type="text/plain"
                )
                for known in TEMPLATES
            ]
        )

    async def read_resource(
        self, context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        """Return the text of a resource."""
        uri = str(params.uri)
        given = resource_arguments(uri)
        if given is None:
            raise _missing(context, uri, f"no resource {uri[:200]}: read {STATUS_URI}")
        try:
            text = await self.on_engine(lambda: status(self.workspace, given))
        except Exception as error:
            raise _missing(context, uri, self.failure(error)) from None
        return types.ReadResourceResult(
            contents=[types.TextResourceContents(uri=uri, mime_type="text/plain", text=unicode_text(text))]
        )

    async def subscribe(self, context: Context, params: types.SubscribeRequestParams) -> types.EmptyResult:
        """Subscribe to a resource, as before the revision 2026-07-28."""
        uri = str(params.uri)
        if resource_arguments(uri) is None:
            raise _missing(context, uri, f"no resource {uri[:200]}: subscribe to {STATUS_URI}")
        if self.subscriptions.is_full:
            raise MCPError(types.INTERNAL_ERROR, "too many resources are subscribed: end a subscription first")
        await self.subscriptions.subscribe(uri, context.session)
        return types.EmptyResult()

    async def unsubscribe(self, _context: Context, params: types.UnsubscribeRequestParams) -> types.EmptyResult:
        """End a subscription of `subscribe`."""
        self.subscriptions.unsubscribe(str(params.uri))
        return types.EmptyResult()


def _listed(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=input_schema(tool),
        annotations=types.ToolAnnotations(
            title=tool.title,
            read_only_hint=tool.read_only,
            destructive_hint=tool.destructive,
            idempotent_hint=tool.idempotent,
            open_world_hint=False,
        ),
    )


def _missing(context: Context, uri: str, message: str) -> MCPError:
    code = types.INVALID_PARAMS if context.protocol_version >= STATELESS else RESOURCE_MISSING
    return MCPError(code, message, {"uri": uri[:200]})


def text_result(text: str, *, is_error: bool = False) -> types.CallToolResult:
    """Return a result with one text block."""
    return types.CallToolResult(content=[types.TextContent(text=unicode_text(text))], is_error=is_error)


def unicode_text(text: str) -> str:
    """Return a text in which `?` stands for what is no Unicode."""
    return text.encode("utf-8", "replace").decode("utf-8")


def new_server(state: AgentServer) -> Server[Any]:
    """Return a server of the SDK with the handlers of `state`."""

    @asynccontextmanager
    async def watching(_server: Server[Any]) -> AsyncIterator[None]:
        async with anyio.create_task_group() as group:
            group.start_soon(state.subscriptions.watch)
            yield
            group.cancel_scope.cancel()

    return Server(
        "planmark",
        version=__version__,
        title="Planmark",
        instructions=INSTRUCTIONS,
        lifespan=watching,
        cache_hints={
            "tools/list": FIXED,
            "prompts/list": FIXED,
            "resources/list": FIXED,
            "resources/templates/list": FIXED,
            "resources/read": NOW,
        },
        on_list_tools=state.list_tools,
        on_call_tool=state.call_tool,
        on_list_resources=state.list_resources,
        on_list_resource_templates=state.list_templates,
        on_read_resource=state.read_resource,
        on_subscribe_resource=state.subscribe,
        on_unsubscribe_resource=state.unsubscribe,
        on_subscriptions_listen=state.subscriptions.listen,
    )


def serve(options: ServerOptions) -> bool:
    """Serve one client until it closes its end. Return whether all work has ended."""
    state_of: list[AgentServer] = []

    async def run(incoming: int, outgoing: int) -> None:
        state = AgentServer(options, os.environ)
        state_of.append(state)
        server = new_server(state)
        async with message_streams(incoming, outgoing) as (from_client, to_client):
            await server.run(from_client, to_client, server.create_initialization_options())

    os.environ.pop("COLUMNS", None)  # An agent needs every name in full.
    with protected_output() as (incoming, outgoing):
        anyio.run(run, incoming, outgoing)
    return state_of[0].engine.stop(STOP_SECONDS)
