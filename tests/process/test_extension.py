"""The server that the extension bundles."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from conftest import REPOSITORY
from planmark.workspace.parse_workers import MIN_FILES_FOR_WORKERS

CLIENT = REPOSITORY / "client-vscode"


def test_the_bundled_server_reads_many_files_in_processes_of_its_own(tmp_path: Path) -> None:
    """Check that workers, which import the main program again, do not begin to serve."""
    for number in range(MIN_FILES_FOR_WORKERS + 10):
        (tmp_path / f"PLAN_F{number}.md").write_text(f"**Achievement 1.1**: {number}\n", encoding="utf-8")
    (tmp_path / "planmark.toml").write_text("[index]\nprocesses = 2\n", encoding="utf-8")
    command = [sys.executable, str(CLIENT / "bundled" / "launch.py"), "--workspace", str(tmp_path), "status", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    assert done.stderr == ""
    assert len(json.loads(done.stdout)["workspaces"][0]["plans"]) == MIN_FILES_FOR_WORKERS + 10
