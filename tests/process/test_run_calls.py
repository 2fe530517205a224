"""The number of calls of git that a step of a run makes, since each call is a process."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from run_workspace import RunWorkspace, make_workspace, run_command
from work_helpers import needs_git

pytestmark = [needs_git, pytest.mark.skipif(sys.platform == "win32", reason="the wrapper is a shell script")]
MOST_ALONE, MOST_AT_ONCE = 31, 40
"""Maximum number of calls of one step: of the only agent, and on average of agents that work at once."""
OF_THE_RUN = ("version", "var", "config")
"""The calls whose answers do not change during a run."""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file in which every call of git below this process becomes a line: its command and arguments."""
    log, folder = tmp_path / "calls.txt", tmp_path / "programs"
    folder.mkdir()
    wrapper = folder / "git"
    wrapper.write_text(
        "#!/bin/sh\n"
        f'printf "%s\\n" "$*" >> {shlex.quote(str(log))}\n'
        f'exec {shlex.quote(str(shutil.which("git")))} "$@"\n',
        encoding="utf-8",
    )
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return log


def made(log: Path) -> list[list[str]]:
    """Return the arguments of each call, from its command on."""
    lines = [line.split() for line in log.read_text(encoding="utf-8").splitlines()]
    return [words[next(at for at, word in enumerate(words) if not _is_option(words, at)) :] for words in lines]


def _is_option(words: list[str], at: int) -> bool:
    return words[at].startswith("-") or words[at - 1] == "-c"


def run_of(workspace: RunWorkspace, log: Path, *arguments: str) -> list[list[str]]:
    """Return the calls of a run that does every task."""
    log.unlink(missing_ok=True)
    done = run_command(workspace, "--steps", "implement_task", *arguments)
    assert done.returncode == 4, done.stdout + done.stderr
    return made(log)


def test_a_step_makes_few_calls(tmp_path: Path, calls: Path) -> None:
    workspace = make_workspace(tmp_path, 3)
    listed = run_of(workspace, calls)
    begins = [at for at, words in enumerate(listed) if words[:2] == ["worktree", "add"] and "-b" in words]
    assert len(begins) == 3
    step = listed[begins[1] : begins[2]]
    assert len(step) <= MOST_ALONE, Counter(words[0] for words in step)
    asked = [words[0] for words in listed[begins[0] :] if words[0] in OF_THE_RUN]
    assert asked == []


def test_steps_at_once_make_few_calls(tmp_path: Path, calls: Path) -> None:
    workspace = make_workspace(tmp_path, 6, "slow", "--seconds", "0.3", agents=3, order="none")
    listed = run_of(workspace, calls, "--agents", "3")
    begins = [at for at, words in enumerate(listed) if words[:2] == ["worktree", "add"] and "-b" in words]
    assert len(begins) == 6
    assert (len(listed) - begins[0]) / 6 <= MOST_AT_ONCE, Counter(words[0] for words in listed[begins[0] :])
