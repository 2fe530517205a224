"""Arbitrary messages of a client: every request gets an answer or a known error, and later answers are right."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_client import LocalClient, bare, frame, recorded, with_roots
from mutations import documents, json_values, scraps
from planmark.lsp.handlers.registry import COMMANDS, NOTIFICATIONS, OWN_NOTIFICATIONS, OWN_REQUESTS, REQUESTS
from planmark.lsp.transport import MAX_HEADER_BYTES, FrameParser
from sample_plan import PLAN, TEXT

TOLD = [
    *(method for method in NOTIFICATIONS if method != "initialized"),
    *("$/cancelRequest", "$/setTrace", *OWN_NOTIFICATIONS, "textDocument/willSave", ""),
]
ASKED = [*(method for method in REQUESTS if method != "shutdown"), *OWN_REQUESTS, "initialize", "no/such", ""]
KNOWN_ERRORS = {-32700, -32600, -32601, -32602, -32002, -32800, -32801, -32802, -32803}
"""Every error code of the protocol except the one for errors inside the server."""
PATHS = (PLAN, "plans/PAY/parallel.json", "x/../y", "%00", "")
SEVERAL = st.integers(-2, 40) | st.sampled_from([2**31 - 1, 2**31, 2**70])
POSITIONS = st.fixed_dictionaries({"line": SEVERAL, "character": SEVERAL})
RANGES = st.fixed_dictionaries({"start": POSITIONS, "end": POSITIONS})
WORDS = st.sampled_from(["PAY", "@PAY", "1.1", "9.9", PLAN, "approve", "quickfix", "A", "", "\ud800", "../x", "*"])


@pytest.fixture(autouse=True)
def no_errors(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """An assertion that no exception was logged during the test, for any answer."""
    caplog.set_level(logging.ERROR, "planmark")
    yield
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


def parameters(uri: str) -> st.SearchStrategy[Any]:
    """Generate possible parameters of a request, some with a wrong shape."""
    uris = st.sampled_from([uri, *(f"{uri.partition('/plans')[0]}/{path}" for path in PATHS), "untitled:x", "file:"])
    odd = json_values(uris | WORDS)
    document = st.fixed_dictionaries({"uri": uris, "version": SEVERAL, "languageId": WORDS, "text": scraps()})
    change = st.fixed_dictionaries({"text": scraps()}, optional={"range": RANGES, "rangeLength": SEVERAL})
    item = st.fixed_dictionaries(
        {"name": WORDS, "kind": st.integers(0, 30), "uri": uris, "range": RANGES, "selectionRange": RANGES, "data": odd}
    )
    event = st.fixed_dictionaries({"uri": uris, "type": st.integers(0, 4)})
    folder = st.fixed_dictionaries({"uri": uris.filter(lambda known: "untitled" in known), "name": WORDS})
    plan = st.dictionaries(
        st.sampled_from(
            [
                "feature",
                "plan",
                "uri",
                "workspace",
                "achievement",
                "step",
                "budget",
                "decision",
                "reviewer",
                "path",
                "note",
            ]
        ),
        WORDS | uris | SEVERAL,
        max_size=4,
    )
    shapes: dict[str, st.SearchStrategy[Any]] = {
        "textDocument": document,
        "position": POSITIONS,
        "range": RANGES,
        "context": st.fixed_dictionaries({"diagnostics": st.just([]), "includeDeclaration": st.booleans()}),
        "contentChanges": st.lists(change, max_size=3),
        "newName": WORDS,
        "query": WORDS,
        "item": item,
        "data": odd,
        "title": WORDS,
        "command": st.sampled_from([*COMMANDS, "no.such"]),
        "arguments": st.lists(plan | odd, max_size=2),
        "previousResultIds": st.lists(st.fixed_dictionaries({"uri": uris, "value": WORDS}), max_size=2),
        "files": st.lists(st.fixed_dictionaries({"oldUri": uris, "newUri": uris}), max_size=2),
        "changes": st.lists(event, max_size=3),
        "settings": st.none() | st.fixed_dictionaries({"planmark": odd}),
        "event": st.fixed_dictionaries(
            {"added": st.lists(folder, max_size=1), "removed": st.lists(folder, max_size=1)}
        ),
        "id": SEVERAL,
        "token": WORDS,
        "value": WORDS,
    }
    right = st.fixed_dictionaries(shapes)
    return (
        right
        | plan
        | odd
        | st.builds(lambda known, key, value: {**known, key: value}, right, st.sampled_from([*shapes]), odd)
        | st.builds(lambda known, key: {k: v for k, v in known.items() if k != key}, right, st.sampled_from([*shapes]))
    )


def test_any_parameters_get_an_answer(local: LocalClient, pay: Path) -> None:
    local.begin([pay])
    uri = local.open(pay / PLAN)

    @given(st.sampled_from(ASKED), parameters(uri))
    def asked(method: str, params: Any) -> None:
        number = local.send(method, params)
        local.until(lambda: number in local.responses, f"an answer to {method} with {params}")
        answer = local.responses[number]
        assert "result" in answer or answer["error"]["code"] in KNOWN_ERRORS, (method, params, answer)

    asked()
    assert states(local) == {"1.1": "no_subplan", "1.2": "blocked"}
    local.close()


def test_any_notification_leaves_the_server_right(local: LocalClient, pay: Path) -> None:
    local.begin([pay])
    local.answers["workspace/configuration"] = lambda params: [None for _ in params["items"]]
    uri = local.open(pay / PLAN)

    @given(st.sampled_from(TOLD), parameters(uri))
    def told(method: str, params: Any) -> None:
        local.notify(method, params)
        assert local.request("planmark/metrics/get")

    told()
    for closed in [*local.server.workspace.documents]:
        local.notify("textDocument/didClose", {"textDocument": {"uri": closed}})
    assert states(local) == {"1.1": "no_subplan", "1.2": "blocked"}
    local.close()


def test_every_request_about_any_text_gets_a_result(local: LocalClient, pay: Path) -> None:
    """Check that no text and no position makes a feature fail."""
    local.begin([pay])
    uri = local.open(pay / PLAN)
    version = 1
    features = [method for method in ASKED if method.startswith("textDocument/")]

    @given(documents("PLAN_CHECKOUT.md") | documents() | scraps(), st.integers(0, 400), st.integers(0, 80))
    def asked(text: str, line: int, column: int) -> None:
        nonlocal version
        version += 1
        local.change(uri, version, text)
        at = {"line": line, "character": column}
        params = {
            "textDocument": {"uri": uri},
            "position": at,
            "range": {"start": at, "end": {"line": line + 9, "character": 0}},
            "context": {"diagnostics": [], "includeDeclaration": True},
            "newName": "1.7",
        }
        answers = {method: local.send(method, params) for method in features}
        for method, number in answers.items():
            local.until(lambda number=number: number in local.responses, method)  # type: ignore[misc]
            answer = local.responses[number]
            assert "result" in answer or answer["error"]["code"] in (-32602, -32803), (method, answer)

    asked()
    local.change(uri, version + 1, TEXT)
    assert states(local) == {"1.1": "no_subplan", "1.2": "blocked"}
    local.close()


IDS = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text(max_size=8)
    | st.lists(st.integers())
    | st.just({})
)
MESSAGES = st.dictionaries(
    st.sampled_from(["jsonrpc", "id", "method", "params", "result", "error", "x"]),
    st.just("2.0") | IDS | st.sampled_from(ASKED[:9]) | json_values(),
    max_size=6,
)


def test_an_invalid_message_is_refused(local: LocalClient, pay: Path) -> None:
    """Send objects of any shape, ids of any type, and arbitrary bytes."""
    local.begin([pay])
    local.feed = lambda data: remember(local, data)  # type: ignore[method-assign]

    @given(MESSAGES.map(as_bytes) | json_values().map(as_bytes) | st.binary(max_size=60))
    def sent(body: bytes) -> None:
        if not any(word in body for word in (b'"shutdown"', b'"exit"')):
            local.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    sent()
    assert states(local) == {"1.1": "no_subplan", "1.2": "blocked"}


def remember(local: LocalClient, data: bytes) -> None:
    """Keep the last answer to each id, because a client that sends ids of any type may get several."""
    for message in [json.loads(body) for body in FrameParser().feed(data)]:
        assert message["jsonrpc"] == "2.0"
        if "method" not in message:
            assert "result" in message or message["error"]["code"] in KNOWN_ERRORS, message
            with local._changed:
                local.responses[str(message["id"]) if isinstance(message["id"], float) else message["id"]] = message
                local._changed.notify_all()


def test_before_the_beginning_and_after_the_end(local: LocalClient, pay: Path) -> None:
    methods = [method for method in ASKED if method != "initialize"]

    @given(st.sampled_from(methods), json_values())
    def too_early(method: str, params: Any) -> None:
        number = local.send(method, params)
        local.until(lambda: number in local.responses, method)
        assert local.responses[number]["error"]["code"] == -32002

    too_early()
    local.begin([pay])
    local.request("shutdown")

    @given(st.sampled_from(methods), json_values())
    def too_late(method: str, params: Any) -> None:
        number = local.send(method, params)
        local.until(lambda: number in local.responses, method)
        assert local.responses[number]["error"]["code"] == -32600

    too_late()
    local.notify("exit")
    local._thread.join(30)
    assert local.exit_code == 0


@given(st.data())
def test_any_initialize_is_answered(pay: Path, data: st.DataObject) -> None:
    """Check that a client with odd parameters gets an error or a working server."""
    whole = with_roots(data.draw(st.sampled_from([bare(), recorded()])), [pay])
    key = data.draw(st.sampled_from([*whole, "initializationOptions", "capabilities"]))
    client = LocalClient()
    try:
        number = client.send("initialize", {**whole, key: data.draw(json_values())})
        client.until(lambda: number in client.responses, "an answer to initialize")
        answer = client.responses[number]
        assert "result" in answer or answer["error"]["code"] in KNOWN_ERRORS, answer
        if "result" in answer:
            client.notify("initialized", {})
            client.told("planmark/serverStatus", lambda status: status["quiescent"])
            assert "workspaces" in client.request("planmark/status")
    finally:
        client.stop()


GOOD = frame({"x": 1})
HEADERS = st.sampled_from(
    [
        *(b"Content-Length: ", b"content-length:", b"Content-Length: -1", b"Content-Length: 1e3", b"Content-Length: 0"),
        *(
            b"Content-Length: 99999999999999",
            b"\r\n",
            b"\n",
            b"\r",
            b"\r\n\r\n",
            b"Content-Type: x",
            b"{}",
            b"\0",
            b"\xff",
        ),
    ]
)


@given(st.lists(HEADERS | st.binary(max_size=8), max_size=12).map(b"".join), st.lists(st.integers(1, 9), max_size=30))
def test_broken_headers_are_skipped_however_they_arrive(noise: bytes, sizes: list[int]) -> None:
    """Check that pieces mean the same as the whole stream, and that a message after an empty line is read."""
    stream = noise + b"\r\n\r\n" + GOOD
    pieces, at = FrameParser(), 0
    found = []
    for size in sizes:
        found += pieces.feed(stream[at : at + size])
        at += size
    found += pieces.feed(stream[at:])
    assert found == FrameParser().feed(stream)
    last = noise.lower().rpartition(b"content-length")[2]
    if not any(digit in last for digit in b"123456789"):
        assert found[-1:] == [GOOD.partition(b"\r\n\r\n")[2]]


def test_a_header_without_an_end_takes_no_memory() -> None:
    frames = FrameParser()
    for _ in range(100):
        assert frames.feed(b"x" * 60_000) == []
        assert len(frames._buffer) <= MAX_HEADER_BYTES


def as_bytes(value: object) -> bytes:
    return json.dumps(value).encode()


def states(local: LocalClient) -> dict[str, str]:
    (plan,) = local.request("planmark/status")["workspaces"][0]["plans"]
    return {known["id"]: known["state"] for known in plan["achievements"]}
