"""The assignment of the open items of a plan to agents as a public result."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from planmark.coordination.assignment import Agent, Assignable, assign
from planmark.queries.item_order import NO_SCOPE, hours_of, item_name, median_hours, work_scopes
from planmark.queries.open_steps import OpenStep
from planmark.queries.workspace_view import AnyPlan, View


class AgentLoad(msgspec.Struct, frozen=True):
    """The items that an agent gets. `hours` is the effort of all these items; null if no document states any effort."""

    agent: str
    items: tuple[str, ...]
    hours: float | None


class AssignmentResult(msgspec.Struct, frozen=True, kw_only=True):
    """The assignment of the open items of a plan to agents. `unassigned` are the items without an agent.

    `imbalance` is the hours of the busiest agent minus the mean, divided by the mean.
    """

    schema: str = "planmark.assignment/1"
    workspace: str
    plan: str
    feature: str
    agents: tuple[AgentLoad, ...]
    unassigned: tuple[str, ...]
    imbalance: float


def assignment_result(
    view: View, plan: AnyPlan, steps: Sequence[OpenStep], agents: Sequence[Agent]
) -> AssignmentResult:
    """Return the assignment of the items of `steps` to `agents`. The longest item is assigned first."""
    scopes = work_scopes(view, plan)
    median = median_hours(scopes.values())
    items = [
        Assignable(step.work.item, hours_of(scopes.get(item_name(step.item), NO_SCOPE)), step.role)
        for step in steps
        if step.item is not None
    ]
    assignment = assign(items, agents, median)
    return AssignmentResult(
        workspace=view.snapshot.root,
        plan=plan.path,
        feature=plan.feature,
        agents=tuple(
            AgentLoad(load.agent.name, load.items, None if median is None else round(load.hours, 2))
            for load in assignment.loads
        ),
        unassigned=assignment.unassigned,
        imbalance=round(assignment.imbalance, 4),
    )
