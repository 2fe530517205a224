"""The choice of the next step of a run, and the choice of the agent for a step."""

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
"""Maximum number of names under which the attempts of one agent hold leases: `claude-1` to `claude-100`."""
STEPS_OF_RUNS: tuple[str, ...] = tuple(
    step for step in get_args(Step) if step not in {*REQUESTED_STEPS, *STEPS_IN_PARTS, *STEPS_THAT_WAIT, "closed"}
)
"""The steps that an agent can do in a run: the state of a plan asks for them, and they do not wait for a person."""


class WantedSteps(NamedTuple):
    """The steps that a person wants a run to do.

    `steps` are the names of the steps; if it is empty, all steps are wanted. `until` is the ref of the item after which
    the run ends; it is "" if there is no such item. If `person_reviews` is True, agents do not review.
    """

    steps: frozenset[str] = frozenset()
    until: str = ""
    person_reviews: bool = True


def parse_step_names(names: str | None) -> frozenset[str]:
    """Return the names of steps in the list `names`, such as `create_execution,address_fix`; an empty set if `names` is
    None.

    Raises CommandError if the list is empty, or names a step that no run does.
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


def ready_and_waiting(
    view: View,
    plan: AnyPlan,
    names: LeasedNames,
    wanted: WantedSteps,
    working: Collection[str] = (),
    given_up: Collection[str] = (),
) -> tuple[list[OpenStep], list[str]]:
    """Return two lists: the steps that a run may start now, in Planmark's order, and the reasons why other open steps
    wait. `working` are the names of the items on which the run works. `given_up` are the names of the items that the
    run has given up. Steps of these items are in neither list. If no running or ready step is needed for the item
    `wanted.until`, the first list is empty. The second list then has only the reasons of the needed steps.
    """
    ready: list[OpenStep] = []
    reasons_by_item: dict[str, str] = {}
    steps = open_steps(view, names, plan)
    for step in steps:
        if step.work.item in working or step.work.item in given_up:
            continue
        if reason := _why_not_ready(step, wanted):
            reasons_by_item[step.work.item] = f"{_item_text(step)}: {reason}"
        else:
            ready.append(step)
    needed_names = names_needed_for(view.state(plan.path), steps, wanted.until) if wanted.until else frozenset()
    if needed_names and not any(
        _is_needed(name, needed_names) for name in (*working, *(step.work.item for step in ready))
    ):
        return [], [reason for name, reason in reasons_by_item.items() if name in needed_names]
    return ready, list(reasons_by_item.values())


def names_needed_for(state: PlanState, steps: Sequence[OpenStep], until: str) -> frozenset[str]:
    """Return the names of the items that are needed for the item `until`, and have an open step. They are the item
    itself, the items below it, and all items that these items wait for.
    """
    try:
        goal_name = item_name(item_of_ref(state, until))
    except NoAnswerError:
        return frozenset()
    parents = {item_name(item): item.parent for item in state.achievements}
    steps_by_name = {item_name(step.item): step for step in steps if step.item is not None}
    pending = [name for name in steps_by_name if goal_name in _with_parents(name, parents)]
    needed_names: set[str] = set()
    while pending:
        name = pending.pop()
        if name in steps_by_name and name not in needed_names:
            needed_names.add(name)
            pending += steps_by_name[name].waits_for
    return frozenset(steps_by_name[name].work.item for name in needed_names)


def _with_parents(name: str, parents: Mapping[str, str | None]) -> list[str]:
    """Return a list: the name of an item, then the name of its parent, the parent of its parent, and so on.

    `parents` maps the name of an item to the name of its parent.
    """
    names = [name]
    while (parent := parents.get(names[-1])) and parent not in names:
        names.append(parent)
    return names


def _is_needed(name: str, needed_names: Collection[str]) -> bool:
    """Tell whether `name` is in `needed_names`, or stands for a step about the plan or a group."""
    return name in needed_names or not name or name.startswith(GROUP_SIGN)


def _why_not_ready(step: OpenStep, wanted: WantedSteps) -> str:
    """Return the reason why a run may not start a step now; "" if the run may start it."""
    if step.wait_reason:
        return step.wait_reason
    if step.step in STEPS_THAT_WAIT:
        return f"a person decides: {step.label}"
    if step.role == "reviewer" and wanted.person_reviews:
        return f'a person reviews: {step.label} (review = "agent" lets agents review)'
    if wanted.steps and step.step not in wanted.steps:
        return f"{step.step} is not one of --steps"
    return ""


def _item_text(step: OpenStep) -> str:
    """Return the name of the item of a step; `the plan` if the step has no item."""
    return step.work.item or "the plan"


def is_until_reached(view: View, plan: AnyPlan, until: str) -> bool:
    """Tell whether the item `until` is done, so that the run ends."""
    try:
        return item_of_ref(view.state(plan.path), until).state in DONE_STATES
    except NoAnswerError:
        return False


class Slot(NamedTuple):
    """An agent, and the name under which the agent holds the lease of a step."""

    agent: AgentProgram
    name: str


def slot_for(
    step: OpenStep, agents: Sequence[AgentProgram], program_by_name: Mapping[str, str], paused_agents: Collection[str]
) -> Slot | None:
    """Return an agent for a step, with a name that no running attempt has; None if no agent is free.

    `program_by_name` maps the name under which an agent holds a lease to the name of its program. An agent that
    executed an item does not review the item. A review goes to a different program if one is free. Otherwise it goes to
    the same program under a different name.
    """
    fitting_agents = [agent for agent in agents if step.role in agent.roles and agent.name not in paused_agents]
    executors = {name.rpartition("-")[0] for name in step.work.executors} if step.role == "reviewer" else set()
    for agent in sorted(fitting_agents, key=lambda agent: agent.name in executors):
        if sum(name == agent.name for name in program_by_name.values()) >= agent.max_parallel:
            continue
        for name in _slot_names(agent):
            if name not in program_by_name and not (step.role == "reviewer" and name in step.work.executors):
                return Slot(agent, name)
    return None


def _slot_names(agent: AgentProgram) -> Iterator[str]:
    """Return the names under which an agent may hold leases, such as `claude-1`."""
    return (f"{agent.name}-{number}" for number in range(1, MAX_SLOTS + 1))


def why_no_slot(step: OpenStep, agents: Sequence[AgentProgram], pause_reasons: Mapping[str, str]) -> str:
    """Return the reason why no agent of the run will do a step; "" if an agent will do it later.

    `pause_reasons` maps the name of a paused agent to the reason of the pause.
    """
    fitting_agents = [agent for agent in agents if step.role in agent.roles]
    if not fitting_agents:
        return f"no agent of this run is a {step.role}: {step.label}"
    if all(agent.name in pause_reasons for agent in fitting_agents):
        return pause_reasons[fitting_agents[0].name]
    return ""
