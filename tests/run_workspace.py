"""A workspace in git with a plan of tasks, the agents of a user, and `planmark run` as a process on both."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from conftest import REPOSITORY

FAKE = REPOSITORY / "tests" / "fake_agent.py"
PLAN = "openspec/changes/parts/tasks.md"
AUTHOR = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")


class RunWorkspace(NamedTuple):
    """A workspace, and the folder of the user's configuration."""

    root: Path
    config: Path

    @property
    def runs(self) -> Path:
        """The folder of all runs."""
        return self.root / ".git/planmark/runs"

    def git(self, *arguments: str) -> str:
        """Return the output of git in the workspace."""
        done = subprocess.run(("git", *arguments), cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout

    def integrated(self, path: str = PLAN) -> str:
        """Return a file on the integration branch."""
        return self.git("show", f"planmark/parts/main:{path}")

    def boxes(self) -> list[str]:
        """Return the ids of the tasks that are ticked on the integration branch."""
        lines = self.integrated().splitlines()
        return [line.split()[2] for line in lines if line.startswith("- [x]")]

    def journals(self) -> list[list[dict[str, Any]]]:
        """Return the events of every run, the newest run last."""
        paths = sorted(self.runs.glob("*/journal.jsonl"))
        return [[json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] for path in paths]

    def journal(self) -> list[dict[str, Any]]:
        """Return the events of the newest run."""
        return self.journals()[-1]

    def every_event(self) -> list[dict[str, Any]]:
        """Return the events of all runs, in their order."""
        return [event for events in self.journals() for event in events]

    def worktrees(self) -> list[str]:
        """Return the names of the work trees beside the main one."""
        listed = self.git("worktree", "list", "--porcelain").splitlines()
        return sorted(Path(line.partition(" ")[2]).name for line in listed if line.startswith("worktree "))[:-1]


def make_workspace(
    folder: Path, tasks: int, mode: str = "ok", *options: str, agents: int = 1, order: str = "priority", **terms: Any
) -> RunWorkspace:
    """Return a workspace with a plan of tasks, each with a file of its own, and an agent of a mode of the fake agent."""
    root, config = folder / "repository", folder / "config"
    change = root / "openspec/changes/parts"
    change.mkdir(parents=True)
    (change / "proposal.md").write_text("# Parts\n\n## Why\n\nThey are missing.\n", encoding="utf-8")
    lines = "".join(
        f"- [ ] 1.{number} Write part {number} in `src/part_{number}.py`\n" for number in range(1, tasks + 1)
    )
    (change / "tasks.md").write_text(f"## 1. Parts\n\n{lines}", encoding="utf-8")
    (root / "planmark.toml").write_text(f'[leases]\norder = "{order}"\n', encoding="utf-8")
    subprocess.run(("git", "init", "-q", "-b", "main", "."), cwd=root, check=True)
    for key, value in (("user.name", "Ada"), ("user.email", "ada@example.com")):
        subprocess.run(("git", "config", key, value), cwd=root, check=True)
    subprocess.run(("git", "add", "-A"), cwd=root, check=True)
    subprocess.run(("git", "commit", "-q", "-m", "Begin"), cwd=root, check=True)
    write_agents(config, {"fake": (mode, *options)}, max_parallel=agents, **terms)
    return RunWorkspace(root, config)


def write_agents(config: Path, agents: Mapping[str, Sequence[str]], *, max_parallel: int = 1, **terms: Any) -> None:
    """Write the user's file of agents, each a mode of the fake agent with its options. `terms` are of `[run]`."""
    config.mkdir(mode=0o700, exist_ok=True)
    text = "".join(
        f"[agents.{name}]\ncommand = {json.dumps([sys.executable, str(FAKE), *words])}\n"
        f'result = "claude-json"\nenv = ["PATH", "HOME"]\nmax_parallel = {max_parallel}\n'
        for name, words in agents.items()
    )
    values = {"review": "agent", **terms}
    text += "[run]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
    (config / "agents.toml").write_text(text, encoding="utf-8")
    (config / "agents.toml").chmod(0o600)


def run_arguments(
    workspace: RunWorkspace, arguments: Sequence[str], program: Sequence[str] = ("-m", "planmark")
) -> tuple[list[str], dict[str, str]]:
    """Return the command line and the environment of `planmark run` on the plan."""
    before = (sys.executable, *program, "--workspace", str(workspace.root))
    environment = {**os.environ, "PLANMARK_CONFIG": str(workspace.config), "COLUMNS": "80"}
    return [*before, "run", "@parts", "--yes", *arguments], environment


def run_command(
    workspace: RunWorkspace, *arguments: str, program: Sequence[str] = ("-m", "planmark")
) -> subprocess.CompletedProcess[str]:
    """Run `planmark run` on the plan to its end. `program` are the arguments of Python before those of Planmark."""
    command, environment = run_arguments(workspace, arguments, program)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def runs_of(workspace: RunWorkspace) -> dict[str, Any]:
    """Return the result of `planmark metrics --runs --json`."""
    command = (sys.executable, "-m", "planmark", "--workspace", str(workspace.root), "metrics", "--runs", "--json")
    result: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return result
