"""A model on loopback that calls tools in a fixed order, in the protocols of three providers.

It also is the proxy of the host, so that no connection of the host leaves this machine.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

MODEL = "model-1"
DONE = "done"
"""The last words of the model."""
USAGE = {"input_tokens": 1, "output_tokens": 1}


class ToolCall(NamedTuple):
    """A call that the model makes. `tool` is the end of the name under which the host offers the tool."""

    tool: str
    arguments: Mapping[str, Any]


class OfferedTool(NamedTuple):
    """A tool that a host offers to the model, and the name of its group, "" without one."""

    name: str
    group: str = ""


class Conversation(NamedTuple):
    """The tools that a request of a host offers, and the text of each result so far."""

    tools: Sequence[OfferedTool]
    results: Sequence[str]


class ModelApi:
    """The state of a model: what it calls, and the results that it got. Threads of requests share it."""

    def __init__(self, calls: Sequence[ToolCall]) -> None:
        self.calls = calls
        self.address = ""
        self.results: Sequence[str] = ()
        self.offered: Sequence[OfferedTool] = ()
        self.refused: list[str] = []
        """The requests that are for a different machine, or of an unknown protocol."""

    def answer(self, talk: Conversation) -> tuple[OfferedTool, ToolCall] | None:
        """Return the next call of a conversation, or None for its last words, and remember its results.

        A conversation without the tools, such as one for a title, has no calls.
        """
        if len(talk.results) > len(self.results):
            self.results = talk.results
        if len(talk.results) >= len(self.calls):
            return None
        call = self.calls[len(talk.results)]
        for offered in talk.tools:
            if re.search(rf"planmark_+{call.tool}$", f"{offered.group}_{offered.name}"):
                self.offered = talk.tools
                return offered, call
        return None


def text_of(content: Any) -> str:
    """Return a text, or the text of the last block of a list. Codex puts a block of its own before that of a tool."""
    if isinstance(content, str):
        return content
    return str(content[-1]["text"]) if content else ""


def messages_talk(body: Mapping[str, Any]) -> Conversation:
    """Return the conversation of a request of the protocol `messages`."""
    blocks = [
        block
        for message in body["messages"]
        if isinstance(message["content"], list)
        for block in message["content"]
        if block["type"] == "tool_result"
    ]
    tools = [OfferedTool(tool["name"]) for tool in body.get("tools", ())]
    return Conversation(tools, [text_of(block.get("content")) for block in blocks])


def messages_events(given: tuple[OfferedTool, ToolCall] | None, turn: int) -> Iterator[tuple[str, Any]]:
    """Yield the events of an answer in the protocol `messages`."""
    message = {"id": f"msg_{turn}", "type": "message", "role": "assistant", "model": MODEL, "content": []}
    block: dict[str, Any] = {"type": "text", "text": ""}
    yield "message_start", {"message": {**message, "stop_reason": None, "stop_sequence": None, "usage": USAGE}}
    if given is None:
        delta = {"type": "text_delta", "text": DONE}
    else:
        block = {"type": "tool_use", "id": f"toolu_{turn}", "name": given[0].name, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(given[1].arguments)}
    yield "content_block_start", {"index": 0, "content_block": block}
    yield "content_block_delta", {"index": 0, "delta": delta}
    yield "content_block_stop", {"index": 0}
    why = "tool_use" if given else "end_turn"
    yield "message_delta", {"delta": {"stop_reason": why, "stop_sequence": None}, "usage": {"output_tokens": 1}}
    yield "message_stop", {}


def chat_talk(body: Mapping[str, Any]) -> Conversation:
    """Return the conversation of a request of the protocol `chat/completions`."""
    tools = [OfferedTool(tool["function"]["name"]) for tool in body.get("tools", ())]
    return Conversation(tools, [text_of(one["content"]) for one in body["messages"] if one["role"] == "tool"])


def chat_events(given: tuple[OfferedTool, ToolCall] | None, turn: int) -> Iterator[tuple[str, Any]]:
    """Yield the events of an answer in the protocol `chat/completions`."""
    head = {"id": f"chat_{turn}", "object": "chat.completion.chunk", "created": 1, "model": MODEL}
    delta: dict[str, Any] = {"role": "assistant", "content": DONE}
    if given is not None:
        function = {"name": given[0].name, "arguments": json.dumps(given[1].arguments)}
        delta = {"tool_calls": [{"index": 0, "id": f"call_{turn}", "type": "function", "function": function}]}
    yield "", {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    why = "tool_calls" if given else "stop"
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    yield "", {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": why}], "usage": usage}


def responses_talk(body: Mapping[str, Any]) -> Conversation:
    """Return the conversation of a request of the protocol `responses`."""
    tools: list[OfferedTool] = []
    for tool in body.get("tools", ()):
        inner = tool.get("tools", ())
        tools += [OfferedTool(one["name"], tool["name"]) for one in inner] or [OfferedTool(tool.get("name", ""))]
    outputs = [item["output"] for item in body["input"] if item.get("type") == "function_call_output"]
    return Conversation(tools, list(map(text_of, outputs)))


def responses_events(given: tuple[OfferedTool, ToolCall] | None, turn: int) -> Iterator[tuple[str, Any]]:
    """Yield the events of an answer in the protocol `responses`."""
    item: dict[str, Any] = {
        "type": "message",
        "id": f"msg_{turn}",
        "role": "assistant",
        "content": [{"type": "output_text", "text": DONE}],
    }
    if given is not None:
        group = {"namespace": given[0].group} if given[0].group else {}
        arguments = json.dumps(given[1].arguments)
        item = {
            "type": "function_call",
            "call_id": f"call_{turn}",
            "name": given[0].name,
            "arguments": arguments,
            **group,
        }
    yield "response.created", {"response": {"id": f"resp_{turn}"}}
    yield "response.output_item.done", {"output_index": 0, "item": item}
    usage = {**USAGE, "total_tokens": 2}
    yield "response.completed", {"response": {"id": f"resp_{turn}", "output": [item], "usage": usage}}


Reader = Callable[[Mapping[str, Any]], Conversation]
Writer = Callable[[tuple[OfferedTool, ToolCall] | None, int], Iterator[tuple[str, Any]]]
PROTOCOLS: dict[str, tuple[Reader, Writer]] = {
    "/v1/messages": (messages_talk, messages_events),
    "/v1/chat/completions": (chat_talk, chat_events),
    "/v1/responses": (responses_talk, responses_events),
}
"""Path → the functions that read a request and write an answer."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: ModelApi

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""

    def do_CONNECT(self) -> None:
        """Refuse to connect to a different machine."""
        self._refuse()

    def do_GET(self) -> None:
        """Answer nothing: no host needs to read anything."""
        self._refuse()

    def do_HEAD(self) -> None:
        """Say that the model is there."""
        self._send("text/plain", b"")

    def do_POST(self) -> None:
        """Answer a request of a host."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        protocol = PROTOCOLS.get(self.path.partition("?")[0])
        if protocol is None:
            self._refuse()
            return
        read, write = protocol
        talk = read(body)
        events = write(self.api.answer(talk), len(talk.results))
        lines = [
            f"event: {name}\n" * bool(name) + f"data: {json.dumps({'type': name, **value})}\n\n"
            for name, value in events
        ]
        end = "" if any(line.startswith("event") for line in lines) else "data: [DONE]\n\n"
        self._send("text/event-stream", ("".join(lines) + end).encode())

    def _refuse(self) -> None:
        self.api.refused.append(f"{self.command} {self.path}")
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def model_api(*calls: ToolCall) -> Iterator[ModelApi]:
    """Yield a model that makes calls, one after the result of the other, and then says that it is done."""
    api = ModelApi(calls)
    handler = type("_ApiHandler", (_Handler,), {"api": api})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    api.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
