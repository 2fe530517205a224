"""Functions for commands that use leases: they find the name of the agent, and lease, release or share a step."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from planmark.cli.errors import BAD_USAGE, EXIT_CODES, UNREADABLE, WAITING, CommandError
from planmark.cli.options import AGENT_VARIABLE
from planmark.cli.session_agent import AgentNameError, checked_agent_name
from planmark.coordination.lease import Lease, LeaseProcess, StoredLease
from planmark.coordination.lease_acts import (
    LeaseRefusedError,
    TakeResult,
    refuse_lost_lease,
    release,
    steal,
    take_first_allowed,
)
from planmark.coordination.lease_names import LeaseKey
from planmark.coordination.lease_rules import (
    LeaseRequester,
    LeaseTerms,
    MachineState,
    end_lease,
    free_reason_of,
    keeps_others_away,
    lease_key_of,
    plan_name,
)
from planmark.coordination.lease_store import Leases, LeaseStore, current_machine_state
from planmark.coordination.remote_leases import RemoteLeases, RemoteRefusedError, remote_leases
from planmark.queries.open_steps import LeasedNames, OpenStep, standings
from planmark.queries.workspace_view import View
from planmark.storage.git import GitError
from planmark.storage.git_remote import RemoteAwayError, RemoteSettingError, address_without_credentials
from planmark.storage.lease_files import LeaseBusyError, LeaseFolderError
from planmark.storage.machine import host_name
from planmark.workspace.settings import Settings

MAX_LEASE_SCANS = 5
"""Maximum number of scans of the workspace for one lease. A scan is repeated if the lease changed during the scan."""
MAX_LISTED_REASONS = 4
"""Maximum number of refused steps that an error message lists, each with its reason."""


class LeasedStep(NamedTuple):
    """A leased step, its lease, and the view of the workspace in which the step is ready."""

    view: View
    step: OpenStep
    lease: Lease
    is_new: bool
    """Whether the lease is new. If it is not new, the agent already held it."""
    handover_note: str
    """A text with the folder of the former holder's work, and the former holder's note; "" if there is neither."""
    sharing_note: str
    """A text that says whether other machines see the lease; "" if there is no remote."""


def new_lease_id() -> str:
    """Return a new id of a lease."""
    return f"lse_{secrets.token_hex(8)}"


def required_agent_name(given_name: str | None) -> str:
    """Return the name of the agent: `given_name`, or the value of PLANMARK_AGENT if `given_name` is None.

    There is no default name, because agents with the same name would all get the same step. Raises CommandError if
    there is no name, or if the name is not valid.
    """
    name = given_name if given_name is not None else os.environ.get(AGENT_VARIABLE, "")
    if not name:
        raise CommandError(f"name the agent: --agent NAME, or the variable {AGENT_VARIABLE}", BAD_USAGE)
    try:
        return checked_agent_name(name)
    except AgentNameError as error:
        raise CommandError(f"`{name[:80]}` is not a name of an agent: {error}", BAD_USAGE) from None


def process_of(pid: int | None) -> LeaseProcess | None:
    """Return the running process with the id `pid`; None if `pid` is None.

    Raises CommandError if no process with this id runs.
    """
    if pid is None:
        return None
    # Imported only for a process, because psutil takes as long to import as a small command runs.
    from planmark.storage.processes import identify

    identity = identify(pid)
    if identity is None:
        raise CommandError(f"--process {pid}: there is no such process", BAD_USAGE)
    return LeaseProcess(*identity)


def lease_requester(store: LeaseStore, agent: str | None, pid: int | None = None) -> LeaseRequester:
    """Return the agent that asks for a lease, with its machine, its work tree and its process.

    `agent` is the name of the agent, and `pid` is the id of its process. Raises CommandError if one of them is not
    valid.
    """
    return LeaseRequester(required_agent_name(agent), host_name(), str(store.place.tree), process_of(pid))


def lease_terms(settings: Settings) -> LeaseTerms:
    """Return the terms of leases, from the settings of the workspace."""
    return LeaseTerms(
        settings["leases.duration"] * 60.0,
        settings["leases.unknownFiles"],
        settings["leases.perAgent"],
        settings["leases.ownReview"],
    )


@contextlib.contextmanager
def convert_lease_errors() -> Iterator[None]:
    """Run a block. If the block raises an error of leases, raise a CommandError with the same message."""
    try:
        yield
    except (LeaseBusyError, RemoteAwayError) as error:
        raise CommandError(str(error), WAITING) from None
    except RemoteSettingError as error:
        raise CommandError(str(error), BAD_USAGE) from None
    except (LeaseFolderError, RemoteRefusedError, GitError) as error:
        raise CommandError(str(error), UNREADABLE) from None
    except LeaseRefusedError as error:
        raise CommandError(str(error), EXIT_CODES[error.cause]) from None


ReadView = Callable[[bool], View]
"""A function that reads the workspace and returns the view. Its argument tells whether this is a repeated read."""
ChooseSteps = Callable[[View, LeasedNames], Sequence[OpenStep]]
"""A function that chooses the steps of a view that an agent may get. It returns them with the preferred step first."""


def remote_of(store: LeaseStore) -> RemoteLeases | None:
    """Return the remote through which machines share the leases of `store`; None if there is no remote.

    Raises CommandError if the remote cannot be used.
    """
    with convert_lease_errors():
        return remote_leases(store)


def take_step(
    store: LeaseStore,
    remote: RemoteLeases | None,
    requester: LeaseRequester,
    read_view: ReadView,
    choose: ChooseSteps,
    *,
    is_named: bool = False,
    force_reason: str | None = None,
) -> LeasedStep:
    """Lease the first of the chosen steps that no rule refuses, and return the step with its lease.

    `read_view` reads the documents. `choose` returns the steps to try. `is_named` tells that the user named the step.

    Only `planmark lease steal` gives `force_reason`, and tries a single step. `force_reason` is the reason why a person
    takes the step from its holder. If `force_reason` is "", only a free step is taken.

    If the lease of the step changed or ended while the documents were read, they are read again. Otherwise, an agent
    could get a step that is already finished.

    Raises CommandError with the reasons if every step is refused.
    """
    with convert_lease_errors():
        for scan_number in range(MAX_LEASE_SCANS):
            is_cut_off = remote is not None and not remote.pull(current_machine_state())
            machine_before, leases_before = current_machine_state(), store.read()
            view = read_view(scan_number > 0)
            names = LeasedNames.of(store.place.prefix, leases_before)
            steps = choose(view, names)
            standings_by_key = {
                key: standing for key, standing in standings(view, names).items() if key in leases_before
            }
            terms = lease_terms(view.snapshot.settings)
            with store.locked_leases() as leases:
                machine = current_machine_state()._replace(is_cut_off=is_cut_off)
                standings_by_key = {
                    key: standing for key, standing in standings_by_key.items() if leases.get(key) == leases_before[key]
                }
                step_works = [step.work for step in steps]
                if force_reason is not None:
                    lease = steal(step_works[0], leases, requester, machine, terms, new_lease_id(), why=force_reason)
                    take_result = TakeResult(lease, step_works[0], (), ())
                else:
                    take_result = take_first_allowed(
                        step_works,
                        leases,
                        standings_by_key,
                        requester,
                        machine,
                        terms,
                        new_lease_id(),
                        is_named=is_named,
                    )
                if take_result.work is not None and _lease_changed_meanwhile(
                    take_result.work.key, leases_before, leases, machine_before, machine
                ):
                    continue
                for ended_lease in take_result.ended_leases:
                    store.write(leases, ended_lease)
                stored_before = leases.get(take_result.work.key) if take_result.work is not None else None
                if take_result.lease is not None:
                    store.write(leases, take_result.lease)
            if take_result.lease is None or take_result.work is None:
                if remote is not None and take_result.ended_leases:
                    remote.push(machine)
                raise _error_of_refused_steps(take_result)
            is_new = (
                stored_before is None or stored_before.lease is None or stored_before.lease.id != take_result.lease.id
            )
            notes = [_former_work_note(take_result.lease), _former_note_text(stored_before)] if is_new else []
            handover_note = "; ".join(filter(None, notes))
            sharing_note = share_lease(
                store, remote, take_result.lease, stored_before.lease if stored_before and not is_new else None
            )
            step = next(step for step in steps if step.work is take_result.work)
            return LeasedStep(view, step, take_result.lease, is_new, handover_note, sharing_note)
    raise CommandError("the leases change faster than the documents can be read: try again", WAITING)


def release_lease(store: LeaseStore, remote: RemoteLeases | None, lease: Lease) -> None:
    """End a lease that its holder gives back, and send the change to the remote.

    Raises CommandError if the lease has already ended, or if the change cannot be stored or sent.
    """
    with convert_lease_errors():
        with store.locked_leases() as leases:
            released_lease = release(leases, lease.id, current_machine_state())
            store.write(leases, released_lease)
        share_lease(store, remote, released_lease, lease)


def share_lease(store: LeaseStore, remote: RemoteLeases | None, lease: Lease, before: Lease | None) -> str:
    """Send a lease that has just changed to the remote. Return a text that says whether other machines see the change.

    If there is no remote, return "". `before` is the lease before the change; None if the lease is new.

    If the remote refuses the change, or cannot be used, the change is undone on this machine. A renewed lease is
    stored as it was before, and a new lease ends. An ended lease stays ended. Then the error of `RemoteLeases.push` is
    raised. Raises LeaseRefusedError if the lease is lost.
    """
    if remote is None:
        return ""
    key = lease_key_of(lease)
    try:
        is_sent = remote.push(current_machine_state())
    except (RemoteAwayError, RemoteRefusedError, GitError, LeaseBusyError, LeaseFolderError) as error:
        if lease.state == "ended":
            # Every later push tells the remote.
            end_note = (
                f"{lease.id} has ended on this machine; other machines see its end at the next push, or when it expires"
            )
            raise type(error)(f"{end_note}: {error}") from None
        with store.locked_leases() as leases:
            stored_lease = leases.get(key)
            if stored_lease is not None and stored_lease.lease == lease:
                store.write(leases, before or end_lease(lease, "released", current_machine_state()))
        raise
    refuse_lost_lease(store.read(), lease, remote.remote.name, is_new=before is None)
    if not is_sent:
        return f"the remote {remote.remote.name} does not answer: no other machine sees this (planmark.offline)"
    return f"shared through {remote.remote.name}, {address_without_credentials(remote.remote.address)}"


def _lease_changed_meanwhile(
    key: LeaseKey, leases_before: Leases, leases: Leases, machine_before: MachineState, machine: MachineState
) -> bool:
    """Tell whether the lease of an item changed, or ended by time, while the documents were read.

    `leases_before` and `machine_before` are from before the reading, `leases` and `machine` from after it.
    """
    stored_before, stored_now = leases_before.get(key), leases.get(key)
    if stored_before is None or stored_now is None:
        return stored_before is not stored_now
    return stored_before.lease != stored_now.lease or (
        keeps_others_away(stored_before, machine_before) and bool(free_reason_of(stored_now, machine))
    )


def _former_work_note(lease: Lease) -> str:
    """Return a text that names the former holder of a step, and the folder in which this agent may have left work.

    Return "" unless the former lease expired or was stolen, or its process ended.
    """
    if not lease.former or lease.former[-1].reason not in ("expired", "dead", "stolen"):
        return ""
    former_lease = lease.former[-1]
    return (
        f"{former_lease.agent} held it before ({former_lease.reason}) and may have left work in {former_lease.worktree}"
    )


def _former_note_text(stored_before: StoredLease | None) -> str:
    """Return a text with the note of the lease in `stored_before`; "" if it has no lease, or the lease has no note."""
    last_lease = stored_before.lease if stored_before is not None else None
    return (
        f'the note of {last_lease.agent} is: "{last_lease.note}"' if last_lease is not None and last_lease.note else ""
    )


def _error_of_refused_steps(take_result: TakeResult) -> CommandError:
    reasons = [
        f"{f'{plan_name(work.plan)} {work.item}'.rstrip()}: {reason.says}" for work, reason in take_result.refusals
    ]
    more_count = len(reasons) - MAX_LISTED_REASONS
    list_text = "\n".join(
        f"  {reason}"
        for reason in (*reasons[:MAX_LISTED_REASONS], *([f"and {more_count} more"] if more_count > 0 else []))
    )
    return CommandError(f"no step can be leased now:\n{list_text}", WAITING)
