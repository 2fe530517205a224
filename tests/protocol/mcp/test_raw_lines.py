"""Lines that are no message, or a wrong one: each gets the code of its revision, and a right answer follows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mcp_clients import ENVELOPE, RawServer, raw_server
from planmark.mcp.transport import MAX_LINE_BYTES

PARSE, REQUEST, METHOD, PARAMS, VERSION = -32700, -32600, -32601, -32602, -32022
DEEP = b"[" * 200_000


def request(method: object, params: Any = None, **more: Any) -> bytes:
    message = {"jsonrpc": "2.0", "id": 5, "method": method, **({} if params is None else {"params": params}), **more}
    return json.dumps(message).encode()


def call(name: object, arguments: Any = None, **meta: Any) -> bytes:
    params = {"name": name, **({} if arguments is None else {"arguments": arguments})}
    return request("tools/call", {**params, **({"_meta": meta} if meta else {})})


ENVELOPES = (
    (b"", None),
    (b"{", PARSE),
    (b"nothing", PARSE),
    (b"\xff\xfe", PARSE),
    (b'{"jsonrpc":"2.0","id":5,"method":"ping","params":{"x":NaN}}', PARSE),
    (b'{"jsonrpc":"2.0","id":' + b"9" * 5000 + b',"method":"ping"}', PARSE),
    (DEEP, PARSE),
    (b'{"jsonrpc":"2.0","id":5,"method":"ping"}}', PARSE),
    (b'{"jsonrpc":"2.0","id":5,"method":"ping"} {"jsonrpc":"2.0"}', PARSE),
    (b"x" * (MAX_LINE_BYTES + 1), REQUEST),
    (b"[]", REQUEST),
    (b"[" + request("ping") + b"," + request("ping") + b"]", REQUEST),
    (b"5", REQUEST),
    (b'"ping"', REQUEST),
    (b"null", REQUEST),
    (b"{}", REQUEST),
    (b'{"id":5,"method":"ping"}', REQUEST),
    (b'{"jsonrpc":"1.0","id":5,"method":"ping"}', REQUEST),
    (b'{"jsonrpc":2.0,"id":5,"method":"ping"}', REQUEST),
    (b'{"jsonrpc":"2.0","id":5}', REQUEST),
    (request(7), REQUEST),
    (request(None), REQUEST),
    (request("ping", id=None), REQUEST),
    (request("ping", id=1.5), REQUEST),
    (request("ping", id=True), REQUEST),
    (request("ping", id=[5]), REQUEST),
    (request("ping", [1]), PARAMS),
    (request("ping", "x"), PARAMS),
    (b'{"jsonrpc":"2.0","method":5}', REQUEST),
    (b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":[]}', None),
    (b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"none"}}', None),
    (b'{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":{}}}', None),
    (b'{"jsonrpc":"2.0","method":"no/such/notification"}', None),
    (b'{"jsonrpc":"2.0","id":99,"result":{}}', None),
    (b'{"jsonrpc":"2.0","id":null,"result":{}}', None),
    (b'{"jsonrpc":"2.0","id":99,"error":"x"}', None),
)
"""Line → the code of its answer in each era, None for a line without an answer."""
LEGACY = (
    (request("no/such"), METHOD),
    (request(""), METHOD),
    (b'{"jsonrpc":"2.0","id":5,"method":"\\ud800"}', METHOD),
    (request("server/discover"), METHOD),
    (call("nexd"), PARAMS),
    (call(7), PARAMS),
    (call("next", []), PARAMS),
    (request("tools/call"), PARAMS),
    (request("prompts/get", {"name": "next", "arguments": {"feature": 7}}), PARAMS),
    (request("resources/read", {"uri": 7}), PARAMS),
    (request("completion/complete", {"ref": {"type": "ref/none"}}), PARAMS),
    (call("status", {}, **ENVELOPE), REQUEST),
)
MODERN = (
    (request("no/such", {"_meta": ENVELOPE}), METHOD),
    (request("resources/subscribe", {"uri": "planmark:///status", "_meta": ENVELOPE}), METHOD),
    (b'{"jsonrpc":"2.0","id":5,"method":"\\ud800"}', PARAMS),
    (request("tools/list"), PARAMS),
    (request("tools/list", {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}}), PARAMS),
    (request("tools/list", {"_meta": {**ENVELOPE, "io.modelcontextprotocol/protocolVersion": "1999-01-01"}}), VERSION),
    (request("initialize", {"protocolVersion": "2025-11-25"}), VERSION),
    (call("nexd", **ENVELOPE), PARAMS),
    (request("subscriptions/listen", {"_meta": ENVELOPE}), PARAMS),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace without a plan."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "planmark.toml").touch()
    return folder


@pytest.fixture(scope="module")
def legacy(root: Path) -> Iterator[RawServer]:
    """A server with a session."""
    with raw_server(root) as server:
        server.begin()
        yield server


@pytest.fixture(scope="module")
def modern(root: Path) -> Iterator[RawServer]:
    """A server without a session."""
    with raw_server(root) as server:
        answer = server.ask("server/discover", {"_meta": ENVELOPE})
        assert answer["result"]["supportedVersions"] == ["2026-07-28"]
        yield server


def answers(server: RawServer, line: bytes, right: bytes) -> list[Any]:
    """Write a line and then a right request. Return the answers before that of the request."""
    server.write(line)
    server.write(right)
    before = []
    while (answer := server.read())["id"] != "right":
        before.append(answer)
    assert "result" in answer, answer
    return before


def has_code(found: list[Any], line: bytes, code: int | None) -> None:
    assert [answer["error"]["code"] for answer in found] == ([] if code is None else [code])
    for answer in found:
        assert len(answer["error"]["message"].splitlines()) == 1
        try:
            written = None if code == PARSE else json.loads(line)["id"]
        except (ValueError, TypeError, KeyError):
            written = None
        assert answer["id"] == (written if isinstance(written, str) or type(written) is int else None)


@pytest.mark.parametrize(("line", "code"), [*ENVELOPES, *LEGACY], ids=range(len(ENVELOPES) + len(LEGACY)))
def test_a_wrong_line_in_a_session_has_its_code(legacy: RawServer, line: bytes, code: int | None) -> None:
    has_code(answers(legacy, line, request("ping", id="right")), line, code)


@pytest.mark.parametrize(("line", "code"), [*ENVELOPES, *MODERN], ids=range(len(ENVELOPES) + len(MODERN)))
def test_a_wrong_line_without_a_session_has_its_code(modern: RawServer, line: bytes, code: int | None) -> None:
    has_code(answers(modern, line, request("tools/list", {"_meta": ENVELOPE}, id="right")), line, code)


@pytest.mark.parametrize("revision", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_wrong_arguments_are_what_the_revision_wants(root: Path, revision: str) -> None:
    with raw_server(root) as server:
        assert server.begin(revision)["result"]["protocolVersion"] == revision
        answer = server.ask("tools/call", {"name": "next", "arguments": {"featur": "X"}})
        if revision < "2025-11-25":
            assert answer["error"]["code"] == PARAMS
            text = answer["error"]["message"]
        else:
            assert answer["result"]["isError"]
            text = answer["result"]["content"][0]["text"]
        assert text == "`next` has no argument `featur`; did you mean `feature`?"
