"""The part of the methodology that decides the states of its plans: a record of functions, which the core finds by
name.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.format import AppliedRow
from planmark.plans.model import AchievementState, Evidence
from planmark.plans.outside import (
    AchievementNode,
    CrossPlanCycle,
    CrossPlanDependency,
    OtherAchievement,
    OtherPlansInput,
)
from planmark.plans.registry import methodology_part
from planmark.plans.review_log import ReviewLog
from planmark.workspace.snapshot import FormatPlan


class PlanDependency(NamedTuple):
    """A dependency between achievements of different plans: `waiting_node` waits for `needed_node`.

    `reason` is the line that declares the dependency.
    """

    waiting_node: AchievementNode
    needed_node: AchievementNode
    reason: Evidence


class PlanDependencies(NamedTuple):
    """The dependencies between plans. Each field is a mapping; its keys are paths of PLANs.

    `plans` are the plans that have a dependency on a different plan, or that a different plan depends on. `links` are
    the dependencies on other plans, by the plan that waits. `unknown` are dependencies on plans or achievements that do
    not exist, by the plan that declares them. `cycles` are circles of achievements that wait for each other. `cyclic`
    are the pairs of these circles: an achievement that waits, and an achievement that it needs. `too_wide` are ranges
    with more achievements than allowed, by the plan that declares the range. `unreadable` is a mapping from each
    achievement that waits for such a range to the line that declares the range.
    """

    plans: dict[str, FormatPlan]
    links: dict[str, list[PlanDependency]]
    unknown: dict[str, list[CrossPlanDependency]]
    cyclic: dict[str, set[tuple[str, str]]]
    cycles: dict[str, list[CrossPlanCycle]]
    too_wide: dict[str, tuple[Any, ...]]
    unreadable: dict[str, dict[str | None, Evidence]]


StandingsOf = Callable[[FormatPlan], Mapping[str, OtherAchievement]]
"""A function from a plan to the standings of its achievements, by id."""


class PlanWork(NamedTuple):
    """The functions that decide the states of plans with work and verdicts.

    `evaluate` returns the evaluation of a plan. Its first two arguments are the plan, and the facts about other plans
    that the plan depends on. Its third argument tells whether to ignore the claims of the PLAN. Its last argument is an
    older version of the plan with the evaluation of this version, or None. `standings` returns the standings of a
    plan's achievements by id. `links` returns the dependencies between plans. `outside` returns, for the path of a
    PLAN, the facts about the other plans that it depends on. `items_of_documents` returns a mapping from the path of
    each document of a plan to the achievement that the document is about. `explain` returns the rows of the decision
    table for an achievement, given by its id. `review_logs` returns the verdicts of each reviewed achievement, by id.
    """

    evaluate: Callable[[FormatPlan, OtherPlansInput, bool, tuple[FormatPlan, PlanEvaluation] | None], PlanEvaluation]
    standings: Callable[[FormatPlan], dict[str, OtherAchievement]]
    links: Callable[[tuple[FormatPlan, ...]], PlanDependencies]
    outside: Callable[[str, PlanDependencies, StandingsOf], OtherPlansInput]
    items_of_documents: Callable[[FormatPlan, PlanEvaluation], dict[str, AchievementState]]
    explain: Callable[[PlanEvaluation, str], Sequence[AppliedRow]]
    review_logs: Callable[[FormatPlan, PlanEvaluation], Mapping[str, ReviewLog]]


@functools.cache
def plan_work() -> PlanWork:
    """Return the functions of the methodology that decide the states of plans."""
    work: PlanWork = methodology_part("work")
    return work
