"""Diagnostics of documents that are gone leave every client, however it got them."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lsp_client import Client, LocalClient, bare, recorded, with_roots
from sample_plan import FEEDBACKS, PLAN, TEXT

CREATED, CHANGED, DELETED = 1, 2, 3
WRONG = TEXT.replace("Dependencies**: 1.1", "Dependencies**: 9.9")
"""A PLAN with the diagnostic `dependency-unknown`, which has no other document as its reason."""


CONFLICT = "<<<<<<< ours\n**Achievement 1.1**: A\n=======\n**Achievement 1.1**: B\n>>>>>>> theirs\n"


@pytest.fixture
def other(pay: Path) -> Path:
    """A second PLAN of the workspace, with a diagnostic."""
    path = pay / "work-space/plans/OTHER/PLAN_OTHER.md"
    path.parent.mkdir(parents=True)
    path.write_text(WRONG, encoding="utf-8", newline="\n")
    return path


def _closed(local: Client, path: Path) -> None:
    path.unlink()
    local.files_changed((path, DELETED))


def _open_at_deletion(local: Client, path: Path) -> None:
    uri = path.as_uri()
    path.unlink()
    local.files_changed((path, DELETED))
    local.notify("textDocument/didClose", {"textDocument": {"uri": uri}})


def _open_and_unsaved(local: Client, path: Path) -> None:
    local.change(path.as_uri(), 2, WRONG + "\nMore.\n")
    _open_at_deletion(local, path)


def _renamed(local: Client, path: Path) -> None:
    new = path.with_name("NOTES.md")
    path.rename(new)
    local.files_changed((path, DELETED), (new, CREATED))
    local.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})


def _moved_out(local: Client, path: Path) -> None:
    path.rename(path.parents[4] / path.name)
    local.files_changed((path, DELETED))


def _with_its_folder(local: Client, path: Path) -> None:
    shutil.rmtree(path.parent)
    local.files_changed((path.parent, DELETED))


def _with_its_workspace(local: Client, path: Path) -> None:
    root = path.parents[3]
    event = {"added": [], "removed": [{"uri": root.as_uri(), "name": root.name}]}
    local.notify("workspace/didChangeWorkspaceFolders", {"event": event})


def _corrected_and_closed(local: Client, path: Path) -> None:
    """Correct the document, save and close it, before the client asks again."""
    local.change(path.as_uri(), 2, TEXT)
    path.write_text(TEXT, encoding="utf-8", newline="\n")
    local.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})
    local.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})


ACTS: dict[str, tuple[bool, Callable[[Client, Path], None]]] = {
    "deleted": (False, _closed),
    "open, then deleted": (True, _open_at_deletion),
    "unsaved, then deleted": (True, _open_and_unsaved),
    "renamed": (True, _renamed),
    "moved out of the workspace": (False, _moved_out),
    "its folder deleted": (True, _with_its_folder),
    "its workspace removed": (True, _with_its_workspace),
    "corrected and closed": (True, _corrected_and_closed),
}
"""Act → whether the document is open before it, and what happens to the document."""
every_act = pytest.mark.parametrize(("is_open", "act"), ACTS.values(), ids=ACTS)


@every_act
def test_pushed_diagnostics_are_emptied(
    local: LocalClient, pay: Path, other: Path, *, is_open: bool, act: Callable[[Client, Path], None]
) -> None:
    local.begin([], with_roots(bare(), [pay]))
    if is_open:
        local.open(other)
    _until_pushed(local, other, "dependency-unknown")
    act(local, other)
    _until_pushed(local, other, "")
    local.close()


def _until_pushed(local: Client, path: Path, code: str) -> None:
    """Wait until the last diagnostics that the client got of a document hold a code, or none of Planmark's for ""."""

    def last() -> list[str] | None:
        pushed = [
            notified["params"]["diagnostics"]
            for notified in local.notifications
            if notified["method"] == "textDocument/publishDiagnostics" and notified["params"]["uri"] == path.as_uri()
        ]
        return [item["code"] for item in pushed[-1]] if pushed else None

    local.until(lambda: last() == [] if not code else code in (last() or ()), f"diagnostics with {code!r}")


def test_diagnostics_pushed_while_everything_is_read_are_emptied(
    local: LocalClient, pay: Path, other: Path, held: threading.Event
) -> None:
    """Close a document under a spelling of its URI that only the client uses."""
    local.request("initialize", with_roots(bare(), [pay]))
    local.notify("initialized", {})
    uri = other.as_uri().replace("PLAN_", "%50LAN_")
    item = {"uri": uri, "languageId": "markdown", "version": 1, "text": CONFLICT}
    local.notify("textDocument/didOpen", {"textDocument": item})
    local.told("textDocument/publishDiagnostics", lambda p: p["uri"] == uri and p["diagnostics"])
    held.set()
    other.unlink()
    local.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    local.told("textDocument/publishDiagnostics", lambda p: p["uri"] == uri and not p["diagnostics"])
    local.close()


class Shown:
    """The diagnostics in an editor that pulls as VS Code 1.139 does: by document while it is open, else from the workspace."""

    def __init__(self, local: Client) -> None:
        self.codes: dict[str, list[str]] = {}
        self.ids: dict[str, str] = {}
        self.open: set[str] = set()
        self._local = local

    def pull_document(self, path: Path) -> None:
        """Pull the diagnostics of an open document."""
        self.open.add(path.as_uri())
        report = self._local.request("textDocument/diagnostic", {"textDocument": {"uri": path.as_uri()}})
        self.codes[path.as_uri()] = [item["code"] for item in report["items"]]

    def close(self, path: Path) -> None:
        """Forget a document: pull once more, and drop the answer."""
        self.ids.pop(path.as_uri(), None)
        self._local.request("textDocument/diagnostic", {"textDocument": {"uri": path.as_uri()}})
        self.open.discard(path.as_uri())

    def take(self, reports: list[dict[str, Any]]) -> None:
        """Take the reports of the workspace. Those of documents that are open are skipped, but their ids are kept."""
        for report in reports:
            if report["kind"] == "full" and report["uri"] not in self.open:
                self.codes[report["uri"]] = [item["code"] for item in report["items"]]
            self.ids[report["uri"]] = report["resultId"]

    def pull_workspace(self) -> None:
        """Pull the diagnostics of the workspace."""
        previous = [{"uri": uri, "value": value} for uri, value in self.ids.items()]
        self.take(self._local.request("workspace/diagnostic", {"previousResultIds": previous})["items"])


@every_act
def test_pulled_diagnostics_are_emptied(
    local: LocalClient, pay: Path, other: Path, *, is_open: bool, act: Callable[[Client, Path], None]
) -> None:
    local.begin([pay])
    shown = Shown(local)
    shown.pull_workspace()
    if is_open:
        local.open(other)
        shown.pull_document(other)
    assert "dependency-unknown" in shown.codes[other.as_uri()]
    act(local, other)
    shown.close(other)
    local.command("planmark.reindex")
    shown.pull_workspace()
    assert not shown.codes[other.as_uri()]
    # What is confirmed is not reported for ever.
    shown.pull_workspace()
    assert other.as_uri() not in local.server.pulled_diagnostics.shown_uris
    local.close()


@every_act
def test_an_open_request_empties_them_at_once(
    local: LocalClient, pay: Path, other: Path, *, is_open: bool, act: Callable[[Client, Path], None]
) -> None:
    local.begin([pay])
    shown = Shown(local)
    number = local.send("workspace/diagnostic", {"previousResultIds": [], "partialResultToken": "all"})
    _until_streamed(local, shown, lambda: shown.codes.get(other.as_uri()))
    if is_open:
        local.open(other)
        shown.pull_document(other)
    act(local, other)
    shown.close(other)
    _until_streamed(local, shown, lambda: not shown.codes[other.as_uri()])
    assert number not in local.responses
    local.close()
    assert local.result(number) == {"items": []}


def test_an_answer_that_the_editor_drops_is_streamed(local: LocalClient, pay: Path, other: Path) -> None:
    """VS Code drops what it asks for when the last tab closes, while another extension keeps the document open."""
    local.begin([pay])
    shown = Shown(local)
    local.send("workspace/diagnostic", {"previousResultIds": [], "partialResultToken": "all"})
    _until_streamed(local, shown, lambda: shown.codes.get(other.as_uri()))
    local.open(other)
    asked = {"textDocument": {"uri": other.as_uri()}}
    assert local.request("textDocument/diagnostic", asked)["items"]
    other.unlink()
    local.files_changed((other, DELETED))
    _until_streamed(local, shown, lambda: not shown.codes[other.as_uri()])
    before = _streamed(local, other)
    assert local.request("textDocument/diagnostic", asked)["items"] == []
    local.until(lambda: len(_streamed(local, other)) > len(before), "the report after the answer that was dropped")
    assert _streamed(local, other)[-1] == []
    local.close()


def _streamed(local: Client, path: Path) -> list[list[Any]]:
    """Return the items of every report of a document in partial results."""
    values = [n["params"]["value"] for n in local.notifications if n["method"] == "$/progress"]
    reports = [report for value in values for report in value.get("items", [])]
    return [report["items"] for report in reports if report["uri"] == path.as_uri()]


def _until_streamed(local: Client, shown: Shown, true: Callable[[], object]) -> None:
    taken = 0

    def take() -> object:
        nonlocal taken
        new = [n["params"] for n in local.notifications if n["method"] == "$/progress"][taken:]
        taken += len(new)
        for params in new:
            if params["token"] == "all":
                shown.take(params["value"]["items"])
        return true()

    local.until(take, "a partial result")


def test_a_cancelled_open_request_is_answered(local: LocalClient, pay: Path) -> None:
    local.begin([pay])
    number = local.send("workspace/diagnostic", {"previousResultIds": [], "partialResultToken": 7})
    local.request("planmark/status")
    local.notify("$/cancelRequest", {"id": number})
    local.until(lambda: number in local.responses, "an answer")
    assert local.responses[number]["error"]["code"] == -32800
    local.close()


def test_an_open_request_counts_no_time_while_nothing_changes(
    local: LocalClient, pay: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 0.0
    monkeypatch.setattr(local.connection.recorder, "clock", lambda: seconds)
    local.begin([], with_roots(recorded(), [pay]))
    number = local.send("workspace/diagnostic", {"previousResultIds": [], "partialResultToken": "all"})
    _until_streamed(local, shown := Shown(local), lambda: shown.codes.get(other.as_uri()))
    local.request("planmark/status")
    seconds = 3600.0
    other.unlink()
    local.files_changed((other, DELETED))
    _until_streamed(local, shown, lambda: not shown.codes[other.as_uri()])
    local.notify("$/cancelRequest", {"id": number})
    local.until(lambda: number in local.responses, "an answer")
    reports = local.request("planmark/metrics/get")["requests"]
    (report,) = [entry for entry in reports if entry["method"] == "workspace/diagnostic"]
    assert report["maxMs"] < 3600.0
    local.close()


def test_the_plan_of_a_verdict_is_left_alone(local: LocalClient, pay: Path) -> None:
    """Check that a document keeps its diagnostics when a different one goes."""
    fix = pay / FEEDBACKS / "FIX_11.md"
    fix.write_text("# FIX\n", encoding="utf-8")
    local.begin([pay])
    shown = Shown(local)
    shown.pull_workspace()
    (pay / PLAN).with_name("PLAN_PAY.md").write_text(WRONG, encoding="utf-8")
    fix.unlink()
    local.files_changed((fix, DELETED), (pay / PLAN, CHANGED))
    shown.pull_workspace()
    assert shown.codes[(pay / PLAN).as_uri()] == ["dependency-unknown"]
    local.close()
