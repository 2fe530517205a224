"""The assignment of open items to agents. The longest item comes first, and goes to the agent with the least work."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from planmark.plans.model import Role


class Assignable(NamedTuple):
    """An item that can be assigned. `hours` is None if the hours are unknown. `role` is the role of its step."""

    name: str
    hours: float | None
    role: Role


class Agent(NamedTuple):
    """An agent. `role` is the only role that it takes; None means all roles."""

    name: str
    role: Role | None = None


class AssignedLoad(NamedTuple):
    """The items of an agent, in their order in the plan, and the sum of their hours."""

    agent: Agent
    items: tuple[str, ...]
    hours: float


class Assignment(NamedTuple):
    """The load of each agent, in the order of the agents.

    `unassigned` are the names of the items that no agent can take, because no agent has the role.
    """

    loads: tuple[AssignedLoad, ...]
    unassigned: tuple[str, ...]

    @property
    def imbalance(self) -> float:
        """The share by which the hours of the busiest agent exceed the mean of all agents.

        It is 0 if there is no work.
        """
        hours = [load.hours for load in self.loads]
        mean = math.fsum(hours) / len(hours) if hours else 0.0
        return (max(hours) - mean) / mean if mean else 0.0


def assign(items: Sequence[Assignable], agents: Sequence[Agent], median: float | None = None) -> Assignment:
    """Assign items to agents, and return the assignment.

    An item with unknown hours counts as `median` hours, or as one hour if `median` is None.
    """
    default_hours = 1.0 if median is None else median
    hours = [default_hours if item.hours is None else item.hours for item in items]
    indexes_by_agent: list[list[int]] = [[] for _ in agents]
    hours_by_agent = [0.0] * len(agents)
    unassigned_names: list[str] = []
    for index in sorted(range(len(items)), key=lambda index: (-hours[index], index)):
        fitting_agents = [number for number, agent in enumerate(agents) if agent.role in (None, items[index].role)]
        if not fitting_agents:
            unassigned_names.append(items[index].name)
            continue
        agent_number = min(
            fitting_agents, key=lambda number: (hours_by_agent[number], len(indexes_by_agent[number]), number)
        )
        indexes_by_agent[agent_number].append(index)
        hours_by_agent[agent_number] += hours[index]
    return Assignment(
        tuple(
            AssignedLoad(
                agent,
                tuple(items[index].name for index in sorted(item_indexes)),
                math.fsum(hours[index] for index in item_indexes),
            )
            for agent, item_indexes in zip(agents, indexes_by_agent, strict=True)
        ),
        tuple(unassigned_names),
    )
