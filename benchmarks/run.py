"""Runner of the benchmarks, which writes the results as JSON.

    python -m benchmarks.run [--profile smoke|full] [--only NAME ...] [--out FILE]

Every scenario compares with floors and peers of the same run. With `--only`, the chosen scenarios replace their parts of
an existing file.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil

import planmark
from benchmarks import work_counts
from benchmarks.harness import PROFILES, Ground, summary
from benchmarks.intervals import spread
from benchmarks.scenarios import (
    agents,
    commands,
    coordination,
    cycle,
    formats,
    git_load,
    keystrokes,
    loading,
    memory,
    race,
    runs,
    transitions,
)
from benchmarks.targets import GOALS, verdict

RESULTS = Path(__file__).with_name("results")
SCHEMA = "planmark.bench/1"
QUIET_STARTS = 10
"""Number of bare interpreters started before, and again after, each scenario, to see how noisy the machine is."""


class Scenario(NamedTuple):
    """A scenario: its name in the results, its subject in words, and the function that measures it."""

    name: str
    what: str
    run: Callable[[Ground], dict[str, Any]]


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("counts", "what is read, parsed and rendered", lambda _: work_counts.as_results()),
    Scenario("loading", "BENCH-001: projects of growing size", loading.run),
    Scenario("coordination", "BENCH-002: agents at once", coordination.run),
    Scenario("transitions", "BENCH-003: state transitions at growing rates", transitions.run),
    Scenario("git", "BENCH-004: git under load", git_load.run),
    Scenario("runs", "agents that a run starts, on many tasks", runs.run),
    Scenario("memory", "BENCH-005: memory over many operations", memory.run),
    Scenario("cycle", "one task after the other, cold and warm", cycle.run),
    Scenario("commands", "the command line against a bare interpreter", commands.run),
    Scenario("formats", "plans of other formats, large and many", formats.run),
    Scenario("agents", "the tools for agents against a bare server on the same SDK", agents.run),
    Scenario("keystrokes", "typing in a long PLAN", keystrokes.run),
    Scenario("race", "four servers on the same files", race.run),
)


def machine() -> dict[str, Any]:
    """Return what a reader must know about the machine: no names, no paths."""
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "python": platform.python_version(),
        "node": _said("node", "--version"),
    }


def measured(chosen: list[Scenario], profile: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield the name of each scenario, its results, and how noisy the machine was meanwhile."""
    with tempfile.TemporaryDirectory(prefix="planmark-bench-") as folder:
        ground = Ground(PROFILES[profile], Path(folder).resolve())
        for scenario in chosen:
            ground.forget_what_was_kept()
            began, known = time.perf_counter(), len(ground.bare)
            for _ in range(QUIET_STARTS):
                ground.interpreter()
            found = scenario.run(ground)
            for _ in range(QUIET_STARTS):
                ground.interpreter()
            bare = ground.bare[known:]
            print(f"{scenario.name:<12} {time.perf_counter() - began:7.1f} s  {scenario.what}", flush=True)
            yield scenario.name, found, {"bare_interpreter": summary(bare), "spread": round(spread(bare), 3)}


def measured_before(document: dict[str, Any]) -> dict[str, Any]:
    """Add the revision of an earlier run to each of its scenarios that has none; return its document."""
    for noise in document["noise"].values():
        noise.setdefault("revision", document["revision"])
    return document


def main() -> int:
    """Run the scenarios, write the JSON after each of them, and print which goals are met."""
    parser = argparse.ArgumentParser(description="Measures Planmark against floors and peers.")
    parser.add_argument("--profile", choices=tuple(PROFILES), default="smoke")
    parser.add_argument("--only", nargs="+", choices=[one.name for one in SCENARIOS], metavar="NAME")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    out: Path = args.out or RESULTS / f"{args.profile}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    document: dict[str, Any] = {"results": {}, "noise": {}}
    if args.only and out.is_file():
        document = measured_before(json.loads(out.read_text(encoding="utf-8")))
    revision = _said("git", "rev-parse", "--short", "HEAD")
    document.update(schema=SCHEMA, profile=args.profile, revision=revision, machine=machine())
    chosen = [one for one in SCENARIOS if not args.only or one.name in args.only]
    # An installer also compiles a package; after this, no measured process has to.
    compileall.compile_dir(Path(planmark.__file__).parent, quiet=1)
    for name, found, noise in measured(chosen, args.profile):
        # A reader of the file gets strings as keys, so the goals below must get them too.
        document["results"][name] = json.loads(json.dumps(found))
        document["noise"][name] = {**noise, "revision": revision}
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        out.write_text(text, encoding="utf-8", newline="\n")
    for goal in GOALS:
        print(f"{verdict(goal, document['results']):<60} {goal.what}")
    return 0


def _said(*command: str) -> str:
    """Return what a command prints, or "" if it is not installed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent)
    except OSError:
        return ""
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
