"""The invariants of the waves of any plan, checked in the slow and obvious way, without the code that made them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from planmark.plans.model import DONE_STATES, AchievementState, PlanState
from planmark.queries.waves import WaveMember, WavesResult


def meet(a: str, b: str) -> bool:
    """Tell whether two paths are the same, or one lies in the other; a bare name meets its like in any folder."""
    first, second = ([] if path == "." else path.lower().strip("/").split("/") for path in (a, b))
    shorter = min(len(first), len(second))
    is_bare = len(first) == 1 or len(second) == 1
    return first[:shorter] == second[:shorter] or bool(is_bare and first and second and first[-1] == second[-1])


def name_of(item: AchievementState) -> str:
    return item.ref or item.id


def work_left(state: PlanState) -> dict[str, AchievementState]:
    """Return name → each item that agents are to do. Optional work is done by people who want it."""
    done = {*DONE_STATES, "unsupported"}
    return {
        name_of(item): item
        for item in state.achievements
        if item.leaf and not item.listed and not item.optional and item.state not in done
    }


def waits(state: PlanState) -> Iterator[tuple[str, str]]:
    """Yield (item, item that must be done first) for all that documents say about the work that is left.

    If a group waits for another, so do its items. Without dependencies, achievements wait for lower priorities.
    """
    left = work_left(state)
    by_id = {item.id: name for name, item in left.items()}
    for name, item in left.items():
        for other in (*item.depends_on, *item.blocked_by):
            if (need := other if other in left else by_id.get(other)) is not None and need != name:
                yield name, need
    blocked = {group.id: group.blocked_by for group in state.groups}
    by_priority = state.format == "planmark" and not state.dependencies
    for name, item in left.items():
        for other, earlier in left.items():
            if item.group and earlier.group in blocked.get(item.group, ()):
                yield name, other
            if by_priority and float(earlier.priority) < float(item.priority):
                yield name, other


def faults(state: PlanState, result: WavesResult) -> list[str]:
    """Return everything that is wrong with the waves of a plan; [] is right."""
    members = {member.achievement: (wave.n, member) for wave in result.waves for member in wave.members}
    found = [f"{name} is in no wave" for name in work_left(state) if name not in members]
    found += [f"{name} is in a wave" for name in members if name not in work_left(state)]
    if sum(len(wave.members) for wave in result.waves) != len(members):
        found.append("an item is in two waves")
    for name, need in waits(state):
        if name in members and need in members and members[name][0] <= members[need][0]:
            found.append(f"{name} waits for {need}, but is not in a later wave")
    for wave in result.waves:
        if result.agents and len(wave.members) > result.agents:
            found.append(f"wave {wave.n} has more than {result.agents} items")
        for one, other in combinations(wave.members, 2):
            if any(meet(a, b) for a in one.files for b in other.files):
                found.append(f"{one.achievement} and {other.achievement} change the same file in wave {wave.n}")
    return [*found, *_wrong_sums(result)]


def _wrong_sums(result: WavesResult) -> Iterator[str]:
    """Yield what contradicts: the critical path is no longer than the waves, and these no longer than all hours."""
    hours = {member.achievement: hours_of(result, member) for wave in result.waves for member in wave.members}
    makespan = sum(max(hours[member.achievement] for member in wave.members) for wave in result.waves)
    critical = sum(hours[name] for name in result.critical_path)
    if not critical - 1e-6 <= makespan <= sum(hours.values()) + 1e-6:
        yield f"critical {critical}, makespan {makespan}, sum {sum(hours.values())}"
    if result.hours.sum is not None and abs((result.hours.makespan or 0.0) - makespan) > 0.01:
        yield f"makespan {result.hours.makespan} is {makespan}"


class Work(NamedTuple):
    """A piece of work that a simulated agent has done."""

    item: str
    agent: int
    start: float
    end: float


def simulate(result: WavesResult, agents: int) -> list[Work]:
    """Return what `agents` do if each takes the next item of a wave, and the next wave begins when all are done."""
    clock, done = 0.0, []
    for wave in result.waves:
        free = [clock] * agents
        for member in wave.members:
            agent = free.index(min(free))
            hours = hours_of(result, member)
            done.append(Work(member.achievement, agent, free[agent], free[agent] + hours))
            free[agent] += hours
        clock = max(free)
    return done


def hours_of(result: WavesResult, member: WaveMember) -> float:
    return member.hours if member.hours is not None else result.hours.median or 1.0


def simulation_faults(state: PlanState, files: Mapping[str, Sequence[str]], done: Sequence[Work]) -> list[str]:
    """Return where simulated agents broke an order or changed one file at the same time."""
    at = {work.item: work for work in done}
    found = [
        f"{name} began before {need} was done"
        for name, need in waits(state)
        if name in at and need in at and at[name].start < at[need].end
    ]
    for one, other in combinations(done, 2):
        is_together = one.start < other.end and other.start < one.end
        if is_together and one.agent == other.agent:
            found.append(f"agent {one.agent} does {one.item} and {other.item} at once")
        if is_together and any(meet(a, b) for a in files[one.item] for b in files[other.item]):
            found.append(f"{one.item} and {other.item} change one file at once")
    return found
