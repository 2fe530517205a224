"""The assignment of open items to agents: the longest item first, each to the agent with the least work."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from planmark.plans.model import Role


class Assignable(NamedTuple):
    """An item, its hours (None if unknown), and the role of its step."""

    name: str
    hours: float | None
    role: Role


class Agent(NamedTuple):
    """An agent, and the only role that it takes; None for all roles."""

    name: str
    role: Role | None = None


class Load(NamedTuple):
    """An agent with its items, in their order in the plan, and the sum of their hours."""

    agent: Agent
    items: tuple[str, ...]
    hours: float


class Assignment(NamedTuple):
    """The load of each agent, in the order of the agents, and the items for whose role there is no agent."""

    loads: tuple[Load, ...]
    unassigned: tuple[str, ...]

    @property
    def imbalance(self) -> float:
        """The excess of the busiest agent's hours over the mean, as a share of the mean; 0 without work."""
        hours = [load.hours for load in self.loads]
        mean = math.fsum(hours) / len(hours) if hours else 0.0
        return (max(hours) - mean) / mean if mean else 0.0


def assign(items: Sequence[Assignable], agents: Sequence[Agent], median: float | None = None) -> Assignment:
    """Return the items of each agent. An item without hours counts as `median` hours, or else as one hour."""
    default_hours = 1.0 if median is None else median
    hours = [default_hours if item.hours is None else item.hours for item in items]
    assigned_items: list[list[int]] = [[] for _ in agents]
    loads = [0.0] * len(agents)
    unassigned_names: list[str] = []
    for index in sorted(range(len(items)), key=lambda index: (-hours[index], index)):
        fitting_agents = [number for number, agent in enumerate(agents) if agent.role in (None, items[index].role)]
        if not fitting_agents:
            unassigned_names.append(items[index].name)
            continue
        agent_number = min(fitting_agents, key=lambda number: (loads[number], len(assigned_items[number]), number))
        assigned_items[agent_number].append(index)
        loads[agent_number] += hours[index]
    return Assignment(
        tuple(
            Load(
                agent,
                tuple(items[index].name for index in sorted(item_indexes)),
                math.fsum(hours[index] for index in item_indexes),
            )
            for agent, item_indexes in zip(agents, assigned_items, strict=True)
        ),
        tuple(unassigned_names),
    )
