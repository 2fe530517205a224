"""How a format with work and verdicts decides the states of its plans, as a value."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.format import RuleOutcome
from planmark.plans.model import AchievementState, Evidence
from planmark.plans.outside import Cycle, Edge, Node, Outside, Standing
from planmark.plans.registry import methodology_part
from planmark.workspace.snapshot import PlanDocuments


class Link(NamedTuple):
    """A dependency between two plans."""

    waits: Node
    needs: Node
    reason: Evidence


class Links(NamedTuple):
    """The dependencies between plans, by the path of a PLAN.

    `plans` are the plans that a dependency on another plan involves. `unknown` has the path of the plan that declares
    the edge.
    """

    plans: dict[str, PlanDocuments]
    links: dict[str, list[Link]]
    unknown: dict[str, list[Edge]]
    cyclic: dict[str, set[tuple[str, str]]]
    cycles: dict[str, list[Cycle]]
    too_wide: dict[str, tuple[Any, ...]]
    unreadable: dict[str, dict[str | None, Evidence]]


StandingsOf = Callable[[PlanDocuments], Mapping[str, Standing]]
"""A function that returns the achievements of a plan, by id, as other plans see them."""


class PlanWork(NamedTuple):
    """The functions by which plans with work and verdicts get their states.

    `evaluate` returns the evaluation of a plan, from what it takes from other plans; with True, the claims of its text
    are ignored. `standings` returns its achievements as other plans see them. `links` returns the dependencies between
    plans, and `outside` what the plan at a path takes from others. `items_of_documents` maps the path of each document
    of a plan to the achievement that it is about. `explain` returns the rows of the decision table for an achievement.
    """

    evaluate: Callable[[PlanDocuments, Outside, bool], PlanEvaluation]
    standings: Callable[[PlanDocuments], dict[str, Standing]]
    links: Callable[[tuple[PlanDocuments, ...]], Links]
    outside: Callable[[str, Links, StandingsOf], Outside]
    items_of_documents: Callable[[PlanDocuments, PlanEvaluation], dict[str, AchievementState]]
    explain: Callable[[PlanEvaluation, str], Sequence[RuleOutcome]]


@functools.cache
def plan_work() -> PlanWork:
    """Return how the methodology decides states."""
    found: PlanWork = methodology_part("work")
    return found
