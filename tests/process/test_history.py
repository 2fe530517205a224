"""Commits as evidence for the tasks of superpowers plans, by the command line, whatever the repository is."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command_line import Run, runner
from fixture import settle, write
from planmark.storage import git as git_program
from planmark.workspace.work_evidence import MAX_COUNTED_FILES, WorkEvidence, head_files, look_again

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

FEATURE = "2026-03-01-rain-gauge"
PLAN = f"docs/superpowers/plans/{FEATURE}.md"
WORKSPACE = f"""
//- /{PLAN}
# Rain Gauge Implementation Plan

### Task 1: Read the sensor

- Modify: `gauge/main.py:2-3`

- [ ] **Step 1: Commit**

```bash
git commit -m "feat: read the sensor"
```
//- /gauge/main.py
a
b
c
//- /openspec/changes/add-a/tasks.md
- [ ] 1.1 Begin
"""


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(folder: Path, message: str) -> str:
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "--short", "HEAD")


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


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the commands that git gets from now on."""
    commands: list[str] = []
    original = git_program.call

    def counting(inside: Any, *arguments: str, **options: Any) -> git_program.Output:
        commands.append(arguments[0])
        return original(inside, *arguments, **options)

    monkeypatch.setattr(git_program, "call", counting)
    return commands


def why(run: Run) -> str:
    result = run("why", f"@{FEATURE}", "1")
    assert result.code == 0, result.err
    return result.out


def test_a_commit_is_shown_and_the_step_stays_open(run: Run, root: Path) -> None:
    assert "commit" not in why(run)
    name = commit(root, "feat: read the sensor")
    assert f"commit {name} of " in why(run)
    assert "gauge/main.py:2  still has lines 2-3" in why(run)
    (plan,) = [plan for plan in run("status", "--json").data["workspaces"][0]["plans"] if plan["feature"] == FEATURE]
    assert [one["state"] for one in plan["achievements"]] == ["open", "open"]
    evidence = plan["achievements"][0]["evidence"]
    assert [one["says"].split(":")[0].split(" of ")[0] for one in evidence] == [
        "no box",
        "still has lines 2-3",
        f"commit {name}",
    ]


def test_a_cached_answer_ends_with_the_next_commit(run: Run, root: Path) -> None:
    shutil.rmtree(root.parent / ".git")
    git(root, "init", "-q", "-b", "main")
    commit(root, "first")
    settle(root)
    before = [run("next", f"@{FEATURE}").out for _ in range(2)]
    assert before[0] == before[1]
    assert "git show" not in before[0]
    name = commit(root, "feat: read the sensor")
    assert f"`git show {name}`" in run("next", f"@{FEATURE}").out


def test_git_is_asked_once_and_only_if_a_plan_needs_it(run: Run, root: Path, asked: list[str]) -> None:
    run("status", "--json")
    assert asked.count("log") == 1
    asked.clear()
    (root / PLAN).write_text((root / PLAN).read_text().replace("[ ]", "[x]"))
    run("status", "--json")
    assert asked == []
    (root / PLAN).unlink()
    run("status", "--json")
    assert asked == []


def no_git(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root.parent / "nothing"))


def no_repository(root: Path, _: pytest.MonkeyPatch) -> None:
    shutil.rmtree(root.parent / ".git")


def no_commit(root: Path, _: pytest.MonkeyPatch) -> None:
    shutil.rmtree(root.parent / ".git")
    git(root.parent, "init", "-q")


def bare(root: Path, _: pytest.MonkeyPatch) -> None:
    shutil.rmtree(root.parent / ".git")
    git(root, "init", "-q", "--bare", ".git")


def broken_head(root: Path, _: pytest.MonkeyPatch) -> None:
    (root.parent / ".git/HEAD").write_bytes(b"\xff\x00nonsense")


def lost_objects(root: Path, _: pytest.MonkeyPatch) -> None:
    shutil.rmtree(root.parent / ".git/objects")


def link_to_nowhere(root: Path, _: pytest.MonkeyPatch) -> None:
    shutil.rmtree(root.parent / ".git")
    (root.parent / ".git").write_text("gitdir: /nowhere/at/all\n")


def never_ends(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_command: object, **known: Any) -> None:
        raise subprocess.TimeoutExpired("git", known["timeout"])

    monkeypatch.setattr(git_program.subprocess, "run", late)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (no_git, "git was not found"),
        (no_repository, "the folder is in no git repository"),
        (no_commit, "the repository has no commit"),
        (bare, ""),
        (broken_head, ""),
        (lost_objects, ""),
        (link_to_nowhere, ""),
        (never_ends, "did not end within"),
    ],
)
def test_what_is_not_known_is_said_and_everything_else_works(
    run: Run,
    root: Path,
    spoil: Callable[[Path, pytest.MonkeyPatch], None],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spoil(root, monkeypatch)
    shown = why(run)
    assert "commits that name its tasks: " in " ".join(shown.split())
    assert says in " ".join(shown.split())
    assert "still has lines 2-3" in shown
    for command in (["status"], ["status", f"@{FEATURE}"], ["next", f"@{FEATURE}"], ["check", "--fail-on", "error"]):
        assert run(*command).code == 0
    assert run("tick", f"@{FEATURE}", "1/1").code == 0


@pytest.mark.skipif(os.name == "nt", reason="scripts without an extension do not run")
def test_no_program_of_the_repository_is_started(run: Run, root: Path) -> None:
    """Neither for signatures nor for a pager, nor to fetch a commit that a partial clone lacks."""
    marker = root.parent.parent / "marker"
    evil = root.parent.parent / "evil"
    evil.write_text(f"#!/bin/sh\ntouch '{marker}'\nexit 1\n")
    evil.chmod(evil.stat().st_mode | stat.S_IXUSR)
    for name, value in (
        ("log.showSignature", "true"),
        ("gpg.program", str(evil)),
        ("core.pager", str(evil)),
        ("core.fsmonitor", str(evil)),
        ("core.sshCommand", str(evil)),
        ("remote.origin.url", f"ext::{evil}"),
        ("remote.origin.promisor", "true"),
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("protocol.ext.allow", "always"),
    ):
        git(root, "config", name, value)
    head = git(root, "rev-parse", "HEAD")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----"
    who = "T <t@example.org> 1900000000 +0000"
    tree = git(root, "rev-parse", "HEAD^{tree}")
    signed = root.parent.parent / "signed"
    signed.write_text(
        f"tree {tree}\nparent {head}\nauthor {who}\ncommitter {who}\n{signature}\n\nfeat: read the sensor\n"
    )
    git(root, "update-ref", "HEAD", git(root, "hash-object", "-t", "commit", "-w", str(signed)))
    name = git(root, "rev-parse", "--short", "HEAD")
    marker.unlink(missing_ok=True)
    assert f"commit {name} of " in why(run)
    assert not marker.exists()
    lost = root.parent / ".git/objects" / head[:2] / head[2:]
    lost.chmod(0o600)
    lost.unlink()
    assert "not read: commits that name its tasks" in " ".join(why(run).split())
    assert not marker.exists()


def test_a_subject_controls_no_terminal_and_is_cut(run: Run, root: Path) -> None:
    commit(root, "Task 1: read the sensor \x1b[31m\u202e" + "x" * 5000)
    shown = why(run)
    assert "commit " in shown
    assert "\x1b[31m" not in shown and "\u202e" not in shown and "x" * 100 not in shown


def test_a_worktree_has_the_commits_of_its_branch(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(root, "worktree", "add", "-q", str(tmp_path / "tree"), "-b", "other")
    name = commit(tmp_path / "tree", "feat: read the sensor")
    there = runner(capsys, "--workspace", str(tmp_path / "tree" / "inner"))
    assert f"commit {name} of " in why(there)
    assert "commit " not in why(runner(capsys, "--workspace", str(root)))


def test_a_look_asks_git_again_only_for_a_different_head(root: Path, asked: list[str]) -> None:
    work = WorkEvidence(root, at_once=False)
    assert work.look_with_questions() is None
    assert work.history().commits == () and work.line_count("gauge/main.py") is None
    assert asked == []
    wanted = work.look_with_questions()
    assert wanted is not None
    assert work.take(look_again(root, wanted))
    assert [one.subject for one in work.history().commits] == ["first"]
    assert work.line_count("gauge/main.py") == 3
    asked.clear()
    wanted = work.look_with_questions()
    assert wanted is not None and not work.take(look_again(root, wanted))
    assert asked == []
    commit(root, "second")
    wanted = work.look_with_questions()
    assert wanted is not None and work.take(look_again(root, wanted))
    assert asked.count("log") == 1
    assert len(work.history().commits) == 2


@pytest.mark.parametrize(("content", "lines"), [(b"", 0), (b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"\xff\xfe\n\n", 2)])
def test_lines_of_a_file(tmp_path: Path, content: bytes, lines: int) -> None:
    (tmp_path / "a.py").write_bytes(content)
    assert WorkEvidence(tmp_path, at_once=True).line_count("a.py") == lines


def test_files_that_are_not_counted(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "outside.py").write_text("a\n")
    (tmp_path / "root/link.py").symlink_to(tmp_path / "outside.py")
    (tmp_path / "root/folder.py").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "root/pipe.py")
    work = WorkEvidence(tmp_path / "root", at_once=True)
    assert [work.line_count(name) for name in ("link.py", "folder.py", "pipe.py", "none.py", "../outside.py")] == [
        None
    ] * 5
    for number in range(MAX_COUNTED_FILES):
        work.line_count(f"{number}.py")
    (tmp_path / "root/late.py").write_text("a\n")
    assert work.line_count("late.py") is None


def test_the_files_of_head_lie_in_the_workspace_or_no_answer_is_cached(root: Path) -> None:
    assert head_files(root) is None
    inside = head_files(root.parent)
    assert inside is not None
    assert {".git/HEAD", ".git/refs/heads/main", ".git/packed-refs"} <= set(inside)
    shutil.rmtree(root.parent / ".git")
    assert head_files(root) in ((), None)
