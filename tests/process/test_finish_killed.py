"""`planmark finish` that is killed at any call of git, and several that run at once: everything is integrated once.

The usual run kills at some calls; `make soak` kills before and after each of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_line import Run, runner
from conftest import REPOSITORY
from lease_processes import SOAK
from work_helpers import commit_all, git, isolate_git, needs_git, shown, tick_line, write_below

pytestmark = [needs_git, pytest.mark.skipif(sys.platform == "win32", reason="a script of a shell stands for git")]
TASKS = "openspec/changes/add-a/tasks.md"
INTO = "planmark/add-a/main"
CALLS = 90
"""More calls of git than `finish` makes. The kills end when a run is not killed any more."""
EVERY = 1 if SOAK else 11
AT_ONCE = 8 if SOAK else 4
SCRIPT = """#!/bin/sh
echo >> "$GIT_COUNT"
if [ "$(wc -l < "$GIT_COUNT")" -eq "$KILL_AT" ]; then
    [ "$KILL_WHEN" = after ] && {git} "$@" > /dev/null 2>&1
    kill -9 $PPID
    exit 1
fi
exec {git} "$@"
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with a plan of many tasks on neighbouring lines, which may all be done at the same time."""
    isolate_git(tmp_path, monkeypatch)
    root = tmp_path / "shop"
    write_below(root, "planmark.toml", '[leases]\norder = "none"\n')
    write_below(root, TASKS, "# Tasks\n\n" + "".join(f"- [ ] 1.{n} Create `f{n}.py`\n" for n in range(1, 2 * CALLS)))
    commit_all(root, begins=True)
    return root


def begin(run: Run, number: int) -> Path:
    """Begin a task, do it, and return the workspace of its tree."""
    begun = run("work", "@add-a", f"1.{number}", "--agent", f"agent-{number}", "--json")
    assert begun.code == 0, begun
    folder = Path(begun.data["workspace"])
    tick_line(folder, TASKS, f" 1.{number} ")
    write_below(folder, f"f{number}.py", f"{number}\n")
    return folder


def finish(root: Path, number: int, **more: str) -> subprocess.Popen[str]:
    """Start the end of a task as a process."""
    return start(root, "finish", "@add-a", f"1.{number}", **more)


def start(root: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """Start a command as a process, with more variables."""
    command = [sys.executable, "-m", "planmark", "--workspace", str(root), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "server"), **more}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL
    )


def points() -> Iterator[tuple[int, str]]:
    for number in range(1, CALLS, EVERY):
        yield from ((number, when) for when in ("before", "after"))


def test_a_killed_finish_is_completed_by_the_next(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    programs, count = tmp_path / "programs", tmp_path / "count"
    write_below(programs, "git", SCRIPT.format(git=shutil.which("git")))
    (programs / "git").chmod(0o755)
    run = runner(capsys, "--workspace", str(shop))
    done: list[int] = []
    for item, (number, when) in enumerate(points(), start=1):
        folder = begin(run, item)
        before = git(shop, "rev-parse", INTO)
        count.write_text("", encoding="utf-8")
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        killed = finish(shop, item, PATH=path, GIT_COUNT=str(count), KILL_AT=str(number), KILL_WHEN=when)
        killed.communicate()
        after = git(shop, "rev-parse", INTO)
        if after != before:
            assert git(shop, "rev-parse", f"{INTO}^1") == before
            assert shown(shop, INTO, f"f{item}.py") == str(item)
        completed = finish(shop, item)
        says, _ = completed.communicate()
        assert completed.returncode == 0, (number, when, says)
        assert not folder.exists(), (number, when, says)
        assert git(shop, "rev-list", "--count", "--first-parent", f"{before}..{INTO}") == "1"
        done.append(item)
        if killed.returncode == 0:
            break
        assert killed.returncode == -9
    else:
        pytest.fail(f"finish makes more than {CALLS} calls of git")
    assert len(done) > 3
    text = shown(shop, INTO, TASKS)
    assert [f"- [x] 1.{item} " in text for item in done] == [True] * len(done)
    assert text.count("[x]") == len(done)
    assert "no lease is held" in run("lease", "list").out
    assert git(shop, "fsck", "--no-dangling") == ""
    assert git(shop, "status", "--porcelain") == ""


def test_a_killed_begin_is_completed_by_the_next(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    programs, count = tmp_path / "programs", tmp_path / "count"
    write_below(programs, "git", SCRIPT.format(git=shutil.which("git")))
    (programs / "git").chmod(0o755)
    run = runner(capsys, "--workspace", str(shop))
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    killed_count = 0
    for item, (number, when) in enumerate(points(), start=1):
        count.write_text("", encoding="utf-8")
        more = {"PATH": path, "GIT_COUNT": str(count), "KILL_AT": str(number), "KILL_WHEN": when}
        arguments = ("work", "@add-a", f"1.{item}", "--agent", f"agent-{item}")
        killed = start(shop, *arguments, **more)
        killed.communicate()
        folder = begin(run, item)
        assert run("finish", "@add-a", f"1.{item}").code == 0
        assert not folder.exists()
        if killed.returncode == 0:
            break
        killed_count += 1
    else:
        pytest.fail(f"work makes more than {CALLS} calls of git")
    assert killed_count > 3
    assert run("lease", "list").out == "no lease is held\n"
    assert [line.split()[0] for line in git(shop, "worktree", "list").splitlines()] == [
        str(shop),
        f"{shop}.planmark/add-a-main",
    ]


def test_what_finishes_at_once_is_all_integrated(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = runner(capsys, "--workspace", str(shop))
    folders = [begin(run, number) for number in range(1, AT_ONCE + 1)]
    running = [finish(shop, number) for number in range(1, AT_ONCE + 1)]
    results = [(process.communicate()[0], process.returncode) for process in running]
    assert [code for _, code in results] == [0] * AT_ONCE, results
    text = shown(shop, INTO, TASKS)
    assert text.count("[x]") == AT_ONCE
    names = git(shop, "ls-tree", "--name-only", INTO).splitlines()
    assert [name for name in names if name.startswith("f")] == [f"f{number}.py" for number in range(1, AT_ONCE + 1)]
    assert not any(folder.exists() for folder in folders)
    assert "no lease is held" in run("lease", "list").out
