"""Operations of people and agents on a workspace, as data: deterministic from a seed, with the states that must follow.

An achievement passes through `LIFE`: designed, begun, done, refused, corrected, approved, and removed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

from benchmarks.workspaces.ground_truth import Expected

Kind = Literal["state_transition", "task_assignment", "agent_status_update", "dependency_modification"]
KINDS: tuple[Kind, ...] = ("state_transition", "task_assignment", "agent_status_update", "dependency_modification")


class Target(NamedTuple):
    """An achievement that only these operations change: the path of its PLAN, its id, and its state before them."""

    plan: str
    achievement: str
    before: str

    @property
    def feature(self) -> str:
        """The name of the plan."""
        return self.plan.rpartition("/PLAN_")[2].removesuffix(".md")

    def path(self, name: str) -> str:
        """Return the path of a file of `LIFE`.

        `name` may hold `{feature}` and `{number}`; the number is the id of the achievement without its dots.
        """
        folder = self.plan.rpartition("/")[0]
        return f"{folder}/{name.format(feature=self.feature, number=self.achievement.replace('.', ''))}"


SUBPLAN = "subplans/SUBPLAN_{feature}_{number}.md"
TASK = "execution/EXECUTION_TASK_{feature}_{number}_01.md"
FIX = "execution/feedbacks/FIX_{number}.md"
RESOLUTION = "execution/feedbacks/FIX_{number}_RESOLUTION.md"
APPROVED = "execution/feedbacks/APPROVED_{number}.md"


class Turn(NamedTuple):
    """One change of state: the state that follows, the file to write, and its text.

    A turn without text removes all files.
    """

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
"""The last turn leads back to the state before the first."""


class Operation(NamedTuple):
    """An operation on a target, `at` seconds after the start. `serial` counts from 0."""

    at: float
    kind: Kind
    target: Target
    serial: int


def targets(expected: Mapping[str, Expected]) -> list[Target]:
    """Return the achievements of a generated workspace that are not begun and wait for nothing."""
    return [
        Target(plan, known, state)
        for plan, one in sorted(expected.items())
        for known, state in one.states.items()
        if state == "no_subplan"
    ]


def operations(over: Sequence[Target], number: int, rate: float, seed: int = 1) -> list[Operation]:
    """Return `number` operations, `rate` of them in a second."""
    rng = Random(f"{seed} operations")
    return [Operation(i / rate, rng.choice(KINDS), rng.choice(over), i) for i in range(number)]


def take_turn(root: Path, target: Target, turn: int) -> tuple[str, list[str]]:
    """Do turn `turn` of an achievement's life; return the state that follows and the paths that it touched.

    After the last turn, the life begins again. A removal takes the verdicts last, so that no state in between looks like
    work to do.
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
