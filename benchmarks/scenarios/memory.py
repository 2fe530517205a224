"""BENCH-005: growth of memory and pauses of the garbage collector over 9,000 operations on 1,000 tasks.

People and agents would spread the operations over half an hour, five in a second. Here the client sends each group of ten
as soon as the server has answered the group before: the same work, without the waiting.
"""

from __future__ import annotations

import gc
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.harness import Ground, Workspace
from benchmarks.monitor import Monitor
from benchmarks.operations import LIFE, Operation, Target, operations, take_turn, targets
from benchmarks.rpc import WATCHED, Server

GROUP = 10
WARM_UP = 0.2
"""Share of the time after which memory must not grow."""
TARGETS = 60


def run(ground: Ground) -> dict[str, Any]:
    """Return the results of the server, of the same operations in process, and of typing."""
    profile = ground.profile
    return {
        "tasks": profile.memory_tasks,
        "operations": profile.memory_operations,
        "server": _served(ground, ground.of_tasks(profile.memory_tasks, name="memory-server")),
        "in_process": _in_process(ground, ground.of_tasks(profile.memory_tasks, name="memory-process")),
        "typing": _typed(ground, ground.of_tasks(profile.memory_tasks, name="memory-typing")),
    }


def _planned(ground: Ground, workspace: Workspace) -> list[Operation]:
    chosen = targets(workspace.written.expected)[:TARGETS]
    return operations(chosen, ground.profile.memory_operations, rate=5.0)


class Texts:
    """Texts of the documents that an editor has open, which operations change."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._texts: dict[str, str] = {}

    def changed(self, operation: Operation) -> tuple[str, str]:
        """Return the path and the new text of a document after `operation`.

        Its kind must be `agent_status_update` or `dependency_modification`.
        """
        target = operation.target
        text = self._texts.setdefault(target.plan, (self._root / target.plan).read_text(encoding="utf-8"))
        if operation.kind == "dependency_modification":
            return target.plan, _depending(text, target, operation.serial)
        return target.plan, f"{text}\n**Last Updated**: after operation {operation.serial}\n"


def _depending(text: str, target: Target, serial: int) -> str:
    """Return the PLAN with a line after the achievement that says what it blocks."""
    lines = text.split("\n")
    heading = next(
        i for i, line in enumerate(lines) if f"chievement {target.achievement}" in line and "- [" not in line
    )
    return "\n".join([*lines[: heading + 1], "", f"- **Blocks**: {serial % 9}.{serial % 7 + 1}", *lines[heading + 1 :]])


def _served(ground: Ground, workspace: Workspace) -> dict[str, Any]:
    root, turns = workspace.root, Counter[Target]()
    texts, versions = Texts(root), Counter[str]()
    pauses: list[float] = []
    with Server(WATCHED) as server:
        server.initialize(root)
        server.told("planmark/serverStatus", lambda status: status["quiescent"])
        began = time.perf_counter()
        with Monitor(server.process.pid) as monitor:
            for operation in _planned(ground, workspace):
                if operation.kind in ("state_transition", "task_assignment"):
                    _, paths = take_turn(root, operation.target, turns[operation.target])
                    turns[operation.target] += 1
                    events = [{"uri": (root / path).as_uri(), "type": 2} for path in paths]
                    server.notify("workspace/didChangeWatchedFiles", {"changes": events})
                else:
                    path, text = texts.changed(operation)
                    uri = (root / path).as_uri()
                    if not versions[uri]:
                        server.open(root / path)
                        versions[uri] = 1
                    versions[uri] += 1
                    document = {"uri": uri, "version": versions[uri]}
                    server.notify(
                        "textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]}
                    )
                if operation.serial % GROUP == GROUP - 1:
                    server.request("planmark/nextPrompt", {"plan": operation.target.plan})
                if operation.serial % 500 == 499:
                    pauses += server.request("bench/felt")["gc_pauses"]
        spent = time.perf_counter() - began
        pauses += server.request("bench/felt")["gc_pauses"]
        figures = server.request("planmark/metrics/get")
    return {**_memory(monitor, pauses), "seconds": round(spent, 1), "caches": figures["caches"]}


def _in_process(ground: Ground, workspace: Workspace) -> dict[str, Any]:
    from planmark.prompts.cache import PromptCache
    from planmark.queries.lookup import NoAnswerError
    from planmark.queries.next import prompt_of
    from planmark.queries.workspace_view import build_view
    from planmark.workspace.index import Index

    root, turns, texts, cache = workspace.root, Counter[Target](), Texts(workspace.root), PromptCache()
    index = Index(root)
    view = build_view(index.refresh(), index.text_reader(), index.parsed_count, exists=index.exists)
    pauses: list[float] = []
    started = [0.0]

    def collected(phase: str, _about: dict[str, int]) -> None:
        if phase == "start":
            started[0] = time.perf_counter()
        else:
            pauses.append(time.perf_counter() - started[0])

    gc.callbacks.append(collected)
    began = time.perf_counter()
    with Monitor(os.getpid()) as monitor:
        for operation in _planned(ground, workspace):
            if operation.kind in ("state_transition", "task_assignment"):
                _, paths = take_turn(root, operation.target, turns[operation.target])
                turns[operation.target] += 1
                index.mark_stale(paths)
            else:
                index.set_overlay(*texts.changed(operation))
            if operation.serial % GROUP == GROUP - 1:
                view = build_view(index.snapshot(), index.text_reader(), index.parsed_count, view, index.exists)
                plan = next(plan for plan in view.snapshot.plans if plan.path == operation.target.plan)
                try:
                    prompt_of(view, plan, cache=cache)
                except NoAnswerError:
                    continue
    gc.callbacks.remove(collected)
    return {**_memory(monitor, pauses), "seconds": round(time.perf_counter() - began, 1)}


def _typed(ground: Ground, workspace: Workspace) -> dict[str, Any]:
    """Type the letters of an hour into one PLAN, without the waiting; parse, evaluate and check after every letter."""
    from planmark.queries.workspace_view import build_view
    from planmark.workspace.index import Index

    index = Index(workspace.root)
    snapshot = index.refresh()
    path = snapshot.plans[0].path
    text = (workspace.root / path).read_text(encoding="utf-8")
    view = build_view(snapshot, index.text_reader(), index.parsed_count, exists=index.exists)
    at = text.index("\n", len(text) // 2) + 1
    began = time.perf_counter()
    with Monitor(os.getpid()) as monitor:
        for serial in range(ground.profile.typed_letters):
            line = f"A sentence that somebody types, number {serial // 40}"[: 2 + serial % 40]
            index.set_overlay(path, f"{text[:at]}{line}\n{text[at:]}")
            view = build_view(index.snapshot(), index.text_reader(), index.parsed_count, view, index.exists)
            assert view.checked.snapshot is view.snapshot
    return {
        "letters": ground.profile.typed_letters,
        **_memory(monitor, []),
        "seconds": round(time.perf_counter() - began, 1),
    }


def _memory(monitor: Monitor, pauses: list[float]) -> dict[str, Any]:
    warm, last = monitor.between(WARM_UP, WARM_UP + 0.2), monitor.between(0.8, 1.0)
    base = monitor.samples[0].rss
    return {
        "baseline_bytes": base,
        "peak_bytes": monitor.peak,
        "peak_over_baseline": round(monitor.peak / base, 3),
        "last_over_warm": round(last / warm, 4),
        "gc_collections": len(pauses),
        "gc_longest_ms": round(max(pauses, default=0.0) * 1000, 2),
        "cpu_percent": round(monitor.cpu, 1),
        "written_bytes": monitor.samples[-1].written,
        "turns_of_a_life": len(LIFE),
    }
