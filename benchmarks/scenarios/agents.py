"""The tools for agents against a bare server on the same SDK, started alternately, and twenty servers at once.

The first `next` of a process comes from the cached results of an earlier process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

from benchmarks.harness import Ground, repeat, summary
from benchmarks.intervals import percentile

OURS = ("-m", "planmark", "mcp")
BARE = ("-m", "benchmarks.bare_mcp")
TASKS = 50
SERVERS = 20
ROUNDS = 5
HANDSHAKE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "benchmark", "version": "1"}}
NEXT = {"name": "next", "arguments": {}}
REPOSITORY = Path(__file__).resolve().parents[2]


class AgentProcess:
    """A server in a subprocess. `first_answer` is the time in seconds from its start to its first answer."""

    def __init__(self, arguments: tuple[str, ...], root: Path) -> None:
        where = ["--workspace", str(root)] if arguments is OURS else []
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, *arguments, *where], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.ask("initialize", HANDSHAKE)
        self.first_answer = time.perf_counter() - started
        self._tell({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def __enter__(self) -> AgentProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def _tell(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, method: str, params: dict[str, Any]) -> float:
        """Return the seconds until the answer."""
        started = time.perf_counter()
        self._tell({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        assert self.process.stdout is not None
        while "id" not in json.loads(self.process.stdout.readline()):
            pass
        return time.perf_counter() - started

    def memory(self) -> int:
        """Return the bytes in memory."""
        found: int = psutil.Process(self.process.pid).memory_info().rss
        return found


def run(ground: Ground) -> dict[str, Any]:
    """Return the times and the memory of both servers, and of many servers at once."""
    root = ground.of_tasks(TASKS).root
    with AgentProcess(OURS, root) as first:
        first.ask("tools/call", NEXT)
    figures: dict[str, dict[str, list[float]]] = {"ours": {}, "bare": {}}

    def measure(number: int) -> float:
        # The one that starts first alternates, so that a change of the machine's speed concerns both.
        for name, arguments in sorted({"ours": OURS, "bare": BARE}.items(), reverse=number % 2 == 0):
            with AgentProcess(arguments, root) as server:
                found = figures[name]
                found.setdefault("first_answer_s", []).append(server.first_answer)
                found.setdefault("next_s", []).append(server.ask("tools/call", NEXT))
                found.setdefault("memory_mb", []).append(server.memory() / 1e6)
        return figures["ours"]["first_answer_s"][-1]

    repeat(measure, ground.profile.starts, ground.profile.most_seconds)
    of_each = {
        name: {
            "first_answer": summary(found["first_answer_s"]),
            "next": summary(found["next_s"]),
            "memory_mb": round(sorted(found["memory_mb"])[len(found["memory_mb"]) // 2], 1),
        }
        for name, found in figures.items()
    }
    return {**of_each, "servers": _at_once(root)}


def _at_once(root: Path) -> dict[str, Any]:
    """Return the time of one warm `next` alone, and of one on each of many servers at once."""
    with ExitStack() as running, ThreadPoolExecutor(SERVERS) as threads:
        servers = [running.enter_context(AgentProcess(OURS, root)) for _ in range(SERVERS)]
        for server in servers:
            server.ask("tools/call", NEXT)
        alone: list[float] = []
        together: list[float] = []
        for _ in range(ROUNDS):
            # In turn, so that a change of the machine's speed concerns both.
            alone += [server.ask("tools/call", NEXT) for server in servers]
            together += threads.map(lambda server: server.ask("tools/call", NEXT), servers)
    p95 = round(percentile(together, 0.95) * 1000, 3)
    return {"count": SERVERS, "alone": summary(alone), "together": {**summary(together), "p95_ms": p95}}
