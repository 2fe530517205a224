"""`planmark lease`: lists, renews, releases, takes over and reserves the leases of agents."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal, get_args

import msgspec

from planmark.cli.console import Cell, json_text, line, paragraph, table
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO, WAITING, CommandError
from planmark.cli.lease_access import (
    convert_lease_errors,
    lease_requester,
    lease_terms,
    new_lease_id,
    process_of,
    required_agent_name,
    share_lease,
    take_step,
)
from planmark.cli.next_lease import LeaseOptions, ready_steps_of_item, role_named
from planmark.cli.table import Column
from planmark.cli.workspace_access import find_plan, find_plan_and_document, open_workspace, reopen_workspace, root_of
from planmark.coordination.assignment import Agent
from planmark.coordination.lease import EndReason, Lease
from planmark.coordination.lease_acts import release, renew, reserve
from planmark.coordination.lease_names import LeaseKey, lease_key
from planmark.coordination.lease_rules import (
    UNREADABLE_HOLD_SECONDS,
    LeaseRequester,
    is_lease_of,
    keeps_others_away,
    lease_key_of,
    minutes_held,
    plan_and_item_of,
)
from planmark.coordination.lease_store import Leases, LeaseStore, current_machine_state
from planmark.coordination.remote_leases import remote_leases
from planmark.queries.assignment import AssignmentResult, assignment_result
from planmark.queries.holders import LeasesResult, UnreadableLeaseResult, current_leases, lease_results
from planmark.queries.item_order import item_name
from planmark.queries.meant import needed_achievement
from planmark.queries.open_steps import LeasedNames, OpenStep, open_steps, standings
from planmark.queries.workspace_view import View
from planmark.storage.machine import host_name
from planmark.storage.timestamps import utc_text
from planmark.workspace.settings import load_settings

LeaseAction = Literal["list", "renew", "release", "steal", "assign"]
RESERVED_SECONDS = 86_400
"""Number of seconds for which `planmark lease assign` reserves a step for an agent."""
MAX_NOTE_CHARACTERS = 200
"""Maximum characters of the note of a lease."""
COLUMNS = (
    Column("PLAN", form="name", min_width=12),
    Column("ITEM"),
    Column("STEP", 3),
    Column("HELD BY", form="text", min_width=12),
    Column("UNTIL", 1),
    Column("STATE", form="prose", min_width=10),
    Column("LEASE", 2),
)
AGENT_LOAD_COLUMNS = (Column("AGENT"), Column("HOURS"), Column("ITEMS", form="prose", min_width=16))
END_REASON_TEXTS: dict[EndReason, str] = {
    "expired": "free: not renewed",
    "dead": "free: its process has ended",
    "done": "over: done",
}
"""Mapping from the reason why an agent no longer holds the step of a lease to the state of the lease, in words."""


class Options(CommandOptions):
    """The options of the command."""

    action: LeaseAction
    about: list[str]
    agent: str | None
    process: int | None
    to: str | None
    reason: str
    note: str
    force: bool
    write: bool
    all: bool
    json: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("action", choices=get_args(LeaseAction), help="what to do with leases")
    parser.add_argument(
        "about", nargs="*", metavar="LEASE|@FEATURE N.N", help="a lease by its id, or a plan and an item of it"
    )
    parser.add_argument("--agent", metavar="NAME", help="the agent; default: PLANMARK_AGENT")
    parser.add_argument("--process", type=int, metavar="PID", help="`renew`, `steal`: the agent's process")
    parser.add_argument("--to", metavar="A,B,C", help="`assign`: the agents; NAME=ROLE for an agent of one role")
    parser.add_argument("--write", action="store_true", help="`assign`: reserve the steps for the agents")
    parser.add_argument("--force", action="store_true", help="`steal`: even if a different agent holds it")
    parser.add_argument("--reason", metavar="TEXT", default="", help="`steal --force`: why, for the former holder")
    parser.add_argument(
        "--note", metavar="TEXT", default="", help="`renew`, `release`: where the work stands, for the next agent"
    )
    parser.add_argument("--all", action="store_true", help="`list`: also leases that have ended")
    parser.add_argument("--json", action="store_true", help="the result as JSON (schema: planmark schema lease)")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    _refuse_wrong_options(context.options)
    with convert_lease_errors():
        return ACTIONS[context.options.action](context)


def _refuse_wrong_options(options: Options) -> None:
    """Raise CommandError if the action does not take one of the given options, or the given number of arguments."""
    option_rules = (
        ("--to", options.to is not None, ("assign",)),
        ("--write", options.write, ("assign",)),
        ("--force", options.force, ("steal",)),
        ("--reason", bool(options.reason), ("steal",)),
        ("--note", bool(options.note), ("renew", "release")),
        ("--all", options.all, ("list",)),
        ("--process", options.process is not None, ("renew", "steal")),
    )
    for name, is_given, actions in option_rules:
        if is_given and options.action not in actions:
            raise CommandError(f"{name} is for `planmark lease {actions[0]}`", BAD_USAGE)
    argument_counts = {"list": (0,), "renew": (1, 2), "release": (1, 2), "steal": (1, 2), "assign": (1,)}
    argument_texts = {
        "list": "nothing more",
        "steal": "a plan and an item: planmark lease steal @FEATURE N.N",
        "assign": "a plan: planmark lease assign @FEATURE --to A,B",
    }
    if len(options.about) not in argument_counts[options.action]:
        argument_text = argument_texts.get(options.action, "a lease by its id, or a plan and an item: @FEATURE N.N")
        raise CommandError(f"`planmark lease {options.action}` takes {argument_text}", BAD_USAGE)
    if options.action == "assign" and not options.to:
        raise CommandError("name the agents: planmark lease assign @FEATURE --to A,B,C", BAD_USAGE)
    options.note = " ".join(options.note.split())
    if len(options.note) > MAX_NOTE_CHARACTERS:
        raise CommandError(
            f"--note has {len(options.note)} characters: at most {MAX_NOTE_CHARACTERS} are kept", BAD_USAGE
        )
    if options.force != bool(options.reason.strip()):
        raise CommandError("--force and --reason need each other: the former holder is told why", BAD_USAGE)


def _list_leases(context: CommandContext[Options]) -> CommandResult:
    store = LeaseStore(root_of(context.options))
    leases, view = store.read(), open_workspace(context)
    machine = current_machine_state()
    names = LeasedNames.of(store.place.prefix, leases)
    result = LeasesResult(
        workspace=view.snapshot.root,
        folder=str(store.place.folder),
        leases=lease_results(leases, standings(view, names), machine, names.prefix, includes_ended=context.options.all),
        unreadable=[
            UnreadableLeaseResult(
                path=str(store.path_of(key)),
                why=stored_lease.problem,
                until=utc_text(stored_lease.write_time + UNREADABLE_HOLD_SECONDS),
                held=keeps_others_away(stored_lease, machine),
            )
            for key, stored_lease in sorted(leases.items())
            if stored_lease.lease is None
        ],
    )
    if context.options.json:
        return CommandResult(DONE, json_text(result))
    rows: list[list[Cell]] = []
    for lease_result in result.leases:
        lease, state = (
            lease_result.lease,
            END_REASON_TEXTS.get(lease_result.free, f"ended: {lease_result.free}")
            if lease_result.free
            else lease_result.lease.state,
        )
        minutes = "" if lease.state == "ended" else f", {minutes_held(lease, machine.now)} min"
        state = f"{state}; not an item of this workspace" if lease_result.orphan else state
        rows.append(
            [
                (plan_and_item_of(lease).split(" ")[0], "bold"),
                (lease.achievement, ""),
                (lease.step, ""),
                (f"{lease.agent}{minutes}", "dim" if lease_result.free else "cyan"),
                (lease.ended or lease.until, ""),
                (f"{state}: {lease.note}" if lease.note else state, ""),
                (lease.id, "dim"),
            ]
        )
    for unreadable_lease in result.unreadable:
        state = f"held until {unreadable_lease.until}" if unreadable_lease.held else "free"
        path = Path(unreadable_lease.path)
        rows.append(
            [
                (path.parent.name, "bold"),
                (path.stem, ""),
                ("", ""),
                ("?", "red"),
                ("", ""),
                (state, "red"),
                (unreadable_lease.why, ""),
            ]
        )
    if not rows:
        return CommandResult(DONE, line("no lease is held"))
    return CommandResult(DONE, table(COLUMNS, rows))


def _renew(context: CommandContext[Options]) -> CommandResult:
    process = process_of(context.options.process)
    terms = lease_terms(load_settings(root_of(context.options)))
    outcome = "is held until {lease.until}"
    return _change_lease(
        context, lambda leases, lease_id: renew(leases, lease_id, process, current_machine_state(), terms), outcome
    )


def _release(context: CommandContext[Options]) -> CommandResult:
    return _change_lease(
        context, lambda leases, lease_id: release(leases, lease_id, current_machine_state()), "is free"
    )


def _change_lease(
    context: CommandContext[Options], change: Callable[[Leases, str], Lease], outcome: str
) -> CommandResult:
    """Change the lease that the user names. The output is the changed lease.

    The user names the lease by its id or by its item. If the user names an item, the agent's lease of this item is
    changed. `change` takes all leases and the id of the lease, and returns the changed lease.

    `outcome` is the end of the text for the user, such as `is free`. It may contain a field of the changed lease, as in
    `{lease.until}`.
    """
    options, arguments = context.options, context.options.about
    store = LeaseStore(root_of(options))
    lease_id = arguments[0] if len(arguments) == 1 and arguments[0].startswith("lse_") else None
    key = None if lease_id else _key_of_item(context, store)
    remote = remote_leases(store)
    with store.locked_leases() as leases:
        if key is not None:
            lease_id = _lease_id_of(key, leases, lease_requester(store, options.agent))
        lease = change(leases, lease_id or "")
        if options.note:
            lease = msgspec.structs.replace(lease, note=options.note)
        lease_before = leases[lease_key_of(lease)].lease
        store.write(leases, lease)
    sharing_note = share_lease(store, remote, lease, lease_before)
    text = line(f"{lease.id}: {plan_and_item_of(lease)} {outcome.format(lease=lease)}")
    return CommandResult(
        DONE, json_text(lease) if options.json else text, notes=(sharing_note,) if sharing_note else ()
    )


def _key_of_item(context: CommandContext[Options], store: LeaseStore) -> LeaseKey:
    """Return the key of the leases of the item that the user names. Raises NoAnswerError if there is no such item."""
    feature, item = (*context.options.about, None)[:2]
    view = open_workspace(context)
    named_plan = find_plan_and_document(view, str(feature))
    names = LeasedNames.of(store.place.prefix, store.read())
    name = item_name(needed_achievement(view, named_plan, item))
    leased_names = names.leased_name_by_name(view.state(named_plan.plan.path))
    return lease_key(names.path_of(named_plan.plan.path), leased_names.get(name, name))


def _lease_id_of(key: LeaseKey, leases: Leases, requester: LeaseRequester) -> str:
    """Return the id of the lease under which `requester` holds an item. `key` is the key of the item.

    Raises CommandError if the requester does not hold the item.
    """
    stored_lease = leases.get(key)
    if stored_lease is None or (stored_lease.lease is not None and stored_lease.lease.state == "ended"):
        raise CommandError(f"{key.item} is not leased (planmark lease list)", NOTHING_TO_DO)
    if stored_lease.lease is None:
        raise CommandError(f"the lease of {key.item} cannot be read: {stored_lease.problem}", WAITING)
    if not is_lease_of(stored_lease.lease, requester):
        lease = stored_lease.lease
        raise CommandError(f"{plan_and_item_of(lease)} is held by {lease.agent} until {lease.until}", WAITING)
    return stored_lease.lease.id


def _steal(context: CommandContext[Options]) -> CommandResult:
    options = context.options
    store = LeaseStore(root_of(options))
    requester = lease_requester(store, options.agent, options.process)
    feature, item = (*options.about, None)[:2]

    def read_view(is_repeated: bool) -> View:
        return reopen_workspace(context) if is_repeated else open_workspace(context)

    def choose(view: View, names: LeasedNames) -> Sequence[OpenStep]:
        named_plan = find_plan_and_document(view, str(feature))
        needed_achievement(view, named_plan, item)
        lease_options = LeaseOptions(feature, item, None, None, None)
        return ready_steps_of_item(view, named_plan, lease_options, open_steps(view, names, named_plan.plan))

    leased_step = take_step(
        store, remote_leases(store), requester, read_view, choose, is_named=True, force_reason=options.reason.strip()
    )
    lease = leased_step.lease
    notes = tuple(note for note in (leased_step.sharing_note, leased_step.handover_note) if note)
    text = line(f"{lease.id}: {plan_and_item_of(lease)} is held by {lease.agent} until {lease.until}")
    return CommandResult(DONE, json_text(lease) if options.json else text, notes=notes)


def _assign(context: CommandContext[Options]) -> CommandResult:
    options = context.options
    store = LeaseStore(root_of(options))
    agents = _parse_agents(options.to)
    view = open_workspace(context)
    plan = find_plan(view, options.about[0])
    remote = remote_leases(store) if options.write else None
    is_cut_off = remote is not None and not remote.pull(current_machine_state())
    reserved_leases: list[Lease] = []
    with store.locked_leases() if options.write else contextlib.nullcontext(store.read()) as leases:
        machine = current_machine_state()._replace(is_cut_off=is_cut_off)
        names = LeasedNames.of(store.place.prefix, leases)
        holder_leases = current_leases(leases, standings(view, names), machine)
        unreadable_lease_keys = {
            key
            for key, stored_lease in leases.items()
            if stored_lease.lease is None and keeps_others_away(stored_lease, machine)
        }
        taken_lease_keys = holder_leases.keys() | unreadable_lease_keys
        steps = [step for step in open_steps(view, names, plan) if step.item and step.work.key not in taken_lease_keys]
        result = assignment_result(view, plan, steps, agents)
        steps_by_name = {step.work.item: step for step in steps}
        for load in result.agents if options.write else ():
            for name in load.items:
                work = steps_by_name[name].work
                requester = LeaseRequester(load.agent, host_name(), str(store.place.tree))
                lease = reserve(work, leases.get(work.key), requester, machine, RESERVED_SECONDS, new_lease_id())
                store.write(leases, lease)
                reserved_leases.append(lease)
    for lease in reserved_leases:
        share_lease(store, remote, lease, None)
    if options.json:
        return CommandResult(DONE, json_text(result))
    kept_texts = [
        f"{plan_and_item_of(lease)} stays with {lease.agent}"
        for lease in holder_leases.values()
        if lease.plan == names.path_of(plan.path)
    ]
    return CommandResult(DONE, "".join(assignment_lines(result, kept_texts, is_written=options.write)))


def _parse_agents(agents_argument: str | None) -> list[Agent]:
    """Return the agents in `agents_argument`, the value of `--to`, which has commas between the agents.

    Raises CommandError for a wrong or repeated name.
    """
    agents: dict[str, Agent] = {}
    for entry in (agents_argument or "").split(","):
        name, equals_sign, role = entry.strip().partition("=")
        if name in agents:
            raise CommandError(f"--to names {name} twice", BAD_USAGE)
        agents[name] = Agent(required_agent_name(name), role_named(role) if equals_sign else None)
    return list(agents.values())


def assignment_lines(result: AssignmentResult, kept_texts: Sequence[str], *, is_written: bool) -> Iterator[str]:
    """Yield a table with the items of each agent, and a hint on what to do next.

    Each of `kept_texts` names a lease that stays with its agent. `is_written` tells whether the steps were reserved.
    """
    rows: list[list[Cell]] = [
        [(load.agent, "bold"), ("" if load.hours is None else f"{load.hours:g}", ""), (", ".join(load.items), "")]
        for load in result.agents
    ]
    yield table(AGENT_LOAD_COLUMNS, rows)
    if result.unassigned:
        yield paragraph(f"No agent has the role of: {', '.join(result.unassigned)}")
    for text in kept_texts:
        yield paragraph(text)
    if is_written:
        yield paragraph("Each agent takes its steps with: planmark next --lease --agent NAME")
    else:
        yield paragraph("Nothing was written: --write reserves the steps for a day")


ACTIONS: dict[LeaseAction, Callable[[CommandContext[Options]], CommandResult]] = {
    "list": _list_leases,
    "renew": _renew,
    "release": _release,
    "steal": _steal,
    "assign": _assign,
}
