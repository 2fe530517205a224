"""BENCH-003: 10 to 500 state transitions of achievements a second, from eight writers at once.

A transition begins before its file is written, and ends when the client has received the new state. At the end, the states
of the server must equal those of the writers, and those of a reader that reads everything again.
"""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.harness import Ground, Workspace, summary
from benchmarks.monitor import Monitor
from benchmarks.operations import LIFE, Target, take_turn, targets
from benchmarks.rpc import OURS, Server, TimedOutError

WRITERS = 8
TASKS = 1_000
LATE_SECONDS = 5.0
"""Time limit: it is an error if the right state has not arrived by then."""
GOAL_SECONDS = 0.1
GOAL_RATE = 200
"""Transitions a second that the goals are about."""


@dataclass
class Life:
    """Progress of an achievement: turns done, the state that follows from them, and when the server reported it."""

    target: Target
    turns: int = 0
    state: str = ""
    told: threading.Event = field(default_factory=threading.Event)
    at: float = 0.0


def run(ground: Ground) -> dict[str, Any]:
    """Return the results by rate, over the protocol, and beside a busy core; and the time of a transition in process."""
    profile = ground.profile
    tasks = TASKS if profile.name == "full" else profile.memory_tasks
    seconds = profile.transition_seconds
    rates = {
        rate: _at(ground.of_tasks(tasks, name=f"transitions-{rate}"), rate, seconds)
        for rate in profile.transition_rates
    }
    with _busy_core():
        beside_busy = _at(ground.of_tasks(tasks, name="transitions-busy"), GOAL_RATE, seconds)
    return {"tasks": tasks, "rates": rates, "beside_busy": beside_busy, "in_process": _in_process(ground, tasks)}


@contextmanager
def _busy_core() -> Iterator[None]:
    """Keep one core busy with a process."""
    with subprocess.Popen((sys.executable, "-c", "while True: pass")) as process:
        try:
            yield
        finally:
            process.kill()


def _at(workspace: Workspace, rate: int, seconds: float) -> dict[str, Any]:
    lives = [Life(target, state=target.before) for target in targets(workspace.written.expected)]
    with Server(OURS) as server:
        server.initialize(workspace.root)
        server.told("planmark/serverStatus", lambda status: status["quiescent"])
        listener = _listen(server, lives)
        with Monitor(server.process.pid) as monitor:
            done, refused = _write(server, workspace.root, lives, rate, seconds)
        listener.set()
        found = _judged(server, workspace, lives)
    late = done.count(None)
    # A state that never arrived took at least as long as the writer waited.
    times = [LATE_SECONDS if seconds is None else seconds for seconds in done]
    return {
        "asked_for": int(rate * seconds),
        "done": len(times) - late,
        "late": late,
        "no_free_achievement": refused,
        "errors": round((late + refused) / (rate * seconds), 5),
        "within_goal": round(sum(time <= GOAL_SECONDS for time in times) / max(1, len(times)), 4),
        **(summary(times) if times else {}),
        "wrong_at_the_end": found,
        "cpu_percent": round(monitor.cpu, 1),
        "peak_bytes": monitor.peak,
    }


def _listen(server: Server, lives: list[Life]) -> threading.Event:
    """Follow the states that the server reports, in a thread, until the returned event is set."""
    by_name = {(life.target.plan, life.target.achievement): life for life in lives}
    stop = threading.Event()

    def follow() -> None:
        seen = 0
        while not stop.is_set():
            for arrival in server.notifications[seen:]:
                seen += 1
                if arrival.message["method"] == "planmark/stateChanged":
                    for change in arrival.message["params"]["changes"]:
                        life = by_name.get((change["plan"], change["achievement"]))
                        if life is not None and change["to"] == life.state:
                            life.at = arrival.at
                            life.told.set()
            time.sleep(0.001)

    threading.Thread(target=follow, daemon=True).start()
    return stop


def _write(server: Server, root: Path, lives: list[Life], rate: int, seconds: float) -> tuple[list[float | None], int]:
    """Let eight writers take turns of achievements, `rate` a second.

    Returns the seconds of each transition (None: late), and how often no achievement was free.
    """
    free: queue.SimpleQueue[Life] = queue.SimpleQueue()
    for life in lives:
        free.put(life)
    done: list[float | None] = []
    refused = [0]
    began = time.perf_counter()

    def confirm(life: Life, started: float) -> None:
        done.append(life.at - started if life.told.wait(LATE_SECONDS) else None)
        free.put(life)

    def writer(number: int) -> None:
        waiting: list[threading.Thread] = []
        for serial in range(number, int(rate * seconds), WRITERS):
            pause = began + serial / rate - time.perf_counter()
            if pause > 0:
                time.sleep(pause)
            try:
                life = free.get_nowait()
            except queue.Empty:
                refused[0] += 1
                continue
            life.told.clear()
            started = time.perf_counter()
            # The state is set before the file is written, because the server may report it at once.
            turn = life.turns % len(LIFE)
            life.state = LIFE[turn].state or life.target.before
            _, paths = take_turn(root, life.target, turn)
            life.turns += 1
            events = [{"uri": (root / path).as_uri(), "type": _kind(turn)} for path in paths]
            server.notify("workspace/didChangeWatchedFiles", {"changes": events})
            waiting.append(threading.Thread(target=confirm, args=(life, started)))
            waiting[-1].start()
        for thread in waiting:
            thread.join()

    writers = [threading.Thread(target=writer, args=(number,)) for number in range(WRITERS)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    return done, refused[0]


def _kind(turn: int) -> int:
    """Return the type of a file event: created (1), changed (2) or deleted (3)."""
    if LIFE[turn].text is None:
        return 3
    return 2 if turn and LIFE[turn].name == LIFE[turn - 1].name else 1


def _judged(server: Server, workspace: Workspace, lives: list[Life]) -> int:
    """Count the states of the server that differ from those of the writers, or of a reader that reads everything again.

    If the server does not answer, every achievement counts.
    """
    try:
        result = server.request("planmark/status")
    except TimedOutError:
        return len(lives)
    from planmark.formats.planmark.ownership.plan_documents import as_plan_documents
    from planmark.formats.planmark.workflow.plan_state import evaluate
    from planmark.workspace.index import load_snapshot

    told: dict[tuple[str, str], str] = {
        (plan["path"], known["id"]): known["state"]
        for plan in result["workspaces"][0]["plans"]
        for known in plan["achievements"]
    }
    fresh = {
        (plan.path, known.id): known.state
        for plan in load_snapshot(workspace.root).plans
        for known in evaluate(as_plan_documents(plan)).achievements
    }
    wrong = sum(told.get((life.target.plan, life.target.achievement)) != life.state for life in lives)
    return wrong + sum(told.get(name) != state for name, state in fresh.items())


def _in_process(ground: Ground, tasks: int) -> dict[str, Any]:
    """Make one transition after the other, and read and evaluate each without the protocol."""
    from planmark.queries.workspace_view import build_view
    from planmark.workspace.index import Index

    workspace = ground.of_tasks(tasks, name="transitions-in-process")
    index = Index(workspace.root)
    view = build_view(index.refresh(), index.text_reader(), index.parsed_count, exists=index.exists)
    target = targets(workspace.written.expected)[0]
    times, wrong = [], 0
    for turn in range(len(LIFE) * (10 if ground.profile.name == "full" else 2)):
        started = time.perf_counter()
        state, paths = take_turn(workspace.root, target, turn)
        index.mark_stale(paths)
        view = build_view(index.snapshot(), index.text_reader(), index.parsed_count, view, index.exists)
        times.append(time.perf_counter() - started)
        found = view.evaluations[target.plan].state.achievements
        wrong += next(known.state for known in found if known.id == target.achievement) != state
    return {**summary(times), "wrong": wrong}
