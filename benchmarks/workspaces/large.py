"""Workspaces of any size, by number of tasks or of files, in one of three complexities.

    python -m benchmarks.workspaces.large FOLDER --files 1000 [--complexity services] [--seed 1]

A task is an achievement or an EXECUTION_TASK. The mix of documents, their lengths and the states are those of a real
workspace of 740 files. The states of a plan are decided before its first line is written.
"""

from __future__ import annotations

import argparse
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

from benchmarks.workspaces.filler import filler
from benchmarks.workspaces.ground_truth import Expected, Fill, Plan, Planted, plant
from benchmarks.workspaces.spellings import FOLDERS, KINDS_OF_NOTES, REFERENCES, STATES

Complexity = Literal["simple", "services", "extreme"]


class Shape(NamedTuple):
    """The parameters of a complexity.

    `achievements` is the minimum and the maximum of a plan. `density` is the share of achievements that wait for others,
    in chains of at most `depth`. `length` is relative to real documents. `mess` is the share of plans with stray files.
    """

    achievements: tuple[int, int]
    density: float
    depth: int
    length: float
    mess: float


SHAPES: dict[Complexity, Shape] = {
    "simple": Shape((8, 20), 1.0, 100, 0.1, 0.0),
    "services": Shape((6, 26), 0.3, 5, 0.75, 0.3),
    "extreme": Shape((20, 60), 0.4, 8, 1.2, 1.0),
}
WEIGHTS = dict(
    zip(STATES, (14, 2, 1, 1, 1, 3, 2, 18, 3, 3, 58), strict=True),
)
"""State → its relative frequency in real workspaces, where most achievements are not begun."""
TREES = (*FOLDERS[:1] * 5, *FOLDERS[1:3], FOLDERS[4])
MOST_TASKS = 6
"""Upper bound of the EXECUTION_TASKs of an achievement, exclusive."""
SHARE_OF_NOTES = 0.47
AREAS = ("CHECKOUT", "SEARCH", "MAIL", "LEDGER", "STOCK", "LOGIN", "REPORTS", "PRICING")


class Part(NamedTuple):
    """The files of one plan, or of the notes beside it. Notes have "" as `plan`, and no `expected`."""

    plan: str
    files: dict[str, str]
    expected: Expected | None
    tasks: int


@dataclass
class Written:
    """Counts and bytes of what was written, and the expected answers for each plan by the path of its PLAN."""

    files: int = 0
    bytes: int = 0
    tasks: int = 0
    expected: dict[str, Expected] = field(default_factory=dict)


def of_tasks(tasks: int, complexity: Complexity = "services", seed: int = 1) -> Iterator[Part]:
    """Yield plans that have exactly `tasks` tasks together, without notes."""
    rng, shape = Random(f"{seed} {complexity} tasks"), SHAPES[complexity]
    made = 0
    for serial in itertools.count(1):
        left = tasks - made
        if left <= 0:
            return
        wanted = rng.randint(*shape.achievements)
        last = left <= wanted * MOST_TASKS
        achievements = min(wanted, max(1, left // MOST_TASKS))
        part = _part(rng, shape, _feature(serial), achievements, left if last else None)
        made += part.tasks
        yield part


def of_files(files: int, complexity: Complexity = "services", seed: int = 1) -> Iterator[Part]:
    """Yield parts that have exactly `files` Markdown files together, with notes. `parallel.json` does not count."""
    rng, shape = Random(f"{seed} {complexity} files"), SHAPES[complexity]
    made = 0
    for serial in itertools.count(1):
        part = _part(rng, shape, _feature(serial), rng.randint(*shape.achievements), None)
        markdown = _markdown(part.files)
        if made + markdown > files:
            break
        yield part
        made += markdown
        notes = min(files - made, round(markdown * SHARE_OF_NOTES / (1 - SHARE_OF_NOTES)))
        yield _notes(rng, shape, serial, notes, part)
        made += notes
    if made < files:
        yield _notes(rng, shape, 0, files - made, part)


def long_plan(lines: int, seed: int = 1) -> Part:
    """Return one more plan for a workspace. Its PLAN has at least `lines` lines, and not many more."""
    rng, shape = Random(f"{seed} long"), SHAPES["services"]
    part = _part(rng, shape, "LONG", 24, None)
    fill = filler(rng, "LONG", 0.1)
    text = part.files[part.plan]
    while (missing := lines - text.count("\n")) > 0:
        text += "\n".join(fill("note").split("\n")[: max(missing, 4)]) + "\n"
    part.files[part.plan] = text
    return part


def write(parts: Iterator[Part], root: Path) -> Written:
    """Write a workspace under `root`, one plan after the other."""
    written = Written()
    (root / "work-space").mkdir(parents=True, exist_ok=True)
    folders: set[str] = set()
    for part in parts:
        for path, text in part.files.items():
            folder = path.rpartition("/")[0]
            if folder not in folders:
                (root / folder).mkdir(parents=True, exist_ok=True)
                folders.add(folder)
            data = text.encode("utf-8")
            # Low-level, because a text layer would cost more than the write.
            descriptor = os.open(root / path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            os.write(descriptor, data)
            os.close(descriptor)
            written.bytes += len(data)
        written.files += len(part.files)
        written.tasks += part.tasks
        if part.expected is not None:
            written.expected[part.plan] = part.expected
    return written


def gathered(parts: Iterator[Part]) -> Planted:
    """Return a workspace as one value."""
    files: dict[str, str] = {}
    expected: dict[str, Expected] = {}
    for part in parts:
        files.update(part.files)
        if part.expected is not None:
            expected[part.plan] = part.expected
    return Planted(files, expected)


def _feature(serial: int) -> str:
    return f"{AREAS[serial % len(AREAS)]}-{serial}"


def _part(rng: Random, shape: Shape, feature: str, achievements: int, tasks: int | None) -> Part:
    """Return one plan. With `tasks`, add achievements that are not begun until it has that many tasks."""
    pool = [f"{priority}.{index}" for priority in range(10) for index in range(1, 10)]
    ids = pool[9 : 9 + achievements]
    targets = dict(zip(ids, rng.choices(STATES, [WEIGHTS[state] for state in STATES], k=len(ids)), strict=True))
    depends, targets = _waiting(rng, shape, targets)
    fill = filler(rng, feature, shape.length)
    plan = Plan(feature, rng.choice(TREES).format(feature), False, ids, {}, fill)
    if tasks is not None:
        # The number of tasks of the achievements above is known only after they are written.
        tried = Plan(feature, plan.folder, False, ids, {}, plan.fill)
        state = rng.getstate()
        plant(rng, tried, targets, depends)
        rng.setstate(state)
        missing = max(0, tasks - len(ids) - _executions(tried.files))
        ids = ids + [known for known in pool if known not in targets][:missing]
        targets.update(dict.fromkeys(ids[len(targets) :], "no_subplan"))
        plan = plan._replace(ids=ids)
    expected = plant(rng, plan, targets, depends)
    if rng.random() < shape.mess:
        plan.files.update(_strays(rng, plan, fill))
    end = "\r\n" if rng.random() < 0.03 else "\n"
    files = {path: text.replace("\n", end) for path, text in plan.files.items()}
    return Part(plan.path, files, expected, len(ids) + _executions(files))


def _waiting(rng: Random, shape: Shape, targets: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the dependencies (id → the id it waits for), and the states that follow from them.

    An achievement without a SUBPLAN that waits for unfinished work is blocked.
    """
    depends: dict[str, str] = {}
    depths: dict[str, int] = {}
    settled: dict[str, str] = {}
    for known, state in targets.items():
        before = [other for other in depths if depths[other] < shape.depth - 1]
        if before and rng.random() < shape.density:
            depends[known] = before[-1] if shape.density == 1.0 else rng.choice(before)
        depths[known] = depths[depends[known]] + 1 if known in depends else 0
        if state in ("blocked", "no_subplan"):
            open_before = known in depends and settled[depends[known]] != "approved"
            state = "blocked" if open_before else "no_subplan"
        settled[known] = state
    return depends, settled


def _strays(rng: Random, plan: Plan, fill: Fill) -> dict[str, str]:
    """Return stray files beside a plan, which look like work documents but must not count."""
    folder, feature = plan.folder, plan.feature
    return {
        f"{folder}/PLAN_{feature}_SUMMARY.md": f"# PLAN: {feature}\n\n**Achievement 1.1**: not here\n\n{fill('task')}",
        f"{folder}/execution/ACHIEVEMENT-{plan.ids[0]}-COMPLETION-SUMMARY.md": f"# Done\n\n{fill('task')}",
        f"{folder}/execution/feedbacks/approved_{rng.randint(91, 99)}.md": "# APPROVED\n",
        f"{folder}/{feature}old/execution/feedbacks/APPROVED_{plan.ids[-1].replace('.', '')}.md": "# APPROVED: a copy\n",
        f"work-space/archive/SUBPLAN_{feature}_999_ARCHIVED.md": f"# SUBPLAN: gone\n\n{fill('subplan')}",
    }


def _notes(rng: Random, shape: Shape, serial: int, number: int, part: Part) -> Part:
    """Return documents that belong to no plan and mention the documents of `part` as people do."""
    named = [path.rpartition("/")[2] for path in part.files]
    fill = filler(rng, f"note {serial}", shape.length)
    files = {}
    for note in range(1, number + 1):
        kind, folder = rng.choice(KINDS_OF_NOTES)
        name = kind.format(f"{_feature(serial)}-{note}")
        mentions = "\n".join(f"- {rng.choice(REFERENCES).format(rng.choice(named))}" for _ in range(rng.randint(1, 8)))
        text = f"# {name}\n\n**Status**: Complete\n**Date**: 2026-03-01\n\n## Sources\n\n{mentions}\n\n"
        files[f"work-space/{folder}/{name}.md"] = text + fill("note")
    return Part("", files, None, 0)


def _executions(files: dict[str, str]) -> int:
    return sum(path.rpartition("/")[2].startswith("EXECUTION_TASK_") for path in files)


def _markdown(files: dict[str, str]) -> int:
    return sum(path.endswith(".md") for path in files)


def main() -> None:
    """Write a workspace and print what it holds."""
    parser = argparse.ArgumentParser(description="Writes a generated workspace.")
    parser.add_argument("folder", type=Path)
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--files", type=int)
    size.add_argument("--tasks", type=int)
    parser.add_argument("--complexity", choices=tuple(SHAPES), default="services")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    make = of_files if args.files else of_tasks
    written = write(make(args.files or args.tasks, args.complexity, args.seed), args.folder)
    print(f"{written.files} files, {written.bytes / 1e6:.1f} MB, {len(written.expected)} plans, {written.tasks} tasks")


if __name__ == "__main__":
    main()
