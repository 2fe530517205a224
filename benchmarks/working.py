"""Repositories with a plan of tasks, and the commands `work`, `finish` and `run` as processes on them.

The plan has groups of tasks, each task with a file of its own. Its tasks follow each other, or all tasks of a group wait
for all tasks of the group before.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

AGENT = Path(__file__).resolve().parent.parent / "tests" / "fake_agent.py"
"""The agent of the tests, which does the step of its prompt without a model."""
FEATURE = "parts"
PLAN = f"openspec/changes/{FEATURE}/tasks.md"
"""The plan of tasks that follow each other."""
PLAN_OF_GROUPS = f".kiro/specs/{FEATURE}/tasks.md"
"""The plan of groups that wait for each other, whose tasks declare it."""
INTO = f"planmark/{FEATURE}/main"
NO_VARIABLES: Mapping[str, str] = {}


class WorkingRepository(NamedTuple):
    """A repository with a plan of tasks, by their ids, and the folder of the user's configuration."""

    root: Path
    config: Path
    items: tuple[str, ...]
    plan: str

    def git(self, *arguments: str) -> str:
        """Return the output of git in the repository."""
        done = subprocess.run(("git", *arguments), cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout

    def done(self) -> set[str]:
        """Return the ids of the tasks that are ticked on the integration branch."""
        lines = self.git("show", f"{INTO}:{self.plan}").splitlines()
        return {line.split()[2] for line in lines if line.startswith("- [x]")}

    def planmark(self, *arguments: str, more: Mapping[str, str] = NO_VARIABLES) -> subprocess.CompletedProcess[str]:
        """Run a command line of Planmark to its end."""
        command = (sys.executable, "-m", "planmark", "--workspace", str(self.root), *arguments)
        environment = {**os.environ, "PLANMARK_CONFIG": str(self.config), **more}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def write_agents(self, *options: str, at_once: int) -> None:
        """Write the user's file of agents, with a mode of the agent and its options."""
        command = json.dumps([sys.executable, str(AGENT), *options])
        text = f'[agents.fake]\ncommand = {command}\nresult = "claude-json"\nmax_parallel = {at_once}\n'
        self.config.mkdir(mode=0o700, exist_ok=True)
        path = self.config / "agents.toml"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)

    def journal(self) -> list[dict[str, Any]]:
        """Return the events of the newest run."""
        path = max((self.root / ".git/planmark/runs").glob("*/journal.jsonl"))
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write_repository(
    folder: Path, groups: Sequence[int], *, shared: int = 0, files: int = 0, order: str = "priority"
) -> WorkingRepository:
    """Write a repository with groups of tasks, of the given sizes, which follow each other.

    `shared` tasks come last, and name no file, so that several may change the same one. `files` more files are
    committed beside the plan.
    """
    root = folder / "repository"
    items, text = [], ""
    for group, size in enumerate(groups, 1):
        text += f"## {group}. Parts {group}\n\n"
        for number in range(1, size + 1):
            items.append(f"{group}.{number}")
            text += f"- [ ] {group}.{number} Write part {number} in `src/part_{group}_{number}.py`\n"
        text += "\n"
    last = len(groups) + 1
    if shared:
        text += f"## {last}. Lists\n\n"
        text += "".join(f"- [ ] {last}.{number} Extend the list\n" for number in range(1, shared + 1))
        items += [f"{last}.{number}" for number in range(1, shared + 1)]
    _write(root / PLAN, text)
    _write((root / PLAN).with_name("proposal.md"), "# Parts\n\n## Why\n\nThey are missing.\n")
    for number in range(files):
        _write(root / f"lib/{number % 20}/module_{number}.py", f"NUMBER = {number}\n")
    _write(root / "planmark.toml", f'[leases]\norder = "{order}"\nunknownFiles = "allow"\n')
    return _with_commit(root, folder / "config", items, PLAN)


def write_repository_of_groups(folder: Path, groups: Sequence[int]) -> WorkingRepository:
    """Write a repository with groups of tasks, of the given sizes. Each task waits for all tasks of the group before."""
    root = folder / "repository"
    items, text, group_before = list[str](), "# Implementation Plan\n\n", list[str]()
    for group, size in enumerate(groups, 1):
        names = [f"{group}.{number}" for number in range(1, size + 1)]
        for name in names:
            text += f"- [ ] {name} Write part {name} in `src/part_{name.replace('.', '_')}.py`\n"
            text += f"  - _Depends: {', '.join(group_before)}_\n" if group_before else ""
        items, group_before = [*items, *names], names
    _write(root / PLAN_OF_GROUPS, text)
    _write((root / PLAN_OF_GROUPS).with_name("requirements.md"), "# Requirements\n\nThe parts are missing.\n")
    _write(root / "planmark.toml", '[leases]\nunknownFiles = "allow"\n')
    return _with_commit(root, folder / "config", items, PLAN_OF_GROUPS)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _with_commit(root: Path, config: Path, items: Sequence[str], plan: str) -> WorkingRepository:
    """Make a repository of git of a folder, and commit all its files."""
    made = WorkingRepository(root, config, tuple(items), plan)
    made.git("init", "-q", "-b", "main", ".")
    made.git("config", "user.name", "Ada")
    made.git("config", "user.email", "ada@example.com")
    made.git("config", "gc.auto", "0")
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "Begin")
    return made
