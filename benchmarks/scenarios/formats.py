"""Plans of other formats: one file with thousands of tasks, and a thousand plans, cold, unchanged and while typing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.harness import Ground, repeat, seconds, summary
from benchmarks.rpc import UNDELAYED, Server
from benchmarks.workspaces.formats import GROUP, PLANS, TASK, WrittenPlans, write_plans

PLANMARK = (sys.executable, "-m", "planmark", "--quiet")
TASKS_OF_MANY = 2 * GROUP
PATIENCE_SECONDS = 120.0


def run(ground: Ground) -> dict[str, Any]:
    """Return format → the results with one plan of many tasks, and with many plans."""
    found = {}
    for name in PLANS:
        one, many = ground.folder / f"one-{name}", ground.folder / f"many-{name}"
        written_one = write_plans(one, name, 1, ground.profile.format_tasks)
        written_many = write_plans(many, name, ground.profile.format_plans, TASKS_OF_MANY)
        found[name] = {
            "tasks": ground.profile.format_tasks,
            "plans": ground.profile.format_plans,
            "read_s": round(seconds(lambda root=one: _read(root)), 4),  # type: ignore[misc]
            "one": _commands(ground, one, written_one, 1),
            "typed": _typed(ground, one, written_one),
            "many": _commands(ground, many, written_many, ground.profile.format_plans),
        }
    return found


def _read(root: Path) -> None:
    """Read a workspace and evaluate its plans, in this process."""
    from planmark.queries.workspace_view import build_view
    from planmark.workspace.index import Index

    index = Index(root)
    view = build_view(index.refresh(), index.text_reader())
    for site in view.snapshot.sites:
        view.state(site.path)


def _commands(ground: Ground, root: Path, written: WrittenPlans, plans: int) -> dict[str, Any]:
    """Return the seconds of two commands, first with an empty cache, then unchanged, and the number of wrong plans."""
    ground.forget_what_was_kept()

    def run(*command: str) -> tuple[float, Any]:
        started = time.perf_counter()
        done = subprocess.run((*PLANMARK, "--workspace", str(root), *command), capture_output=True)
        spent = time.perf_counter() - started
        if done.returncode != 0:
            raise RuntimeError(done.stderr.decode("utf-8", "replace"))
        return spent, json.loads(done.stdout)

    first, status = run("status", "--json")
    again = sorted(run("status", "--json")[0] for _ in range(3))[1]
    following = sorted(run("next", "--json")[0] for _ in range(3))[1]
    told = [plan["counts"] for plan in status["workspaces"][0]["plans"]]
    return {
        "files": written.files,
        "first_s": round(first, 4),
        "again_s": round(again, 4),
        "next_s": round(following, 4),
        "wrong": abs(plans - len(told)) + sum(counts != written.counts for counts in told),
    }


def _typed(ground: Ground, root: Path, written: WrittenPlans) -> dict[str, float]:
    """Type at the end of a task in the middle of a file; return the times of a hover over its name after each letter."""
    path = root / written.tasks_path
    lines = path.read_text(encoding="utf-8").split("\n")
    line = next(number for number in range(len(lines) // 2, len(lines)) if TASK in lines[number])
    column, name = len(lines[line]), lines[line].index("] ") + len("] ")
    with Server(UNDELAYED) as server:
        server.initialize(root)
        uri = server.open(path)
        server.told("planmark/serverStatus", lambda status: status["quiescent"], patience=PATIENCE_SECONDS)
        server.request("planmark/status")

        place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": name}}

        def typed(turn: int) -> float:
            server.change(uri, turn + 2, line, (column + turn, column + turn), "x")
            answer, spent = server.timed("textDocument/hover", place, PATIENCE_SECONDS)
            if answer is None:
                raise RuntimeError(f"no hover about a task of {path.name}")
            return spent

        return summary(repeat(typed, ground.profile.repeats, ground.profile.most_seconds))
