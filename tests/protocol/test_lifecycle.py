"""From the first message to the last: how a server begins, what it reports meanwhile, and how it ends."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from lsp_client import (
    NO_ANSWER,
    SECONDS,
    AnswerError,
    Client,
    LocalClient,
    ProcessClient,
    bare,
    eventually,
    frame,
    recorded,
    with_roots,
)
from planmark.queries.schemas import json_schema
from sample_plan import PLAN, TEXT


def test_a_session_from_beginning_to_end(process: ProcessClient, pay: Path) -> None:
    process.begin([pay])
    assert process.request("planmark/status")["workspaces"][0]["complete"]
    process.close()


def test_the_end_of_input_ends_the_server(process: ProcessClient, pay: Path) -> None:
    process.begin([pay])
    assert process.process.stdin
    process.process.stdin.close()
    assert process.process.wait(SECONDS) == 1


def test_exit_without_shutdown_returns_an_error(process: ProcessClient, pay: Path) -> None:
    process.begin([pay])
    process.notify("exit")
    assert process.process.wait(SECONDS) == 1


def test_the_server_ends_when_the_clients_process_is_gone(process: ProcessClient, pay: Path) -> None:
    editor = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    process.begin([pay], {**with_roots(recorded(), [pay]), "processId": editor.pid})
    editor.kill()
    editor.wait()
    assert process.process.wait(SECONDS) == 1
    assert f"process {editor.pid} no longer exists" in process.log


def test_one_client_over_tcp(pay: Path) -> None:
    command = [sys.executable, "-m", "planmark", "serve", "--tcp", "127.0.0.1:0"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr
        port = int(server.stderr.readline().rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
            client = Client()
            client.write = connection.sendall
            threading.Thread(target=_read, args=(connection, client), daemon=True).start()
            client.begin([pay])
            assert client.request("planmark/status")["workspaces"][0]["plans"][0]["feature"] == "PAY"
            with socket.create_connection(("127.0.0.1", port), SECONDS) as second:
                assert second.recv(1) == b""
            client.request("shutdown")
            client.notify("exit")
            assert server.wait(SECONDS) == 0
    finally:
        server.kill()
        server.wait()


def _read(connection: socket.socket, client: Client) -> None:
    while data := connection.recv(65536):
        client.feed(data)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("0.0.0.0:0", "--allow-remote"),
        ("7777", "HOST:PORT"),
        ("127.0.0.1:x", "HOST:PORT"),
        ("[::]:1", "--allow-remote"),
    ],
)
def test_only_programs_of_this_machine_can_connect(address: str, says: str) -> None:
    command = [sys.executable, "-m", "planmark", "serve", "--tcp", address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 2
    assert says in done.stderr


def test_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        command = [sys.executable, "-m", "planmark", "serve", "--tcp", address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 5
    assert address in done.stderr
    assert "Traceback" not in done.stderr


def test_requests_before_initialize_and_after_shutdown_get_an_error(local: LocalClient, pay: Path) -> None:
    with pytest.raises(AnswerError, match="initialize") as early:
        local.request("planmark/status")
    assert early.value.code == -32002
    local.begin([pay])
    with pytest.raises(AnswerError, match="already"):
        local.request("initialize", with_roots(recorded(), [pay]))
    local.request("shutdown")
    with pytest.raises(AnswerError, match="shut down") as late:
        local.request("planmark/status")
    assert late.value.code == -32600


def test_a_scan_reports_progress(local: LocalClient, example: Path) -> None:
    local.begin([example])
    local.told("$/progress", lambda params: params["value"]["kind"] == "end")
    told = [n["params"] for n in local.notifications if n["method"] == "$/progress"]
    assert {params["token"] for params in told} == {local.asked("window/workDoneProgress/create")["token"]}
    kinds = [params["value"]["kind"] for params in told]
    assert kinds[0] == "begin" and kinds[-1] == "end"
    assert told[0]["value"]["cancellable"]
    local.close()


def test_a_scan_can_be_cancelled_and_repeated(local: LocalClient, pay: Path) -> None:
    slow = threading.Event()

    def wait() -> None:
        slow.wait(SECONDS)

    local.request("initialize", with_roots(recorded(), [pay]))
    local.server.engine.submit(0, wait)  # type: ignore[arg-type]
    local.notify("initialized", {})
    token = local.asked("window/workDoneProgress/create")["token"]
    local.told("$/progress", lambda params: params["value"]["kind"] == "begin")
    local.notify("window/workDoneProgress/cancel", {"token": token})
    assert eventually(lambda: any(session.scan_was_cancelled for session in local.server.workspace.folders.values()))
    slow.set()
    status = local.told("planmark/serverStatus", lambda s: s["health"] == "warning" and s["quiescent"])
    assert "planmark.reindex" in status["message"]
    assert not local.request("planmark/status")["workspaces"][0]["complete"]
    assert local.request("textDocument/diagnostic", {"textDocument": {"uri": (pay / PLAN).as_uri()}})["items"] == []
    with pytest.raises(AnswerError, match=r"planmark\.reindex"):
        local.request("planmark/nextPrompt")
    result = local.command("planmark.reindex")
    assert result["workspaces"][0]["complete"]
    assert local.request("planmark/nextPrompt")["step"] == "create_subplan"
    local.told("planmark/serverStatus", lambda s: s["health"] == "ok" and s["quiescent"])
    local.close()


def test_requests_are_answered_during_the_first_scan(local: LocalClient, pay: Path) -> None:
    """During the first scan no answer depends on documents that are not read."""
    local.answers["window/workDoneProgress/create"] = lambda _: NO_ANSWER
    local.request("initialize", with_roots(recorded(), [pay]))
    local.notify("initialized", {})
    local.asked("window/workDoneProgress/create")
    uri = local.open(pay / PLAN)
    workspace = local.request("planmark/status")["workspaces"][0]
    assert not workspace["complete"]
    assert workspace["plans"] == []
    assert "Reading" in local.request("textDocument/hover", _at(uri, 11, 5))["contents"]["value"]
    assert not [n for n in local.notifications if n["method"] == "planmark/stateChanged"]


def test_the_server_does_not_wait_for_a_client_that_never_answers(local: LocalClient, pay: Path) -> None:
    """Use a client that declares its capabilities but leaves the server's requests without an answer."""
    for method in ("client/registerCapability", "workspace/configuration", "window/workDoneProgress/create"):
        local.answers[method] = lambda _: NO_ANSWER
    local.begin([pay])
    uri = local.open(pay / PLAN)
    assert "Refunds" in local.request("textDocument/hover", _at(uri, 11, 5))["contents"]["value"]
    document = {"textDocument": {"uri": uri}}
    assert local.request("textDocument/codeLens", document)
    # A late answer still counts.
    late = [r for r in local.requests if r["method"] == "workspace/configuration"]
    settings = {"codeLens": {"enable": False}}
    result = [settings for _ in late[0]["params"]["items"]]
    local.write(frame({"jsonrpc": "2.0", "id": late[0]["id"], "result": result}))
    assert eventually(lambda: local.request("textDocument/codeLens", document) == [])
    local.close()


@pytest.mark.parametrize("params", [bare(), recorded()], ids=["bare", "VS Code"])
def test_the_first_request_finds_the_folders(local: LocalClient, pay: Path, params: dict[str, Any]) -> None:
    """Send the request together with `initialized`, before the server has read or configured anything."""
    local.request("initialize", with_roots(params, [pay]))
    number, data = local.message("planmark/status", {})
    prompt, asked = local.message("planmark/nextPrompt", {})
    local.write(frame({"jsonrpc": "2.0", "method": "initialized", "params": {}}) + data + asked)
    assert [workspace["root"] for workspace in local.result(number)["workspaces"]] == [str(pay)]
    # A prompt waits for the end of the scan, because a partly read workspace may ask for finished work.
    assert local.result(prompt)["step"] == "create_subplan"
    local.close()


def test_folders_are_added_and_removed(local: LocalClient, pay: Path, example: Path) -> None:
    local.begin([pay, example])
    assert len(local.request("planmark/status")["workspaces"]) == 2
    assert local.request("planmark/nextPrompt", {"feature": "@PAY"})["workspace"] == str(pay)
    event = {"added": [], "removed": [{"uri": pay.as_uri(), "name": "pay"}]}
    local.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    assert [w["root"] for w in local.request("planmark/status")["workspaces"]] == [str(example)]
    event = {"added": [{"uri": pay.as_uri(), "name": "pay"}], "removed": []}
    local.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    local.told("$/progress", lambda p: p["value"]["kind"] == "begin" and "pay" in p["value"]["title"])
    assert eventually(lambda: _roots(local) == {str(pay), str(example)})
    local.close()


def _roots(local: LocalClient) -> set[str]:
    return {str(folder.root) for folder in local.server.workers}


def test_a_feature_in_two_folders_needs_the_workspace(local: LocalClient, pay: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / PLAN).parent.mkdir(parents=True)
    (other / PLAN).write_text(TEXT, encoding="utf-8")
    local.begin([pay, other])
    with pytest.raises(AnswerError, match="2 workspaces"):
        local.request("planmark/why", {"feature": "PAY", "achievement": "1.1"})
    result = local.request("planmark/why", {"feature": "PAY", "achievement": "1.1", "workspace": str(other)})
    assert result["workspace"] == str(other)
    local.close()


def test_a_single_open_file_serves_its_workspace(local: LocalClient, pay: Path) -> None:
    """Open one file without a folder, as some editors do. The server uses the client's spelling of the URIs."""
    local.request("initialize", with_roots(bare(), []))
    local.notify("initialized", {})
    uri = local.open(pay / PLAN)
    local.told("planmark/serverStatus", lambda status: status["quiescent"])
    assert eventually(lambda: local.request("planmark/status")["workspaces"])
    hover = local.request("textDocument/hover", _at(uri, 11, 5))
    assert uri in hover["contents"]["value"]
    local.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert local.request("planmark/status")["workspaces"] == []
    local.close()


def test_a_folder_that_the_client_adds_stays_when_its_document_is_closed(local: LocalClient, pay: Path) -> None:
    local.request("initialize", with_roots(bare(), []))
    local.notify("initialized", {})
    uri = local.open(pay / PLAN)
    assert eventually(lambda: _roots(local) == {str(pay)})
    event = {"added": [{"uri": pay.as_uri(), "name": "pay"}], "removed": []}
    local.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    local.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert [workspace["root"] for workspace in local.request("planmark/status")["workspaces"]] == [str(pay)]
    local.close()


def test_uris_are_spelled_as_the_client_spells_them(local: LocalClient, tmp_path: Path) -> None:
    root = tmp_path / "pläne & co"
    (root / PLAN).parent.mkdir(parents=True)
    (root / PLAN).write_text(TEXT, encoding="utf-8")
    spelled = root.as_uri().replace("&", "%26").replace("%C3%A4", "%c3%a4")
    params = {**recorded(), "rootUri": spelled, "workspaceFolders": [{"uri": spelled, "name": "x"}]}
    local.begin([], params)
    uri = f"{spelled}/{PLAN}"
    item = {"uri": uri, "languageId": "markdown", "version": 1, "text": TEXT}
    local.notify("textDocument/didOpen", {"textDocument": item})
    assert local.request("textDocument/definition", _at(uri, 6, 16))["uri"] == uri
    reports = local.request("workspace/diagnostic", {"previousResultIds": []})["items"]
    assert all(report["uri"].startswith(spelled) for report in reports)
    local.close()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_positions_use_the_negotiated_encoding(local: LocalClient, pay: Path, encoding: str) -> None:
    params = with_roots(recorded(), [pay])
    params["capabilities"]["general"]["positionEncodings"] = [encoding]
    assert local.begin([], params)["capabilities"]["positionEncoding"] == encoding
    line = "🎯🎯 ä see Achievement 1.1 of it"
    uri = local.open(pay / PLAN, f"{TEXT}\n{line}\n")
    number = TEXT.count("\n") + 1
    units = {"utf-8": len(line[:9].encode()), "utf-16": len(line[:9].encode("utf-16-le")) // 2, "utf-32": 9}[encoding]
    found = local.request("textDocument/hover", _at(uri, number, units))
    assert found["range"]["start"] == {"line": number, "character": units}
    assert found["range"]["end"]["character"] - units == len("Achievement 1.1")
    local.close()


def test_the_home_folder_is_refused_with_a_reason(local: LocalClient, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    local.begin([tmp_path])
    status = local.told("planmark/serverStatus", lambda s: s["health"] == "error")
    assert "home folder" in status["message"]
    assert local.request("planmark/status")["workspaces"] == []
    local.close()


def test_settings_are_requested_and_applied(local: LocalClient, pay: Path) -> None:
    settings: dict[str, Any] = {"codeLens": {"enable": False}, "files": {"exclude": None}}
    local.answers["workspace/configuration"] = lambda params: [settings for _ in params["items"]]
    local.begin([pay])
    uri = local.open(pay / PLAN)
    document = {"textDocument": {"uri": uri}}
    assert local.request("textDocument/codeLens", document) == []
    settings["codeLens"] = {"enable": True}
    local.notify("workspace/didChangeConfiguration", {"settings": None})
    assert eventually(lambda: local.request("textDocument/codeLens", document))
    settings["files"] = {"exclude": ["work-space/"]}
    local.notify("workspace/didChangeConfiguration", {"settings": None})
    assert eventually(lambda: local.request("planmark/status")["workspaces"][0]["plans"] == [])
    local.close()


def test_pushed_settings_are_applied(local: LocalClient, pay: Path) -> None:
    options = {"settings": {"inlayHints": {"enable": False}}}
    local.begin([pay], {**with_roots(bare(), [pay]), "initializationOptions": options})
    uri = local.open(pay / PLAN)
    hints = {"textDocument": {"uri": uri}, "range": _range(0, 99)}
    assert local.request("textDocument/inlayHint", hints) == []
    local.notify("workspace/didChangeConfiguration", {"settings": {"planmark": {"inlayHints": {"enable": True}}}})
    assert eventually(lambda: local.request("textDocument/inlayHint", hints))
    local.close()


def test_metrics_are_sent_at_shutdown_and_fit_their_schema(process: ProcessClient, pay: Path) -> None:
    process.begin([pay])
    uri = process.open(pay / PLAN)
    for _ in range(3):
        process.request("textDocument/hover", _at(uri, 11, 5))
    with pytest.raises(AnswerError):
        process.request("planmark/why", {"feature": "NOT-THERE"})
    process.request("planmark/nextPrompt", {})
    asked = process.request("planmark/metrics/get")
    process.close()
    sent = process.told("planmark/metrics")
    schema = json.loads(json_schema("metrics"))
    for report in (asked, sent):
        jsonschema.validate(report, schema)
    by_method = {entry["method"]: entry for entry in sent["requests"]}
    assert by_method["textDocument/hover"]["count"] == 3
    assert by_method["planmark/why"]["errors"] == 1
    assert sent["index"]["documents"] == sent["index"]["plans"] == 1
    assert sent["prompts"][0]["count"] == 1
    assert sent["process"]["rssBytes"] > 1_000_000


def test_metrics_are_sent_periodically(local: LocalClient, pay: Path) -> None:
    settings = {"metrics": {"intervalSeconds": 1}}
    local.answers["workspace/configuration"] = lambda params: [settings for _ in params["items"]]
    local.begin([pay])
    assert local.told("planmark/metrics")["schema"] == "planmark.metrics/1"
    local.close()


def test_printed_output_does_not_reach_the_protocol(pay: Path) -> None:
    """Check that the output of a printing library goes to the log, because standard output belongs to the protocol."""
    code = (
        "import sys; from planmark.cli.main import main; from planmark.lsp.folder_worker import FolderWorker\n"
        "view = FolderWorker.view\n"
        "FolderWorker.view = lambda folder: (print('noise', flush=True), view(folder))[1]\n"
        "sys.exit(main(['serve']))"
    )
    client = ProcessClient(command=[sys.executable, "-c", code])
    client.begin([pay])
    assert client.request("planmark/status")["workspaces"][0]["plans"]
    client.close(log="noise")


def _at(uri: str, line: int, character: int) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


def _range(first: int, last: int) -> dict[str, Any]:
    return {"start": {"line": first, "character": 0}, "end": {"line": last, "character": 0}}
