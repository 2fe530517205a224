"""Base of all scenarios: how much they measure, on which workspaces, and against which floors."""

from __future__ import annotations

import itertools
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from benchmarks.intervals import percentile
from benchmarks.workspaces.large import Complexity, Written, long_plan, of_files, of_tasks, write

LONG_LINES = 3000
LEAST = 3
"""Minimum number of measurements of a piece of work, however long they take."""


class Profile(NamedTuple):
    """Amounts that a run measures. Sizes are numbers of files or tasks, rates are per second, durations in seconds."""

    name: str
    race_files: tuple[int, ...]
    typing_files: tuple[int, ...]
    loading_tasks: tuple[int, ...]
    transition_rates: tuple[int, ...]
    transition_seconds: float
    memory_tasks: int
    memory_operations: int
    typed_letters: int
    """Letters of the memory scenario. A user who types five a second types 18,000 in an hour."""
    command_files: tuple[int, ...]
    cycle_tasks: tuple[int, ...]
    repeats: int
    """Maximum number of measurements of a short piece of work."""
    starts: int
    """Number of starts of a process."""
    most_seconds: float
    """Maximum seconds for which one kind of work is repeated."""
    storm_seconds: float
    burst_files: int
    patience: float
    """Maximum seconds that a peer may take for one answer."""
    git_tasks: tuple[int, ...]
    git_commits: int
    """Number of commits at each rate and number of tasks."""
    git_conflicts: int
    run_tasks: int
    run_agents: int
    run_starts: int
    run_steps: int
    run_changes: int
    run_planned: int
    format_tasks: int
    """Number of tasks in one file of a format other than the methodology."""
    format_plans: int


PROFILES: dict[str, Profile] = {
    "smoke": Profile(
        "smoke",
        race_files=(60, 240),
        typing_files=(60, 240),
        loading_tasks=(50, 200),
        transition_rates=(20, 200),
        transition_seconds=1.0,
        memory_tasks=100,
        memory_operations=150,
        typed_letters=100,
        command_files=(100,),
        cycle_tasks=(10,),
        repeats=10,
        starts=2,
        most_seconds=0.5,
        storm_seconds=1.0,
        burst_files=200,
        patience=20.0,
        git_tasks=(12,),
        git_commits=2,
        git_conflicts=1,
        run_tasks=20,
        run_agents=2,
        run_starts=2,
        run_steps=3,
        run_changes=50,
        run_planned=50,
        format_tasks=200,
        format_plans=20,
    ),
    "full": Profile(
        "full",
        race_files=(1_000, 10_000, 50_000),
        typing_files=(1_000, 10_000, 50_000),
        loading_tasks=(10, 50, 100, 500, 1_000, 2_000),
        transition_rates=(10, 50, 100, 200, 500),
        transition_seconds=60.0,
        memory_tasks=1_000,
        memory_operations=9_000,
        typed_letters=18_000,
        command_files=(740, 10_000, 50_000),
        cycle_tasks=(10, 25, 50),
        repeats=100,
        starts=7,
        most_seconds=6.0,
        storm_seconds=60.0,
        burst_files=10_000,
        patience=300.0,
        git_tasks=(100, 500, 1_000),
        git_commits=20,
        git_conflicts=5,
        run_tasks=200,
        run_agents=10,
        run_starts=20,
        run_steps=20,
        run_changes=1_000,
        run_planned=500,
        format_tasks=5_000,
        format_plans=1_000,
    ),
}


class Workspace(NamedTuple):
    """A generated workspace: its root, what was written, and the path of its PLAN of 3,000 lines.

    A workspace of tasks has no such PLAN; its `long` is the root.
    """

    root: Path
    written: Written
    long: Path


@dataclass
class Ground:
    """The profile of a run, and the folder of its workspaces."""

    profile: Profile
    folder: Path
    bare: list[float] = field(default_factory=list)
    """Seconds of every start of a bare interpreter in this run. Their spread shows how noisy the machine was."""
    _made: dict[str, Workspace] = field(default_factory=dict)
    _caches: int = 0

    def of_files(self, files: int) -> Workspace:
        """Return a workspace of `files` files, with the files of a plan whose PLAN is long.

        A run makes each size once, so a scenario must not change the workspace.
        """
        if f"{files}" not in self._made:
            long = long_plan(LONG_LINES)
            markdown = sum(path.endswith(".md") for path in long.files)
            root = self.folder / f"files-{files}"
            written = write(itertools.chain([long], of_files(max(1, files - markdown))), root)
            self._made[f"{files}"] = Workspace(root, written, root / long.plan)
        return self._made[f"{files}"]

    def of_tasks(self, tasks: int, complexity: Complexity = "services", name: str = "") -> Workspace:
        """Return a workspace of `tasks` tasks. With `name`, it is a separate one, which the scenario may change."""
        key = f"tasks-{tasks}-{complexity}-{name}"
        if key not in self._made:
            root = self.folder / key
            self._made[key] = Workspace(root, write(of_tasks(tasks, complexity), root), root)
        return self._made[key]

    def forget_what_was_kept(self) -> None:
        """Give all processes that start from now on a new, empty cache folder."""
        self._caches += 1
        os.environ["PLANMARK_CACHE"] = str(self.folder / f"cache-{self._caches}")

    def interpreter(self) -> float:
        """Start a bare interpreter; return and record the seconds that it takes."""
        started = time.perf_counter()
        subprocess.run((sys.executable, "-c", "pass"), check=True)
        self.bare.append(time.perf_counter() - started)
        return self.bare[-1]


def repeat(work: Callable[[int], float], most: int, seconds: float) -> list[float]:
    """Call `work` with 0, 1, … and return its results.

    Makes at most `most` calls, and no more after `seconds` have passed, but always up to `LEAST` calls.
    """
    found: list[float] = []
    end = time.perf_counter() + seconds
    while len(found) < most and (len(found) < LEAST or time.perf_counter() < end):
        found.append(work(len(found)))
    return found


def seconds(work: Callable[[], object], rounds: int = 3) -> float:
    """Return the median time of `rounds` calls of `work`, in seconds."""
    return statistics.median(timed(work) for _ in range(rounds))


def timed(work: Callable[[], object]) -> float:
    """Return the time of one call of `work`, in seconds."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def summary(times: Sequence[float]) -> dict[str, float]:
    """Return percentiles in milliseconds. With fewer than a hundred times, the 99th is the largest."""
    shares = {"p50_ms": 0.5, "p99_ms": 0.99, "max_ms": 1.0}
    return {"n": len(times), **{name: round(percentile(times, share) * 1000, 3) for name, share in shares.items()}}


def walk_and_stat(root: Path) -> int:
    """Stat every file under `root` and return their number: the floor of noticing changes."""
    number = 0
    pending = [str(root)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    entry.stat()
                    number += 1
    return number


def walk_and_read(root: Path) -> int:
    """Read every file under `root` and return their bytes in total: the floor of reading them."""
    total = 0
    for folder, _, names in os.walk(root):
        for name in names:
            with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123 -- the floor has no layers
                total += len(file.read())
    return total
