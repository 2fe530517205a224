"""The connection in unusual cases: early `exit`, unreadable frames, overlapping folders, clients without an editor."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lsp_client import SECONDS, LocalClient, ProcessClient, bare, eventually, frame, recorded, with_roots

CHANGED = "workspace/didChangeWorkspaceFolders"


def test_exit_before_initialize_ends_the_server(process: ProcessClient) -> None:
    process.notify("exit")
    assert process.process.wait(SECONDS) == 1


def test_exit_after_a_refused_initialize_ends_the_server(process: ProcessClient) -> None:
    process.send("initialize", {"processId": "none", "rootUri": None, "capabilities": {}})
    process.notify("exit")
    assert process.process.wait(SECONDS) == 1


@pytest.mark.parametrize("is_read", [True, False], ids=["at rest", "while the folder is read"])
def test_shutdown_and_exit_in_one_write_end_with_success(process: ProcessClient, pay: Path, is_read: bool) -> None:
    if is_read:
        process.begin([pay])
    else:
        process.request("initialize", with_roots(recorded(), [pay]))
        process.notify("initialized", {})
    number, shutdown = process.message("shutdown")
    process.write(shutdown + frame({"jsonrpc": "2.0", "method": "exit"}))
    assert process.result(number) is None
    assert process.process.wait(SECONDS) == 0
    assert "Traceback" not in process.log


@pytest.mark.parametrize(
    "bad",
    [
        b'Content-Length: abc\r\n\r\n{"jsonrpc": "2.0", "method": "x"}',
        b'Content-Length: -1\r\n\r\n{"jsonrpc": "2.0", "method": "x"}',
        b'Content-Length: 999999999999\r\n\r\n{"jsonrpc": "2.0", "method": "x"}',
        b'Content-Type: text/plain\r\n\r\n{"jsonrpc": "2.0", "method": "x"}',
        b"\r\n\r\n",
        b"Content-Length: \r\n\r\n",
    ],
)
def test_the_next_good_frame_after_a_bad_header_is_answered(process: ProcessClient, pay: Path, bad: bytes) -> None:
    process.begin([pay])
    process.write(bad)
    assert process.request("planmark/status")["workspaces"][0]["complete"]
    assert eventually(lambda: "Content-Length" in process.log)


def test_an_empty_list_of_parameters_means_none(local: LocalClient, pay: Path) -> None:
    local.begin([pay])
    assert local.request("planmark/status", [])["workspaces"][0]["plans"][0]["feature"] == "PAY"


def _folders(*paths: Path) -> list[dict[str, str]]:
    return [{"uri": path.as_uri(), "name": path.name} for path in paths]


def test_a_folder_that_is_added_and_removed_at_once_is_not_served(
    local: LocalClient, pay: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(pay, other)
    local.begin([pay])
    added = {"event": {"added": _folders(other), "removed": []}}
    removed = {"event": {"added": [], "removed": _folders(other)}}
    local.write(b"".join(frame({"jsonrpc": "2.0", "method": CHANGED, "params": params}) for params in (added, removed)))
    assert [Path(w["root"]) for w in local.request("planmark/status")["workspaces"]] == [pay]


def _in_another_spelling(pay: Path) -> list[str]:
    return [pay.as_uri(), pay.as_uri() + "/"]


def _with_one_inside(pay: Path) -> list[str]:
    return [(pay / "work-space").as_uri(), pay.as_uri(), (pay / "work-space" / "plans").as_uri()]


@pytest.mark.parametrize("uris_of", [_in_another_spelling, _with_one_inside])
def test_folders_that_overlap_are_served_once(
    local: LocalClient, pay: Path, uris_of: Callable[[Path], list[str]]
) -> None:
    uris = uris_of(pay)
    folders: list[dict[str, Any]] = [{"uri": uri, "name": "x"} for uri in uris]
    local.begin([pay], {**bare(), "workspaceFolders": folders})
    assert [Path(w["root"]) for w in local.request("planmark/status")["workspaces"]] == [pay]
    assert local.request("planmark/nextPrompt", {"feature": "PAY"})["achievement"] == "1.1"


def test_the_inner_folder_is_served_once_the_outer_one_goes(local: LocalClient, pay: Path) -> None:
    inner = pay / "work-space"
    local.begin([pay])
    local.notify(CHANGED, {"event": {"added": _folders(inner), "removed": []}})
    assert [Path(w["root"]) for w in local.request("planmark/status")["workspaces"]] == [pay]
    local.notify(CHANGED, {"event": {"added": [], "removed": _folders(pay)}})

    def served() -> list[Path]:
        return [Path(w["root"]) for w in local.request("planmark/status")["workspaces"]]

    assert eventually(lambda: served() == [inner])


def test_a_web_page_cannot_reach_a_server_over_tcp() -> None:
    command = [sys.executable, "-m", "planmark", "serve", "--tcp", "127.0.0.1:0"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr
        port = int(server.stderr.readline().rpartition(":")[2])
        body = '{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}'
        request = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        with socket.create_connection(("127.0.0.1", port), SECONDS) as page:
            page.sendall(request.encode())
            assert page.recv(1000) == b""
        with socket.create_connection(("127.0.0.1", port), SECONDS) as editor:
            editor.sendall(
                frame(
                    {
                        "jsonrpc": "2.0",
                        "id": 1,
                        "method": "initialize",
                        "params": {"capabilities": {}, "processId": None, "rootUri": None},
                    }
                )
            )
            assert editor.recv(1000).startswith(b"Content-Length")
    finally:
        server.kill()
        server.wait()
