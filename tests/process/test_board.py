"""`planmark board`: what its page gets, what a page of another site gets, and what happens while the workspace changes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from attempt_processes import wait_until
from fixture import write_files
from planmark.board.http_server import MAX_BODY_BYTES, MAX_OPEN_PAGES, TOKEN_HEADER, BoardOptions, BoardServer
from planmark.board.live_workspace import LiveWorkspace

HOME = "work-space/plans/PAY"
PLAN = f"{HOME}/PLAN_PAY.md"
APPROVED = f"{HOME}/execution/feedbacks/APPROVED_11.md"
FILES = {
    PLAN: "# PLAN: PAY\n\n**Achievement 1.1**: Charge once\n\n**Achievement 1.2**: Refund\n",
    f"{HOME}/subplans/SUBPLAN_PAY_11.md": "# SUBPLAN\n\n## Objective\n\nx\n\n## Approach\n\nx\n",
    f"{HOME}/execution/EXECUTION_TASK_PAY_11_01.md": "# T\n\n**Status**: ✅ Complete\n",
}
TOKEN = "a-token"
VERDICT = {"plan": PLAN, "achievement": "1.1", "verdict": "approved", "by": "Ada"}


@contextmanager
def board(root: Path, token: str = "") -> Iterator[BoardServer]:
    workspace = LiveWorkspace(root)
    server = BoardServer(workspace, BoardOptions(token=token))
    threads = [threading.Thread(target=workspace.watch), threading.Thread(target=server.serve_forever, args=(0.02,))]
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        workspace.close()
        server.shutdown()
        server.server_close()
        for thread in threads:
            thread.join()


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[BoardServer]:
    write_files(tmp_path, FILES)
    with board(tmp_path) as server:
        wait_until(lambda: server.workspace.is_read, "the workspace is read")
        yield server


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[BoardServer]:
    write_files(tmp_path, FILES)
    with board(tmp_path, TOKEN) as server:
        wait_until(lambda: server.workspace.is_read, "the workspace is read")
        yield server


def send(
    server: BoardServer, method: str, address: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    try:
        connection.request(method, address, body, headers or {})
        answer = connection.getresponse()
        text = answer.read()
        is_json = answer.headers.get_content_type() == "application/json"
        return answer.status, json.loads(text) if is_json else text
    finally:
        connection.close()


def approve(server: BoardServer, verdict: dict[str, Any], **headers: str) -> tuple[int, Any]:
    named = {"Content-Type": "application/json", TOKEN_HEADER: TOKEN}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    return send(server, "POST", "/api/verdict", json.dumps(verdict).encode(), named)


def events(answer: HTTPResponse) -> Iterator[tuple[str, dict[str, Any]]]:
    kind = ""
    while line := answer.readline().decode():
        if line.startswith("event: "):
            kind = line.removeprefix("event: ").strip()
        elif line.startswith("data: "):
            yield kind, json.loads(line.removeprefix("data: "))


@contextmanager
def page(server: BoardServer) -> Iterator[Iterator[tuple[str, dict[str, Any]]]]:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    connection.request("GET", "/api/events")
    try:
        yield events(connection.getresponse())
    finally:
        connection.close()


def test_the_page_gets_the_status_a_graph_a_prompt_and_a_document(read_only: BoardServer) -> None:
    _, status = send(read_only, "GET", "/api/status")
    (workspace,) = status["workspaces"]
    assert (status["schema"], workspace["complete"]) == ("planmark.status/1", True)
    assert [plan["path"] for plan in workspace["plans"]] == [PLAN]
    _, graph = send(read_only, "GET", f"/api/graph?plan={quote(PLAN)}")
    assert [node["id"] for node in graph["nodes"]] == ["1.1", "1.2"]
    _, prompt = send(read_only, "GET", f"/api/prompt?plan={quote(PLAN)}&achievement=1.1")
    assert "1.1" in prompt["text"] and prompt["tokens"] > 0 and prompt["step_label"]
    _, history = send(read_only, "GET", "/api/history")
    assert history["schema"] == "planmark.history/1"
    assert send(read_only, "GET", f"/api/history?plan={quote(PLAN)}")[1]["plans"] == history["plans"]
    assert history["plans"][0]["waiting"][0]["achievement"] == "1.1"
    assert send(read_only, "GET", f"/api/document?path={quote(PLAN)}")[1] == {"path": PLAN, "text": FILES[PLAN]}
    assert send(read_only, "GET", "/api/about")[1]["allows_verdicts"] is False


@pytest.mark.parametrize("address", ["/", "/board.js", "/board.css"])
def test_the_page_is_served_with_a_strict_policy(read_only: BoardServer, address: str) -> None:
    connection = HTTPConnection("127.0.0.1", read_only.server_port, timeout=60)
    connection.request("GET", address)
    answer = connection.getresponse()
    assert answer.status == 200 and answer.read()
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    connection.close()


@pytest.mark.parametrize(
    "address",
    [
        "/api/document?path=/etc/passwd",
        "/api/document?path=../../etc/passwd",
        "/api/document?path=work-space%2F..%2F..%2Fx.md",
        "/api/document",
        "/api/graph?plan=nowhere.md",
        "/api/history?plan=nowhere.md",
        "/api/prompt?plan=nowhere.md",
        "/api/approval?plan=%00",
        "/nothing",
        "/page/../answers.py",
        "//127.0.0.1/",
    ],
)
def test_what_does_not_exist_is_not_found(read_only: BoardServer, address: str) -> None:
    status, answer = send(read_only, "GET", address)
    assert status == 404 and answer["problem"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "planmark.example"},
        {"Host": "127.0.0.1"},
        {"Host": ""},
        {"Origin": "http://planmark.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_site_gets_and_writes_nothing(
    writing: BoardServer, tmp_path: Path, headers: dict[str, str]
) -> None:
    status, answer = send(writing, "GET", "/api/status", headers=headers)
    assert (status, list(answer)) == (403, ["problem"])
    status, answer = send(
        *(writing, "POST", "/api/verdict", json.dumps(VERDICT).encode()),
        headers={"Content-Type": "application/json", TOKEN_HEADER: TOKEN, **headers},
    )
    assert (status, list(answer)) == (403, ["problem"])
    assert not (tmp_path / APPROVED).exists()


def test_a_read_only_board_writes_nothing(read_only: BoardServer, tmp_path: Path) -> None:
    status, answer = approve(read_only, VERDICT)
    assert status == 403 and "--allow-verdicts" in answer["problem"]
    assert not (tmp_path / APPROVED).exists()


@pytest.mark.parametrize("token", ["", "a-toke", "a-token2", "\xff"])
def test_a_verdict_needs_the_token(writing: BoardServer, tmp_path: Path, token: str) -> None:
    assert approve(writing, VERDICT, **{TOKEN_HEADER: token})[0] == 403
    assert not (tmp_path / APPROVED).exists()


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        ({**VERDICT, "by": ""}, 422),
        ({**VERDICT, "by": "\n\t"}, 422),
        ({**VERDICT, "by": "A" * 201}, 422),
        ({**VERDICT, "note": "n" * 10_001}, 422),
        ({**VERDICT, "verdict": "fix"}, 422),
        ({**VERDICT, "achievement": 1}, 422),
        ({"plan": PLAN}, 422),
        ([], 422),
        ({**VERDICT, "plan": "../PLAN_X.md"}, 404),
        ({**VERDICT, "achievement": "9.9"}, 422),
        ({**VERDICT, "achievement": "--force"}, 422),
    ],
)
def test_a_wrong_verdict_is_refused_with_a_reason(
    writing: BoardServer, tmp_path: Path, verdict: Any, status: int
) -> None:
    answered, answer = approve(writing, verdict)
    assert answered == status and answer["problem"]
    assert not (tmp_path / APPROVED).exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Length": str(MAX_BODY_BYTES + 1)}, 413),
        ({"Content-Length": "-1"}, 413),
        ({"Content-Length": "x"}, 413),
    ],
)
def test_a_body_that_is_no_verdict_is_not_read(writing: BoardServer, headers: dict[str, str], status: int) -> None:
    named = {"Content-Type": "application/json", TOKEN_HEADER: TOKEN, **headers}
    assert send(writing, "POST", "/api/verdict", b"{}", named)[0] == status


def test_an_approval_is_written_and_every_page_hears_of_it(writing: BoardServer, tmp_path: Path) -> None:
    with page(writing) as first, page(writing) as second:
        assert (next(first)[0], next(second)[0]) == ("changed", "changed")
        status, answer = approve(writing, VERDICT)
        assert (status, answer) == (200, {"path": APPROVED})
        assert "Ada" in (tmp_path / APPROVED).read_text("utf-8")
        for heard in (first, second):
            assert "PAY 1.1: awaiting review → approved" in next(heard)[1]["said"]
    assert approve(writing, VERDICT)[0] == 409


def test_of_two_approvals_at_once_one_is_written(writing: BoardServer, tmp_path: Path) -> None:
    answered: list[int] = []
    threads = [
        threading.Thread(target=lambda by=by: answered.append(approve(writing, {**VERDICT, "by": by})[0]))
        for by in ("Ada", "Grace", "Edsger")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answered) == [200, 409, 409]
    assert len(list((tmp_path / HOME).rglob("APPROVED_*"))) == 1


def test_an_approval_without_evidence_needs_a_note_and_the_conditions_that_the_person_saw(
    writing: BoardServer, tmp_path: Path
) -> None:
    of_second = {**VERDICT, "achievement": "1.2"}
    _, terms = send(writing, "GET", f"/api/approval?plan={quote(PLAN)}&achievement=1.2")
    assert terms["needs_note"] and terms["missing"]
    _, complete = send(writing, "GET", f"/api/approval?plan={quote(PLAN)}&achievement=1.1")
    assert (complete["title"], complete["missing"], complete["needs_note"]) == ("Charge once", [], False)
    for refused in (
        of_second,
        {**of_second, "note": "seen on the stage"},
        {**of_second, "seen": terms["seen"]},
        {**of_second, "note": "seen on the stage", "seen": complete["seen"]},
    ):
        status, answer = approve(writing, refused)
        assert status == 409 and answer["problem"]
    assert not list((tmp_path / HOME).rglob("APPROVED_*"))
    seen = {**of_second, "note": "seen on the stage", "seen": terms["seen"]}
    assert approve(writing, seen)[0] == 200


def test_a_verdict_that_a_shell_writes_is_told(read_only: BoardServer, tmp_path: Path) -> None:
    with page(read_only) as heard:
        next(heard)
        write_files(tmp_path, {APPROVED: "# APPROVED\n\n**Status**: ✅ Approved\n**Reviewer**: Ada\n"})
        assert "1.1" in next(heard)[1]["said"]
    _, status = send(read_only, "GET", "/api/status")
    assert status["workspaces"][0]["plans"][0]["achievements"][0]["state"] == "approved"


def test_a_workspace_that_vanishes_is_told_and_comes_back(read_only: BoardServer, tmp_path: Path) -> None:
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    with page(read_only) as heard:
        next(heard)
        tmp_path.rename(moved)
        assert next(heard)[0] == "gone"
        status, answer = send(read_only, "GET", "/api/status")
        assert status == 503 and "does not exist" in answer["problem"]
        moved.rename(tmp_path)
        assert next(heard)[0] == "changed"
    assert send(read_only, "GET", "/api/status")[0] == 200


def test_before_the_first_scan_only_the_progress_is_known(tmp_path: Path) -> None:
    workspace = LiveWorkspace(tmp_path)
    server = BoardServer(workspace, BoardOptions())
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        _, status = send(server, "GET", "/api/status")
        assert status["workspaces"][0]["complete"] is False
        assert send(server, "GET", "/api/graph?plan=x")[0] == 503
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET //[ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"\x00\xff\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"PUT /api/verdict HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 200 + b"\r\n",
        b"",
    ],
)
def test_a_request_that_cannot_be_read_ends_only_its_connection(
    read_only: BoardServer, request_bytes: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(("127.0.0.1", read_only.server_port), timeout=60) as connection:
        connection.sendall(request_bytes)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass
    assert send(read_only, "GET", "/api/about")[0] == 200
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_pages_over_the_maximum_are_refused(read_only: BoardServer) -> None:
    for _ in range(MAX_OPEN_PAGES):
        read_only.page_slots.acquire()
    status, answer = send(read_only, "GET", "/api/events")
    assert status == 503 and str(MAX_OPEN_PAGES) in answer["problem"]


def test_only_an_open_page_has_the_workspace_scanned_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, FILES)
    workspace = LiveWorkspace(tmp_path)
    scans: list[int] = []
    scan = workspace.scan
    monkeypatch.setattr(workspace, "scan", lambda: (scan(), scans.append(1)))
    thread = threading.Thread(target=workspace.watch)
    thread.start()
    try:
        wait_until(lambda: workspace.is_read, "the workspace is read")
        with workspace.count_page_as_open():
            wait_until(lambda: len(scans) > 2, "an open page has the workspace scanned again")
    finally:
        workspace.close()
        thread.join()


def _start(root: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "planmark", "--workspace", str(root), "board", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="an interrupt reaches all processes of a console of Windows")
def test_the_command_prints_its_address_and_ends_with_an_interrupt(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    server = _start(tmp_path, "--allow-verdicts")
    assert server.stdout is not None and server.stderr is not None
    address = server.stdout.readline()
    assert address.startswith("http://127.0.0.1:") and "?token=" in address
    assert "can approve" in server.stderr.readline()
    os.kill(server.pid, signal.SIGINT)
    _, said = server.communicate(timeout=60)
    assert (server.returncode, said) == (130, "")


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        server = _start(tmp_path, "--port", str(other.getsockname()[1]))
        out, said = server.communicate(timeout=60)
    assert (server.returncode, out) == (5, "")
    assert "choose another port with --port" in said and "Traceback" not in said


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_a_number_that_is_no_port_is_said(tmp_path: Path, port: str) -> None:
    write_files(tmp_path, FILES)
    server = _start(tmp_path, f"--port={port}")
    _, said = server.communicate(timeout=60)
    assert server.returncode == 2 and "--port" in said and "Traceback" not in said
