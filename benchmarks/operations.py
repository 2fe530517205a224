"""What people and agents do to a workspace, as data: deterministic from a seed, and with what has to come of it.

An achievement lives through `LIFE`: designed, begun, done, refused, mended, approved, and removed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

from benchmarks.workspaces.planting import Expected

Kind = Literal["state_transition", "task_assignment", "agent_status_update", "dependency_modification"]
KINDS: tuple[Kind, ...] = ("state_transition", "task_assignment", "agent_status_update", "dependency_modification")


class Target(NamedTuple):
    """An achievement that nothing else is done to: the path of its PLAN, its id, and the state before."""

    plan: str
    achievement: str
    before: str

    @property
    def feature(self) -> str:
        """The name of the plan."""
        return self.plan.rpartition("/PLAN_")[2].removesuffix(".md")

    def path(self, name: str) -> str:
        """Where one of the files of `LIFE` stands; `{}` in its name is the number of the achievement."""
        folder = self.plan.rpartition("/")[0]
        return f"{folder}/{name.format(feature=self.feature, number=self.achievement.replace('.', ''))}"


SUBPLAN = "subplans/SUBPLAN_{feature}_{number}.md"
TASK = "execution/EXECUTION_TASK_{feature}_{number}_01.md"
FIX = "execution/feedbacks/FIX_{number}.md"
RESOLUTION = "execution/feedbacks/FIX_{number}_RESOLUTION.md"
APPROVED = "execution/feedbacks/APPROVED_{number}.md"


class Turn(NamedTuple):
    """One change of state: the state that follows, the file to write and its text; without text, all are removed."""

    state: str
    name: str
    text: str | None


LIFE: tuple[Turn, ...] = (
    Turn(
        "no_execution",
        SUBPLAN,
        "# SUBPLAN: it\n\n**Plan**: {feature}\n**Achievement**: {achievement}\n\n"
        "## 🎯 Objective\n\nDo it.\n\n## 📝 Approach\n\n1. So.\n",
    ),
    Turn("active_execution", TASK, "# EXECUTION_TASK: it\n\n**Plan**: {feature}\n**Status**: In Progress\n"),
    Turn("awaiting_review", TASK, "# EXECUTION_TASK: it\n\n**Plan**: {feature}\n**Status**: ✅ Complete\n"),
    Turn("needs_fix", FIX, "# FIX REQUIRED: Achievement {achievement}\n\n**Review Date**: 2026-03-05\n"),
    Turn(
        "fix_resolved",
        RESOLUTION,
        "# FIX RESOLUTION: Achievement {achievement}\n\n**Resolution Date**: 2026-03-06\n",
    ),
    Turn("approved", APPROVED, "# APPROVED: Achievement {achievement}\n\n**Review Date**: 2026-03-07\n"),
    Turn("", "", None),
)
"""The last state is the one before."""


class Operation(NamedTuple):
    """Something to do, `at` so many seconds after the start; `serial` counts from 0."""

    at: float
    kind: Kind
    target: Target
    serial: int


def targets(expected: Mapping[str, Expected]) -> list[Target]:
    """The achievements of a generated workspace that are not begun and wait for nothing."""
    return [
        Target(plan, known, state)
        for plan, one in sorted(expected.items())
        for known, state in one.states.items()
        if state == "no_subplan"
    ]


def operations(over: Sequence[Target], number: int, rate: float, seed: int = 1) -> list[Operation]:
    """So many operations, `rate` of them in a second."""
    rng = Random(f"{seed} operations")
    return [Operation(i / rate, rng.choice(KINDS), rng.choice(over), i) for i in range(number)]


def take_turn(root: Path, target: Target, turn: int) -> tuple[str, list[str]]:
    """Does turn number `turn` of an achievement's life; gives the state that follows and the paths that were touched.

    Removing takes the verdicts last, so that no state in between is one that a reader could take for work to do.
    """
    state, name, text = LIFE[turn % len(LIFE)]
    if text is None:
        paths = [target.path(name) for name in (SUBPLAN, TASK, RESOLUTION, FIX, APPROVED)]
        for path in paths:
            (root / path).unlink()
        return target.before, paths
    path = target.path(name)
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text.format(feature=target.feature, achievement=target.achievement), encoding="utf-8")
    return state, [path]
