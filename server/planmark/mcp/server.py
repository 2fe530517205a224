"""The server: the handlers of the protocol's requests, for one client over standard input and output."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
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
from planmark.cli.session_agent import agent_name
from planmark.lsp.engine import Engine, JobPriority
from planmark.mcp.failures import failure_text
from planmark.mcp.prompt_table import MAX_COMPLETIONS, PROMPTS, checked_prompt, completions
from planmark.mcp.reading import check, find, next_prompt, status
from planmark.mcp.recording import lease, record
from planmark.mcp.resources import STATUS_URI, URI_TEMPLATES, status_arguments
from planmark.mcp.subscriptions import Subscriptions
from planmark.mcp.tool_table import (
    INSTRUCTIONS,
    ArgumentError,
    Tool,
    checked_arguments,
    input_schema,
    offered_tools,
    similar_name_hint,
)
from planmark.mcp.transport import message_streams, protected_output
from planmark.mcp.verdicts import FORM, Question, SentForms, text_without_decision, verdict_question, write_verdict
from planmark.mcp.workspace import ServedWorkspace
from planmark.workspace.index import ReportProgress

T = TypeVar("T")
Context = ServerRequestContext[Any, Any]

FIXED_CACHE_HINT = CacheHint(ttl_ms=3_600_000, scope="private")
"""The cache hint for lists that never change while a server runs."""
NO_CACHE_HINT = CacheHint(ttl_ms=0, scope="private")
"""The cache hint for answers that a client must not cache."""
RESOURCE_MISSING_CODE = -32002
"""The error code for an unknown resource, in revisions of the protocol before 2026-07-28."""
STATELESS_REVISION = "2026-07-28"
"""The first revision of the protocol in which requests have no session."""
ERROR_RESULT_REVISION = "2025-11-25"
"""The first revision of the protocol in which the result of a tool reports wrong arguments, so that the model sees the
report. Before this revision, the answer is an error of the protocol.
"""
STOP_SECONDS = 0.1
"""Maximum seconds for which the server waits, at its end, until the engine has finished its work."""
FORM_KEY = "verdict"
"""The key under which a result that asks the client for input contains the form."""
FILES_PER_NOTIFICATION = 25
"""Number of files between two notifications of progress."""

logger = logging.getLogger(__name__)


class ServerOptions(NamedTuple):
    """The options of a server: the values of `--workspace`, `--agent` and `--read-only`."""

    workspace: str | None
    agent: str | None
    read_only: bool


class ToolCall(NamedTuple):
    """One call of a tool: its checked arguments, and two functions.

    `agent` returns the name of the agent that calls. `progress` is called with the progress of a scan; None if the
    client does not want the progress.
    """

    arguments: Mapping[str, Any]
    agent: Callable[[], str]
    progress: ReportProgress | None


class AgentServer:
    """The state of one server: its workspace, subscriptions and tools. Only the engine's thread uses the workspace."""

    def __init__(self, options: ServerOptions, environment: Mapping[str, str]) -> None:
        self.options = options
        self.environment = environment
        self.engine = Engine()
        self.workspace = ServedWorkspace(options.workspace, environment)
        self.forms = SentForms()
        self.subscriptions = Subscriptions(self.resource_text)
        self.tools = {tool.name: tool for tool in offered_tools(read_only=options.read_only)}
        self.functions: dict[str, Callable[[ToolCall], str]] = {
            "status": lambda call: status(self.workspace, call.arguments),
            "next": lambda call: next_prompt(self.workspace, call.arguments, call.agent),
            "lease": lambda call: lease(self.workspace, call.arguments, call.agent()),
            "record": lambda call: record(self.workspace, call.arguments, call.agent()),
            "check": lambda call: check(self.workspace, call.arguments),
            "find": lambda call: find(self.workspace, call.arguments),
        }
        """Mapping from the name of a tool to the function that answers its calls.

        The tool `verdict` is not in the mapping. The method `_verdict_answer` answers its calls, because this tool also
        sends a form to the client.
        """

    async def run_on_engine(self, work: Callable[[], T]) -> T:
        """Call the function `work` on the engine's thread, and return the result of the function.

        If the caller is cancelled before the engine begins the function, the function is not called.
        """
        return await asyncio.wrap_future(self.engine.submit(JobPriority.REQUEST, work))

    async def resource_text(self, uri: str) -> str:
        """Return the text of a resource. If the resource cannot be read, return the text of the error.

        If there is no such resource, return "".
        """
        arguments = status_arguments(uri)
        if arguments is None:
            return ""
        try:
            return await self.run_on_engine(lambda: status(self.workspace, arguments))
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
        return types.ListToolsResult(tools=[_listed_tool(tool) for tool in self.tools.values()])

    async def call_tool(
        self, context: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        """Return the answer to a call of a tool: one block of text, or a question for the person at the client."""
        tool = self.tools.get(params.name)
        if tool is None:
            raise MCPError(
                types.INVALID_PARAMS, f"Unknown tool: {params.name[:80]}{similar_name_hint(params.name, self.tools)}"
            )
        try:
            arguments = checked_arguments(tool, params.arguments or {})
        except ArgumentError as error:
            if context.protocol_version < ERROR_RESULT_REVISION:
                raise MCPError(types.INVALID_PARAMS, str(error)) from None
            return text_result(str(error), is_error=True)
        try:
            if tool.name == "verdict":
                return await self._verdict_answer(context, params, arguments)
            call = ToolCall(arguments, lambda: self._agent_name(context, arguments), self._progress_reporter(context))
            return text_result(await self.run_on_engine(lambda: self._answer(tool, call)))
        except Exception as error:
            return text_result(self.failure(error), is_error=True)

    def _answer(self, tool: Tool, call: ToolCall) -> str:
        """Return the answer to a call of a tool. This method runs on the engine's thread."""
        self.workspace.progress = call.progress
        try:
            return self.functions[tool.name](call)
        finally:
            self.workspace.progress = None

    async def _verdict_answer(
        self, context: Context, params: types.CallToolRequestParams, arguments: Mapping[str, Any]
    ) -> types.CallToolResult | types.InputRequiredResult:
        """Ask the person at the client, and write what the person decides. If the client shows no forms, write nothing.

        Before the revision 2026-07-28, the server sends the question to the client. From this revision on, the result
        contains the question. The client shows the question, and calls the tool again with the answer.
        """
        asked_question = await self.run_on_engine(lambda: verdict_question(self.workspace, arguments))
        if params.input_responses is not None or params.request_state is not None:
            self.forms.accept(params.request_state, arguments)
            answer = (params.input_responses or {}).get(FORM_KEY)
            return await self._decision_result(
                arguments, asked_question, answer if isinstance(answer, types.ElicitResult) else None
            )
        if not _shows_forms(context):
            return text_result(
                text_without_decision(asked_question, "nothing was written, because this client shows no forms")
            )
        if context.protocol_version >= STATELESS_REVISION:
            form = types.ElicitRequestFormParams(message=asked_question.message, requested_schema=FORM)
            return types.InputRequiredResult(
                input_requests={FORM_KEY: types.ElicitRequest(params=form)}, request_state=self.forms.ask(arguments)
            )
        try:
            answer = await context.session.elicit_form(asked_question.message, FORM, context.request_id)
        except MCPError:
            answer = None
        return await self._decision_result(arguments, asked_question, answer)

    async def _decision_result(
        self, arguments: Mapping[str, Any], question: Question, answer: types.ElicitResult | None
    ) -> types.CallToolResult:
        """Write what the person has decided, and return the result of the tool.

        `answer` is the person's answer to the form; None if the person has not answered it.
        """
        if answer is None or answer.action != "accept":
            missing_decision_reason = (
                "the form was not answered" if answer is None else f"the person chose {answer.action}"
            )
            return text_result(text_without_decision(question, f"nothing was written: {missing_decision_reason}"))
        return text_result(
            await self.run_on_engine(lambda: write_verdict(self.workspace, arguments, question, answer.content))
        )

    def _agent_name(self, context: Context, arguments: Mapping[str, Any]) -> str:
        """Return the name of the agent that has made a call. Raises AgentNameError if the name is not valid."""
        client = context.session.client_params
        client_name = client.client_info.name if client else ""
        return agent_name(
            arguments.get("agent"), self.options.agent, self.environment, client_name, context.meta or {}, os.getpid()
        )

    def _progress_reporter(self, context: Context) -> ReportProgress | None:
        """Return a function that sends the progress of a scan to the client.

        Return None if the client does not want the progress.
        """
        if not (context.meta and "progress_token" in context.meta):
            return None
        loop = asyncio.get_running_loop()

        def report(done_count: int, total: int) -> None:
            if total and done_count % FILES_PER_NOTIFICATION == 0:
                asyncio.run_coroutine_threadsafe(context.session.report_progress(done_count, total, "reading"), loop)

        return report

    async def list_resources(self, _context: Context, _params: object) -> types.ListResourcesResult:
        """Return the list of resources. It has only the status, because the templates describe the resources of plans
        and achievements.
        """
        resource = types.Resource(
            uri=STATUS_URI, name="status", description="The state of every plan", mime_type="text/plain"
        )
        return types.ListResourcesResult(resources=[resource])

    async def list_templates(self, _context: Context, _params: object) -> types.ListResourceTemplatesResult:
        """Return the templates for the URIs of plans and achievements."""
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(
                    uri_template=uri_template.uri,
                    name=uri_template.name,
                    description=uri_template.description,
                    mime_type="text/plain",
                )
                for uri_template in URI_TEMPLATES
            ]
        )

    async def read_resource(
        self, context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        """Return the text of a resource."""
        uri = str(params.uri)
        arguments = status_arguments(uri)
        if arguments is None:
            raise _missing_resource_error(context, uri, f"no resource {uri[:200]}: read {STATUS_URI}")
        try:
            text = await self.run_on_engine(lambda: status(self.workspace, arguments))
        except Exception as error:
            raise _missing_resource_error(context, uri, self.failure(error)) from None
        return types.ReadResourceResult(
            contents=[types.TextResourceContents(uri=uri, mime_type="text/plain", text=unicode_text(text))]
        )

    async def list_prompts(self, _context: Context, _params: object) -> types.ListPromptsResult:
        """Return the prompts, always in the same order."""
        return types.ListPromptsResult(
            prompts=[
                types.Prompt(
                    name=listed_prompt.name,
                    title=listed_prompt.title,
                    description=listed_prompt.description,
                    arguments=[
                        types.PromptArgument(
                            name=argument.name, description=argument.description, required=argument.required
                        )
                        for argument in listed_prompt.arguments
                    ],
                )
                for listed_prompt in PROMPTS.values()
            ]
        )

    async def get_prompt(self, _context: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        """Return the prompt that the client names, as one message of the user."""
        try:
            prompt, arguments = checked_prompt(params.name, params.arguments or {})
            text = await self.run_on_engine(lambda: prompt.message(self.workspace, arguments))
        except Exception as error:
            raise MCPError(types.INVALID_PARAMS, self.failure(error)) from None
        message = types.PromptMessage(role="user", content=types.TextContent(text=unicode_text(text)))
        return types.GetPromptResult(description=prompt.description, messages=[message])

    async def complete(self, _context: Context, params: types.CompleteRequestParams) -> types.CompleteResult:
        """Return the possible values of an argument of a prompt or a resource, while a person types the argument."""
        context_arguments = (params.context and params.context.arguments) or {}
        typed_argument, feature = params.argument, context_arguments.get("feature", "")
        try:
            completion_values = await self.run_on_engine(
                lambda: completions(self.workspace, typed_argument.name, typed_argument.value, feature)
            )
        except Exception as error:
            raise MCPError(types.INVALID_PARAMS, self.failure(error)) from None
        shown_values = [unicode_text(value) for value in completion_values[:MAX_COMPLETIONS]]
        return types.CompleteResult(
            completion=types.Completion(
                values=shown_values, total=len(completion_values), has_more=len(completion_values) > len(shown_values)
            )
        )

    async def subscribe(self, context: Context, params: types.SubscribeRequestParams) -> types.EmptyResult:
        """Subscribe the client to a resource. Only revisions of the protocol before 2026-07-28 have this request."""
        uri = str(params.uri)
        if status_arguments(uri) is None:
            raise _missing_resource_error(context, uri, f"no resource {uri[:200]}: subscribe to {STATUS_URI}")
        if self.subscriptions.is_full:
            raise MCPError(types.INTERNAL_ERROR, "too many resources are subscribed: end a subscription first")
        await self.subscriptions.subscribe(uri, context.session)
        return types.EmptyResult()

    async def unsubscribe(self, _context: Context, params: types.UnsubscribeRequestParams) -> types.EmptyResult:
        """End a subscription that `subscribe` has made."""
        self.subscriptions.unsubscribe(str(params.uri))
        return types.EmptyResult()


def _listed_tool(tool: Tool) -> types.Tool:
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


def _shows_forms(context: Context) -> bool:
    """Tell whether the client can show a form to a person."""
    client_capabilities = context.session.client_capabilities
    elicitation = client_capabilities.elicitation if client_capabilities else None
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)


def _missing_resource_error(context: Context, uri: str, message: str) -> MCPError:
    """Return the error for a resource that cannot be read. The error code depends on the client's revision."""
    code = types.INVALID_PARAMS if context.protocol_version >= STATELESS_REVISION else RESOURCE_MISSING_CODE
    return MCPError(code, message, {"uri": uri[:200]})


def text_result(text: str, *, is_error: bool = False) -> types.CallToolResult:
    """Return the result of a tool with one block of text."""
    return types.CallToolResult(content=[types.TextContent(text=unicode_text(text))], is_error=is_error)


def unicode_text(text: str) -> str:
    """Return `text` with `?` in place of each character that is not valid Unicode."""
    return text.encode("utf-8", "replace").decode("utf-8")


def new_server(agent_server: AgentServer) -> Server[Any]:
    """Return a server of the SDK whose handlers are the methods of `agent_server`."""

    @asynccontextmanager
    async def watching(_server: Server[Any]) -> AsyncIterator[None]:
        async with anyio.create_task_group() as group:
            group.start_soon(agent_server.subscriptions.watch)
            yield
            group.cancel_scope.cancel()

    return Server(
        "planmark",
        version=__version__,
        title="Planmark",
        instructions=INSTRUCTIONS,
        lifespan=watching,
        cache_hints={
            "tools/list": FIXED_CACHE_HINT,
            "prompts/list": FIXED_CACHE_HINT,
            "resources/list": FIXED_CACHE_HINT,
            "resources/templates/list": FIXED_CACHE_HINT,
            "resources/read": NO_CACHE_HINT,
        },
        on_list_tools=agent_server.list_tools,
        on_call_tool=agent_server.call_tool,
        on_list_resources=agent_server.list_resources,
        on_list_resource_templates=agent_server.list_templates,
        on_read_resource=agent_server.read_resource,
        on_subscribe_resource=agent_server.subscribe,
        on_unsubscribe_resource=agent_server.unsubscribe,
        on_subscriptions_listen=agent_server.subscriptions.listen,
        on_list_prompts=agent_server.list_prompts,
        on_get_prompt=agent_server.get_prompt,
        on_completion=agent_server.complete,
    )


def serve(options: ServerOptions) -> bool:
    """Serve one client until the client closes its end. Return True if all work on the engine has ended.

    Raises KeyboardInterrupt after Ctrl-C.
    """
    agent_servers: list[AgentServer] = []
    interrupted = threading.Event()

    async def run(input_descriptor: int, output_descriptor: int) -> None:
        agent_server = AgentServer(options, os.environ)
        agent_servers.append(agent_server)
        server = new_server(agent_server)
        async with message_streams(input_descriptor, output_descriptor, interrupted) as (from_client, to_client):
            await server.run(from_client, to_client, server.create_initialization_options())

    os.environ.pop("COLUMNS", None)  # An agent needs every name in full, so no table is cut.
    with protected_output() as (input_descriptor, output_descriptor):
        anyio.run(run, input_descriptor, output_descriptor)
    if interrupted.is_set():
        raise KeyboardInterrupt
    return agent_servers[0].engine.stop(STOP_SECONDS)
