"""The runners of the race: the client with the floor server, and a lock file that names no mirror."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.rpc import BARE, RACE, UNDELAYED, RefusedError, Server, TimedOutError, _bodies
from benchmarks.workspaces.large import of_tasks, write


def test_the_client_speaks_with_the_floor(tmp_path: Path) -> None:
    file = tmp_path / "PLAN_X.md"
    file.write_text("# PLAN: X\n", encoding="utf-8")
    with Server(BARE) as server:
        assert server.initialize(tmp_path)["capabilities"]["hoverProvider"]
        uri = server.open(file)
        seen = len(server.notifications)
        server.change(uri, 2, 0, (0, 0), "x")
        arrival = server.told("textDocument/publishDiagnostics", lambda params: params.get("version") == 2, seen)
        assert arrival.at > server.started
        result, seconds = server.timed(
            "textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
        )
        assert result["contents"] == "nothing" and seconds > 0
        assert server.memory() > 1_000_000
        with pytest.raises(RefusedError):
            server.request("no/such")
        with pytest.raises(TimedOutError, match=r"did not come within 0 s"):
            server.told("never", lambda _: True, patience=0.05)
    assert server.process.returncode == 0


def test_ours_tells_what_it_felt(tmp_path: Path) -> None:
    write(of_tasks(10), tmp_path)
    with Server(UNDELAYED) as server:
        server.initialize(tmp_path)
        server.told("planmark/serverStatus", lambda status: status["quiescent"])
        server.request("bench/felt")
        server.request("planmark/status")
        felt = server.request("bench/felt")
        assert felt["longest_turn"] >= 0 and isinstance(felt["gc_pauses"], list)
        before = _hovers(server)
        for counting, more in ((False, 0), (True, 1)):
            server.notify("bench/count", {"on": counting})
            server.request(
                "textDocument/hover", {"textDocument": {"uri": "file:///x.md"}, "position": {"line": 0, "character": 0}}
            )
            assert _hovers(server) == before + more
    assert server.log() == ""


def _hovers(server: Server) -> int:
    found = server.request("planmark/metrics/get")["requests"]
    return sum(one["count"] for one in found if one["method"] == "textDocument/hover")


def test_messages_are_cut_wherever_the_stream_breaks() -> None:
    bodies = [b"{}", b'{"a": "\xc3\xa9"}', b"[1]"]
    stream = b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies)
    data, found = bytearray(), []
    for position in range(len(stream)):
        data += stream[position : position + 1]
        found += _bodies(data)
    assert found == bodies and not data


def test_the_lock_file_names_no_mirror() -> None:
    lock = json.loads((RACE / "package-lock.json").read_text(encoding="utf-8"))
    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for name, package in lock["packages"].items() if name)
