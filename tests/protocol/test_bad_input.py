"""Arbitrary input: the server sends an error or logs a line, shows no window, and answers correctly afterwards."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from lsp_client import AnswerError, LocalClient, ProcessClient, eventually, frame
from planmark.lsp.transport import MAX_HEADER_BYTES, FrameParser
from sample_plan import FEEDBACKS, PLAN, TEXT

MALFORMED = [
    ("textDocument/hover", None),
    ("textDocument/hover", []),
    ("textDocument/hover", {"textDocument": {"uri": 7}, "position": {"line": 0, "character": 0}}),
    ("textDocument/hover", {"textDocument": {"uri": "file:///x"}, "position": {"line": "a", "character": 0}}),
    ("textDocument/completion", {"position": {"line": 0, "character": 0}}),
    ("textDocument/codeAction", {"textDocument": {"uri": "file:///x"}, "range": 3, "context": {}}),
    ("codeLens/resolve", {"data": 3}),
    ("callHierarchy/incomingCalls", {"item": {}}),
    ("workspace/symbol", {}),
    ("workspace/executeCommand", {}),
    ("workspace/executeCommand", {"command": "planmark.nothing"}),
    ("workspace/executeCommand", {"command": "planmark.why", "arguments": [1, 2]}),
    ("workspace/executeCommand", {"command": "planmark.why", "arguments": [{"feature": 3}]}),
    ("workspace/executeCommand", {"command": "planmark.recordVerdict", "arguments": [{"achievement": "1.1"}]}),
    ("workspace/executeCommand", {"command": "planmark.createSubplan"}),
    ("planmark/why", {"achievement": 1.1}),
    ("planmark/nextPrompt", "CHECKOUT"),
    ("planmark/status", [1]),
    ("planmark/status", {"budget": "\ud800"}),
]


@pytest.mark.parametrize(("method", "params"), MALFORMED, ids=lambda value: str(value)[:40])
def test_malformed_parameters_get_an_error(local: LocalClient, pay: Path, method: str, params: Any) -> None:
    local.begin([pay])
    with pytest.raises(AnswerError) as error:
        local.request(method, params)
    assert error.value.code in (-32602, -32803)
    assert error.value.data is None
    assert "/" not in str(error.value).replace(method, "").replace("planmark/", "") or "file" in str(error.value)
    assert "Traceback" not in str(error.value)
    assert local.request("planmark/status")["workspaces"][0]["plans"]
    local.close()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b"3", -32600),
        (b'{"id": 1, "method": "planmark/status"}', -32600),
        (b'{"jsonrpc": "2.0", "id": {}, "method": "planmark/status"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": 7}', -32600),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_an_invalid_message_gets_an_error(local: LocalClient, pay: Path, body: bytes, code: int) -> None:
    local.begin([pay])
    local.responses.pop(1)
    local.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    local.until(lambda: None in local.responses or 1 in local.responses, "an error")
    answer = local.responses.get(None) or local.responses[1]
    assert answer["error"]["code"] == code
    assert local.request("planmark/status")["workspaces"][0]["plans"]


def test_unknown_requests_get_an_error_and_unknown_notifications_are_logged(process: ProcessClient, pay: Path) -> None:
    process.begin([pay])
    with pytest.raises(AnswerError) as error:
        process.request("textDocument/noSuchThing", {})
    assert error.value.code == -32601
    process.notify("textDocument/noSuchNotification", {})
    process.notify("$/noSuchNotification", {})
    process.write(frame({"jsonrpc": "2.0", "id": "nobody asked", "result": None}))
    process.notify("textDocument/didChange", {"contentChanges": 3})
    process.close(log="textDocument/noSuchNotification")
    assert "$/noSuchNotification" not in process.log
    assert "nobody asked" in process.log


def test_an_internal_error_shows_nothing_of_this_machine(
    local: LocalClient, pay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.begin([pay])
    monkeypatch.setattr("planmark.lsp.handlers.status._status", lambda *_: 1 / 0)
    with pytest.raises(AnswerError) as error:
        local.request("planmark/status")
    assert error.value.code == -32603
    assert str(error.value) == "planmark/status: internal error (ZeroDivisionError); the server's log has the details"
    assert error.value.data is None


def test_invalid_edits_are_ignored_or_clipped(local: LocalClient, pay: Path) -> None:
    """Send edits to a closed document, edits older than the text, beyond its end, and with start and end swapped."""
    local.begin([pay])
    closed = (pay / PLAN).as_uri()
    local.change(closed, 2, "gone")
    assert _states(local) == {"1.1": "no_subplan", "1.2": "blocked"}
    uri = local.open(pay / PLAN, version=5)
    local.change(uri, 4, "an older edit")
    assert _states(local) == {"1.1": "no_subplan", "1.2": "blocked"}
    local.change(uri, 6, "\n**Achievement 1.3**: C\n", (10_000, 7, 20_000, 0))
    local.change(uri, 7, "- Achievement 1.3: C\n", (8, 99, 8, 0))
    assert _states(local) == {"1.1": "no_subplan", "1.2": "blocked", "1.3": "no_subplan"}
    past = {"textDocument": {"uri": uri}, "position": {"line": 99_999, "character": 99_999}}
    assert local.request("textDocument/hover", past) is None
    assert local.request("textDocument/completion", past) == {"isIncomplete": False, "items": []}
    local.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    local.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert _states(local) == {"1.1": "no_subplan", "1.2": "blocked"}
    local.close()


@pytest.mark.parametrize(
    "uri",
    [
        *("untitled:Untitled-1", "git:/x/PLAN_PAY.md?ref", "http://127.0.0.1/PLAN_PAY.md", "", "PLAN_PAY.md", "file:"),
        *("file://server/share/PLAN_PAY.md", "file:///%00/PLAN_PAY.md", "file:///\ud800", "vscode-notebook-cell:/x#1"),
        *("file:///no/such/folder/PLAN_PAY.md", "file://[bad/PLAN_PAY.md"),
    ],
)
def test_a_uri_of_no_file_gets_empty_answers(local: LocalClient, pay: Path, uri: str) -> None:
    local.begin([pay])
    item = {"uri": uri, "languageId": "markdown", "version": 1, "text": TEXT}
    local.notify("textDocument/didOpen", {"textDocument": item})
    at = {"textDocument": {"uri": uri}, "position": {"line": 11, "character": 5}}
    assert local.request("textDocument/hover", at) is None
    assert local.request("textDocument/codeLens", {"textDocument": {"uri": uri}}) is None
    assert local.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"] == []
    local.change(uri, 2, "x")
    local.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 1}]})
    local.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert _states(local) == {"1.1": "no_subplan", "1.2": "blocked"}
    local.close()


def test_a_path_out_of_the_workspace_is_not_read(local: LocalClient, pay: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "PLAN_SECRET.md").write_text(TEXT, encoding="utf-8")
    local.begin([pay])
    uri = f"{pay.as_uri()}/../secret/PLAN_SECRET.md"
    local.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 1}]})
    assert local.request("textDocument/codeLens", {"textDocument": {"uri": uri}}) is None
    assert [plan["feature"] for plan in local.request("planmark/status")["workspaces"][0]["plans"]] == ["PAY"]
    local.close()


def test_a_deleted_document_with_unsaved_changes_counts_until_the_editor_closes_it(
    local: LocalClient, pay: Path
) -> None:
    local.begin([pay])
    uri = local.open(pay / PLAN)
    change = {"text": "\n", "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}}
    versioned = {"uri": uri, "version": 2}
    local.notify("textDocument/didChange", {"textDocument": versioned, "contentChanges": [change]})
    (pay / PLAN).unlink()
    local.files_changed((pay / PLAN, 3))
    assert _states(local) == {"1.1": "no_subplan", "1.2": "blocked"}
    local.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert local.request("planmark/status")["workspaces"][0]["plans"] == []
    local.close()


def test_a_missing_workspace_folder_is_an_error_until_it_is_back(local: LocalClient, pay: Path) -> None:
    local.begin([pay])
    kept = pay.with_name("kept")
    shutil.move(pay, kept)
    local.command("planmark.reindex")
    assert local.request("planmark/status")["workspaces"][0]["plans"] == []
    status = local.told("planmark/serverStatus", lambda s: s["health"] == "error")
    assert str(pay) in status["message"]
    shutil.move(kept, pay)
    local.command("planmark.reindex")
    assert _states(local) == {"1.1": "no_subplan", "1.2": "blocked"}
    assert eventually(lambda: _last_status(local)["health"] == "ok")
    local.close()


def test_a_verdict_needs_a_reviewer(local: LocalClient, pay: Path) -> None:
    local.begin([pay])
    with pytest.raises(AnswerError, match="reviewer"):
        local.command("planmark.recordVerdict", {"feature": "PAY", "achievement": "1.1", "decision": "approve"})
    assert not list((pay / FEEDBACKS).iterdir())
    assert not [request for request in local.requests if request["method"] == "workspace/applyEdit"]


def test_frames_may_arrive_in_pieces_of_any_size() -> None:
    bodies = [b"{}", b"", json.dumps("🎯").encode(), b"x" * 70_000]
    stream = b"".join(b"Content-Length: %d\r\nContent-Type: x\r\n\r\n" % len(body) + body for body in bodies)
    for size in (1, 2, 3, 7, 4096, len(stream)):
        frames = FrameParser()
        pieces = (stream[i : i + size] for i in range(0, len(stream), size))
        assert [body for piece in pieces for body in frames.feed(piece)] == bodies


def test_bytes_outside_a_frame_are_skipped() -> None:
    good = b"content-length: 2\r\n\r\n{}"
    assert FrameParser().feed(b"Hello: there\r\n\r\n" + good) == [b"{}"]
    assert FrameParser().feed(b"Content-Length: -5\r\n\r\n" + good) == [b"{}"]
    assert FrameParser().feed(b"Content-Length: 99999999999\r\n\r\n" + good) == [b"{}"]
    frames = FrameParser()
    assert frames.feed(b"x" * (MAX_HEADER_BYTES + 1)) == []
    assert frames.feed(good) == [b"{}"]


def _states(local: LocalClient) -> dict[str, str]:
    (plan,) = local.request("planmark/status")["workspaces"][0]["plans"]
    return {known["id"]: known["state"] for known in plan["achievements"]}


def _last_status(local: LocalClient) -> Any:
    return [n["params"] for n in local.notifications if n["method"] == "planmark/serverStatus"][-1]


def test_the_log_masks_credentials(process: ProcessClient, pay: Path) -> None:
    token = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hI5"
    process.begin([pay])
    process.notify(f"textDocument/{token}", {})
    assert process.request("planmark/status")["workspaces"]
    process.close(log="textDocument/[masked: GitHub token]")
    assert token not in process.log
