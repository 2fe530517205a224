"""The dependencies of a plan on other plans: the achievements that it waits for, and cycles through other plans."""

from __future__ import annotations

from typing import Any

import msgspec

from planmark.plans.model import Evidence, State

AchievementNode = tuple[str, str]
"""An achievement in a graph of dependencies: the path of its PLAN, and its id."""


class OtherAchievement(msgspec.Struct, frozen=True):
    """An achievement of a different plan. `plan` is the path of the different plan. `state` is the state by the
    documents of that plan. Dependencies of the achievement are not considered.
    """

    plan: str
    id: str
    title: str
    state: State
    verdict: str | None


class CrossPlanDependency(msgspec.Struct, frozen=True):
    """A dependency between achievements of two plans: `waits` waits for `needs`.

    `waits` and `needs` are names of achievements. A name such as `@OTHER 1.1` means an achievement of a different plan.
    `reason` is the line that declares the dependency. `unknown` is the reason why one of the two achievements does not
    exist, or "".
    """

    waits: str
    needs: str
    reason: Evidence
    unknown: str


class CrossPlanCycle(msgspec.Struct, frozen=True):
    """A cycle of dependencies through several plans.

    `names` are the names of its achievements. The first name is repeated at the end. `reasons` are the lines that
    declare its dependencies.
    """

    names: tuple[str, ...]
    reasons: tuple[Evidence, ...]


class OtherPlansInput(msgspec.Struct, frozen=True):
    """The input from other plans for the state of a plan.

    `edges` are the dependencies of the plan on other plans. `standings` maps the name of an achievement that the plan
    waits for to the achievement. `cyclic` has a pair for each edge that is part of a cycle through other plans: the
    name of the waiting achievement, and the name of the dependency. `cycles` are the cycles that diagnostics of the
    plan report.

    `too_wide` are ranges of achievements of other plans (`@OTHER 1.1-9.9`) that are wider than the limit. `unreadable`
    maps the id of an achievement that waits for such a range to the line that names the range. The key None means that
    any achievement may wait for the range.
    """

    edges: tuple[CrossPlanDependency, ...] = ()
    standings: dict[str, OtherAchievement] = {}
    cyclic: frozenset[tuple[str, str]] = frozenset()
    cycles: tuple[CrossPlanCycle, ...] = ()
    too_wide: tuple[Any, ...] = ()
    unreadable: dict[str | None, Evidence] = {}


NO_OTHER_PLANS = OtherPlansInput()
