"""Plans with planted states: the answers come first, then the files that lead to them.

Nothing here comes from Planmark's code. The expected states and the next step follow from the rules of the methodology.
Each text uses one of the spellings of real documents.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from benchmarks.workspaces.spellings import (
    ABANDONED,
    BLOCKED,
    DAYS,
    DESIGNS,
    DONE,
    INDEXED,
    NAMED,
    NOISE,
    OPEN,
    PARENTS,
    PLANNED,
    SHAPES,
    STATES,
    TICKED,
    TITLES,
    TRAPS,
    UNDESIGNED,
)

Fill = Callable[[str], str]
"""Kind of a document (`plan`, `achievement`, `subplan`, `task`, `verdict`) → further text that decides nothing."""


def no_fill(_kind: str) -> str:
    """Return no further text."""
    return ""


class Expected(NamedTuple):
    """The answers of the rules for one plan: id → state, and the next step with its achievement."""

    states: dict[str, str]
    next: tuple[str, str | None]


class Planted(NamedTuple):
    """Files by path, and the expected answers for each plan by the path of its PLAN."""

    files: dict[str, str]
    expected: dict[str, Expected]


class Plan(NamedTuple):
    """A plan that is being written."""

    feature: str
    folder: str
    flat: bool
    ids: list[str]
    files: dict[str, str]
    fill: Fill = no_fill

    @property
    def path(self) -> str:
        """The path of the PLAN."""
        return f"{self.folder}/PLAN_{self.feature}.md"


class Planting(NamedTuple):
    """The state that was written for an achievement, and the step that follows from it."""

    state: str
    step: str


def plant(rng: Random, plan: Plan, targets: dict[str, str], depends: dict[str, str]) -> Expected:
    """Write a plan whose achievements get the states of `targets` (id → state); return its expected answers.

    `depends` is id → the id it waits for. For an achievement without a SUBPLAN, the caller must choose `blocked` if it
    waits for an achievement that is not approved, else `no_subplan`.
    """
    planted = {known: PLANT[state](rng, plan, known) for known, state in targets.items()}
    claimed = {known for known in plan.ids if rng.random() < 0.2}
    in_json = {known for known in depends if rng.random() < 0.5}
    if in_json or rng.random() < 0.2:
        plan.files[f"{plan.folder}/parallel.json"] = _parallel(rng, plan, {k: depends[k] for k in in_json}, targets)
    in_text = {known: depends[known] for known in depends if known not in in_json}
    plan.files[plan.path] = _plan_text(rng, plan, in_text, claimed)
    return Expected({known: planting.state for known, planting in planted.items()}, _next(plan.ids, planted, claimed))


def _next(ids: list[str], planted: dict[str, Planting], claimed: set[str]) -> tuple[str, str | None]:
    """Return the next step of a plan, and its achievement.

    This is the first achievement that needs a fix or a re-review; else the first that can be worked on; else the first
    whose execution is blocked. If all are approved, the plan is to be completed.
    """
    if all(planted[known].state == "approved" for known in ids):
        return "complete_plan", None
    for wanted in (
        ("needs_fix", "fix_resolved"),
        tuple(s for s in STATES if s not in ("approved", "blocked", "execution_blocked")),
        ("execution_blocked",),
    ):
        for known in ids:
            if planted[known].state in wanted:
                if known in claimed and planted[known].state in ("no_subplan", "no_execution"):
                    return "confirm_state", known
                return planted[known].step, known
    raise AssertionError("a blocked achievement waits for one that is not")


def _plan_text(rng: Random, plan: Plan, depends: dict[str, str], claimed: set[str]) -> str:
    shape, indexed = rng.choice(SHAPES), rng.random() < 0.5
    titles = {known: rng.choice(TITLES) for known in plan.ids}
    lines = [
        f"# PLAN: {plan.feature}",
        "",
        f"**Status**: {rng.choice(('Planning', '🚀 In Progress', 'Ready to Execute'))}",
        "**Goal**: x",
        "",
    ]
    lines += _filled(plan, "plan")
    if indexed:
        item = rng.choice(INDEXED)
        lines += ["## 📋 Achievement Index", "", *(item.format(known, titles[known]) for known in plan.ids), ""]
    lines += ["## 🎯 Desirable Achievements", ""]
    for known in plan.ids:
        lines += [shape.format(known, titles[known]), "", f"- Success: {known} holds", "- Effort: 2-3 hours"]
        lines += (
            [
                f"- **{rng.choice(('Dependencies', 'Depends on', 'Requires'))}**: {rng.choice(('{}', 'Achievement {}')).format(depends[known])}"
            ]
            if known in depends
            else []
        )
        lines += ["", "More about it, in two", "lines of prose.", "", *_filled(plan, "achievement")]
    lines += ["## 🔄 Subplan Tracking", ""]
    for known in rng.sample(plan.ids, min(3, len(plan.ids))):
        lines += [rng.choice(NOISE).format(known), ""]
    for known in sorted(claimed):
        lines += [rng.choice(TICKED).format(known), ""]
    if rng.random() < 0.6:
        lines += [
            "## 📝 Current Status & Handoff (For Pause/Resume)",
            "",
            f"**⏳ Next: Achievement {rng.choice([*plan.ids, '9.9'])}** (stale)",
            "",
        ]
    return "\n".join(lines) + "\n"


def _parallel(rng: Random, plan: Plan, depends: dict[str, str], targets: dict[str, str]) -> str:
    entries: list[dict[str, Any]] = [
        {
            "achievement_id": known,
            "dependencies": [depends[known]] if known in depends else [],
            "status": rng.choice(("complete", "not_started")),
        }
        for known in plan.ids
        if known in depends or targets[known] != "blocked"
    ]
    entries[0]["dependencies"] += ["99.1"] if rng.random() < 0.3 else []
    return json.dumps({"plan_name": plan.feature, "achievements": entries, "notes": ["a list"]}, indent=2)


def _filled(plan: Plan, kind: str) -> list[str]:
    text = plan.fill(kind)
    return [text, ""] if text else []


def _number(plan: Plan, known: str) -> str:
    if any(len(part) > 1 for other in plan.ids for part in other.split(".")):
        return "_".join(f"{int(part):02d}" for part in known.split("."))
    return known.replace(".", "")


def _subplan(rng: Random, plan: Plan, known: str, design: str) -> None:
    header = [
        f"# SUBPLAN: {known}",
        "",
        rng.choice(PARENTS).format(plan.feature),
        *([rng.choice(NAMED).format(known)] if rng.random() < 0.7 else []),
    ]
    status = rng.choice(("✅ Complete", "📋 Design Phase", "In Progress", "Not Started"))
    folder = "work-space/subplans" if plan.flat else f"{plan.folder}/subplans"
    text = "\n".join([*header, f"**Status**: {status}", "", design, *_filled(plan, "subplan")])
    plan.files[f"{folder}/SUBPLAN_{plan.feature}_{_number(plan, known)}.md"] = text


def _task(
    rng: Random, plan: Plan, known: str, execution: int, outcome: tuple[tuple[str, str], ...], extra: str = ""
) -> None:
    folder = "work-space/execution" if plan.flat else f"{plan.folder}/execution"
    name = f"{folder}/EXECUTION_TASK_{plan.feature}_{_number(plan, known)}_{execution:02d}"
    plan.files[f"{name}.md"] = _task_text(rng, plan, known, rng.choice(outcome), extra)
    if rng.random() < 0.15:
        plan.files[f"{name}_{rng.choice(('V2', 'RECOVERY'))}.md"] = plan.files[f"{name}.md"]
        plan.files[f"{name}.md"] = _task_text(rng, plan, known, rng.choice((*DONE, *OPEN, *BLOCKED)), "")


def _task_text(rng: Random, plan: Plan, known: str, outcome: tuple[str, str], extra: str) -> str:
    status, tail = outcome
    header = [
        "# EXECUTION_TASK: it",
        "",
        rng.choice(PARENTS).format(plan.feature),
        *([rng.choice(NAMED).format(known)] if rng.random() < 0.7 else []),
    ]
    header += [f"**Status**: {status}  "] if status else []
    return "\n".join(
        [
            *header,
            "",
            "## 🔄 Iteration Log",
            "",
            f"{rng.choice(TRAPS)}## 📎 End",
            "",
            extra,
            tail,
            *_filled(plan, "task"),
        ]
    )


def _verdict(rng: Random, plan: Plan, known: str, name: str, day: int | None) -> None:
    title = {"APPROVED": "APPROVED", "FIX": "FIX REQUIRED"}.get(name.split("_")[0], "FIX")
    label = "Resolution Date" if name.endswith("RESOLUTION") else rng.choice(("Review Date", "Date"))
    dated = [f"**{label}**: {rng.choice(DAYS).format(day)}  "] if day else []
    text = "\n".join(
        [
            f"# {title}: Achievement {known}",
            "",
            *dated,
            "**Status**: x",
            "",
            "## Critical Issues",
            "",
            "1. **It**",
            "",
            *_filled(plan, "verdict"),
        ]
    )
    number = _number(plan, known)
    plan.files[f"{plan.folder}/execution/feedbacks/{name.format(number)}.md"] = text


def _approved(rng: Random, plan: Plan, known: str) -> Planting:
    day = rng.randint(3, 9)
    _verdict(rng, plan, known, "APPROVED_{}", rng.choice((day, None)))
    if rng.random() < 0.4:
        _subplan(rng, plan, known, rng.choice((*DESIGNS, *UNDESIGNED)))
        _task(rng, plan, known, 1, rng.choice((DONE, OPEN, BLOCKED)))
    if rng.random() < 0.3:
        _verdict(rng, plan, known, "APPROVED_{}", day)
        _verdict(rng, plan, known, "FIX_{}", rng.choice((day, day - 1, None)))
    return Planting("approved", "wait")


def _needs_fix(rng: Random, plan: Plan, known: str) -> Planting:
    _verdict(rng, plan, known, "FIX_{}", 5)
    if rng.random() < 0.3:
        _verdict(rng, plan, known, "APPROVED_{}", 4)
    if rng.random() < 0.3:
        _verdict(rng, plan, known, "FIX_{}_RESOLUTION", 4)
    if rng.random() < 0.5:
        _task(rng, plan, known, 1, DONE)
    return Planting("needs_fix", "address_fix")


def _fix_resolved(rng: Random, plan: Plan, known: str) -> Planting:
    fixed = rng.choice((5, None))
    _verdict(rng, plan, known, "FIX_{}", fixed)
    _verdict(rng, plan, known, "FIX_{}_RESOLUTION", rng.choice((5, 6, None)))
    if fixed and rng.random() < 0.3:
        _verdict(rng, plan, known, "APPROVED_{}", 4)
    return Planting("fix_resolved", "re_review")


def _placeholder(rng: Random, plan: Plan, known: str) -> Planting:
    if rng.random() < 0.3:
        _subplan(rng, plan, known, rng.choice(DESIGNS))
        _task(rng, plan, known, 1, (("📋 Ready", ""),), "[TO BE FILLED: the log]\n")
        return Planting("design_placeholder", "fill_execution")
    _subplan(rng, plan, known, rng.choice(UNDESIGNED))
    return Planting("design_placeholder", "fill_subplan")


def _blocked_execution(rng: Random, plan: Plan, known: str) -> Planting:
    _subplan(rng, plan, known, rng.choice(DESIGNS))
    _task(rng, plan, known, 1, BLOCKED)
    if rng.random() < 0.3:
        _task(rng, plan, known, 2, rng.choice((DONE, ABANDONED)))
    return Planting("execution_blocked", "unblock")


def _active(rng: Random, plan: Plan, known: str) -> Planting:
    if rng.random() < 0.8:
        _subplan(rng, plan, known, rng.choice(DESIGNS))
    _task(rng, plan, known, 1, OPEN)
    if rng.random() < 0.4:
        _task(rng, plan, known, 2, rng.choice((DONE, BLOCKED, OPEN, ABANDONED)))
    return Planting("active_execution", "continue_execution")


def _next_execution(rng: Random, plan: Plan, known: str) -> Planting:
    planned = rng.randint(2, 4)
    _subplan(rng, plan, known, rng.choice(DESIGNS) + "\n" + _planned_text(rng, plan, known, planned))
    done = rng.randint(1, planned - 1)
    for execution in range(1, done + 1):
        _task(rng, plan, known, execution, DONE)
    if rng.random() < 0.3:
        _task(rng, plan, known, done + 1, ABANDONED)
    return Planting("next_execution", "next_execution")


def _awaiting(rng: Random, plan: Plan, known: str) -> Planting:
    done = rng.choice((1, 1, 2, 3))
    synthesis = rng.choice(
        ("", "## Execution Results Synthesis\n\n- [what]\n", "## 📊 Execution Results Synthesis\n\nAll work.\n")
    )
    planned = _planned_text(rng, plan, known, done) if done > 1 and rng.random() < 0.5 else ""
    _subplan(rng, plan, known, f"{rng.choice(DESIGNS)}\n{planned}\n{synthesis}")
    for execution in range(1, done + 1):
        _task(rng, plan, known, execution, DONE)
    return Planting("awaiting_review", "synthesize" if done > 1 and "All work" not in synthesis else "request_review")


def _no_execution(rng: Random, plan: Plan, known: str) -> Planting:
    _subplan(rng, plan, known, rng.choice(DESIGNS))
    if rng.random() < 0.3:
        _task(rng, plan, known, 1, ABANDONED)
    return Planting("no_execution", "create_execution")


def _planned_text(rng: Random, plan: Plan, known: str, planned: int) -> str:
    number = _number(plan, known)
    rows = "".join(
        f"| {number}_{execution:02d} | {rng.choice(('✅ Complete', 'Planning', '⏳ Next'))} |\n"
        for execution in range(1, planned + 1)
    )
    return rng.choice(PLANNED).format(planned, rows=rows)


PLANT = {
    "approved": _approved,
    "needs_fix": _needs_fix,
    "fix_resolved": _fix_resolved,
    "design_placeholder": _placeholder,
    "execution_blocked": _blocked_execution,
    "active_execution": _active,
    "next_execution": _next_execution,
    "awaiting_review": _awaiting,
    "no_execution": _no_execution,
    "blocked": lambda *_: Planting("blocked", "wait"),
    "no_subplan": lambda *_: Planting("no_subplan", "create_subplan"),
}
"""State → the function that writes its files."""
