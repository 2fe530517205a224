"""Repositories with a plan of tasks, and the commands `work`, `finish` and `run` as processes on them.

The plan has groups of tasks, each task with a file of its own. A group waits for the groups before it.
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
PLAN = "openspec/changes/parts/tasks.md"
FEATURE = "parts"
INTO = f"planmark/{FEATURE}/main"
NO_VARIABLES: Mapping[str, str] = {}


class WorkingRepository(NamedTuple):
    """A repository with a plan of tasks, by their ids, and the folder of the user's configuration."""

    root: Path
    config: Path
    items: tuple[str, ...]

    def git(self, *arguments: str) -> str:
        """Return the output of git in the repository."""
        done = subprocess.run(("git", *arguments), cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout

    def done(self) -> set[str]:
        """Return the ids of the tasks that are ticked on the integration branch."""
        lines = self.git("show", f"{INTO}:{PLAN}").splitlines()
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
    """Write a repository with groups of tasks, of the given sizes.

    `shared` tasks come last, and name no file, so that several may change the same one. `files` more files are
    committed beside the plan.
    """
    root = folder / "repository"
    change = root / "openspec/changes" / FEATURE
    change.mkdir(parents=True)
    (change / "proposal.md").write_text("# Parts\n\n## Why\n\nThey are missing.\n", encoding="utf-8")
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
    (change / "tasks.md").write_text(text, encoding="utf-8")
    for number in range(files):
        path = root / f"lib/{number % 20}/module_{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"NUMBER = {number}\n", encoding="utf-8")
    settings = f'[leases]\norder = "{order}"\nunknownFiles = "allow"\n'
    (root / "planmark.toml").write_text(settings, encoding="utf-8")
    made = WorkingRepository(root, folder / "config", tuple(items))
    made.git("init", "-q", "-b", "main", ".")
    made.git("config", "user.name", "Ada")
    made.git("config", "user.email", "ada@example.com")
    made.git("config", "gc.auto", "0")
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "Begin")
    return made
