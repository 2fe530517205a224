"""The server's metrics: every method, every outcome and the parts of the time; and where the server sends them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from lsp_client import AnswerError, LocalClient, ProcessClient, eventually, frame
from planmark.formats.planmark.documents import document
from planmark.lsp import folder_session, housekeeping
from planmark.lsp import folder_worker as folder_module
from planmark.lsp.handlers import hover
from planmark.lsp.to_lsp import RequestContext
from planmark.queries.schemas import json_schema
from planmark.workspace.existence import Existence
from sample_plan import PLAN

HOVER = "textDocument/hover"
CHECKOUT = "work-space/plans/CHECKOUT/PLAN_CHECKOUT.md"


def configured(client: LocalClient | ProcessClient, **metrics: Any) -> None:
    """Set the client's answer to the request for its settings."""
    client.answers["workspace/configuration"] = lambda params: [{"metrics": metrics} for _ in params["items"]]


def at(uri: str, line: int = 11, character: int = 5) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


def hovers(client: LocalClient | ProcessClient, uri: str, number: int = 1) -> None:
    for _ in range(number):
        client.request(HOVER, at(uri))


# Every method, with its outcomes


class Script:
    """A client that sends messages and counts them independently."""

    def __init__(self, client: LocalClient) -> None:
        self.client = client
        self.expected: Counter[tuple[str, str]] = Counter()

    def done(self, method: str, params: Any) -> Any:
        self.expected[method, "done"] += 1
        return self.client.request(method, params)

    def failed(self, method: str) -> None:
        self.expected[method, "error"] += 1
        with pytest.raises(AnswerError):
            self.client.request(method, "no object")

    def cancelled(self, method: str, params: Any) -> None:
        """Send a request and cancel it in the same write."""
        self.expected[method, "cancelled"] += 1
        number, data = self.client.message(method, params)
        self.client.write(data + frame({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": number}}))
        with pytest.raises(AnswerError) as error:
            self.client.result(number)
        assert error.value.code == -32800

    def told(self, method: str, params: Any) -> None:
        self.expected[method, "done"] += 1
        self.client.notify(method, params)


def requests_about(script: Script, root: Path) -> dict[str, Any]:
    """Return every request of the server, with parameters that it can answer."""
    uri = script.client.open(root / CHECKOUT)
    script.expected["textDocument/didOpen", "done"] += 1
    lines = (root / CHECKOUT).read_text(encoding="utf-8").split("\n")
    line = next(n for n, text in enumerate(lines) if text.startswith("**Achievement 1.2**"))
    document = {"textDocument": {"uri": uri}}
    here = at(uri, line, lines[line].index("1.2"))
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": len(lines), "character": 0}}
    lens = script.done("textDocument/codeLens", document)[0]
    action = script.done("textDocument/codeAction", {**document, "range": whole, "context": {"diagnostics": []}})[0]
    item = script.done("textDocument/prepareCallHierarchy", here)[0]
    plan = {"plan": CHECKOUT, "achievement": "1.2"}
    return {
        HOVER: here,
        "textDocument/completion": here,
        "textDocument/definition": here,
        "textDocument/references": {**here, "context": {"includeDeclaration": True}},
        "textDocument/documentSymbol": document,
        "textDocument/documentLink": document,
        "textDocument/codeAction": {**document, "range": whole, "context": {"diagnostics": []}},
        "codeAction/resolve": action,
        "textDocument/codeLens": document,
        "codeLens/resolve": lens,
        "textDocument/inlayHint": {**document, "range": whole},
        "textDocument/prepareRename": here,
        "textDocument/rename": {**here, "newName": "98.7"},
        "textDocument/prepareCallHierarchy": here,
        "callHierarchy/incomingCalls": {"item": item},
        "callHierarchy/outgoingCalls": {"item": item},
        "textDocument/diagnostic": document,
        "workspace/diagnostic": {"previousResultIds": []},
        "workspace/symbol": {"query": "charge"},
        "workspace/willRenameFiles": {"files": [{"oldUri": uri, "newUri": uri.replace("PLAN_", "PLAN_NEW-")}]},
        "workspace/executeCommand": {"command": "planmark.status"},
        "planmark/status": {},
        "planmark/nextPrompt": {},
        "planmark/batch": {"plan": CHECKOUT},
        "planmark/review": {"plan": CHECKOUT, "dryRun": True},
        "planmark/research": {"plan": CHECKOUT},
        "planmark/draftFix": {**plan, "reviewer": "R"},
        "planmark/at": here,
        "planmark/why": plan,
        "planmark/find": {"query": "type:plan"},
        "planmark/graph": {"plan": CHECKOUT},
        "planmark/history": {"plan": CHECKOUT},
        "planmark/adopt": {"plan": CHECKOUT},
        "planmark/metrics/get": {},
    }


def notifications_about(root: Path) -> list[tuple[str, Any]]:
    """Return every notification that the server handles, with parameters."""
    uri = (root / CHECKOUT).as_uri()
    edit = {"text": "x", "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}}
    return [
        ("textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [edit]}),
        ("textDocument/didSave", {"textDocument": {"uri": uri}}),
        ("textDocument/didClose", {"textDocument": {"uri": uri}}),
        ("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2}]}),
        ("workspace/didChangeConfiguration", {"settings": None}),
        ("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": []}}),
        ("window/workDoneProgress/cancel", {"token": "unknown"}),
        ("planmark/focus", None),
        ("$/setTrace", {"value": "off"}),
    ]


def test_every_method_appears_with_its_counts_errors_and_cancellations(local: LocalClient, example: Path) -> None:
    script = Script(local)
    with pytest.raises(AnswerError):
        local.request("planmark/status")
    script.expected["planmark/status", "error"] += 1
    local.begin([example])
    script.expected.update({("initialize", "done"): 1, ("initialized", "done"): 1})
    known = requests_about(script, example)
    for method, params in known.items():
        script.done(method, params)
        script.done(method, params)
        script.failed(method)
        script.cancelled(method, params)
    told = notifications_about(example)
    for method, params in told:
        script.told(method, params)
    script.expected["textDocument/didSave", "error"] += 1
    local.notify("textDocument/didSave", "no object")
    with pytest.raises(AnswerError):
        local.request("planmark/nothing")
    script.expected["unknown", "error"] += 1
    report = local.request("planmark/metrics/get")
    script.expected["planmark/metrics/get", "done"] += 1
    local.close()
    # `exit` ends the process in any state of the connection, and is not a method with metrics.
    script.expected["shutdown", "done"] += 1

    features = local.server.protocol.fm
    methods = {*features.features, *features.builtin_features}
    assert {method for method, _ in script.expected} - {"unknown"} == methods
    counted = Counter(
        {
            (method, outcome): number
            for method, figures in local.server.recorder.requests.items()
            for outcome, number in (
                ("error", figures.errors),
                ("cancelled", figures.cancelled),
                ("done", figures.durations.count - figures.errors - figures.cancelled),
            )
        }
    )
    assert +counted == script.expected
    # Each entry of the report counts all requests that had finished by then.
    for entry in report["requests"]:
        if entry["method"] not in ("planmark/metrics/get", "shutdown"):
            outcomes = {o: script.expected[entry["method"], o] for o in ("done", "error", "cancelled")}
            assert (entry["count"], entry["errors"], entry["cancelled"]) == (
                sum(outcomes.values()),
                outcomes["error"],
                outcomes["cancelled"],
            )


# Where the time goes, measured with a controlled clock


class Clock:
    """A clock that stands still until the test makes a function slow."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def slow(self, function: Callable[..., Any], seconds: float) -> Callable[..., Any]:
        """Return `function`, delayed on this clock by `seconds`."""

        def slowed(*args: Any, **kwargs: Any) -> Any:
            self.now += seconds
            return function(*args, **kwargs)

        return slowed


@pytest.fixture
def clock(local: LocalClient) -> Clock:
    """The clock of the server."""
    made = Clock()
    local.connection.recorder.clock = made
    return made


@pytest.mark.parametrize("delay", [0.000_3, 0.012, 0.123, 2.5, 70.0])
def test_an_injected_delay_is_measured(pay: Path, monkeypatch: pytest.MonkeyPatch, delay: float) -> None:
    """Compare sum and maximum exactly, and a percentile within the width of its bucket."""
    clock = Clock()
    monkeypatch.setattr(hover, "handle", clock.slow(hover.handle, delay))
    slowed = LocalClient()
    slowed.connection.recorder.clock = clock
    slowed.begin([pay])
    uri = slowed.open(pay / PLAN)
    hovers(slowed, uri, 4)
    durations = slowed.server.recorder.requests[HOVER].durations
    assert durations.total == pytest.approx(4 * delay)
    assert durations.largest == pytest.approx(delay)
    entry = {known["method"]: known for known in slowed.request("planmark/metrics/get")["requests"]}[HOVER]
    assert entry["maxMs"] == pytest.approx(delay * 1000, abs=0.001)
    for percentile in ("p50Ms", "p95Ms", "p99Ms"):
        assert delay * 999.9 <= entry[percentile] <= delay * 1190
    slowed.close()


SLOW_PARTS: dict[str, tuple[Any, str]] = {
    "check": (folder_module, "build_view"),
    "index/parse": (document, "_parse_document"),
    "index/discover": (Existence, "check_new"),
    "answer": (hover, "editor_of"),
}


@pytest.mark.parametrize("part", SLOW_PARTS)
def test_a_slow_request_is_logged_with_its_slowest_part_first(
    local: LocalClient,
    pay: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    part: str,
) -> None:
    configured(local, slowRequestMs=400, intervalSeconds=0)
    local.begin([pay])
    sessions = local.server.workspace.folders.values()
    assert eventually(lambda: local.connection.slow_seconds == 0.4 and all(known.published_view for known in sessions))
    # From now on only the request itself applies the edit.
    monkeypatch.setattr(folder_session.FolderSession, "schedule_publish", lambda *_: None)
    weighed = folder_module.BudgetProgress(is_finished=True, has_new_diagnostics=False)
    monkeypatch.setattr(folder_module.FolderWorker, "budget_step", lambda _: weighed)
    monkeypatch.setattr(housekeeping, "SCAN_PAUSE_BOUNDS", dict.fromkeys((True, False), (600.0, 600.0)))
    uri = local.open(pay / PLAN)
    hovers(local, uri)
    assert "slow request" not in caplog.text
    module, name = SLOW_PARTS[part]
    monkeypatch.setattr(module, name, clock.slow(getattr(module, name), 0.5))
    asked, data = local.message(HOVER, at(uri))
    edit = {"text": "x", "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}}
    change = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [edit]}
    local.write(frame({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": change}) + data)
    local.result(asked)
    assert eventually(lambda: "slow request" in caplog.text)
    (record,) = [known for known in caplog.records if "slow request" in known.getMessage()]
    said = record.getMessage()
    assert said.startswith(f"slow request: method={HOVER} ms=500.0 outcome=done about={PLAN} {part}=500.0")
    assert next(iter(record.planmark["parts"])) == part  # type: ignore[attr-defined]
    local.close()


def test_waiting_for_the_first_scan_is_not_slow(
    local: LocalClient, pay: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Check that this wait, which shows its own progress, is not logged as slow."""
    local.begin([pay])
    local.connection.slow_seconds = 0.4
    folder = local.server.workspace.sessions_innermost_first[0]
    folder._ready.clear()
    asked = local.send("workspace/diagnostic", {"previousResultIds": []})
    local.request("planmark/status")
    clock.now += 60.0
    local._loop.call_soon_threadsafe(folder.mark_ready)
    local.result(asked)
    assert local.server.recorder.parts["ready"].largest == 60.0
    assert "slow request" not in caplog.text
    local.close()


# The notification


def test_the_metrics_notification_fits_its_schema(process: ProcessClient, example: Path) -> None:
    process.begin([example])
    uri = process.open(example / CHECKOUT)
    hovers(process, uri, 3)
    process.request("planmark/nextPrompt", {})
    process.request("planmark/nextPrompt", {})
    process.close()
    # On a busy machine an interval ends before the answers, and its message comes first.
    sent = process.told("planmark/metrics", lambda sent: sum(prompt["count"] for prompt in sent["prompts"]) == 2)
    jsonschema.Draft202012Validator(json.loads(json_schema("metrics"))).validate(sent)
    assert {"answer", "queue", "index", "check", "judge", "parse"} <= {part["name"] for part in sent["parts"]}
    caches = {cache["name"]: cache for cache in sent["caches"]}
    assert (caches["prompts"]["hits"], caches["prompts"]["misses"], caches["prompts"]["size"]) == (1, 1, 1)
    assert caches["plans"]["misses"] >= sent["index"]["plans"] == 8
    assert sent["prompts"] == [{**sent["prompts"][0], "count": 2, "cached": 1, "errors": 0}]
    assert sent["lost"] == {} and sent["commands"] == []


def test_a_failed_request_is_counted_as_an_error(pay: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    def fails(_context: RequestContext, _path: str, _params: Any) -> Any:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(hover, "handle", fails)
    failing = LocalClient()
    failing.begin([pay])
    uri = failing.open(pay / PLAN)
    for _ in range(2):
        with pytest.raises(AnswerError, match="internal error"):
            failing.request(HOVER, at(uri))
    figures = failing.server.recorder.requests[HOVER]
    assert (figures.durations.count, figures.errors) == (2, 2)
    failing.close()
