"""Commands that change files wait for the end of the scan, and include what other programs have written since."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from fixture import write_files
from lsp_client import AnswerError, LocalClient, eventually, recorded, with_roots
from planmark.lsp import housekeeping
from planmark.lsp.handlers.registry import COMMANDS
from sample_plan import FEEDBACKS, PLAN, TEXT

READING = {
    *("planmark.nextPrompt", "planmark.status", "planmark.why", "planmark.reindex", "planmark.open"),
    *("planmark.preflight", "planmark.learn"),
}
ABOUT = {"feature": "PAY", "achievement": "1.1"}
WRITING: dict[str, dict[str, Any]] = {
    "planmark.createSubplan": ABOUT,
    "planmark.createExecution": ABOUT,
    "planmark.recordVerdict": {**ABOUT, "decision": "fix", "reviewer": "Ada", "note": "Refunds are lost"},
    "planmark.resolveFix": {**ABOUT, "note": "Sent again"},
    "planmark.closePlan": {"feature": "PAY"},
    "planmark.archivePlan": {"feature": "PAY"},
    "planmark.pausePlan": {"feature": "PAY"},
    "planmark.resumePlan": {"feature": "PAY"},
    "planmark.dropAchievement": {**ABOUT, "note": "Nobody wants it"},
    "planmark.tick": ABOUT,
    "planmark.newPlan": {"feature": "NEW"},
}
"""Command that changes files → its argument."""
BEGINNING = {"planmark.setUpWorkspace", "planmark.copyExample", "planmark.fillTemplate"}
"""Commands that create what nothing else is about, or fill an empty document: nothing that is read later changes them."""
EDITS = ("textDocument/rename", "textDocument/codeAction", "workspace/willRenameFiles")
NEVER_SECONDS = 3600.0
FLAT = "work-space/subplans/SUBPLAN_PAY_01_01.md"
DESIGN = "# SUBPLAN: T\n\n**Plan**: PAY\n**Achievement**: 1.1\n\n## Objective\n\nx\n\n## Approach\n\ny\n"


def test_every_command_reads_or_writes() -> None:
    assert set(COMMANDS) == READING | WRITING.keys() | BEGINNING


def _begin(local: LocalClient, pay: Path) -> str:
    """Initialize, and open the PLAN; everything else is unread."""
    local.request("initialize", with_roots(recorded(), [pay]))
    local.notify("initialized", {})
    return local.open(pay / PLAN)


@pytest.mark.parametrize("command", WRITING)
def test_a_command_that_writes_waits_for_the_first_scan(
    local: LocalClient, pay: Path, held: threading.Event, command: str
) -> None:
    _begin(local, pay)
    number = local.send("workspace/executeCommand", {"command": command, "arguments": [WRITING[command]]})
    assert not local.request("planmark/status")["workspaces"][0]["complete"]
    assert number not in local.responses
    assert not [asked for asked in local.requests if asked["method"] == "workspace/applyEdit"]
    held.set()
    local.until(lambda: number in local.responses, command)
    error = local.responses[number].get("error", {"message": ""})
    assert "is incomplete" not in error["message"] and "no document" not in error["message"]


@pytest.mark.parametrize("method", EDITS)
def test_a_request_for_an_edit_waits_for_the_first_scan(
    local: LocalClient, pay: Path, held: threading.Event, method: str
) -> None:
    write_files(pay, {FLAT: DESIGN})
    uri = _begin(local, pay)
    position = {"line": 11, "character": 15}
    params: dict[str, Any] = {"textDocument": {"uri": uri}, "position": position, "newName": "9.9"}
    if method == "textDocument/codeAction":
        params = {**params, "range": {"start": position, "end": position}, "context": {"diagnostics": []}}
    if method == "workspace/willRenameFiles":
        params = {"files": [{"oldUri": uri, "newUri": uri.replace("PLAN_PAY", "PLAN_PAID")}]}
    number = local.send(method, params)
    assert not local.request("planmark/status")["workspaces"][0]["complete"]
    assert number not in local.responses
    held.set()
    found = local.result(number)
    if method != "textDocument/codeAction":
        assert FLAT in str(found)


def test_a_second_subplan_is_not_created_while_the_first_one_is_unread(
    local: LocalClient, pay: Path, held: threading.Event
) -> None:
    write_files(pay, {FLAT: DESIGN})
    uri = _begin(local, pay)
    argument = {"uri": uri, "achievement": "1.1"}
    number = local.send("workspace/executeCommand", {"command": "planmark.createSubplan", "arguments": [argument]})
    assert local.request("planmark/status")
    held.set()
    with pytest.raises(AnswerError, match=r"SUBPLAN_PAY_01_01\.md is the SUBPLAN of 1\.1 already"):
        local.result(number)


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("command", WRITING)
def test_a_command_that_writes_fails_after_a_cancelled_scan(local: LocalClient, pay: Path, command: str) -> None:
    _begin(local, pay)
    token = local.asked("window/workDoneProgress/create")["token"]
    local.told("$/progress", lambda params: params["value"]["kind"] == "begin")
    local.notify("window/workDoneProgress/cancel", {"token": token})
    assert eventually(lambda: any(session.scan_was_cancelled for session in local.server.workspace.folders.values()))
    with pytest.raises(AnswerError, match=r"planmark\.reindex"):
        local.command(command, WRITING[command])


def test_a_command_sees_changes_that_the_client_has_not_reported(
    local: LocalClient, pay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Write a FIX and a SUBPLAN just before the command, without a notification from the editor."""
    monkeypatch.setattr(housekeeping, "SCAN_PAUSE_BOUNDS", dict.fromkeys((True, False), (NEVER_SECONDS, NEVER_SECONDS)))
    local.begin([pay])
    fix = "# FIX REQUIRED: Achievement 1.1\n\n**Review Date**: 2026-01-01\n\n## Critical Issues\n\n1. **Lost**\n"
    write_files(pay, {FLAT: DESIGN, f"{FEEDBACKS}/FIX_11.md": fix})
    approve = {**ABOUT, "decision": "approve", "reviewer": "Ada"}
    refused = local.command("planmark.recordVerdict", approve)
    assert f"{FEEDBACKS}/FIX_11.md is not answered by a RESOLUTION" in refused["missing"]
    with pytest.raises(AnswerError, match="already"):
        local.command("planmark.createSubplan", ABOUT)


def test_a_rename_edits_the_current_text(local: LocalClient, pay: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check that a rename edits the current text of a closed document that has changed since the scan."""
    monkeypatch.setattr(housekeeping, "SCAN_PAUSE_BOUNDS", dict.fromkeys((True, False), (NEVER_SECONDS, NEVER_SECONDS)))
    write_files(pay, {FLAT: DESIGN})
    local.begin([pay])
    uri = local.open(pay / PLAN)
    write_files(pay, {FLAT: "\n\n\n" + DESIGN})
    assert "1.1" in TEXT.splitlines()[11]
    at = {"textDocument": {"uri": uri}, "position": {"line": 11, "character": 15}, "newName": "9.9"}
    edits = local.request("textDocument/rename", at)["documentChanges"]
    (edited,) = [change for change in edits if change.get("textDocument", {}).get("uri") == (pay / FLAT).as_uri()]
    assert [edit["range"]["start"]["line"] for edit in edited["edits"]] == [6]
