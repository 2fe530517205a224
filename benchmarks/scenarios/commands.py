"""The command line against a bare interpreter: the time that a user waits for one command."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.harness import Ground

PLANMARK = (sys.executable, "-m", "planmark", "--quiet")
COMMANDS = {
    "next": ("next", "@LONG", "--json"),
    "status": ("status", "--json"),
    "check": ("check", "--format", "json", "--fail-on", "error"),
}
RENDERED_BUDGET = 7000
"""Tokens. Each run has a different budget, so that the result cache has no answer and Planmark renders the prompt."""
SLOW_SECONDS = 5.0
"""If the second run of a command takes longer, further runs are left out."""
LARGE_FILES = 20_000
"""In larger workspaces, `check` is left out, because the smaller ones show how it grows."""


def run(ground: Ground) -> dict[str, Any]:
    """Return number of files → command → seconds, and the same as a multiple of a bare interpreter."""
    found: dict[str, Any] = {}
    for files in ground.profile.command_files:
        workspace = ground.of_files(files)
        large = files > LARGE_FILES
        commands = {name: command for name, command in COMMANDS.items() if not (large and name == "check")}
        found[str(files)] = {
            "files": workspace.written.files,
            "plans": len(workspace.written.expected),
            **{name: _measured(ground, workspace.root, command) for name, command in commands.items()},
        }
    return found


def _measured(ground: Ground, root: Path, command: tuple[str, ...]) -> dict[str, Any]:
    """Time the first run of a command, further runs on unchanged files, and prompts with other budgets.

    A bare interpreter starts before each run.
    """
    ground.forget_what_was_kept()
    bare: list[float] = []

    def once(*further: str) -> float:
        bare.append(ground.interpreter())
        started = time.perf_counter()
        done = subprocess.run((*PLANMARK, "--workspace", str(root), *command, *further), capture_output=True)
        spent = time.perf_counter() - started
        if done.returncode not in (0, 1, 3, 4):
            raise RuntimeError(done.stderr.decode("utf-8", "replace"))
        return spent

    first, second = once(), once()
    runs = ground.profile.starts if second < SLOW_SECONDS else 1
    times = {"first": [first], "again": [second, *(once() for _ in range(1, runs))]}
    if command[0] == "next":
        times["rendered"] = [once("--budget", str(RENDERED_BUDGET + number)) for number in range(runs)]
    floor = statistics.median(bare)
    figures: dict[str, float] = {"runs": runs, "bare_s": floor}
    for name, spent in times.items():
        median = statistics.median(spent)
        figures |= {f"{name}_s": median, f"{name}_over_bare": median / floor}
    return {name: round(value, 4) for name, value in figures.items()}
