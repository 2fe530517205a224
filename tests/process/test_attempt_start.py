"""The files that an attempt gets: its tools start, in a workspace that has a module named as Planmark too."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from planmark.run.attempt_start import mcp_config

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


def test_the_tools_of_an_attempt_start_in_its_work_tree(tmp_path: Path) -> None:
    pytest.importorskip("mcp", reason="the tools for agents are not installed (planmark[mcp])")
    (tmp_path / "planmark").mkdir()
    (tmp_path / "planmark/__init__.py").write_text("raise SystemExit('a module of the workspace was started')\n")
    server = json.loads(mcp_config(tmp_path))["mcpServers"]["planmark"]
    done = subprocess.run(
        [server["command"], *server["args"]],
        cwd=tmp_path,
        input=json.dumps(INITIALIZE) + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    answer = json.loads(done.stdout.splitlines()[0])
    assert answer["result"]["serverInfo"]["name"] == "planmark", done.stderr
