"""The dependencies of a plan on other plans: the required achievements, and the cycles through other plans."""

from __future__ import annotations

from typing import Any

import msgspec

from planmark.plans.model import Evidence, State

Node = tuple[str, str]
"""The path of a PLAN and the id of an achievement."""


class OtherAchievement(msgspec.Struct, frozen=True):
    """An achievement of another plan, with its state by the documents of that plan, regardless of its dependencies."""

    plan: str
    id: str
    title: str
    state: State
    verdict: str | None


class Edge(msgspec.Struct, frozen=True):
    """A dependency that involves another plan, whose achievements have names like `@OTHER 1.1`.

    `unknown` is the reason why one of the two achievements is unknown, or "" if both exist.
    """

    waits: str
    needs: str
    reason: Evidence
    unknown: str


class Cycle(msgspec.Struct, frozen=True):
    """A cycle through several plans, with its first achievement repeated at the end, and the line of each of its edges."""

    names: tuple[str, ...]
    reasons: tuple[Evidence, ...]


class Outside(msgspec.Struct, frozen=True):
    """The input of a plan's state from other plans.

    `standings` are the achievements that the plan waits for, by name. `cyclic` are the edges of the plan (waiting
    achievement, dependency) that are part of a cycle through other plans. `cycles` are the cycles that the plan's
    diagnostics report. `too_wide` are the plan's ranges in other plans that exceed the limit. `unreadable` are the
    achievements that wait for such ranges, in the form of `declared.unreadable`.
    """

    edges: tuple[Edge, ...] = ()
    standings: dict[str, OtherAchievement] = {}
    cyclic: frozenset[tuple[str, str]] = frozenset()
    cycles: tuple[Cycle, ...] = ()
    too_wide: tuple[Any, ...] = ()
    unreadable: dict[str | None, Evidence] = {}


EMPTY_OUTSIDE = Outside()
