"""The choice of the next step of a run, and of the agent that does it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from planmark.cli.arguments import did_you_mean
from planmark.cli.errors import BAD_USAGE, CommandError
from planmark.plans.model import DONE_STATES, REQUESTED_STEPS, STEPS_IN_PARTS, PlanState, Step
from planmark.queries.item_order import item_name
from planmark.queries.lookup import NoAnswerError
from planmark.queries.open_steps import STEPS_THAT_WAIT, LeasedNames, OpenStep, open_steps
from planmark.queries.ticks import item_of_ref
from planmark.queries.workspace_view import AnyPlan, View
from planmark.run.agents import AgentProgram
from planmark.run.reading import GROUP_SIGN

MAX_SLOTS = 100
"""Maximum number of names of one agent: `claude-1` to `claude-100`."""
STEPS_OF_RUNS: tuple[str, ...] = tuple(
    step for step in get_args(Step) if step not in {*REQUESTED_STEPS, *STEPS_IN_PARTS, *STEPS_THAT_WAIT, "closed"}
)
"""The steps that follow from a state of a plan, and that an agent can do."""


class Wanted(NamedTuple):
    """The steps that a run is asked for.

    `steps` is empty for all steps. `until` is the item after which the run ends, "" for no such item. With `by_person`,
    only a person reviews.
    """

    steps: frozenset[str] = frozenset()
    until: str = ""
    by_person: bool = True


def steps_named(names: str | None) -> frozenset[str]:
    """Return the steps in a list such as `create_execution,address_fix`; no steps for None.

    Raises CommandError for a step that no run does, and for an empty list.
    """
    if names is None:
        return frozenset()
    steps = frozenset(filter(None, map(str.strip, names.split(","))))
    for step in sorted(steps - {*STEPS_OF_RUNS}):
        hint = did_you_mean(step, STEPS_OF_RUNS) or f". There are {', '.join(STEPS_OF_RUNS)}"
        raise CommandError(f"--steps: no run does the step `{step}`{hint}", BAD_USAGE)
    if not steps:
        raise CommandError("--steps names no step: leave it out for all steps", BAD_USAGE)
    return steps


def ready_for_run(
    view: View,
    plan: AnyPlan,
    names: LeasedNames,
    wanted: Wanted,
    working: Collection[str] = (),
    given_up: Collection[str] = (),
) -> tuple[list[OpenStep], list[str]]:
    """Return the steps that a run may start now, in Planmark's order, and why it may not start the others.

    `working` are the names of items that the run works on, and `given_up` of items that it no longer works on. If the
    item after which the run ends needs none of the steps that are ready or in work, no step may start.
    """
    ready: list[OpenStep] = []
    waiting: dict[str, str] = {}
    steps = open_steps(view, names, plan)
    for step in steps:
        if step.work.item in working or step.work.item in given_up:
            continue
        if why := _why_not_ready(step, wanted):
            waiting[step.work.item] = f"{_item_text(step)}: {why}"
        else:
            ready.append(step)
    towards = names_towards(view.state(plan.path), steps, wanted.until) if wanted.until else frozenset()
    if towards and not any(_is_towards(name, towards) for name in (*working, *(step.work.item for step in ready))):
        return [], [why for name, why in waiting.items() if name in towards]
    return ready, list(waiting.values())


def names_towards(state: PlanState, steps: Sequence[OpenStep], until: str) -> frozenset[str]:
    """Return the names of the items with open steps that are needed for an item: itself, and all that it waits for.

    For an item with parts, these are its open parts, and all that the parts wait for.
    """
    try:
        goal = item_name(item_of_ref(state, until))
    except NoAnswerError:
        return frozenset()
    parents = {item_name(item): item.parent for item in state.achievements}
    by_name = {item_name(step.item): step for step in steps if step.item is not None}
    pending = [name for name in by_name if goal in _with_parents(name, parents)]
    reached: set[str] = set()
    while pending:
        name = pending.pop()
        if name in by_name and name not in reached:
            reached.add(name)
            pending += by_name[name].waits_for
    return frozenset(by_name[name].work.item for name in reached)


def _with_parents(name: str, parents: Mapping[str, str | None]) -> list[str]:
    """Return an item, and the items that it is a part of, by their names."""
    names = [name]
    while (parent := parents.get(names[-1])) and parent not in names:
        names.append(parent)
    return names


def _is_towards(name: str, towards: Collection[str]) -> bool:
    """Tell whether a step is about some items, or about the plan or a group."""
    return name in towards or not name or name.startswith(GROUP_SIGN)


def _why_not_ready(step: OpenStep, wanted: Wanted) -> str:
    if step.wait_reason:
        return step.wait_reason
    if step.step in STEPS_THAT_WAIT:
        return f"a person decides: {step.label}"
    if step.role == "reviewer" and wanted.by_person:
        return f'a person reviews: {step.label} (review = "agent" lets agents review)'
    if wanted.steps and step.step not in wanted.steps:
        return f"{step.step} is not one of --steps"
    return ""


def _item_text(step: OpenStep) -> str:
    return step.work.item or "the plan"


def is_reached(view: View, plan: AnyPlan, until: str) -> bool:
    """Tell whether the item after which a run ends is done."""
    try:
        return item_of_ref(view.state(plan.path), until).state in DONE_STATES
    except NoAnswerError:
        return False


class Slot(NamedTuple):
    """An agent, and the name under which it leases."""

    agent: AgentProgram
    name: str


def slot_for(
    step: OpenStep, agents: Sequence[AgentProgram], running: Mapping[str, str], paused_agents: Collection[str]
) -> Slot | None:
    """Return the agent for a step, with a name that no running attempt has; None if no agent is free.

    `running` maps names to their agents. The executor of an item does not review it: a different program comes first,
    then the same program under a different name.
    """
    agent_programs = [agent for agent in agents if step.role in agent.roles and agent.name not in paused_agents]
    executors = {name.rpartition("-")[0] for name in step.work.executors} if step.role == "reviewer" else set()
    for agent in sorted(agent_programs, key=lambda agent: agent.name in executors):
        if sum(name == agent.name for name in running.values()) >= agent.max_parallel:
            continue
        for name in _slot_names(agent):
            if name not in running and not (step.role == "reviewer" and name in step.work.executors):
                return Slot(agent, name)
    return None


def _slot_names(agent: AgentProgram) -> Iterator[str]:
    return (f"{agent.name}-{number}" for number in range(1, MAX_SLOTS + 1))


def why_no_slot(step: OpenStep, agents: Sequence[AgentProgram], pause_reasons: Mapping[str, str]) -> str:
    """Return why no agent of the run may ever do a step; "" if an agent is only busy."""
    agent_programs = [agent for agent in agents if step.role in agent.roles]
    if not agent_programs:
        return f"no agent of this run is a {step.role}: {step.label}"
    if all(agent.name in pause_reasons for agent in agent_programs):
        return pause_reasons[agent_programs[0].name]
    return ""
