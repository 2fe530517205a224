"""The server skips cancelled work, slow work delays no typing, and the newest text counts."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from lsp_client import SECONDS, AnswerError, LocalClient, bare, eventually, frame, with_roots
from planmark.lsp import folder_session, housekeeping
from planmark.lsp.engine import JobPriority
from planmark.lsp.folder_worker import FolderWorker
from planmark.lsp.handlers import hover
from planmark.lsp.to_lsp import RequestContext
from sample_plan import FEEDBACKS, PLAN, TEXT

HOVER = "textDocument/hover"
ANSWER = hover.handle
NEVER_SECONDS = 3600.0
"""A pause that does not end within a test, in seconds."""


class Slow:
    """A slow answer function that counts its calls and waits until the test lets it go on."""

    def __init__(self) -> None:
        self.calls = 0
        self.go_on = threading.Event()

    def __call__(self, context: RequestContext, path: str, params: Any) -> Any:
        self.calls += 1
        assert self.go_on.wait(SECONDS)
        return ANSWER(context, path, params)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    answer = Slow()
    monkeypatch.setattr(hover, "handle", answer)
    return answer


def _hovers(local: LocalClient, uri: str, number: int) -> list[tuple[int, bytes]]:
    at = {"textDocument": {"uri": uri}, "position": {"line": 11, "character": 5}}
    return [local.message(HOVER, at) for _ in range(number)]


def _cancel(number: int) -> bytes:
    return frame({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": number}})


def test_of_twenty_hovers_with_nineteen_cancelled_one_is_computed(slow: Slow, pay: Path) -> None:
    local = LocalClient()
    local.begin([pay])
    uri = local.open(pay / PLAN)
    asked = _hovers(local, uri, 20)
    local.write(b"".join([*(data for _, data in asked), *(_cancel(number) for number, _ in asked[:-1])]))
    slow.go_on.set()
    assert "Refunds" in local.result(asked[-1][0])["contents"]["value"]
    for number, _ in asked[:-1]:
        with pytest.raises(AnswerError) as error:
            local.result(number)
        assert error.value.code == -32800
    assert slow.calls == 1
    figures = {entry["method"]: entry for entry in local.request("planmark/metrics/get")["requests"]}
    assert (figures[HOVER]["count"], figures[HOVER]["cancelled"]) == (20, 19)
    local.close()


def test_requests_cancelled_behind_a_running_one_are_never_computed(slow: Slow, pay: Path) -> None:
    """Check that the server never begins cancelled requests that wait behind the first one."""
    local = LocalClient()
    local.begin([pay])
    uri = local.open(pay / PLAN)
    asked = _hovers(local, uri, 20)
    local.write(asked[0][1])
    _until(lambda: slow.calls == 1)
    local.write(b"".join([*(data for _, data in asked[1:]), *(_cancel(number) for number, _ in asked[1:-1])]))
    local.until(lambda: all(number in local.responses for number, _ in asked[1:-1]), "the cancelled ones")
    slow.go_on.set()
    assert local.result(asked[0][0]) and local.result(asked[-1][0])
    assert slow.calls == 2
    local.close()


def test_slow_requests_never_delay_a_keystroke(slow: Slow, pay: Path) -> None:
    """Check that edits reach the text while ten answers are pending, and that nothing else waits."""
    local = LocalClient()
    local.begin([pay])
    uri = local.open(pay / PLAN)
    asked = _hovers(local, uri, 10)
    for _, data in asked:
        local.write(data)
    _until(lambda: slow.calls == 1)
    for version in range(2, 202):
        local.change(uri, version, "x", (0, 0, 0, 0))
    _until(lambda: local.server.workspace.documents[uri].version == 201)
    assert local.server.workspace.documents[uri].text == "x" * 200 + TEXT
    assert not any(number in local.responses for number, _ in asked)
    assert local.server.recorder.requests["textDocument/didChange"].durations.count == 200
    slow.go_on.set()
    for number, _ in asked:
        local.result(number)
    local.close()


def test_a_request_after_an_edit_sees_the_edit(pay: Path) -> None:
    local = LocalClient()
    local.begin([pay])
    uri = local.open(pay / PLAN)
    for version in range(2, 40):
        local.change(uri, version, f"**Achievement 1.1**: Refunds {version}\n", (11, 0, 12, 0))
        (hover_id, data), *_ = _hovers(local, uri, 1)
        local.write(data)
        assert f"Refunds {version}" in local.result(hover_id)["contents"]["value"]
    local.close()


def test_many_keystrokes_cause_one_evaluation(pay: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check that the server evaluates the states again only for a request while a user types without a pause."""
    monkeypatch.setattr(folder_session, "MAX_PUBLICATION_DELAY_SECONDS", NEVER_SECONDS)
    monkeypatch.setattr(housekeeping, "SCAN_PAUSE_BOUNDS", dict.fromkeys((True, False), (NEVER_SECONDS, NEVER_SECONDS)))
    local = LocalClient()
    local.begin([pay])
    uri = local.open(pay / PLAN)
    # What follows the first scan evaluates too, and may come as late as the first keystrokes.
    local.settle()
    local.server.connection.edit_seconds = NEVER_SECONDS
    before = local.request("planmark/status")["run"]["revision"]
    edits = []
    for version in range(2, 102):
        change = {"text": "x", "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}}
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
        edits.append(frame({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params}))
    local.write(b"".join(edits))
    after = local.request("planmark/status")["run"]["revision"]
    assert after == before + 1
    local.close()


def test_an_edit_during_a_publication_is_published(pay: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an evaluation take longer than the pause between two edits; the last diagnostics must match the last text."""
    fast = folder_session.diagnostics_since
    begun, go_on = threading.Event(), threading.Event()

    def slow_update(*arguments: Any) -> Any:
        found = fast(*arguments)
        begun.set()
        assert go_on.wait(SECONDS)
        return found

    # A periodic scan would correct the error, seconds later.
    monkeypatch.setattr(housekeeping, "SCAN_PAUSE_BOUNDS", dict.fromkeys((True, False), (NEVER_SECONDS, NEVER_SECONDS)))
    local = LocalClient()
    local.begin([], with_roots(bare(), [pay]))
    uri = local.open(pay / PLAN, TEXT.replace("Dependencies**: 1.1", "Dependencies**: 6.6"))
    local.told("textDocument/publishDiagnostics", lambda p: "6.6" in str(p["diagnostics"]))
    monkeypatch.setattr(folder_session, "diagnostics_since", slow_update)
    local.change(uri, 2, TEXT.replace("Dependencies**: 1.1", "Dependencies**: 7.7"))
    assert begun.wait(SECONDS)
    for version, needed in ((3, "8.8"), (4, "9.9")):
        local.change(uri, version, TEXT.replace("Dependencies**: 1.1", f"Dependencies**: {needed}"))
    # The second update is requested while the first one evaluates.
    _until(lambda: any(session._changed_while_publishing for session in local.server.workspace.folders.values()))
    go_on.set()
    told = local.told("textDocument/publishDiagnostics", lambda p: "9.9" in str(p["diagnostics"]))
    assert told["version"] == 4
    local.close()


def test_states_and_edits_do_not_wait_for_the_check_of_changes_on_the_disk(
    pay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "SCAN_PAUSE_BOUNDS", dict.fromkeys((True, False), (NEVER_SECONDS, NEVER_SECONDS)))
    local = LocalClient()
    local.begin([], with_roots(bare(), [pay]))
    uri = local.open(pay / PLAN)
    (session,) = local.server.workspace.folders.values()
    _until(lambda: session.published_view is not None and not session.is_publishing and session._publish_timer is None)
    fast, go_on = FolderWorker.check_step, threading.Event()
    monkeypatch.setattr(
        FolderWorker, "check_step", lambda worker, view: fast(worker, view) if go_on.is_set() else False
    )

    def published() -> list[Any]:
        method = "textDocument/publishDiagnostics"
        return [n["params"] for n in local.notifications if n["method"] == method and n["params"]["uri"] == uri]

    before = len(published())
    verdict = pay / FEEDBACKS / "APPROVED_11.md"
    verdict.write_text("**Review Date**: 2026-01-02\n")
    local.files_changed((verdict, 1))
    local.told("planmark/stateChanged", lambda p: p["changes"][0]["to"] == "approved")
    _until(lambda: session._current_check is not None)
    assert len(published()) == before
    local.change(uri, 2, TEXT.replace("Dependencies**: 1.1", "Dependencies**: 6.6"))
    _until(lambda: "6.6" in str(published()[-1:]))
    go_on.set()
    _until(lambda: not session.is_publishing and session._publish_timer is None)
    last = published()[-1]
    assert last["version"] == 2
    codes = [diagnostic.code for diagnostic in session.worker.view().diagnostics_at(PLAN)]
    assert [diagnostic["code"] for diagnostic in last["diagnostics"]] == codes
    local.close()


def test_diagnostics_carry_the_version_of_their_text(pay: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Change the text while its diagnostics wait: they must come from the newer text and carry its version."""
    monkeypatch.setattr(housekeeping, "SCAN_PAUSE_BOUNDS", dict.fromkeys((True, False), (NEVER_SECONDS, NEVER_SECONDS)))
    local = LocalClient()
    local.begin([], with_roots(bare(), [pay]))
    uri = local.open(pay / PLAN)
    waiting, go_on = threading.Event(), threading.Event()
    submit = local.server.engine.submit

    def watched(urgency: JobPriority, work: Any, about: str = "") -> Any:
        if urgency is JobPriority.UPDATE:
            waiting.set()
        return submit(urgency, work, about)

    assert local.request("planmark/status")
    submit(JobPriority.CHANGE, lambda: go_on.wait(SECONDS))
    monkeypatch.setattr(local.server.engine, "submit", watched)
    local.change(uri, 2, TEXT.replace("Dependencies**: 1.1", "Dependencies**: 8.8"))
    assert waiting.wait(SECONDS)
    local.change(uri, 3, TEXT.replace("Dependencies**: 1.1", "Dependencies**: 9.9"))
    _until(lambda: local.server.workspace.documents[uri].version == 3)
    go_on.set()
    told = local.told("textDocument/publishDiagnostics", lambda p: "9.9" in str(p["diagnostics"]))
    assert told["version"] == 3
    local.close()


def _until(true: Any) -> None:
    assert eventually(true)
