"""Plans of other formats: one plan with many tasks, or many plans with a few. The first half of the tasks of a plan is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

GROUP = 10
"""Tasks below one heading or parent."""


class FormatPlan(NamedTuple):
    """The functions that write a plan of a format.

    `name` returns the name of a plan by its number, counted from 0. `files` returns path → text for a name and a number
    of tasks, the file with the tasks last. `parents` is the number of tasks in `GROUP` that only hold others.
    `has_phases` tells that a group waits for the group before.
    """

    name: Callable[[int], str]
    files: Callable[[str, int], dict[str, str]]
    parents: int = 0
    has_phases: bool = False


class WrittenPlans(NamedTuple):
    """The plans that were written: their number of files, the last path with tasks, and the counted tasks of each plan."""

    files: int
    tasks_path: str
    counts: dict[str, int]


def _box(number: int, tasks: int, done_mark: str = "x") -> str:
    """Return the box of a task, counted from 0."""
    return f"- [{done_mark if number < tasks // 2 else ' '}]"


def _openspec(name: str, tasks: int) -> dict[str, str]:
    folder = f"openspec/changes/{name}"
    lines = ["# Tasks", ""]
    for number in range(tasks):
        group, item = divmod(number, GROUP)
        if item == 0:
            lines += ["", f"## {group + 1}. Receipts of till {group + 1}", ""]
        lines.append(
            f"{_box(number, tasks)} {group + 1}.{item + 1} Print the receipt of sale {number} in `src/till_{group}.py`"
        )
    proposal = "# Receipts\n\n## Why\n\nGuests want a receipt.\n\n## What Changes\n\n- Each sale prints a receipt.\n"
    return {f"{folder}/proposal.md": proposal, f"{folder}/tasks.md": "\n".join(lines) + "\n"}


def _kiro(name: str, tasks: int) -> dict[str, str]:
    folder = f".kiro/specs/{name}"
    lines = ["# Implementation Plan", ""]
    # A parent and its sub-tasks are tasks; a parent is done with its last sub-task.
    for first in range(0, tasks, GROUP):
        group, last = first // GROUP + 1, min(first + GROUP, tasks) - 1
        lines.append(f"{_box(last, tasks)} {group}. Receipts of till {group}")
        for number in range(first + 1, last + 1):
            lines += [
                f"  {_box(number, tasks)} {group}.{number - first} Print the receipt of sale {number}",
                f"    - Write `src/till_{group}.py`",
                f"    - _Requirements: {group}.1_",
            ]
    requirements = "# Requirements Document\n" + "".join(
        f"\n### Requirement {group}: Receipts of till {group}\n\n1. WHEN a sale ends THEN till {group} SHALL print.\n"
        for group in range(1, (tasks - 1) // GROUP + 2)
    )
    design = "# Design Document\n\n## Overview\n\nA receipt for each sale.\n"
    return {
        f"{folder}/requirements.md": requirements,
        f"{folder}/design.md": design,
        f"{folder}/tasks.md": "\n".join(lines) + "\n",
    }


def _speckit(name: str, tasks: int) -> dict[str, str]:
    folder = f"specs/{name}"
    lines = ["# Tasks: Receipts", ""]
    for number in range(tasks):
        phase, item = divmod(number, GROUP)
        if item == 0:
            lines += ["", f"## Phase {phase + 1}: Till {phase + 1}", ""]
        lines.append(
            f"{_box(number, tasks, 'X')} T{number + 1:03} [US1] Print the receipt of sale {number} in src/till_{phase}.py"
        )
    spec = "# Feature Specification: Receipts\n\n### User Story 1 - Receipt (Priority: P1)\n\nA guest gets a receipt.\n"
    return {
        f"{folder}/spec.md": spec,
        f"{folder}/plan.md": "# Implementation Plan: Receipts\n\n## Summary\n\nPrint receipts.\n",
        f"{folder}/tasks.md": "\n".join(lines) + "\n",
    }


def _superpowers(name: str, tasks: int) -> dict[str, str]:
    lines = ["# Receipts Implementation Plan", "", "**Goal:** Each sale prints a receipt."]
    for number in range(tasks):
        task, step = divmod(number, GROUP)
        if step == 0:
            lines += [
                "",
                f"### Task {task + 1}: Till {task + 1}",
                "",
                "**Files:**",
                f"- Modify: `src/till_{task}.py`",
                "",
            ]
        lines.append(f"{_box(number, tasks)} **Step {step + 1}: Print the receipt of sale {number}**")
    return {f"docs/superpowers/plans/{name}.md": "\n".join(lines) + "\n"}


PLANS: dict[str, FormatPlan] = {
    "openspec": FormatPlan(lambda number: f"add-receipts-{number}", _openspec),
    "kiro": FormatPlan(lambda number: f"receipts-{number}", _kiro, parents=1),
    "speckit": FormatPlan(lambda number: f"{number + 1:03}-receipts", _speckit, has_phases=True),
    "superpowers": FormatPlan(
        lambda number: f"2026-{number % 12 + 1:02}-{number // 12 % 28 + 1:02}-receipts-{number}", _superpowers
    ),
}
"""Format → how its plans are written."""


def write_plans(root: Path, format_name: str, plans: int, tasks: int) -> WrittenPlans:
    """Write plans of a format, each with `tasks` tasks: a multiple of 2 × `GROUP`, so that whole groups are done."""
    plan = PLANS[format_name]
    files = 0
    path = ""
    for number in range(plans):
        for path, text in plan.files(plan.name(number), tasks).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            files += 1
    half = (tasks - tasks // GROUP * plan.parents) // 2
    open_tasks = min(half, GROUP) if plan.has_phases else half
    blocked = {"blocked": half - open_tasks} if half > open_tasks else {}
    return WrittenPlans(files, path, {"done": half, "open": open_tasks, **blocked})
