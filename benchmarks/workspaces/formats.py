"""Plans of other formats: one plan with many tasks, or many plans with a few. The first half of the tasks of a plan is done.

GSD cannot hold its tasks in one file: ROADMAP lists them all, but each counted task is a PLAN.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

GROUP = 10
"""Tasks below one heading or parent."""
WAVE = GROUP // 2
"""Plans of a GSD phase that begin together; those after them wait."""
TASK = "Print the receipt of sale"
"""The words with which the title of a task begins."""


class FormatPlan(NamedTuple):
    """The functions that write a plan of a format.

    `name` returns the name of a plan by its number, counted from 0. `files` returns path → text for a name and a number
    of tasks, the document with the tasks last. `parents` is the number of tasks in `GROUP` that only hold others.
    `at_once` is the number of tasks that may begin together while all later tasks wait; 0 if no task waits. `note` is
    a sentence about a plan that is not one file of tasks.
    """

    name: Callable[[int], str]
    files: Callable[[str, int], dict[str, str]]
    parents: int = 0
    at_once: int = 0
    note: str = ""


class WrittenPlans(NamedTuple):
    """The plans that were written.

    `files` is their number of Markdown files, `tasks_path` the path of the last document with tasks, and `counts` the
    counted tasks of each plan.
    """

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
        lines.append(f"{_box(number, tasks)} {group + 1}.{item + 1} {TASK} {number} in `src/till_{group}.py`")
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
                f"  {_box(number, tasks)} {group}.{number - first} {TASK} {number}",
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
        lines.append(f"{_box(number, tasks, 'X')} T{number + 1:03} [US1] {TASK} {number} in src/till_{phase}.py")
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
        lines.append(f"{_box(number, tasks)} **Step {step + 1}: {TASK} {number}**")
    return {f"docs/superpowers/plans/{name}.md": "\n".join(lines) + "\n"}


def _gsd(folder: str, tasks: int) -> dict[str, str]:
    """Return the files of a GSD tree: ROADMAP lists the plans, but each plan is a PLAN, and done with its SUMMARY."""
    boxes: list[str] = []
    sections: list[str] = []
    rows: list[str] = []
    files = {}
    for first in range(0, tasks, GROUP):
        phase = first // GROUP + 1
        number, done = f"{phase:02}", first < tasks // 2
        boxes.append(f"{_box(first, tasks)} **Phase {phase}: Till {phase}** - receipts of till {phase}")
        sections += [
            *("", f"### Phase {phase}: Till {phase}", f"**Goal**: Till {phase} prints receipts"),
            *(f"**Depends on**: Phase {phase - 1}" if first else "**Depends on**: Nothing (first phase)",),
            *(f"**Plans**: {GROUP} plans", ""),
        ]
        rows.append(
            f"| {phase}. Till {phase} | {GROUP if done else 0}/{GROUP} | {'Complete' if done else 'Not started'} | - |"
        )
        for item in range(GROUP):
            plan, title = f"{number}-{item + 1:02}", f"{TASK} {first + item}"
            waits = f"{number}-{item + 1 - WAVE:02}" if item >= WAVE else ""
            path = f"{folder}/phases/{number}-till-{phase}/{plan}"
            sections.append(f"{_box(first + item, tasks)} {plan}-PLAN.md — {title}")
            files[f"{path}-PLAN.md"] = _gsd_plan(f"{number}-till-{phase}", item, waits, title)
            if done:
                files[f"{path}-SUMMARY.md"] = (
                    f"---\nphase: {number}-till-{phase}\nplan: {item + 1:02}\n---\n\n# {plan}\n"
                )
    table = [
        "",
        "## Progress",
        "",
        "| Phase | Plans Complete | Status | Completed |",
        "| --- | --- | --- | --- |",
        *rows,
    ]
    lines = ["# Roadmap: Receipts", "", "## Phases", "", *boxes, "", "## Phase Details", *sections, *table]
    return {
        f"{folder}/STATE.md": f"---\nprogress:\n  total_plans: {tasks}\n  completed_plans: {tasks // 2}\n---\n",
        **files,
        f"{folder}/ROADMAP.md": "\n".join(lines) + "\n",
    }


def _gsd_plan(phase: str, item: int, waits: str, title: str) -> str:
    wave = item // WAVE + 1
    return f"""---
phase: {phase}
plan: {item + 1:02}
type: execute
wave: {wave}
depends_on: [{waits}]
files_modified: [src/sale_{item}.py]
autonomous: true
---

<objective>
{title}
</objective>

<tasks>
<task type="auto">
  <name>{title}</name>
  <files>src/sale_{item}.py</files>
  <verify>python -m pytest</verify>
</task>
</tasks>
"""


def _featureplanner(name: str, tasks: int) -> dict[str, str]:
    """Return a plan whose tests and tasks name files, and the files of the ticked ones."""
    lines = [
        *("# Implementation Plan: Receipts", "", "**Status**: 🔄 In Progress", "**Last Updated**: 2026-03-09", ""),
        *("## Overview", "", "Each sale prints a receipt.", "", "## Implementation Phases"),
    ]
    built = {}
    for first in range(0, tasks, GROUP):
        phase, done = first // GROUP + 1, first < tasks // 2
        tests, code = f"{name}/tests/test_till_{phase}.py", f"{name}/till_{phase}.py"
        built.update(dict.fromkeys((tests, code), "") if done else {})
        lines += [
            *("", f"### Phase {phase}: Till {phase}", "", f"**Goal**: Till {phase} prints receipts."),
            *(f"**Status**: {'✅ Complete' if done else '⏳ Pending'}", "", "#### Tasks"),
        ]
        for item in range(GROUP):
            is_test = item < GROUP // 2
            if item % (GROUP // 2) == 0:
                lines += ["", "**🔴 RED: Write the tests**" if is_test else "**🟢 GREEN: Make them pass**", ""]
            label = f"**{'Test' if is_test else 'Task'} {phase}.{item + 1}**"
            lines += [
                f"{_box(first + item, tasks)} {label}: {TASK} {first + item}",
                f"  - File: `{tests if is_test else code}`",
            ]
        lines += ["", "#### Quality Gate ✋", "", f"{_box(first, tasks)} All tests pass"]
    return {**built, f"docs/plans/PLAN_{name}.md": "\n".join(lines) + "\n"}


PLANS: dict[str, FormatPlan] = {
    "openspec": FormatPlan(lambda number: f"add-receipts-{number}", _openspec),
    "kiro": FormatPlan(lambda number: f"receipts-{number}", _kiro, parents=1),
    "speckit": FormatPlan(lambda number: f"{number + 1:03}-receipts", _speckit, at_once=GROUP),
    "superpowers": FormatPlan(
        lambda number: f"2026-{number % 12 + 1:02}-{number // 12 % 28 + 1:02}-receipts-{number}", _superpowers
    ),
    "featureplanner": FormatPlan(lambda number: f"receipts-{number}", _featureplanner, at_once=GROUP),
    "gsd": FormatPlan(
        lambda number: f".planning/workstreams/tills-{number}" if number else ".planning",
        _gsd,
        at_once=WAVE,
        note="GSD cannot hold its tasks in one file: ROADMAP lists them all, each task is a PLAN, and each done task has a SUMMARY.",
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
            files += path.endswith(".md")
    half = (tasks - tasks // GROUP * plan.parents) // 2
    open_tasks = min(half, plan.at_once or half)
    blocked = {"blocked": half - open_tasks} if half > open_tasks else {}
    return WrittenPlans(files, path, {"done": half, "open": open_tasks, **blocked})
