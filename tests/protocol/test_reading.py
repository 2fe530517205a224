"""While a folder is read, no answer states a fact that an unread document could change."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from fixture import write_files
from lsp_client import AnswerError, LocalClient, bare, eventually, recorded, with_roots
from sample_plan import FEEDBACKS, PLAN

APPROVED = f"{FEEDBACKS}/APPROVED_11.md"
FACTS = ("approved", "no subplan", "blocked", "0/2", "1/2", "confirm")
REFRESHED = ("textDocument/codeLens", "textDocument/inlayHint")
WAITING = ("textDocument/documentSymbol", "textDocument/references", "workspace/symbol", "planmark/at")
OWN = ("planmark/why", "planmark/graph", "planmark/history", "planmark/adopt", "planmark/nextPrompt")


def _params(method: str, uri: str) -> dict[str, Any]:
    about: dict[str, Any] = {"textDocument": {"uri": uri}}
    start = {"line": 6, "character": 15}
    return {
        "textDocument/inlayHint": {**about, "range": {"start": start, "end": {"line": 30, "character": 0}}},
        "textDocument/references": {**about, "position": start, "context": {"includeDeclaration": True}},
        "textDocument/hover": {**about, "position": start},
        "planmark/at": {**about, "position": start},
        "textDocument/completion": {**about, "position": start},
        "workspace/symbol": {"query": ""},
    }.get(method, {"feature": "PAY", "achievement": "1.2"} if method.startswith("planmark/") else about)


def _begin(local: LocalClient, pay: Path, params: dict[str, Any]) -> str:
    write_files(pay, {APPROVED: "# APPROVED\n\n**Review Date**: 2026-01-02\n"})
    local.request("initialize", with_roots(params, [pay]))
    local.notify("initialized", {})
    return local.open(pay / PLAN)


@pytest.mark.parametrize("method", REFRESHED)
def test_a_client_that_is_asked_again_gets_nothing_until_then(
    local: LocalClient, pay: Path, held: threading.Event, method: str
) -> None:
    uri = _begin(local, pay, recorded())
    assert not local.request(method, _params(method, uri))
    held.set()
    local.asked(f"workspace/{method.rpartition('/')[2]}/refresh")
    assert local.request(method, _params(method, uri))
    local.close()


@pytest.mark.parametrize("method", [*REFRESHED, *WAITING, *OWN])
def test_a_client_that_is_not_asked_again_waits(
    local: LocalClient, pay: Path, held: threading.Event, method: str
) -> None:
    uri = _begin(local, pay, bare())
    number = local.send(method, _params(method, uri))
    local.request("planmark/status")
    assert number not in local.responses
    held.set()
    assert local.result(number)
    local.close()


def test_a_hover_says_that_documents_are_being_read(local: LocalClient, pay: Path, held: threading.Event) -> None:
    uri = _begin(local, pay, recorded())
    hover = local.request("textDocument/hover", _params("textDocument/hover", uri))
    assert hover["contents"]["value"] == "Reading 0 of 0 documents…"
    held.set()
    assert eventually(
        lambda: (
            "approved" in local.request("textDocument/hover", _params("textDocument/hover", uri))["contents"]["value"]
        )
    )
    local.close()


def test_nothing_that_is_sent_by_itself_states_a_fact(local: LocalClient, pay: Path, held: threading.Event) -> None:
    uri = _begin(local, pay, bare())
    local.change(uri, 2, "\n", (0, 0, 0, 0))
    status = local.request("planmark/status")
    assert (status["workspaces"][0]["complete"], status["workspaces"][0]["plans"]) == (False, [])
    completions = local.request("textDocument/completion", _params("textDocument/completion", uri))["items"]
    assert not [fact for fact in FACTS for item in completions if fact in str(item.get("detail"))]
    assert not [n for n in local.notifications if n["method"] == "planmark/stateChanged"]
    held.set()
    local.told("planmark/serverStatus", lambda status: status["quiescent"])
    local.close()


@pytest.mark.parametrize("method", [*REFRESHED, *WAITING])
@pytest.mark.usefixtures("held")
def test_nothing_is_stated_after_a_cancelled_scan(local: LocalClient, pay: Path, method: str) -> None:
    uri = _begin(local, pay, recorded())
    token = local.asked("window/workDoneProgress/create")["token"]
    local.told("$/progress", lambda params: params["value"]["kind"] == "begin")
    local.notify("window/workDoneProgress/cancel", {"token": token})
    assert eventually(lambda: any(session.scan_was_cancelled for session in local.server.workspace.folders.values()))
    assert not local.request(method, _params(method, uri))
    assert local.request("workspace/diagnostic", {"previousResultIds": []})["items"] == []
    assert not local.request("planmark/status")["workspaces"][0]["plans"]
    with pytest.raises(AnswerError, match=r"planmark\.reindex"):
        local.request("planmark/why", _params("planmark/why", uri))
