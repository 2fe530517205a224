"""The acts of agents with leases: take, renew, release and steal.

An act returns the leases to write, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from planmark.coordination.lease import FormerLease, Lease, LeaseProcess, StoredLease
from planmark.coordination.lease_names import LeaseKey
from planmark.coordination.lease_rules import (
    ItemStanding,
    LeaseRefusal,
    LeaseRequester,
    LeaseTerms,
    LeaseWork,
    MachineState,
    RefusalKind,
    end_lease,
    ended_elsewhere_message,
    find_lease,
    finished_leases,
    former_lease,
    give_lease,
    held_leases,
    is_lease_of,
    lease_key_of,
    lost_lease_message,
    plan_and_item_of,
    reason_not_renewable,
    refusal,
    renewed_lease,
)

Leases = Mapping[LeaseKey, StoredLease]
"""Mapping from the key of a lease to the stored lease."""
RefusalCause = Literal["usage", "nothing_to_do", "waiting"]
AGENT_REFUSAL_KINDS: frozenset[RefusalKind] = frozenset({"full", "same_name"})
"""Kinds of refusals that are about the agent. Such a refusal applies to all steps."""


class LeaseRefusedError(Exception):
    """An act was refused. The message says why, and what to do."""

    def __init__(self, message: str, cause: RefusalCause) -> None:
        super().__init__(message)
        self.cause: RefusalCause = cause


class TakeResult(NamedTuple):
    """The result of taking a step. `lease` is the new lease, and `work` its work; both are None if no step is given.

    `ended_leases` are the leases that end before the new lease begins. `refusals` has a pair for each step that was
    tried before: the work, and the reason why no lease was given.
    """

    lease: Lease | None
    work: LeaseWork | None
    ended_leases: Sequence[Lease]
    refusals: Sequence[tuple[LeaseWork, LeaseRefusal]]


def take_first_allowed(
    works: Iterable[LeaseWork],
    leases: Leases,
    standings: Mapping[LeaseKey, ItemStanding],
    requester: LeaseRequester,
    machine: MachineState,
    terms: LeaseTerms,
    lease_id: str,
    *,
    is_named: bool = False,
) -> TakeResult:
    """Return a lease for the first work that no rule refuses, and the leases that end before the new lease begins.

    `standings` maps the key of an item to its standing in the agent's work tree. `lease_id` is the id for a new lease.
    An agent that already holds its maximum number of leases gets one of them again, renewed. If `is_named` is True, the
    agent has named the item. If the agent already holds a lease of this item, the lease is renewed.
    """
    ended_leases = finished_leases(leases.values(), standings, requester, machine)
    current_leases = dict(leases)
    for lease in ended_leases:
        current_leases[lease_key_of(lease)] = current_leases[lease_key_of(lease)]._replace(lease=lease)
    own_keys = {
        lease_key_of(lease) for lease in held_leases(current_leases.values(), machine) if is_lease_of(lease, requester)
    }
    is_full = len(own_keys) >= terms.per_agent
    refusals: list[tuple[LeaseWork, LeaseRefusal]] = []
    ordered_works = sorted(works, key=lambda work: work.key not in own_keys) if is_full else works
    for work in ordered_works:
        if work.key in own_keys and not is_named and not is_full:
            continue
        lease_refusal = refusal(work, current_leases, requester, machine, terms)
        if lease_refusal is None:
            given_lease = give_lease(work, current_leases.get(work.key), requester, machine, terms, lease_id)
            return TakeResult(given_lease, work, ended_leases, refusals)
        refusals.append((work, lease_refusal))
        if lease_refusal.kind in AGENT_REFUSAL_KINDS:
            break
    return TakeResult(None, None, ended_leases, refusals)


def renew(
    leases: Leases, lease_id: str, process: LeaseProcess | None, machine: MachineState, terms: LeaseTerms
) -> Lease:
    """Return a lease with a later end. Raises LeaseRefusedError with the reason of `reason_not_renewable`.

    If `process` is not None, it becomes the process of the lease.
    """
    stored_lease = _stored_lease_with_id(leases, lease_id)
    if reason := reason_not_renewable(stored_lease, leases, machine, terms):
        raise LeaseRefusedError(reason, "waiting")
    return renewed_lease(_readable_lease(stored_lease), process, machine, terms)


def release(leases: Leases, lease_id: str, machine: MachineState) -> Lease:
    """Return a lease, ended by its holder. Raises LeaseRefusedError if the lease has already ended."""
    lease = _readable_lease(_stored_lease_with_id(leases, lease_id))
    if lease.state == "ended":
        raise LeaseRefusedError(
            f"{lease.id} of {plan_and_item_of(lease)} ended at {lease.ended}: {lease.reason}", "nothing_to_do"
        )
    return end_lease(lease, "released", machine)


def steal(
    work: LeaseWork,
    leases: Leases,
    requester: LeaseRequester,
    machine: MachineState,
    terms: LeaseTerms,
    lease_id: str,
    *,
    why: str = "",
) -> Lease:
    """Return a new lease of an item for an agent.

    `why` is the reason that a person gives. With a reason, the lease of a different agent is ended. Raises
    LeaseRefusedError if the item is not free and there is no reason, or if a rule about other items refuses.
    """
    current_leases = dict(leases)
    stored_lease = current_leases.get(work.key)
    if why and stored_lease is not None:
        # A step that was done in a different tree is given again too, because a person asked for it.
        freed_lease = stored_lease.lease
        if freed_lease is not None:
            freed_lease = end_lease(freed_lease, "stolen", machine) if freed_lease.state != "ended" else freed_lease
            freed_lease = msgspec.structs.replace(
                freed_lease, reason="stolen", former=tuple(map(_done_as_stolen, freed_lease.former))
            )
        current_leases[work.key] = stored_lease._replace(lease=freed_lease, write_time=0.0)
    lease_refusal = refusal(work, current_leases, requester, machine, terms)
    if lease_refusal is not None:
        advice = "" if why or lease_refusal.kind not in ("held", "unreadable", "done_elsewhere") else FORCE_ADVICE
        raise LeaseRefusedError(f"{work.item or work.plan} is not free: {lease_refusal.says}{advice}", "waiting")
    lease = give_lease(work, current_leases.get(work.key), requester, machine, terms, lease_id)
    return msgspec.structs.replace(lease, note=why) if why else lease


def _done_as_stolen(former: FormerLease) -> FormerLease:
    """Return a former lease. If it ended as done, it is returned as stolen."""
    return msgspec.structs.replace(former, reason="stolen") if former.reason == "done" else former


FORCE_ADVICE = '. A person may take it: --force --reason "…"'


def reserve(
    work: LeaseWork,
    stored_lease: StoredLease | None,
    requester: LeaseRequester,
    machine: MachineState,
    seconds: float,
    lease_id: str,
) -> Lease:
    """Return a lease that reserves work for an agent, for a number of seconds.

    The agent takes the lease with its next call.
    """
    lease = give_lease(work, stored_lease, requester, machine, LeaseTerms(seconds), lease_id)
    return msgspec.structs.replace(lease, state="reserved")


def refuse_lost_lease(leases: Leases, lease: Lease, remote: str, *, is_new: bool) -> None:
    """Raise LeaseRefusedError if a lease is lost, because the remote has a later lease of its item.

    Raise no error if the holder itself has ended the lease. `remote` is the name of the remote. `is_new` tells that the
    lease was just given.
    """
    stored_lease = leases[lease_key_of(lease)]
    last_lease = stored_lease.lease
    if last_lease is None:
        raise LeaseRefusedError(
            f"{lease.id} of {plan_and_item_of(lease)} is lost: the remote {remote} has {stored_lease.problem}",
            "waiting",
        )
    if last_lease.id == lease.id:
        if last_lease.state == "ended" and lease.state != "ended":
            raise LeaseRefusedError(ended_elsewhere_message(last_lease), "waiting")
        return
    former = next((other_lease for other_lease in last_lease.former if other_lease.id == lease.id), former_lease(lease))
    if lease.state == "ended" and former.reason == lease.reason:
        return
    if is_new:
        raise LeaseRefusedError(
            f"{lease.id} of {plan_and_item_of(lease)} is lost: {last_lease.agent} on {last_lease.host} has leased it through {remote} "
            f"until {last_lease.until}. Ask again for a different step",
            "waiting",
        )
    raise LeaseRefusedError(lost_lease_message(stored_lease, former), "waiting")


def _stored_lease_with_id(leases: Leases, lease_id: str) -> StoredLease:
    """Return the stored lease with an id. Raises LeaseRefusedError for an unknown id, or that of a former lease."""
    stored_and_former: tuple[StoredLease, FormerLease | None] | None = find_lease(leases.values(), lease_id)
    if stored_and_former is None:
        raise LeaseRefusedError(f"there is no lease {lease_id} here (planmark lease list --all)", "usage")
    stored_lease, former = stored_and_former
    if former is not None:
        raise LeaseRefusedError(lost_lease_message(stored_lease, former), "waiting")
    return stored_lease


def _readable_lease(stored_lease: StoredLease) -> Lease:
    """Return the lease of a stored lease. Raises LeaseRefusedError if its file cannot be read."""
    if stored_lease.lease is None:
        raise LeaseRefusedError(stored_lease.problem, "waiting")
    return stored_lease.lease
