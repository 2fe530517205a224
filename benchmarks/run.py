"""What reading a workspace costs, as counts and as ratios to floors that are measured in the same run.

    python benchmarks/run.py [WORKSPACE] [--json]

The floors: walking and reading the same files, and starting a bare interpreter.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from planmark.syntax import blocks
from planmark.workflow.plan import judge
from planmark.workspace.files import list_files
from planmark.workspace.index import Index
from planmark.workspace.settings import load_settings

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "workspace"
ROUNDS = 7


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median time of `work`."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def measure(root: Path) -> dict[str, float]:
    """Counts and ratios for the workspace at `root`."""
    settings = load_settings(root)
    paths = list(list_files(root, settings).files)
    parsed = 0
    parse = blocks._parse

    def counting(section: blocks.Section) -> blocks.Blocks:
        nonlocal parsed
        parsed += 1
        return parse(section)

    blocks._parse = counting
    blocks._cache.clear()
    index = Index(root)
    cold_snapshot = index.refresh()
    sections_cold, read_cold = parsed, index.read
    index.refresh()
    blocks._parse = parse

    def floor() -> None:
        for path in list_files(root, settings).files:
            (root / path).read_bytes()

    def cold() -> None:
        blocks._cache.clear()
        Index(root).refresh()

    walk = seconds(floor)
    bare = seconds(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
    status = seconds(
        lambda: subprocess.run(
            [sys.executable, "-m", "planmark", "--workspace", str(root), "status", "--json"],
            check=True,
            capture_output=True,
        )
    )
    return {
        "documents": len(paths),
        "documents_read_cold": read_cold,
        "documents_read_warm": index.read,
        "sections_parsed_cold": sections_cold,
        "sections_parsed_warm": parsed - sections_cold,
        "cold_over_walk_and_read": round(seconds(cold, 3) / walk, 1),
        "warm_over_walk_and_read": round(seconds(index.refresh) / walk, 2),
        "judge_over_walk_and_read": round(seconds(lambda: [judge(plan) for plan in cold_snapshot.plans]) / walk, 2),
        "status_over_bare_interpreter": round(status / bare, 1),
    }


def main(arguments: list[str]) -> None:
    """Prints the figures."""
    named = [Path(argument) for argument in arguments if not argument.startswith("-")]
    figures = measure((named or [EXAMPLE])[0].resolve())
    if "--json" in arguments:
        print(json.dumps(figures, indent=2))
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):<32} {value:>10}")


if __name__ == "__main__":
    main(sys.argv[1:])
