"""Repositories with plans for tests of `work` and `finish`, and agents that do a step there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import REPOSITORY

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
RESOLUTION = "work-space/plans/CHECKOUT/execution/feedbacks/FIX_12_RESOLUTION.md"
RESOLVED = """# FIX RESOLUTION: Achievement 1.2

**Achievement**: 1.2 (Idempotent charges)
**Plan**: CHECKOUT
**Status**: ✅ Fixes Applied
**Executor**: ada
**Resolution Date**: 2026-11-30

## Resolved

1. **A time-out of the provider loses the key**
"""
CHARGE = "shop/checkout/charge.py"


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return its output."""
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def isolate_git(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give git an author and no other configuration, and keep it below a folder."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    monkeypatch.delenv("PLANMARK_AGENT", raising=False)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Noor")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "noor@example.org")


def repository(folder: Path, example: str = "workspace", below: str = "") -> Path:
    """Copy an example workspace into a new repository with one commit, and return the workspace."""
    root = folder / "shop" / below
    shutil.copytree(REPOSITORY / "examples" / example, root)
    commit_all(folder / "shop", begins=True)
    return root


def commit_all(top: Path, *, begins: bool = False, message: str = "a commit") -> None:
    """Commit everything in a repository, which is made first if it begins."""
    if begins:
        git(top, "init", "-q", "-b", "main")
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", message)


def write_below(root: Path, path: str, text: str) -> None:
    """Write a file, with its folders."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def resolve_fix(root: Path) -> None:
    """Do the step of CHECKOUT 1.2 in a workspace: the code, and the RESOLUTION."""
    write_below(root, CHARGE, "KEYS = {}\n")
    write_below(root, RESOLUTION, RESOLVED)


def tick_line(root: Path, path: str, words: str) -> None:
    """Set the box of the line with some words."""
    text = (root / path).read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if words in line)
    start = line.index("[")
    (root / path).write_text(text.replace(line, f"{line[:start]}[x]{line[start + 3 :]}"), encoding="utf-8")


def shown(root: Path, revision: str, path: str) -> str:
    """Return a file at a revision."""
    return git(root, "show", f"{revision}:{path}")
