"""One task after the other, as an agent goes through a plan: read, detect, gather, render, write; cold and warm.

Beside the results stand the times of an earlier system for the same steps, and the times that its makers hoped to reach.
Those times include calls of language models. Planmark makes no such calls, so only its own part can be compared.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from benchmarks.harness import Ground
from benchmarks.operations import LIFE, Target, take_turn, targets
from benchmarks.workspaces.ground_truth import Expected
from planmark.markdown import blocks
from planmark.markdown.parsed_source import clear_caches
from planmark.prompts.cache import PromptCache
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

COMPONENTS = ("parse", "detect", "context_and_prompt", "persist")
BEFORE = {
    "context_and_prompt": (1.0, 2.0, 0.2, 0.5),
    "persist": (0.5, 1.0, 0.1, 0.1),
    "overhead": (6.0, 12.0, 1.0, 3.0),
}
"""Component → seconds a task in the earlier system (from, to), and the seconds hoped for (from, to)."""


def run(ground: Ground) -> dict[str, Any]:
    """Return the results by number of tasks, and the times of the earlier system.

    A result holds the milliseconds a task by component, cold, warm and unchanged.
    """
    return {
        "tasks": {str(tasks): _cycle(ground, tasks) for tasks in ground.profile.cycle_tasks},
        "before": {name: list(values) for name, values in BEFORE.items()},
    }


def _cycle(ground: Ground, tasks: int) -> dict[str, Any]:
    workspace = ground.of_tasks(tasks * 4, name=f"cycle-{tasks}")
    chosen = _chosen(workspace.written.expected, tasks)
    cold = _mean([_cold(workspace.root, target) for target in chosen])
    warm = _warm(workspace.root, chosen)
    return {"achievements": len(chosen), "cold": cold, **warm}


def _chosen(expected: dict[str, Expected], number: int) -> list[Target]:
    found = targets(expected)
    return [found[i % len(found)] for i in range(number)]


def _cold(root: Path, target: Target) -> dict[str, float]:
    """Do one task with nothing cached, as a new process does, without the time of its imports."""
    clear_caches()
    spent, _ = _task(root, Index(root), None, None, target, 0)
    _remove(root, target)
    return spent


def _warm(root: Path, chosen: list[Target]) -> dict[str, Any]:
    """Do all tasks with one index, view and prompt cache, then twice more with nothing changed."""
    index, cache = Index(root), PromptCache()
    _, view = _task(root, index, None, cache, chosen[0], 0)
    _remove(root, chosen[0])
    spent = []
    for target in chosen:
        found, view = _task(root, index, view, cache, target, 0)
        spent.append(found)
        _remove(root, target)
    index.refresh()
    again = []
    before = blocks.counts.misses
    hits, misses = cache.counts.hits, cache.counts.misses
    for target in chosen * 2:
        found, view = _task(root, index, view, cache, target, None)
        again.append(found)
    asked = cache.counts.hits + cache.counts.misses - hits - misses
    return {
        "warm": _mean(spent),
        "unchanged": _mean(again),
        "unchanged_counts": {"files_read": index.parsed_count, "sections_parsed": blocks.counts.misses - before},
        "unchanged_hit_rate": round((cache.counts.hits - hits) / asked, 4) if asked else None,
    }


def _task(
    root: Path, index: Index, before: View | None, cache: PromptCache | None, target: Target, turn: int | None
) -> tuple[dict[str, float], View]:
    """Do one task: read changes, evaluate states, make the prompt, and write the file that follows.

    Without `turn`, write nothing. Returns the seconds by component, and the new view.
    """
    marks = [time.perf_counter()]
    snapshot = index.refresh()
    marks.append(time.perf_counter())
    view = build_view(snapshot, index.text_reader(), index.parsed_count, before, index.exists)
    marks.append(time.perf_counter())
    plan = next(plan for plan in snapshot.plans if plan.path == target.plan)
    try:
        prompt_of(view, plan, target.achievement, cache=cache)
    except NoAnswerError:
        prompt_of(view, plan, cache=cache)
    marks.append(time.perf_counter())
    if turn is not None:
        take_turn(root, target, turn)
    marks.append(time.perf_counter())
    return {name: marks[i + 1] - marks[i] for i, name in enumerate(COMPONENTS)}, view


def _remove(root: Path, target: Target) -> None:
    """Remove the file of the first turn, so that the achievement is as before."""
    (root / target.path(LIFE[0].name)).unlink()


def _mean(found: list[dict[str, float]]) -> dict[str, float]:
    means = {f"{name}_ms": round(sum(one[name] for one in found) / len(found) * 1000, 3) for name in COMPONENTS}
    return {**means, "overhead_ms": round(sum(means.values()), 3)}
