"""Runs: many agents on many tasks, many starts, the overhead of a step, many changes of state, and a large plan.

The agent does the step of its prompt at once, without a model. So all of the time is Planmark's and git's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.harness import Ground, summary
from benchmarks.operations import LIFE, take_turn, targets
from benchmarks.working import WorkingRepository, write_repository, write_repository_of_groups
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of
from planmark.queries.waves import waves_result
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

GROUP = 10
"""Tasks of a group, which wait for all tasks of the group before."""
WORK_SECONDS = 0.1
"""Time for which an agent works on each task."""
WAIT_SECONDS = 0.02
FILES = 1_000
"""Files of the workspace in which many agents start."""


def run(ground: Ground) -> dict[str, Any]:
    """Return the results of each kind of load."""
    profile = ground.profile
    return {
        "throughput": _throughput(ground.folder / "runs-throughput", profile.run_tasks, profile.run_agents),
        "starts": _starts(ground.folder / "runs-starts", profile.run_starts),
        "overhead": _overhead(ground.folder / "runs-overhead", profile.run_steps),
        "changes": _changes(ground, profile.run_changes),
        "planned": _planned(ground, profile.run_planned),
    }


def _run(made: WorkingRepository, at_once: int) -> float:
    """Run all tasks of the plan; return the seconds."""
    started = time.perf_counter()
    done = made.planmark("run", "@parts", "--yes", "--agents", str(at_once), "--steps", "implement_task")
    # A plan of OpenSpec then waits for a person, who archives it.
    assert done.returncode in (0, 4), done.stdout + done.stderr
    return time.perf_counter() - started


def _throughput(folder: Path, tasks: int, agents: int) -> dict[str, Any]:
    made = write_repository_of_groups(folder, [GROUP] * (tasks // GROUP))
    trace = folder / "trace.jsonl"
    made.write_agents("slow", "--seconds", str(WORK_SECONDS), "--trace", str(trace), at_once=agents)
    seconds = _run(made, agents)
    done = made.done()
    return {
        "agents": agents,
        "tasks": len(made.items),
        "seconds": round(seconds, 2),
        "not_done": len(set(made.items) - done),
        "out_of_order": out_of_order(made.journal()),
        "trees_left": len(made.git("worktree", "list", "--porcelain").strip().split("\n\n")) - 2,
    }


def out_of_order(events: Sequence[dict[str, Any]]) -> int:
    """Return the number of attempts that began before every task of the groups before was done."""
    done: dict[int, int] = {}
    wrong = 0
    for event in events:
        if event["type"] not in ("attempt.started", "step.ended"):
            continue
        group = int(event["achievement"].partition(".")[0])
        if event["type"] == "step.ended":
            done[group] = done.get(group, 0) + (event["class"] == "ok")
        else:
            wrong += any(done.get(earlier, 0) < GROUP for earlier in range(1, group))
    return wrong


def _starts(folder: Path, agents: int) -> dict[str, Any]:
    """Start agents at once, in trees of many files; return the seconds until the last of them works."""
    made = write_repository(folder, [agents], files=FILES, order="none")
    go, trace = folder / "go", folder / "trace.jsonl"
    made.write_agents("ok", "--go", str(go), "--trace", str(trace), at_once=agents)
    command = (sys.executable, "-m", "planmark", "--workspace", str(made.root), "run", "@parts", "--yes")
    started = time.perf_counter()
    process = subprocess.Popen(
        (*command, "--agents", str(agents), "--steps", "implement_task"),
        env={**os.environ, "PLANMARK_CONFIG": str(made.config)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while _begun(trace) < agents and process.poll() is None:
            time.sleep(WAIT_SECONDS)
        seconds, begun = time.perf_counter() - started, _begun(trace)
    finally:
        go.touch()
        process.wait()
    return {"agents": agents, "files": FILES, "seconds": round(seconds, 2), "not_started": agents - begun}


def _begun(trace: Path) -> int:
    """Return the number of agents that work, by their trace."""
    if not trace.exists():
        return 0
    return sum(json.loads(line)["event"] == "begin" for line in trace.read_text(encoding="utf-8").splitlines())


def _overhead(folder: Path, steps: int) -> dict[str, Any]:
    """Let one agent do steps at once; return the time of each without the time of its agent."""
    made = write_repository(folder, [steps + 1])
    made.write_agents("ok", at_once=1)
    _run(made, 1)
    events = made.journal()
    ends = [event["at"] for event in events if event["type"] == "step.ended"]
    agents = [event["seconds"] for event in events if event["type"] == "attempt.ended"]
    # The first step also has the begin of the run.
    times = [end - before - agent for before, end, agent in zip(ends, ends[1:], agents[1:], strict=False)]
    return summary(times)


def _view(index: Index, before: View | None = None) -> View:
    return build_view(index.snapshot(), index.text_reader(), index.parsed_count, before, index.exists)


def _changes(ground: Ground, number: int) -> dict[str, Any]:
    """Change states one after the other; return the seconds until each is known, and how many were wrong."""
    workspace = ground.of_tasks(ground.profile.run_planned, name="runs-changes")
    chosen = targets(workspace.written.expected)[: max(1, number // len(LIFE))]
    index = Index(workspace.root)
    index.refresh()
    view, wrong = _view(index), 0
    started = time.perf_counter()
    for at in range(number):
        target = chosen[at % len(chosen)]
        state, paths = take_turn(workspace.root, target, at // len(chosen))
        index.mark_stale(paths)
        view = _view(index, view)
        known = {item.id: item.state for item in view.state(target.plan).achievements}
        wrong += known[target.achievement] != state
    return {"changes": number, "seconds": round(time.perf_counter() - started, 2), "wrong": wrong}


def _planned(ground: Ground, tasks: int) -> dict[str, Any]:
    """Read plans of many tasks, and make their waves and the prompt of every task that has a step."""
    workspace = ground.of_tasks(tasks, name="runs-planned")
    started = time.perf_counter()
    index = Index(workspace.root)
    index.refresh()
    view, prompts, waves = _view(index), 0, 0
    for plan in view.snapshot.plans:
        waves += len(waves_result(view, plan, GROUP).waves)
        for item in view.state(plan.path).achievements:
            try:
                prompt_of(view, plan, item.id)
            except NoAnswerError:
                continue
            prompts += 1
    return {
        "tasks": tasks,
        "seconds": round(time.perf_counter() - started, 2),
        "prompts": prompts,
        "waves": waves,
    }
