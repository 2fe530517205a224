"""The runners of the race: the client, a contestant that may be absent, and a lock file that names no mirror."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from benchmarks.harness import PROFILES, Ground
from benchmarks.report_race import FIGURES
from benchmarks.rpc import BARE, OXIDE, RACE, UNDELAYED, RefusedError, Server, TimedOutError, _bodies
from benchmarks.scenarios import race
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


@pytest.mark.skipif(sys.platform == "win32", reason="a program is a script here")
def test_a_server_that_publishes_without_versions_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / OXIDE[0]
    program.parent.mkdir()
    server = Path(__file__).with_name("publishing_server.py")
    program.write_text(f"#!/bin/sh\nexec {shlex.join([sys.executable, str(server)])}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setenv("PLANMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(race, "CONTESTANTS", {"oxide": race.CONTESTANTS["oxide"]})
    assert race.missing("oxide") == ""
    profile = PROFILES["smoke"]._replace(race_files=(12,), repeats=3, patience=30.0)
    ground = Ground(profile, tmp_path / "workspaces")
    figures = race.run(ground)["12"]["oxide"]
    assert "gave_up" not in figures
    assert all(figures[name] for name in FIGURES)
    assert figures["edit_to_diagnostics"]["n"] == 3 and figures["references_found"] == 0
    written = ground.of_files(12)
    assert sum(path.is_file() for path in written.root.rglob("*")) == written.written.files


def test_an_absent_contestant_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLANMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(race, "CONTESTANTS", {name: race.CONTESTANTS[name] for name in ("markdown", "oxide")})
    found = race.run(Ground(PROFILES["smoke"]._replace(race_files=(12,)), tmp_path / "workspaces"))["12"]
    assert found["markdown"] == {"absent": "there is no node on the path"}
    assert "cargo install" in found["oxide"]["absent"]


def test_a_server_that_does_not_read_is_killed() -> None:
    sleeping = (sys.executable, "-c", "import time; time.sleep(60)")
    with Server(sleeping) as server, pytest.raises(TimedOutError, match="version 2 of the text was not read"):
        server.replace("file:///x.md", 2, "x" * 1_000_000, patience=0.3)


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
