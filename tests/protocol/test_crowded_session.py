"""Many documents, settings and unread answers: afterwards the server answers as a new server does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fixture import write_files
from lsp_client import LocalClient, bare, eventually, frame, with_roots
from sample_plan import PLAN, TEXT

DOCUMENTS = 300
FLIPS = 60


def test_the_last_of_many_settings_applies(local: LocalClient, pay: Path) -> None:
    local.begin([], with_roots(bare(), [pay]))
    uri = local.open(pay / PLAN)
    document = {"textDocument": {"uri": uri}}
    for number in range(FLIPS):
        settings = {"codeLens": {"enable": bool(number % 2)}, "files": {"exclude": ["PLAN_*"] if number % 2 else []}}
        local.notify("workspace/didChangeConfiguration", {"settings": {"planmark": settings}})
    last: dict[str, Any] = {"codeLens": {"enable": True}, "files": {"exclude": []}}
    local.notify("workspace/didChangeConfiguration", {"settings": {"planmark": last}})
    assert eventually(lambda: local.request("textDocument/codeLens", document))
    (plan,) = local.request("planmark/status")["workspaces"][0]["plans"]
    assert plan["feature"] == "PAY"
    local.close()


def test_each_of_many_open_documents_is_answered_from_its_own_text(local: LocalClient, pay: Path) -> None:
    names = [f"P{number}" for number in range(DOCUMENTS)]
    plan = "# PLAN: {0}\n\n**Achievement 1.1**: One of {0}\n"
    paths = {name: f"work-space/plans/{name}/PLAN_{name}.md" for name in names}
    write_files(pay, {path: plan.format(name) for name, path in paths.items()})
    local.begin([pay])
    uris = {name: local.open(pay / path, plan.format(f"edited {name}")) for name, path in paths.items()}
    asked = {
        name: local.send("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 5}})
        for name, uri in uris.items()
    }
    for name, number in asked.items():
        assert f"One of edited {name}" in local.result(number)["contents"]["value"]
    for uri in uris.values():
        local.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    plans = {plan["feature"]: plan for plan in local.request("planmark/status")["workspaces"][0]["plans"]}
    assert {plans[name]["achievements"][0]["title"] for name in names} == {f"One of {name}" for name in names}
    local.close()


def test_requests_that_arrive_in_one_piece_are_each_answered_once(local: LocalClient, pay: Path) -> None:
    """Send all requests in one write; the client asserts that no request has two answers."""
    local.begin([pay])
    uri = local.open(pay / PLAN, TEXT)
    at = {"textDocument": {"uri": uri}, "position": {"line": 11, "character": 5}}
    asked = [local.message("textDocument/hover", at) for _ in range(DOCUMENTS)]
    cancelled = {number for number, _ in asked[::3]}
    cancels = [frame({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": number}}) for number in cancelled]
    local.write(b"".join([*(data for _, data in asked), *cancels]))
    local.until(lambda: all(number in local.responses for number, _ in asked), "every answer")
    assert {number for number, _ in asked if "error" in local.responses[number]} == cancelled
    local.close()
