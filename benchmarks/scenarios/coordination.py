"""BENCH-002: agents on one plan at once, each a process. They take steps, and change leases at a rate.

No step is given twice, and no lease is lost, or the run says how many were.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.coordination_agent import take
from benchmarks.harness import Ground, summary
from planmark.coordination.assignment import Agent, Assignable, assign
from planmark.coordination.lease_store import LeaseStore

AGENTS = {"smoke": (2, 5), "full": (2, 5, 10, 15, 20)}
ITEMS_OF_AN_AGENT = 10
WORK_SECONDS = 0.2
"""Time for which an agent works on each step."""
RATES = (200, 500)
WRITERS = 8
KEYS = 200
KILLS = 20


def run(ground: Ground) -> dict[str, Any]:
    """Return the results by number of agents, and by rate of changes."""
    profile = ground.profile
    return {
        "agents": {number: _pulled(ground.folder, number) for number in AGENTS[profile.name]},
        "rates": {rate: _changed(ground.folder, rate, profile.transition_seconds) for rate in RATES},
        "after_kill": _after_kill(ground.folder),
    }


@contextmanager
def _agents(number: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Start agents, and end them afterwards."""
    running = [
        subprocess.Popen(
            (sys.executable, "-m", "benchmarks.coordination_agent", str(at)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for at in range(number)
    ]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.communicate()


def _ask_all(agents: list[subprocess.Popen[str]], *line: Any) -> list[dict[str, Any]]:
    """Tell all agents the same, and return their answers."""
    for agent in agents:
        assert agent.stdin is not None
        agent.stdin.write(json.dumps(line) + "\n")
        agent.stdin.flush()
    return [json.loads(agent.stdout.readline()) for agent in agents if agent.stdout is not None]


def _pulled(folder: Path, number: int) -> dict[str, Any]:
    """Let agents take the steps of a plan until it is done; each step waits for those of lower priority."""
    root = folder / f"coordination-{number}"
    items = _write_plan(root, number * ITEMS_OF_AN_AGENT)
    started = time.perf_counter()
    with _agents(number) as agents:
        answers = _ask_all(agents, "pull", str(root), WORK_SECONDS)
    given = Counter(item for answer in answers for item in answer["items"])
    mine = [len(answer["items"]) for answer in answers]
    hours = [1.0 + at % 4 for at in range(len(items))]
    work = [Assignable(item, hour, "executor") for item, hour in zip(items, hours, strict=True)]
    return {
        "items": len(items),
        "seconds": round(time.perf_counter() - started, 2),
        "lease": summary([took for answer in answers for took in answer["took"]]),
        "given_twice": sum(times - 1 for times in given.values()),
        "not_given": len(set(items) - given.keys()),
        "errors": sum(len(answer["errors"]) for answer in answers),
        "imbalance": round((max(mine) - sum(mine) / number) / (sum(mine) / number), 3),
        "imbalance_assigned": round(assign(work, [Agent(f"agent-{at}") for at in range(number)]).imbalance, 3),
    }


def _write_plan(root: Path, items: int) -> list[str]:
    """Write a PLAN whose items have four priorities, and a file each. Return the ids."""
    ids = [f"{1 + at % 4}.{1 + at // 4}" for at in range(items)]
    index = "".join(f"- Achievement {item}: Part {item}\n" for item in sorted(ids))
    bodies = ""
    for priority in range(1, 5):
        bodies += f"\n## Priority {priority}\n"
        for item in ids:
            if item.startswith(f"{priority}."):
                bodies += f"\n**Achievement {item}**: Part {item}\n\n- **Deliverables**:\n  - `src/{item.replace('.', '_')}.py`\n"
    path = root / "work-space/plans/P/PLAN_P.md"
    path.parent.mkdir(parents=True)
    text = f"# PLAN: P\n\n**Status**: In Progress\n\n## Achievement Index\n\n{index}{bodies}\n## Goal\n\nx\n"
    path.write_text(text, encoding="utf-8")
    return ids


def _changed(folder: Path, rate: int, seconds: float) -> dict[str, Any]:
    """Let writers change leases `rate` times a second in all."""
    place = folder / f"leases-{rate}"
    with _agents(WRITERS) as agents:
        answers = _ask_all(agents, "changes", str(place), KEYS, rate / WRITERS, seconds)
    leases = LeaseStore(place).read().values()
    return {
        **summary([took for answer in answers for took in answer["took"]]),
        "changes": sum(len(answer["took"]) for answer in answers),
        "errors": sum(len(answer["errors"]) for answer in answers),
        "wrong_at_the_end": sum(one.lease is None or one.lease.state != "ended" for one in leases),
    }


def _after_kill(folder: Path) -> dict[str, Any]:
    """Kill a process that changes a lease, and time the next lease of a different one."""
    place = folder / "leases-killed"
    store, took = LeaseStore(place), []
    for key in range(KILLS):
        with _agents(1) as agents:
            _ask_all(agents, "hold", str(place))
            agents[0].kill()
            started = time.perf_counter()
            assert take(store, key)
            took.append(time.perf_counter() - started)
    return summary(took)
