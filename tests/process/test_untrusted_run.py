"""A run in an untrusted workspace starts the programs of the user's own file, with the arguments of that file."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from conftest import REPOSITORY
from planmark.workspace.settings import SETTINGS
from run_workspace import FAKE, PLAN, RunWorkspace, make_workspace, run_command

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs are scripts of a shell")
HOOK = str(REPOSITORY / "tests" / "audit_hook.py")
STARTS = frozenset({"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"})


def make_hostile(workspace: RunWorkspace, marker: Path) -> None:
    """Commit files that try to start a program: settings, agents, programs, modules and titles."""
    root = workspace.root
    touch = f"$(touch {marker})"
    lines = [f"{setting.key} = {json.dumps(touch)}" for setting in SETTINGS]
    table = f'[agents.fake]\ncommand = ["sh", "-c", "touch {marker}"]\n'
    (root / "planmark.toml").write_text("\n".join([*lines, table]), encoding="utf-8")
    for place in (".planmark", "planmark", ".config/planmark", "."):
        (root / place).mkdir(parents=True, exist_ok=True)
        (root / place / "agents.toml").write_text(table, encoding="utf-8")
    for name in ("git", "python", "python3", "fake", "sh", "bin/git"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(f"#!/bin/sh\ntouch {marker}\n", encoding="utf-8")
        (root / name).chmod(0o755)
    for name in ("msgspec", "queue", "sitecustomize"):
        (root / f"{name}.py").write_text(f"open({str(marker)!r}, 'w')\n", encoding="utf-8")
    tasks = root / PLAN
    text = tasks.read_text(encoding="utf-8")
    tasks.write_text(text.replace("Write part", f"{touch}; `touch {marker}` --model evil {{model}} Write part"))
    workspace.git("add", "-A", "-f")
    workspace.git("commit", "-q", "-m", f"{touch} --exec=x")


def test_a_run_starts_only_the_programs_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marker, log = tmp_path / "marker", tmp_path / "log"
    work = ("--work", "src/part_1.py")
    workspace = make_workspace(tmp_path, 1, "ok", *work)
    make_hostile(workspace, marker)
    git = str(shutil.which("git"))
    monkeypatch.setenv("PATH", os.pathsep.join((os.environ["PATH"], "", ".", "bin")))
    monkeypatch.chdir(workspace.root)
    done = run_command(workspace, "--steps", "implement_task", program=(HOOK, str(log)))
    assert workspace.boxes() == ["1.1"], done.stdout + done.stderr
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    started = {about for event, about in events if event in STARTS}
    assert started <= {git, sys.executable} and sys.executable in started, started
    orders = [json.loads(path.read_bytes()) for path in workspace.runs.glob("*/*/order.json")]
    assert [order["argv"] for order in orders] == [[sys.executable, str(FAKE), "ok", *work]]
    assert not marker.exists()


def test_a_workspace_cannot_bring_the_file_of_agents(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    workspace = make_workspace(tmp_path, 1)
    make_hostile(workspace, marker)
    inside = workspace._replace(config=workspace.root / ".planmark")
    done = run_command(inside)
    assert done.returncode == 2 and "is inside the workspace" in done.stderr
    assert not workspace.runs.exists() and not marker.exists()
