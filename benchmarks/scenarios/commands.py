"""The command line against a bare interpreter: what somebody waits for who asks once."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.ground import Ground

PLANMARK = (sys.executable, "-m", "planmark", "--quiet")
COMMANDS = {
    "next": ("next", "@LONG", "--json"),
    "status": ("status", "--json"),
    "check": ("check", "--format", "json", "--fail-on", "error"),
}
SLOW_SECONDS = 5.0
"""What takes longer is run once more, not as often as there are starts."""
LARGE_FILES = 20_000
"""Above, `check` is left out, and everything is run once: it is known from the sizes before how it grows."""


def run(ground: Ground) -> dict[str, Any]:
    """Number of files → command → seconds, and how many bare interpreters that are."""
    found: dict[str, Any] = {}
    for files in ground.profile.command_files:
        workspace = ground.of_files(files)
        large = files > LARGE_FILES
        commands = {name: command for name, command in COMMANDS.items() if not (large and name == "check")}
        found[str(files)] = {
            "files": workspace.written.files,
            "plans": len(workspace.written.expected),
            **{name: _measured(ground, workspace.root, command, once_only=large) for name, command in commands.items()},
        }
    return found


def _measured(ground: Ground, root: Path, command: tuple[str, ...], *, once_only: bool) -> dict[str, Any]:
    """The first run, those after it on unchanged files, and bare interpreters in between."""
    ground.forget_what_was_kept()
    bare: list[float] = []

    def once() -> float:
        bare.append(ground.interpreter())
        started = time.perf_counter()
        done = subprocess.run((*PLANMARK, "--workspace", str(root), *command), capture_output=True)
        spent = time.perf_counter() - started
        if done.returncode not in (0, 1, 3, 4):
            raise RuntimeError(done.stderr.decode("utf-8", "replace"))
        return spent

    first = once()
    fast = first < SLOW_SECONDS
    again = [] if once_only else [once() for _ in range(ground.profile.starts if fast else 1)]
    floor = statistics.median(bare)
    figures = {"runs": 1 + len(again), "bare_s": floor, "first_s": first, "first_over_bare": first / floor}
    if again:
        median = statistics.median(again)
        figures.update(again_s=median, again_over_bare=median / floor)
    return {name: round(value, 4) for name, value in figures.items()}
