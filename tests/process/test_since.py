"""`check --since REF`: only plans with documents that changed since a revision of git."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from command_line import Run, runner
from fixture import write
from planmark.storage import git as git_program

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

WORKSPACE = """
//- /plans/PAY/PLAN_PAY.md
# PLAN

**Achievement 1.1**: A

- Success: it works
//- /plans/SHIP/PLAN_SHIP.md
# PLAN

**Achievement 1.1**: A

- Success: it works
//- /openspec/changes/add-a/tasks.md
- [x] 1.1 Create `src/a.py`
//- /openspec/changes/add-b/tasks.md
- [x] 1.1 Create `src/b.py`
//- /.kiro/specs/café/tasks.md
- [x] 1. Create `src/c.ts`
"""
KIRO = ".kiro/specs/café/tasks.md"


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workspace below the root of a repository, with one commit."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    root = tmp_path / "repository" / "inner"
    write(root, WORKSPACE)
    git(root.parent, "init", "-q", "-b", "main")
    git(root.parent, "add", "-A")
    git(root.parent, "commit", "-q", "-m", "first")
    return root


@pytest.fixture
def run(root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "--workspace", str(root))


def found(run: Run, *arguments: str) -> set[str]:
    """Return the documents with diagnostics."""
    result = run("check", "--json", "--fail-on", "error", *arguments)
    assert result.code == 0, result.err
    return {known["path"] for known in json.loads(result.out)["diagnostics"]}


def append(path: Path, text: str = "\n") -> None:
    path.write_bytes(path.read_bytes() + text.encode())


def test_nothing_changed(run: Run) -> None:
    assert found(run, "--since", "HEAD") == set()
    assert len(found(run)) == 5


@pytest.mark.parametrize("place", ["unstaged", "staged", "committed"])
def test_a_changed_document(run: Run, root: Path, place: str) -> None:
    append(root / KIRO)
    if place != "unstaged":
        git(root, "add", "-A")
    if place == "committed":
        git(root, "commit", "-q", "-m", "second")
        assert found(run, "--since", "HEAD") == set()
    assert found(run, "--since", "HEAD~1" if place == "committed" else "HEAD") == {KIRO}


def test_an_untracked_document(run: Run, root: Path) -> None:
    write(root, "//- /openspec/changes/add-c/tasks.md\n- [x] 1.1 Create `src/d.py`\n")
    assert found(run, "--since", "HEAD") == {"openspec/changes/add-c/tasks.md"}


def test_another_document_of_the_plan(run: Run, root: Path) -> None:
    write(root, "//- /openspec/changes/add-a/proposal.md\n## Why\n")
    assert found(run, "--since", "main") == {"openspec/changes/add-a/tasks.md"}
    write(root, "//- /plans/PAY/subplans/SUBPLAN_PAY_11.md\n# SUBPLAN\n")
    plans = {path for path in found(run, "--since", "main") if "PLAN" in path}
    assert "plans/PAY/PLAN_PAY.md" in plans
    assert "plans/SHIP/PLAN_SHIP.md" not in plans


def test_a_document_that_is_gone(run: Run, root: Path) -> None:
    write(root, "//- /openspec/changes/add-a/design.md\n# Design\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "second")
    (root / "openspec/changes/add-a/design.md").unlink()
    assert found(run, "--since", "HEAD") == {"openspec/changes/add-a/tasks.md"}


def test_a_document_that_several_plans_share(run: Run, root: Path) -> None:
    for name in ("001-a", "002-b"):
        write(
            root, f"//- /specs/{name}/tasks.md\n- [X] T001 Create `src/{name}.py`\n//- /specs/{name}/plan.md\n# Plan\n"
        )
    write(root, "//- /.specify/memory/constitution.md\n# Constitution\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "second")
    append(root / ".specify/memory/constitution.md")
    assert found(run, "--since", "HEAD") == {"specs/001-a/tasks.md", "specs/002-b/tasks.md"}


def test_files_outside_the_workspace_do_not_count(run: Run, root: Path) -> None:
    (root.parent / "openspec").mkdir()
    (root.parent / "openspec/x.md").write_text("x")
    assert found(run, "--since", "HEAD") == set()


def test_before_the_first_commit_everything_is_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, WORKSPACE)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "plans")
    assert len(found(runner(capsys, "--workspace", str(tmp_path)), "--since", "HEAD")) == 5


def test_fixes_only_what_changed(run: Run, root: Path) -> None:
    for name in ("one", "two"):
        write(root, f"//- /.kiro/specs/{name}/tasks.md\n- [ ] 1. A\n- [ ]\\* 2. B\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "second")
    append(root / ".kiro/specs/one/tasks.md", "- [ ] 3. C\n")
    run("check", "--fix", "--since", "HEAD")
    assert "[ ]* 2." in (root / ".kiro/specs/one/tasks.md").read_text()
    assert "[ ]\\* 2." in (root / ".kiro/specs/two/tasks.md").read_text()


@pytest.mark.parametrize("revision", ["", "--output=x", "-x", "nowhere", "HEAD:plans", "HEAD --", "$(touch x)", "a\tb"])
def test_a_revision_that_does_not_exist(run: Run, root: Path, revision: str) -> None:
    before = sorted(root.parent.rglob("*"))
    result = run("check", f"--since={revision}")
    assert (result.code, result.out) == (2, "")
    assert f"--since: git knows no revision `{revision}`" in result.err.replace("\\t", "\t")
    assert sorted(root.parent.rglob("*")) == before


def test_an_error_as_json(run: Run) -> None:
    result = run("check", "--since", "nowhere", "--json")
    assert json.loads(result.out)["error"]["exit_code"] == result.code == 2


def test_no_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    write(tmp_path, WORKSPACE)
    result = runner(capsys, "--workspace", str(tmp_path))("check", "--since", "HEAD")
    assert result.code == 2
    assert "is in no git repository" in result.err


def test_no_git(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root.parent / "nothing"))
    result = run("check", "--since", "HEAD")
    assert result.code == 2
    assert "--since: git was not found" in result.err


@pytest.mark.skipif(os.name == "nt", reason="scripts without an extension do not run")
def test_no_program_of_the_workspace_is_started(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a `git` in the workspace nor what the configuration of its repository names."""
    marker = root.parent / "marker"
    evil = root / "git"
    evil.write_text(f"#!/bin/sh\ntouch '{marker}'\n")
    evil.chmod(evil.stat().st_mode | stat.S_IXUSR)
    for name in ("core.fsmonitor", "diff.external", "core.pager", "diff.evil.textconv"):
        git(root, "config", name, str(evil))
    for name in ("evil", "e=vil"):
        git(root, "config", f"filter.{name}.clean", str(evil))
        git(root, "config", f"filter.{name}.required", "true")
    (root.parent / ".gitattributes").write_text("*.md diff=evil filter=evil\ntasks.md filter=e=vil\n")
    append(root / KIRO)
    assert KIRO in found(run, "--since", "HEAD")
    monkeypatch.setenv("PATH", str(root))
    assert run("check", "--since", "HEAD").code == 2
    assert not marker.exists()


def test_git_must_end_in_time(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object, **known: object) -> None:
        assert known.get("shell", False) is False
        raise subprocess.TimeoutExpired("git", 30)

    monkeypatch.setattr(git_program.subprocess, "run", late)
    result = run("check", "--since", "HEAD")
    assert result.code == 2
    assert "git rev-parse did not end within 30 seconds" in result.err


def test_git_must_not_print_too_much(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_program, "MAX_OUTPUT_BYTES", 3)
    result = run("check", "--since", "HEAD")
    assert result.code == 2
    assert "printed more than" in result.err


def test_the_variables_of_a_hook_are_not_used(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(root / KIRO)
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert found(run, "--since", "HEAD") == {KIRO}
