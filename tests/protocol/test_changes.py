"""Changes by other programs: the editor's watcher reports them, or the server finds them without a watcher."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from lsp_client import LocalClient, bare, eventually, recorded, with_roots
from planmark.lsp import housekeeping
from planmark.lsp.folder_worker import FolderWorker
from planmark.workspace import index
from planmark.workspace.scan import Listing, walk
from planmark.workspace.settings import Settings
from sample_plan import FEEDBACKS, PLAN, TEXT

CREATED, CHANGED, DELETED = 1, 2, 3
FIX = f"{FEEDBACKS}/FIX_11.md"
APPROVED = f"{FEEDBACKS}/APPROVED_11.md"


def _write(path: Path, text: str = "# APPROVED\n\n**Review Date**: 2026-01-02\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _state(local: LocalClient, achievement: str = "1.1") -> str:
    (plan,) = local.request("planmark/status")["workspaces"][0]["plans"]
    return next(known["state"] for known in plan["achievements"] if known["id"] == achievement)


def test_a_verdict_of_another_program_changes_the_state(local: LocalClient, pay: Path) -> None:
    local.begin([pay])
    uri = local.open(pay / PLAN)
    assert _state(local) == "no_subplan"
    refreshed = [m for m in local.requests if m["method"].endswith("/refresh")]
    local.files_changed((_write(pay / APPROVED), CREATED))
    told = local.told("planmark/stateChanged", lambda p: p["changes"])
    assert told["workspace"] == str(pay)
    by_id = {change["achievement"]: change for change in told["changes"]}
    assert by_id["1.1"] == {
        "plan": PLAN,
        "achievement": "1.1",
        "from": "no_subplan",
        "to": "approved",
        "cause": (pay / APPROVED).as_uri(),
    }
    assert (by_id["1.2"]["from"], by_id["1.2"]["to"]) == ("blocked", "no_subplan")
    assert _state(local) == "approved"
    for kind in ("codeLens", "inlayHint", "diagnostic"):
        method = f"workspace/{kind}/refresh"
        local.asked(method, 1 + sum(m["method"] == method for m in refreshed))
    assert any("✓ approved" in title for title in _titles(local, uri))
    local.close()


def test_changes_are_found_for_a_client_without_a_watcher(local: LocalClient, pay: Path) -> None:
    """Check that the server finds changes for a client that cannot watch files."""
    local.begin([], with_roots(bare(), [pay]))
    assert local.requests == []
    _write(pay / APPROVED)
    local.told("planmark/stateChanged", lambda p: p["changes"][0]["to"] == "approved")
    (pay / APPROVED).unlink()
    local.told("planmark/stateChanged", lambda p: p["changes"][0]["to"] == "no_subplan")
    local.close()


def test_files_that_a_watcher_misses_are_found(local: LocalClient, pay: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check that a client that has missed a change counts as one that does not watch files."""
    monkeypatch.setattr(housekeeping, "ROUND_SECONDS", 0.01)
    monkeypatch.setattr(housekeeping, "SCAN_PAUSE_BOUNDS", {True: (0.5, 3600.0), False: (0.01, 0.01)})
    local.begin([pay])
    _write(pay / APPROVED)
    for now in ("approved", "no_subplan"):
        local.told("planmark/stateChanged", lambda p, now=now: p["changes"][0]["to"] == now)
        (pay / APPROVED).unlink(missing_ok=True)
    local.close()


def test_the_pause_between_scans_grows_without_news() -> None:
    pauses = [1.0]
    for is_news in (False, False, False, False, False, False, True, False):
        pauses.append(housekeeping.next_pause(pauses[-1], is_news, (1.0, 20.0)))
    assert pauses == [1, 2, 4, 8, 16, 20, 20, 1, 2]


@pytest.mark.parametrize(
    ("is_unreported", "has_reported", "reports"),
    [(False, False, True), (False, True, True), (True, True, True), (True, False, False)],
)
def test_only_a_change_without_a_report_makes_a_client_unreliable(
    is_unreported: bool, has_reported: bool, reports: bool
) -> None:
    """Check that a report may arrive after the scan that has found its change."""
    assert housekeeping.counts_as_reporting(True, is_unreported, has_reported) is reports
    assert not housekeeping.counts_as_reporting(False, is_unreported, has_reported)


def test_a_reported_file_is_read_again_although_its_stamp_is_the_same(local: LocalClient, pay: Path) -> None:
    """Check that the server reads a file again if the watcher names it, even if its stamp is the same."""
    path = _write(pay / "work-space/plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md", "**Status**: Done\n")
    local.begin([pay])
    assert _state(local) == "awaiting_review"
    stamp = path.stat()
    path.write_text("**Status**: Open\n", encoding="utf-8")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    local.files_changed((path, CHANGED))
    assert _state(local) == "active_execution"
    local.close()


def test_a_deleted_folder_and_changed_settings_take_effect(local: LocalClient, pay: Path) -> None:
    other = pay / "work-space/plans/OTHER"
    _write(other / "PLAN_OTHER.md", TEXT)
    local.begin([pay])
    assert len(local.request("planmark/status")["workspaces"][0]["plans"]) == 2
    shutil.rmtree(other)
    local.files_changed((other, DELETED))
    assert eventually(lambda: len(local.request("planmark/status")["workspaces"][0]["plans"]) == 1)
    settings = _write(pay / "planmark.toml", '[files]\nexclude = ["work-space/"]\n')
    local.files_changed((settings, CREATED))
    assert eventually(lambda: local.request("planmark/status")["workspaces"][0]["plans"] == [])
    local.close()


def test_a_file_that_appears_in_an_excluded_folder_is_named_as_left_out(
    local: LocalClient, pay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Announce only the file: the server must see itself that its listing of skipped folders is too old."""
    monkeypatch.setattr(housekeeping, "SCAN_PAUSE_BOUNDS", dict.fromkeys((True, False), (3600.0, 3600.0)))
    _write(pay / "planmark.toml", '[files]\nexclude = ["old/"]\n')
    local.begin([pay])

    def left_out() -> list[str]:
        return [known["path"] for known in local.request("planmark/status")["workspaces"][0]["left_out"]]

    assert left_out() == []
    local.settle()
    late = _write(pay / "old/PLAN_OLD.md", TEXT)
    local.files_changed((late, CREATED))
    assert eventually(lambda: left_out() == ["old/"])
    shutil.rmtree(pay / "old")
    local.files_changed((late, DELETED))
    assert eventually(lambda: left_out() == [])
    local.close()


def test_diagnostics_are_pushed_to_a_client_that_does_not_pull(local: LocalClient, pay: Path) -> None:
    fix = _write(pay / FIX, "# FIX\n")
    result = local.begin([], with_roots(bare(), [pay]))
    assert "diagnosticProvider" not in result["capabilities"], "some clients pull whenever a server offers it"
    plan = (pay / PLAN).as_uri()
    assert _pushed(local, plan)["diagnostics"][0]["code"] == "fix-unresolved"
    # The server applies the text as the user types: a status in the overlay completes nothing, a new dependency is
    # unknown.
    local.open(pay / PLAN)
    local.change(plan, 2, TEXT.replace("Dependencies**: 1.1", "Dependencies**: 9.9"))
    pushed = _pushed(local, plan, "dependency-unknown")
    assert pushed["version"] == 2
    local.change(plan, 3, TEXT)
    local.told(
        "textDocument/publishDiagnostics",
        lambda p: p["uri"] == plan and p.get("version") == 3 and "dependency-unknown" not in _codes(p),
    )
    fix.unlink()
    local.files_changed((fix, DELETED))
    local.told("textDocument/publishDiagnostics", lambda p: p["uri"] == plan and p["diagnostics"] == [])
    local.close()


def test_diagnostics_are_not_pushed_to_a_client_that_pulls(local: LocalClient, pay: Path) -> None:
    """Prevent the client from showing each diagnostic twice."""
    fix = _write(pay / FIX, "# FIX\n")
    local.begin([pay])
    plan = (pay / PLAN).as_uri()
    report = local.request("textDocument/diagnostic", {"textDocument": {"uri": plan}})
    assert [item["code"] for item in report["items"]] == ["fix-unresolved"]
    assert report["items"][0]["source"] == "planmark"
    (related,) = report["items"][0]["relatedInformation"]
    assert related["location"]["uri"] == fix.as_uri()
    again = {"textDocument": {"uri": plan}, "previousResultId": report["resultId"]}
    assert local.request("textDocument/diagnostic", again) == {"kind": "unchanged", "resultId": report["resultId"]}
    whole = local.request("workspace/diagnostic", {"previousResultIds": []})["items"]
    assert {item["uri"] for item in whole} == {plan}
    known = [{"uri": item["uri"], "value": item["resultId"]} for item in whole]
    assert {i["kind"] for i in local.request("workspace/diagnostic", {"previousResultIds": known})["items"]} == {
        "unchanged"
    }
    fix.unlink()
    local.files_changed((fix, DELETED))
    gone = local.request("workspace/diagnostic", {"previousResultIds": known})["items"]
    assert {item["uri"]: item.get("items") for item in gone} == {plan: []}
    assert not [n for n in local.notifications if n["method"] == "textDocument/publishDiagnostics"]
    local.close()


def test_diagnostics_of_a_removed_folder_are_cleared(local: LocalClient, pay: Path) -> None:
    _write(pay / FIX, "# FIX\n")
    params = with_roots(bare(), [pay])
    local.begin([], params)
    plan = (pay / PLAN).as_uri()
    _pushed(local, plan)
    event = {"added": [], "removed": [{"uri": pay.as_uri(), "name": "pay"}]}
    local.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    local.told("textDocument/publishDiagnostics", lambda p: p["uri"] == plan and p["diagnostics"] == [])
    local.close()


def test_diagnostics_can_be_turned_off(local: LocalClient, pay: Path) -> None:
    _write(pay / FIX, "# FIX\n")
    local.answers["workspace/configuration"] = lambda p: [{"diagnostics": {"enable": False}} for _ in p["items"]]
    local.begin([pay])
    assert local.request("textDocument/diagnostic", {"textDocument": {"uri": (pay / PLAN).as_uri()}})["items"] == []
    assert local.request("workspace/diagnostic", {"previousResultIds": []})["items"] == []
    local.close()


def test_an_open_text_overrides_the_file(local: LocalClient, pay: Path) -> None:
    local.begin([pay])
    uri = local.open(pay / PLAN, TEXT.replace("Refunds", "In the editor"))
    _write(pay / PLAN, TEXT.replace("Refunds", "On the disk"))
    local.files_changed((pay / PLAN, CHANGED))
    assert _title(local) == "In the editor"
    _write(pay / PLAN, TEXT.replace("Refunds", "In the editor"))
    local.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert _title(local) == "In the editor"
    _write(pay / PLAN, TEXT.replace("Refunds", "On the disk"))
    local.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert _title(local) == "On the disk"
    local.close()


def test_an_open_text_moves_to_the_outer_folder(local: LocalClient, pay: Path) -> None:
    """Remove the inner of two nested folders: its documents then belong to the outer one, with their overlays."""
    local.begin([pay.parent, pay])
    local.open(pay / PLAN, TEXT.replace("Refunds", "In the editor"))
    event = {"added": [], "removed": [{"uri": pay.as_uri(), "name": "pay"}]}
    local.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    assert _title(local) == "In the editor"
    local.close()


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_and_byte_order_marks_are_those_of_the_protocol(local: LocalClient, pay: Path, end: str) -> None:
    """Check that only the line ends of the protocol end a line, and that the text excludes a byte order mark."""
    local.begin([pay])
    text = "\ufeff" + TEXT.replace("Refunds", "Re\u2028fu\x0cnds").replace("\n", end)
    uri = local.open(pay / PLAN, text)
    at = {"textDocument": {"uri": uri}, "position": {"line": 11, "character": 5}}
    assert local.request("textDocument/hover", at)["range"]["start"]["line"] == 11
    local.change(uri, 2, "**Achievement 1.3**: C" + end, (15, 0, 15, 0))
    assert _state(local, "1.2") == "blocked"
    codes = local.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"]
    assert [(d["code"], d["range"]["start"]["line"]) for d in codes] == [("index-mismatch", 15)]
    local.close()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The scanned folders, in order. The server starts no periodic scan."""
    found: list[str] = []
    start_scan = FolderWorker.start_scan

    def counted(folder: FolderWorker) -> None:
        found.append(folder.uri)
        start_scan(folder)

    monkeypatch.setattr(FolderWorker, "start_scan", counted)
    monkeypatch.setattr(housekeeping, "SCAN_PAUSE_BOUNDS", dict.fromkeys((True, False), (600.0, 600.0)))
    return found


def test_many_notifications_cause_one_scan(local: LocalClient, pay: Path, looks: list[str]) -> None:
    local.begin([pay])
    assert len(looks) == 1
    other = _write(pay / "work-space/plans/OTHER/PLAN_OTHER.md", TEXT)
    for _ in range(50):
        local.files_changed((pay / ".gitignore", CHANGED), (other, CREATED))
    assert eventually(lambda: len(local.request("planmark/status")["workspaces"][0]["plans"]) == 2)
    assert eventually(lambda: len(looks) == 2)
    local.close()
    assert len(looks) == 2


def test_a_notification_about_thousands_of_files_is_applied_before_the_next_request(
    local: LocalClient, pay: Path, looks: list[str]
) -> None:
    """Check that the server takes in each document of a huge notification before it answers the next request."""
    local.begin([pay])
    _write(pay / APPROVED)
    named = [(pay / f"work-space/plans/PAY/notes/N{number}.txt", CREATED) for number in range(10_000)]
    local.files_changed(*named, (pay / APPROVED, CREATED))
    assert _state(local) == "approved"
    assert len(looks) == 1
    local.close()


def test_focus_scans_at_most_once_a_second(local: LocalClient, pay: Path, looks: list[str]) -> None:
    local.begin([], with_roots(bare(), [pay]))
    _write(pay / APPROVED)
    for _ in range(20):
        local.notify("planmark/focus")
    local.told("planmark/stateChanged", lambda p: p["changes"][0]["to"] == "approved")
    assert len(looks) == 2
    local.close()


def test_the_status_reports_that_the_limit_of_files_is_reached(local: LocalClient, pay: Path) -> None:
    _write(pay / "work-space/plans/OTHER/PLAN_OTHER.md", TEXT)
    local.answers["workspace/configuration"] = lambda p: [{"index": {"maxFiles": 1}} for _ in p["items"]]
    local.begin([pay])
    status = local.told("planmark/serverStatus", lambda s: s["health"] == "warning" and s["quiescent"])
    assert "index.maxFiles" in status["message"]
    local.close()


def test_watchers_are_registered_with_the_client(local: LocalClient, pay: Path) -> None:
    local.begin([], with_roots(recorded(), [pay]))
    (registrations,) = [r["params"]["registrations"] for r in local.requests if r["method"].endswith("Capability")]
    by_method = {registration["method"]: registration["registerOptions"] for registration in registrations}
    globs = [watcher["globPattern"] for watcher in by_method["workspace/didChangeWatchedFiles"]["watchers"]]
    assert {"**/*.{md,MD,markdown}", "**/parallel.json", "**/planmark.toml"} <= set(globs)
    assert {"**/.kiro/specs/*/spec.json", "**/.specify/feature.json"} <= set(globs)
    assert by_method["workspace/didChangeConfiguration"] == {"section": "planmark"}
    local.close()


def _titles(local: LocalClient, uri: str) -> list[str]:
    lenses = local.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    return [local.request("codeLens/resolve", lens)["command"]["title"] for lens in lenses]


def _title(local: LocalClient) -> str:
    title: str = local.request("planmark/status")["workspaces"][0]["plans"][0]["achievements"][0]["title"]
    return title


def _codes(params: dict[str, Any]) -> list[str]:
    return [diagnostic["code"] for diagnostic in params["diagnostics"]]


def _pushed(local: LocalClient, uri: str, code: str = "fix-unresolved") -> Any:
    return local.told("textDocument/publishDiagnostics", lambda p: p["uri"] == uri and code in _codes(p))


CONFLICT = "<<<<<<< ours\n**Achievement 1.1**: A\n=======\n**Achievement 1.1**: B\n>>>>>>> theirs\n"


def test_diagnostics_of_a_document_alone_are_pushed_before_the_first_scan_ends(local: LocalClient, pay: Path) -> None:
    def codes(params: dict[str, Any]) -> set[str]:
        return {found["code"] for found in params["diagnostics"]}

    local.begin([], with_roots(bare(), [pay]))
    assert eventually(
        lambda: all(s.published_view and not s.is_publishing for s in local.server.workspace.folders.values())
    )
    (session,) = local.server.workspace.folders.values()
    session.worker.is_complete = False
    local.open(pay / PLAN, CONFLICT)
    early = local.told("textDocument/publishDiagnostics", lambda p: codes(p) >= {"merge-conflict"})
    assert not codes(early) & {"fix-unresolved", "index-missing"}
    session.worker.is_complete = True
    local.change((pay / PLAN).as_uri(), 2, "\n", (0, 0, 0, 0))
    later = local.told("textDocument/publishDiagnostics", lambda p: p.get("version") == 2)
    assert len(later["diagnostics"]) > len(early["diagnostics"])
    local.close()


def test_a_pull_before_the_first_scan_ends_is_answered_and_refreshed_later(local: LocalClient, pay: Path) -> None:
    local.begin([pay])
    (session,) = local.server.workspace.folders.values()
    session.worker.is_complete = False
    uri = local.open(pay / PLAN, CONFLICT)
    early = local.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    assert "merge-conflict" in {found["code"] for found in early["items"]} and "resultId" not in early
    asked = sum(request["method"] == "workspace/diagnostic/refresh" for request in local.requests)
    session.worker.is_complete = True
    (pay / APPROVED).parent.mkdir(parents=True, exist_ok=True)
    local.files_changed((_write(pay / APPROVED), CREATED))
    local.asked("workspace/diagnostic/refresh", asked + 1)
    local.close()


def test_diagnostics_are_pushed_while_a_user_types_without_a_pause(
    local: LocalClient, pay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "SCAN_PAUSE_BOUNDS", dict.fromkeys((True, False), (3600.0, 3600.0)))
    local.begin([], with_roots(bare(), [pay]))
    local.server.connection.edit_seconds = 3600.0
    uri = local.open(pay / PLAN)
    for version in (2, 3, 4):
        local.change(uri, version, CONFLICT + "\n" * version)
        found = local.told("textDocument/publishDiagnostics", lambda p, wanted=version: p.get("version") == wanted)
        assert "merge-conflict" in {known["code"] for known in found["diagnostics"]}
    local.close()


def test_a_verdict_reported_during_a_scan_is_not_lost(
    local: LocalClient, pay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Announce a verdict after the scan has listed its folder; finish the scan after the client knows the verdict."""
    listed, may_end, has_ended = threading.Event(), threading.Event(), threading.Event()

    def held_up(root: Path, settings: Settings) -> Generator[None, None, Listing]:
        listing = yield from walk(root, settings)
        listed.set()
        while not may_end.is_set():
            yield
        has_ended.set()
        return listing

    local.begin([pay])
    assert _state(local) == "no_subplan"
    monkeypatch.setattr(index, "walk", held_up)
    local.notify("planmark/focus")
    assert eventually(listed.is_set)
    local.files_changed((_write(pay / APPROVED), CREATED))
    local.told("planmark/stateChanged", lambda p: any(change["to"] == "approved" for change in p["changes"]))
    may_end.set()
    assert eventually(has_ended.is_set)
    local.files_changed((_write(pay / FEEDBACKS / "FIX_12.md", "# FIX\n"), CREATED))
    local.told("planmark/stateChanged", lambda p: any(change["to"] == "needs_fix" for change in p["changes"]))
    told = [n["params"]["changes"] for n in local.notifications if n["method"] == "planmark/stateChanged"]
    assert not any(change["from"] == "approved" for changes in told for change in changes)
    assert _state(local) == "approved"
    local.close()
