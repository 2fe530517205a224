"""The functions that decide the states of plans of the methodology, as a value that is found by name."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.format import RuleOutcome
from planmark.plans.model import AchievementState, Evidence
from planmark.plans.outside import Cycle, Edge, Node, OtherAchievement, Outside
from planmark.plans.registry import methodology_part
from planmark.plans.review_log import ReviewLog
from planmark.workspace.snapshot import FormatPlan


class Link(NamedTuple):
    """A dependency of an achievement on an achievement of a different plan, with the line that declares it."""

    waiting_node: Node
    needed_node: Node
    reason: Evidence


class Links(NamedTuple):
    """The dependencies between plans, by the path of a PLAN.

    `plans` are the plans that a dependency on a different plan involves. `links` has the path of the waiting plan.
    `unknown` are edges to unknown plans or achievements, by the path of the plan that declares the edge. `cyclic` are
    pairs of a waiting and a needed achievement in a circle. `too_wide` are ranges of achievements beyond the bound, by
    the path of the plan that declares them. `unreadable` maps waiting achievements to the evidence of such ranges.
    """

    plans: dict[str, FormatPlan]
    links: dict[str, list[Link]]
    unknown: dict[str, list[Edge]]
    cyclic: dict[str, set[tuple[str, str]]]
    cycles: dict[str, list[Cycle]]
    too_wide: dict[str, tuple[Any, ...]]
    unreadable: dict[str, dict[str | None, Evidence]]


StandingsOf = Callable[[FormatPlan], Mapping[str, OtherAchievement]]
"""A function from a plan to the standings of its achievements, by id."""


class PlanWork(NamedTuple):
    """The functions that decide the states of plans with work and verdicts.

    `evaluate` returns the evaluation of a plan, given its input from other plans; with True, the claims of the PLAN are
    ignored. Its last argument is an older version of the plan with its evaluation, or None. `standings` returns the standings of a plan's achievements. `links` returns the dependencies between plans,
    and `outside` the input of the plan at a path from other plans. `items_of_documents` maps the path of each document
    of a plan to the achievement that it is about. `explain` returns the rows of the decision table for an achievement.
    `review_logs` returns the verdicts of each achievement that has any, by id.
    """

    evaluate: Callable[[FormatPlan, Outside, bool, tuple[FormatPlan, PlanEvaluation] | None], PlanEvaluation]
    standings: Callable[[FormatPlan], dict[str, OtherAchievement]]
    links: Callable[[tuple[FormatPlan, ...]], Links]
    outside: Callable[[str, Links, StandingsOf], Outside]
    items_of_documents: Callable[[FormatPlan, PlanEvaluation], dict[str, AchievementState]]
    explain: Callable[[PlanEvaluation, str], Sequence[RuleOutcome]]
    review_logs: Callable[[FormatPlan, PlanEvaluation], Mapping[str, ReviewLog]]


@functools.cache
def plan_work() -> PlanWork:
    """Return how the methodology decides states."""
    work: PlanWork = methodology_part("work")
    return work
