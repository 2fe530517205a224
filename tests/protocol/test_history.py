"""Commits as evidence in an editor: git is asked after a scan, once for each HEAD, and never while someone types."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fixture import write_files
from lsp_client import LocalClient, bare, eventually, with_roots
from planmark.storage import git as git_program

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

PLAN = "docs/superpowers/plans/2026-03-01-rain-gauge.md"
TEXT = """# Rain Gauge Implementation Plan

### Task 1: Read the sensor

- Modify: `gauge/main.py:2-3`

- [ ] **Step 1: Run** `git commit -m "feat: read the sensor"`
"""


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workspace with one commit."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    root = tmp_path / "workspace"
    write_files(root, {PLAN: TEXT, "gauge/main.py": "a\nb\nc\n"})
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")
    return root


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the commands that git gets from now on."""
    commands: list[str] = []
    original = git_program.call

    def counting(inside: Any, *arguments: str, **options: Any) -> git_program.Output:
        commands.append(arguments[0])
        return original(inside, *arguments, **options)

    monkeypatch.setattr(git_program, "call", counting)
    return commands


def begin(local: LocalClient, root: Path) -> None:
    """Open a folder for a client that watches no files, so that the server looks for changes itself."""
    local.begin([root], with_roots(bare(), [root]))


def evidence(local: LocalClient) -> list[str]:
    (plan,) = local.request("planmark/status")["workspaces"][0]["plans"]
    assert [one["state"] for one in plan["achievements"]] == ["open", "open"]
    return [one["says"].partition(" of ")[0] for one in plan["achievements"][0]["evidence"]]


def test_commits_and_lengths_come_after_the_scan_and_not_with_typing(
    local: LocalClient, root: Path, logs: list[str]
) -> None:
    begin(local, root)
    uri = local.open(root / PLAN)
    assert eventually(lambda: evidence(local) == ["no box", "still has lines 2-3"])
    assert logs.count("log") == 1
    asked = len(logs)
    for version in range(2, 22):
        local.change(uri, version, TEXT + "more\n" * version)
        position = {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 5}}
        assert "still has lines 2-3" in str(local.request("textDocument/hover", position))
    assert len(logs) == asked
    git(root, "commit", "-q", "--allow-empty", "-m", "feat: read the sensor")
    (root / "gauge/main.py").write_text("a\n")
    assert eventually(lambda: evidence(local)[1:2] == ["ends at line 1, before lines 2-3"])
    assert eventually(lambda: evidence(local)[2][:7] == "commit ")
    assert logs.count("log") == 2
    local.close()


def test_git_is_not_asked_without_a_plan_that_needs_it(local: LocalClient, root: Path, logs: list[str]) -> None:
    (root / PLAN).write_text(TEXT.replace("[ ]", "[x]"))
    begin(local, root)
    assert [plan["state"] for plan in local.request("planmark/status")["workspaces"][0]["plans"]] == ["complete"]
    local.command("planmark.reindex")
    assert logs == []
    local.close()


def test_a_git_that_hangs_delays_no_answer(local: LocalClient, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    def late(*_command: object, **known: Any) -> None:
        asked.append(known["timeout"])
        raise subprocess.TimeoutExpired("git", known["timeout"])

    monkeypatch.setattr(git_program.subprocess, "run", late)
    begin(local, root)
    assert eventually(lambda: asked)
    assert eventually(lambda: "still has lines 2-3" in evidence(local))
    (plan,) = local.request("planmark/status")["workspaces"][0]["plans"]
    assert plan["next"]["step"] == "implement_task"
    local.close()
