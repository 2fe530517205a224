"""`planmark next --lease` leases a step for one of several agents. `planmark next --list` lists the ready steps."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple, get_args

from planmark.cli.arguments import wrong_choice_text
from planmark.cli.console import Cell, json_text, table
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO, WAITING, CommandError
from planmark.cli.lease_access import (
    LeasedStep,
    ReadView,
    convert_lease_errors,
    lease_requester,
    lease_terms,
    release_lease,
    remote_of,
    required_agent_name,
    take_step,
)
from planmark.cli.table import Column
from planmark.cli.workspace_access import find_plan_and_document, root_of
from planmark.coordination.lease_rules import LeaseRequester, minutes_held
from planmark.coordination.lease_store import LeaseStore, current_machine_state
from planmark.plans.model import Role
from planmark.queries.holders import ANONYMOUS_REQUESTER, ReadyResult, ReadyStepResult, current_leases, ready_steps
from planmark.queries.lookup import most_urgent_plan
from planmark.queries.meant import NamedPlan, named_achievement
from planmark.queries.next import prompt_of
from planmark.queries.open_steps import LeasedNames, OpenStep, open_steps, standings
from planmark.queries.workspace_view import View
from planmark.storage.machine import host_name

MAX_WAITING_STEPS = 4
"""Maximum number of waiting steps that an error message lists."""
COLUMNS = (
    Column("PLAN", form="name", min_width=12),
    Column("ITEM"),
    Column("STEP", form="prose", min_width=18),
    Column("ROLE", 2),
    Column("HELD BY", form="text", min_width=12),
    Column("WAITS", 1, "text", 20),
)


class LeaseOptions(NamedTuple):
    """The options of `planmark next` that decide which step is leased, and for which agent.

    `item` is the id or the ref of an item. `process` is the id of the agent's process.
    """

    feature: str | None
    item: str | None
    agent: str | None
    role: Role | None
    process: int | None


def role_named(name: str | None) -> Role | None:
    """Return the role with the name `name`; None if `name` is None. Raises CommandError for an unknown name."""
    for role in get_args(Role):
        if name == role:
            result: Role = role
            return result
    if name is None:
        return None
    raise CommandError(f"--role takes {wrong_choice_text(name, get_args(Role))}", BAD_USAGE)


def lease_next(context: CommandContext[CommandOptions], read_view: ReadView, options: LeaseOptions) -> LeasedStep:
    """Lease the step of the item that the options name. If they name no item, lease the next step.

    Raises CommandError or NoAnswerError if no step can be leased.
    """
    store = LeaseStore(root_of(context.options))
    requester = lease_requester(store, options.agent, options.process)

    def choose(view: View, names: LeasedNames) -> Sequence[OpenStep]:
        named_plan = find_plan_and_document(view, options.feature) if options.feature else None
        return steps_to_lease(view, names, named_plan, options)

    return take_step(store, remote_of(store), requester, read_view, choose, is_named=options.item is not None)


def steps_to_lease(
    view: View, names: LeasedNames, named_plan: NamedPlan | None, options: LeaseOptions
) -> Sequence[OpenStep]:
    """Return the steps that an agent may get, the preferred step first.

    If the user names an item, or a document of an item, only the step of this item is returned.

    Raises CommandError or NoAnswerError with the reason if no step is ready.
    """
    steps = open_steps(view, names, named_plan.plan if named_plan else None)
    if named_plan is not None and (options.item or named_plan.document):
        return ready_steps_of_item(view, named_plan, options, steps)
    ready = [step for step in steps if not step.wait_reason and options.role in (None, step.role)]
    if not ready:
        raise _no_step_error(view, named_plan, steps, options.role)
    return ready


def ready_steps_of_item(
    view: View, named_plan: NamedPlan, options: LeaseOptions, steps: Sequence[OpenStep]
) -> Sequence[OpenStep]:
    """Return only the step of the item that the user names. If the user names no item, return all ready steps.

    Raises CommandError or NoAnswerError if the step of the named item is not ready.
    """
    item = named_achievement(view, named_plan, options.item)
    if item is None:
        return [step for step in steps if not step.wait_reason and options.role in (None, step.role)]
    step = next((open_step for open_step in steps if open_step.item is not None and open_step.item == item), None)
    name = item.id or item.ref
    if step is None:
        # For a done item, `prompt_of` raises the same error as `planmark next` without `--lease`.
        prompt_of(view, named_plan.plan, item.ref or item.id)
        raise CommandError(f"{name} has no step for an agent: a person decides about it", WAITING)
    if step.wait_reason:
        raise CommandError(f"{name} is not ready: {step.wait_reason}", WAITING)
    if options.role not in (None, step.role):
        raise CommandError(f"{name} needs a {step.role}, not a {options.role}: {step.label}", WAITING)
    return [step]


def _no_step_error(
    view: View, named_plan: NamedPlan | None, steps: Sequence[OpenStep], role: Role | None
) -> CommandError:
    """Return the error that says why no step is ready. Raises NoAnswerError if no plan has work."""
    plan = named_plan.plan if named_plan is not None else most_urgent_plan(view)
    if not steps:
        state = view.state(plan.path)
        return CommandError(f"nothing is left to do in @{state.feature}: {state.next.reason}", NOTHING_TO_DO)
    role_text = f" for a {role}" if role else ""
    waiting_texts = [f"{step.feature} {step.work.item}: {step.wait_reason or f'needs a {step.role}'}" for step in steps]
    more_lines = (
        [f"and {len(waiting_texts) - MAX_WAITING_STEPS} more"] if len(waiting_texts) > MAX_WAITING_STEPS else []
    )
    list_text = "\n".join(f"  {text}" for text in (*waiting_texts[:MAX_WAITING_STEPS], *more_lines))
    return CommandError(f"no step is ready{role_text}:\n{list_text}", WAITING)


@contextlib.contextmanager
def release_on_error(context: CommandContext[CommandOptions], leased_step: LeasedStep) -> Iterator[None]:
    """Run a block that makes the prompt of a leased step.

    If the block raises an error, release the lease, unless the agent already held it.
    """
    try:
        yield
    except Exception:
        if not leased_step.is_new:
            raise
        store = LeaseStore(root_of(context.options))
        release_lease(store, remote_of(store), leased_step.lease)
        raise


def lease_notes(leased_step: LeasedStep) -> list[str]:
    """Return notes for an agent about its lease: the end of the lease, and the commands to renew and release it."""
    lease = leased_step.lease
    notes = [
        f"{lease.id}: {lease.agent} holds @{leased_step.step.feature} {lease.achievement} until {lease.until}".rstrip()
    ]
    notes.append(f"renew: planmark lease renew {lease.id} · end: planmark lease release {lease.id}")
    notes += [note for note in (leased_step.sharing_note, leased_step.handover_note) if note]
    if not lease.files_known and leased_step.step.item is not None:
        notes.append("no document names the files of this step: work in a working copy of your own")
    return notes


def list_ready_steps(
    context: CommandContext[CommandOptions],
    read_view: ReadView,
    feature: str | None,
    agent: str | None,
    role: Role | None,
    *,
    as_json: bool,
) -> CommandResult:
    """Return the ready steps, each with its holder, in the order in which `planmark next --lease` gives steps.

    If `feature` is None, the steps are from all plans. If `role` is not None, only steps of this role are returned.
    `agent` is the name of the agent that asks; None if no agent asks.
    """
    store = LeaseStore(root_of(context.options))
    requester = (
        LeaseRequester(required_agent_name(agent), host_name(), str(store.place.tree))
        if agent is not None
        else ANONYMOUS_REQUESTER
    )
    with convert_lease_errors():
        leases = store.read()
    view = read_view(False)
    names = LeasedNames.of(store.place.prefix, leases)
    machine = current_machine_state()
    plan = find_plan_and_document(view, feature).plan if feature else None
    all_steps = open_steps(view, names, plan)
    steps = [step for step in all_steps if role in (None, step.role)]
    holder_leases = current_leases(leases, standings(view, names), machine)
    rows = ready_steps(steps, leases, holder_leases, requester, machine, lease_terms(view.snapshot.settings))
    if as_json:
        return CommandResult(DONE, json_text(ReadyResult(workspace=view.snapshot.root, steps=rows)))
    if not rows:
        raise _no_step_error(view, None, all_steps, role)
    minutes_by_lease = {lease.id: minutes_held(lease, machine.now) for lease in holder_leases.values()}
    return CommandResult(DONE, table(COLUMNS, [_ready_step_row(row, minutes_by_lease) for row in rows]))


def _ready_step_row(row: ReadyStepResult, minutes_by_lease: dict[str, int]) -> list[Cell]:
    """Return the cells of a step. `minutes_by_lease` maps the id of a lease to the minutes for which it is held."""
    holder = row.holder
    prefix = "reserved for " if holder and holder.state == "reserved" else ""
    return [
        (f"@{row.feature}", "bold"),
        (row.achievement or row.ref, ""),
        (row.label, ""),
        (row.role, ""),
        (f"{prefix}{holder.agent}, {minutes_by_lease[holder.lease]} min" if holder else "", "cyan"),
        (row.waits, "dim"),
    ]
