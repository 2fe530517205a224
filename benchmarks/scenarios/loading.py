"""BENCH-001: loading projects of 10 to 2,000 tasks: read them, evaluate their states, draw their dependencies.

Each size has a process of its own, and so a peak of memory of its own. The server also loads it, until it can answer the
first next step.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.harness import Ground
from benchmarks.intervals import slope
from benchmarks.rpc import OURS, Server
from benchmarks.workspaces.large import SHAPES

LOADS = 3


def run(ground: Ground) -> dict[str, Any]:
    """Return the results by number of tasks and, for one size, by complexity."""
    sizes = {tasks: _measured(ground.of_tasks(tasks).root, tasks) for tasks in ground.profile.loading_tasks}
    middle = ground.profile.loading_tasks[-2]
    mixed = {complexity: _measured(ground.of_tasks(middle, complexity).root, middle) for complexity in SHAPES}
    # Below 50 tasks, the costs that do not depend on the size hide those that do.
    large = [(tasks, found["load_s"]) for tasks, found in sizes.items() if tasks >= 50]
    return {"tasks": sizes, "complexities": mixed, "slope": round(slope(large), 3)}


def _measured(root: Path, tasks: int) -> dict[str, Any]:
    command = (sys.executable, "-m", "benchmarks.scenarios.loading", str(root))
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    found["ms_per_task"] = round(found["load_s"] * 1000 / tasks, 3)
    found["mb_per_task"] = round(max(0, found["peak_bytes"] - found["empty_bytes"]) / tasks / 1e6, 4)
    with Server(OURS) as server:
        server.initialize(root)
        server.told("planmark/serverStatus", lambda status: status["quiescent"])
        server.request("planmark/status")
        found["server_first_next_step_s"] = round(time.perf_counter() - server.started, 4)
    return found


def load(root: Path) -> dict[str, Any]:
    """Load the workspace several times in this process; return seconds and bytes."""
    from planmark.formats.planmark.ownership.plan_documents import as_plan_documents
    from planmark.formats.planmark.workflow.plan_state import evaluate
    from planmark.markdown.parsed_source import clear_caches
    from planmark.queries.graph import graph_result
    from planmark.queries.next import prompt_of
    from planmark.queries.workspace_view import build_view
    from planmark.workspace.index import Index

    process = psutil.Process()
    empty = process.memory_info().rss
    loads = []
    for _ in range(LOADS):
        clear_caches()
        started = time.perf_counter()
        index = Index(root)
        snapshot = index.refresh()
        parsed = time.perf_counter()
        for plan in snapshot.plans:
            evaluate(as_plan_documents(plan))
        judged = time.perf_counter()
        view = build_view(snapshot, index.text_reader(), index.parsed_count, exists=index.exists)
        for plan in snapshot.plans:
            graph_result(view, plan.path)
        drawn = time.perf_counter()
        prompt_of(view, snapshot.plans[0])
        done = time.perf_counter()
        loads.append(
            {
                "parse_s": parsed - started,
                "judge_s": judged - parsed,
                "graph_s": drawn - judged,
                "first_next_step_s": done - started,
            }
        )
    return {
        **{name: round(value, 5) for name, value in loads[0].items()},
        "load_s": round(loads[0]["first_next_step_s"], 5),
        "repeated_over_first": round(loads[-1]["first_next_step_s"] / loads[0]["first_next_step_s"], 3),
        "empty_bytes": empty,
        "peak_bytes": _peak(process),
    }


def _peak(process: psutil.Process) -> int:
    """Return the maximum resident bytes of this process so far."""
    if sys.platform == "win32":
        return int(process.memory_info().peak_wset)
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    print(json.dumps(load(Path(sys.argv[1]))))
