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
    """An agent with its items, in their order in the plan, and their hours together."""

    agent: Agent
    items: tuple[str, ...]
    hours: float


class Assignment(NamedTuple):
    """The load of each agent, in the order of the agents, and the items for whose role there is no agent."""

    loads: tuple[Load, ...]
    unassigned: tuple[str, ...]

    @property
    def imbalance(self) -> float:
        """The hours of the busiest agent above the mean, as a part of the mean; 0 without work."""
        hours = [load.hours for load in self.loads]
        mean = math.fsum(hours) / len(hours) if hours else 0.0
        return (max(hours) - mean) / mean if mean else 0.0


def assign(items: Sequence[Assignable], agents: Sequence[Agent], median: float | None = None) -> Assignment:
    """Return who does what. `median` stands for missing hours; without it, such an item counts as one hour."""
    missing = 1.0 if median is None else median
    hours = [missing if item.hours is None else item.hours for item in items]
    given: list[list[int]] = [[] for _ in agents]
    loads = [0.0] * len(agents)
    unassigned: list[str] = []
    for at in sorted(range(len(items)), key=lambda at: (-hours[at], at)):
        fitting = [number for number, agent in enumerate(agents) if agent.role in (None, items[at].role)]
        if not fitting:
            unassigned.append(items[at].name)
            continue
        chosen = min(fitting, key=lambda number: (loads[number], len(given[number]), number))
        given[chosen].append(at)
        loads[chosen] += hours[at]
    return Assignment(
        tuple(
            Load(agent, tuple(items[at].name for at in sorted(of_agent)), math.fsum(hours[at] for at in of_agent))
            for agent, of_agent in zip(agents, given, strict=True)
        ),
        tuple(unassigned),
    )
