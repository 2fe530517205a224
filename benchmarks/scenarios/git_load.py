"""BENCH-004: git under load. Agents begin steps in work trees of their own, and finish them, several at once.

The rates of the commits are on a simulated clock: only the dates of the commits differ, and nothing waits.
"""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.harness import Ground, summary, timed
from benchmarks.working import INTO, PLAN, WorkingRepository, write_repository
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index

LOADS = ((1, 1), (5, 4), (10, 8), (20, 12))
"""Commits a minute, and the number of steps that are worked on at once."""
BEGIN = 1_767_225_600
"""The simulated time of the first commit, in seconds since the epoch."""
SHARED = "src/shared.py"


class FinishedStep(NamedTuple):
    """The seconds of a begin and of a finish, and the exit code of the second."""

    begun: float
    finished: float
    code: int


def run(ground: Ground) -> dict[str, Any]:
    """Return the results by number of tasks; git is asked for damage at the end of each."""
    profile = ground.profile
    if shutil.which("git") is None:
        return {"tasks": {}}
    return {"tasks": {str(tasks): _loaded(ground, tasks) for tasks in profile.git_tasks}}


def _loaded(ground: Ground, tasks: int) -> dict[str, Any]:
    profile = ground.profile
    folder = ground.folder / f"git-{tasks}"
    conflicts = profile.git_conflicts
    made = write_repository(folder, (tasks - 2 * conflicts,), shared=2 * conflicts, order="none")
    items, grown, at = list(made.items), [_bytes(made)], 0
    loads: dict[str, dict[str, Any]] = {}
    for rate, at_once in LOADS:
        chosen, items = items[: profile.git_commits], items[profile.git_commits :]
        dates = [BEGIN + int((at + number) * 60 / rate) for number in range(len(chosen))]
        at += len(chosen)
        with ThreadPoolExecutor(at_once) as pool:
            steps = list(pool.map(lambda pair: _step(made, *pair), zip(chosen, dates, strict=True)))
        grown.append(_bytes(made))
        loads[str(rate)] = {
            "at_once": at_once,
            "begin": summary([step.begun for step in steps]),
            "commit": summary([step.finished for step in steps]),
            "not_integrated": sum(step.code != 0 for step in steps),
            "bytes_a_commit": round((grown[-1] - grown[-2]) / len(steps)),
        }
    resolved = [_conflict(made, made.items[-2 * number - 2 :][:2]) for number in range(conflicts)]
    # One agent alone has no boxes of others to merge, so that its commits need fewer objects.
    sizes = [load["bytes_a_commit"] for load in loads.values() if load["at_once"] > 1]
    return {
        "loads": loads,
        "conflict": summary(resolved),
        "growth": round(sizes[-1] / sizes[0], 3),
        "switch": _switched(made),
        "damage": _damage(made),
        "left": len(made.git("worktree", "list", "--porcelain").split("\n\n")) - 3,
    }


def _step(made: WorkingRepository, item: str, date: int) -> FinishedStep:
    """Begin a step, do it, and finish it."""
    lease, begun = _begin(made, item)
    _do(item, lease)
    started = time.perf_counter()
    code = _finish(made, lease, date)
    return FinishedStep(begun, time.perf_counter() - started, code)


def _begin(made: WorkingRepository, item: str) -> tuple[dict[str, Any], float]:
    """Begin a step; return its lease and the seconds."""
    started = time.perf_counter()
    done = made.planmark("work", "@parts", item, "--agent", f"agent-{item}", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["lease"], time.perf_counter() - started


def _do(item: str, lease: dict[str, Any], shared: str = "") -> None:
    """Write the file of a task in its work tree, or the shared file with a text, and tick its box."""
    tree = Path(lease["worktree"])
    path = tree / (SHARED if shared else f"src/part_{item.replace('.', '_')}.py")
    path.parent.mkdir(exist_ok=True)
    path.write_text(shared or f"PART = {item!r}\n" * 20, encoding="utf-8")
    text = (tree / PLAN).read_text(encoding="utf-8")
    (tree / PLAN).write_text(text.replace(f"- [ ] {item} ", f"- [x] {item} "), encoding="utf-8")


def _finish(made: WorkingRepository, lease: dict[str, Any], date: int) -> int:
    """Finish a step at a simulated time; return the exit code."""
    dates = {f"GIT_{who}_DATE": f"{date} +0000" for who in ("AUTHOR", "COMMITTER")}
    return made.planmark("finish", "--lease", lease["id"], "--json", more=dates).returncode


def _conflict(made: WorkingRepository, items: tuple[str, ...]) -> float:
    """Let two steps change the same line; return the seconds from the conflict until both are integrated."""
    leases = [_begin(made, item)[0] for item in items]
    for item, lease in zip(items, leases, strict=True):
        _do(item, lease, f"LIST = [{item!r}]\n")
    assert _finish(made, leases[0], BEGIN) == 0
    started = time.perf_counter()
    assert _finish(made, leases[1], BEGIN) == 1, "the second change of a line is a conflict"
    rebase = ("git", "rebase", "--quiet", "-X", "theirs", INTO)
    subprocess.run(rebase, cwd=leases[1]["worktree"], check=True, capture_output=True)
    assert _finish(made, leases[1], BEGIN) == 0
    return time.perf_counter() - started


def _switched(made: WorkingRepository) -> dict[str, Any]:
    """Switch to the finished work and back; return the milliseconds of git, and those until the states are known."""
    index = Index(made.root)
    view = build_view(index.refresh(), index.text_reader(), index.parsed_count, exists=index.exists)
    done, took, wrong = made.done(), {"git": list[float](), "states": list[float]()}, 0
    for branch, expected in ((INTO, len(done)), ("main", 0)) * 2:
        took["git"].append(timed(functools.partial(made.git, "switch", "--quiet", branch)))
        started = time.perf_counter()
        view = build_view(index.refresh(), index.text_reader(), index.parsed_count, view, index.exists)
        states = view.state(view.plans[0].path).achievements
        took["states"].append(time.perf_counter() - started)
        wrong += sum(item.state == "done" for item in states) != expected
    return {**{name: summary(times) for name, times in took.items()}, "wrong": wrong}


def _bytes(made: WorkingRepository) -> int:
    """Return the bytes of all objects of the repository."""
    lines = dict(line.split(": ") for line in made.git("count-objects", "-v").splitlines())
    return 1024 * (int(lines["size"]) + int(lines["size-pack"]))


def _damage(made: WorkingRepository) -> int:
    """Return the number of problems that git finds in its objects."""
    done = subprocess.run(
        ("git", "fsck", "--full", "--no-dangling", "--no-progress"), cwd=made.root, capture_output=True, text=True
    )
    return len(done.stdout.splitlines()) + (done.returncode != 0)
