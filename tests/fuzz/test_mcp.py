"""Arbitrary messages of a client of the tools for agents: each request gets one answer, and the output is only messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp_types import JSONRPCMessage
from pydantic import TypeAdapter

from mcp_clients import ENVELOPE, RawServer, raw_server
from mutations import json_values
from planmark.mcp.prompt_table import PROMPTS
from planmark.mcp.tool_table import TOOLS
from sample_plan import FEEDBACKS, PLAN, TEXT

MESSAGE: TypeAdapter[Any] = TypeAdapter(JSONRPCMessage)
KNOWN_CODES = {-32700, -32600, -32601, -32602, -32002, -32022}
"""Every code that a client may cause, without the one for errors inside the server."""
METHODS = st.sampled_from(
    [
        *("ping", "initialize", "server/discover", "tools/list", "tools/call", "resources/list", "resources/read"),
        *("resources/templates/list", "resources/subscribe", "resources/unsubscribe", "prompts/list", "prompts/get"),
        *("completion/complete", "logging/setLevel", "no/such", "", "\ud800"),
    ]
)
TOLD = st.sampled_from(
    ["notifications/initialized", "notifications/cancelled", "notifications/progress", "notifications/none"]
)
WORDS = st.sampled_from(
    ["PAY", "@PAY", "1.1", "9.9", PLAN, "approve", "tick", "subplan", "iteration", "--json", "-h", "", "\ud800", "../x"]
)
IDS = st.integers() | st.text(max_size=8) | st.none() | st.floats(allow_nan=False) | st.booleans()


def is_json(value: object) -> bool:
    """Tell whether a value has a form in JSON, which has no infinite numbers."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


VALUES = json_values(WORDS).filter(is_json)
ARGUMENTS = st.sampled_from([*{name for tool in TOOLS.values() for name in tool.arguments}, "other"])
CALLS = st.fixed_dictionaries(
    {"name": st.sampled_from([*TOOLS, *PROMPTS, "other"]) | WORDS},
    optional={"arguments": st.dictionaries(ARGUMENTS, WORDS | VALUES, max_size=5) | VALUES},
)
OTHER = st.fixed_dictionaries(
    {},
    optional={
        "uri": st.sampled_from(["planmark:///status", "planmark:///plans/PAY", "planmark:///plans/%ff/%00", "x"])
        | VALUES,
        "ref": st.fixed_dictionaries({"type": st.just("ref/prompt"), "name": WORDS}) | VALUES,
        "argument": st.fixed_dictionaries({"name": ARGUMENTS, "value": WORDS}) | VALUES,
        "protocolVersion": WORDS,
        "cursor": WORDS,
        "requestId": IDS,
    },
)
META = st.just({}) | st.fixed_dictionaries({"_meta": VALUES | st.just(ENVELOPE) | st.just({"progressToken": 1})})
PARAMS = st.builds(lambda params, meta: {**params, **meta}, CALLS | OTHER, META) | VALUES


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RawServer]:
    """A server with a session, in a workspace with one PLAN."""
    root = tmp_path_factory.mktemp("pay")
    (root / FEEDBACKS).mkdir(parents=True)
    (root / PLAN).write_text(TEXT, encoding="utf-8", newline="\n")
    with raw_server(root) as running:
        running.begin()
        yield running


def answers(server: RawServer) -> list[Any]:
    """Return the messages of the server up to the answer of a right request, all valid."""
    server.write(b'{"jsonrpc":"2.0","id":"the right one","method":"ping"}')
    found = []
    while (message := server.read()).get("id") != "the right one":
        MESSAGE.validate_python(message)
        assert "Planmark failed" not in json.dumps(message), message
        if "error" in message:
            assert message["error"]["code"] in KNOWN_CODES, message
        found.append(message)
    assert message["result"] == {}
    return found


@given(st.lists(st.tuples(METHODS, PARAMS), min_size=1, max_size=4))
def test_each_request_gets_one_answer(server: RawServer, asked: list[tuple[str, Any]]) -> None:
    for number, (method, params) in enumerate(asked):
        server.write(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode())
    found = answers(server)
    missing = set(range(len(asked))) - {message["id"] for message in found if "id" in message}
    while missing:
        message = server.read()
        MESSAGE.validate_python(message)
        missing -= {message.get("id")}
        found.append(message)
    numbers = [message["id"] for message in found if "id" in message]
    assert sorted(numbers) == list(range(len(asked)))


@given(st.lists(st.tuples(TOLD, PARAMS), max_size=4))
def test_a_notification_gets_no_answer(server: RawServer, told: list[tuple[str, Any]]) -> None:
    for method, params in told:
        server.write(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())
    assert answers(server) == []


@given(st.binary(max_size=200) | json_values(WORDS | METHODS).map(lambda value: json.dumps(value).encode()))
def test_a_line_that_is_no_message_gets_at_most_one_answer(server: RawServer, line: bytes) -> None:
    lines = line.split(b"\n")
    server.write(line)
    assert len(answers(server)) <= len(lines)
