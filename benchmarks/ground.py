"""What all scenarios stand on: how much is measured, on which workspaces, against which floors."""

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
"""So often something is measured at least, however long it takes."""


class Profile(NamedTuple):
    """How much is measured. Sizes are numbers of files or tasks, rates are per second, durations in seconds."""

    name: str
    race_files: tuple[int, ...]
    typing_files: tuple[int, ...]
    loading_tasks: tuple[int, ...]
    transition_rates: tuple[int, ...]
    transition_seconds: float
    memory_tasks: int
    memory_operations: int
    typed_letters: int
    """An hour of somebody who types five a second has 18,000."""
    command_files: tuple[int, ...]
    cycle_tasks: tuple[int, ...]
    repeats: int
    """So often a short piece of work is measured."""
    starts: int
    """So often a process is started."""
    most_seconds: float
    """So long one kind of work is repeated."""
    storm_seconds: float
    burst_files: int
    patience: float
    """So long a peer may take for one answer."""


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
    ),
}


class Workspace(NamedTuple):
    """A generated workspace: its root, what was written, and the PLAN of 3,000 lines in it, if there is one."""

    root: Path
    written: Written
    long: Path


@dataclass
class Ground:
    """Where a run keeps its workspaces, and how much it measures."""

    profile: Profile
    folder: Path
    bare: list[float] = field(default_factory=list)
    """Every start of a bare interpreter in this run, in seconds: how noisy the machine was."""
    _made: dict[str, Workspace] = field(default_factory=dict)
    _caches: int = 0

    def of_files(self, files: int) -> Workspace:
        """So many files, and a plan whose PLAN is long; made once in a run, so nothing may be changed in it."""
        if f"{files}" not in self._made:
            long = long_plan(LONG_LINES)
            markdown = sum(path.endswith(".md") for path in long.files)
            root = self.folder / f"files-{files}"
            written = write(itertools.chain([long], of_files(max(1, files - markdown))), root)
            self._made[f"{files}"] = Workspace(root, written, root / long.plan)
        return self._made[f"{files}"]

    def of_tasks(self, tasks: int, complexity: Complexity = "services", name: str = "") -> Workspace:
        """So many tasks; `name` makes a workspace of its own, which may be changed."""
        key = f"tasks-{tasks}-{complexity}-{name}"
        if key not in self._made:
            root = self.folder / key
            self._made[key] = Workspace(root, write(of_tasks(tasks, complexity), root), root)
        return self._made[key]

    def forget_what_was_kept(self) -> None:
        """The processes that start from now on know nothing of any workspace: they have a cache folder of their own."""
        self._caches += 1
        os.environ["PLANMARK_CACHE"] = str(self.folder / f"cache-{self._caches}")

    def interpreter(self) -> float:
        """The seconds that a bare interpreter takes."""
        started = time.perf_counter()
        subprocess.run((sys.executable, "-c", "pass"), check=True)
        self.bare.append(time.perf_counter() - started)
        return self.bare[-1]


def repeat(work: Callable[[int], float], most: int, seconds: float) -> list[float]:
    """What `work` gives for 0, 1, …: at most so often, and not much longer than so many seconds."""
    found: list[float] = []
    end = time.perf_counter() + seconds
    while len(found) < most and (len(found) < LEAST or time.perf_counter() < end):
        found.append(work(len(found)))
    return found


def seconds(work: Callable[[], object], rounds: int = 3) -> float:
    """The median time of `work`."""
    return statistics.median(timed(work) for _ in range(rounds))


def timed(work: Callable[[], object]) -> float:
    """The time of `work`."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def summary(times: Sequence[float]) -> dict[str, float]:
    """Percentiles in milliseconds; where there are fewer than a hundred, the 99th is the largest."""
    shares = {"p50_ms": 0.5, "p99_ms": 0.99, "max_ms": 1.0}
    return {"n": len(times), **{name: round(percentile(times, share) * 1000, 3) for name, share in shares.items()}}


def walk_and_stat(root: Path) -> int:
    """How many files there are under `root`, with a look at each: the floor of noticing what changed."""
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
    """How many bytes the files under `root` hold: the floor of reading them."""
    total = 0
    for folder, _, names in os.walk(root):
        for name in names:
            with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123 -- the floor has no layers
                total += len(file.read())
    return total
