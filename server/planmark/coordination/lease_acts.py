"""The acts of agents with leases: take, renew, release, steal. Each act returns the leases to write, and writes nothing."""

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
    is_of,
    lease_key_of,
    lost_lease_message,
    name_of,
    refusal,
    renewed_lease,
    why_not_renewed,
)

Leases = Mapping[LeaseKey, StoredLease]
RefusalCause = Literal["usage", "nothing_to_do", "waiting"]
AGENT_REFUSALS: frozenset[RefusalKind] = frozenset({"full", "same_name"})
"""Refusals that hold for every step, because they are about the agent."""


class LeaseRefusedError(Exception):
    """An act is refused; the message says why, and what to do."""

    def __init__(self, message: str, cause: RefusalCause) -> None:
        super().__init__(message)
        self.cause: RefusalCause = cause


class TakeResult(NamedTuple):
    """The result of taking a step: its lease with the work, or None, and the leases that end on the way.

    `refusals` says why each earlier step was not given.
    """

    lease: Lease | None
    work: LeaseWork | None
    ended: Sequence[Lease]
    refusals: Sequence[tuple[LeaseWork, LeaseRefusal]]


def take_first_allowed(
    works: Iterable[LeaseWork],
    leases: Leases,
    standings: Mapping[LeaseKey, ItemStanding],
    asker: LeaseRequester,
    present: MachineState,
    terms: LeaseTerms,
    lease_id: str,
    *,
    is_named: bool = False,
) -> TakeResult:
    """Return the lease of the first work that no rule refuses. An agent at its limit gets its own lease again, renewed.

    `is_named` tells that the agent names the item, so that its own lease of that item is the answer.
    """
    ended = finished_leases(leases.values(), standings, asker, present)
    now = dict(leases)
    for lease in ended:
        now[lease_key_of(lease)] = now[lease_key_of(lease)]._replace(lease=lease)
    own = {lease_key_of(lease) for lease in held_leases(now.values(), present) if is_of(lease, asker)}
    is_full = len(own) >= terms.per_agent
    refusals: list[tuple[LeaseWork, LeaseRefusal]] = []
    ordered = sorted(works, key=lambda work: work.key not in own) if is_full else works
    for work in ordered:
        if work.key in own and not is_named and not is_full:
            continue
        reason = refusal(work, now, asker, present, terms)
        if reason is None:
            given = give_lease(work, now.get(work.key), asker, present, terms, lease_id)
            return TakeResult(given, work, ended, refusals)
        refusals.append((work, reason))
        if reason.kind in AGENT_REFUSALS:
            break
    return TakeResult(None, None, ended, refusals)


def renew(
    leases: Leases, lease_id: str, process: LeaseProcess | None, present: MachineState, terms: LeaseTerms
) -> Lease:
    """Return a lease with a new end. Raises LeaseRefusedError if it has ended, or if a different one is in its way."""
    stored = _current(leases, lease_id)
    if why := why_not_renewed(stored, leases, present, terms):
        raise LeaseRefusedError(why, "waiting")
    return renewed_lease(_lease(stored), process, present, terms)


def release(leases: Leases, lease_id: str, present: MachineState) -> Lease:
    """Return a lease that its holder ends. Raises LeaseRefusedError if it has ended already."""
    lease = _lease(_current(leases, lease_id))
    if lease.state == "ended":
        raise LeaseRefusedError(
            f"{lease.id} of {name_of(lease)} ended at {lease.ended}: {lease.reason}", "nothing_to_do"
        )
    return end_lease(lease, "released", present)


def steal(
    work: LeaseWork,
    leases: Leases,
    asker: LeaseRequester,
    present: MachineState,
    terms: LeaseTerms,
    lease_id: str,
    *,
    why: str = "",
) -> Lease:
    """Return the lease of an item for an agent, even if a different agent holds it and the person says why.

    Raises LeaseRefusedError if the item is not free and no reason is given, or if the rules about other items refuse.
    """
    now = dict(leases)
    stored = now.get(work.key)
    if why and stored is not None:
        # What was done in a different tree is given once more too: the person has said so.
        freed = stored.lease
        if freed is not None:
            freed = end_lease(freed, "stolen", present) if freed.state != "ended" else freed
            freed = msgspec.structs.replace(freed, reason="stolen", former=tuple(map(_not_done, freed.former)))
        now[work.key] = stored._replace(lease=freed, written=0.0)
    reason = refusal(work, now, asker, present, terms)
    if reason is not None:
        force = "" if why or reason.kind not in ("held", "unreadable", "done_elsewhere") else FORCE_ADVICE
        raise LeaseRefusedError(f"{work.item or work.plan} is not free: {reason.says}{force}", "waiting")
    given = give_lease(work, now.get(work.key), asker, present, terms, lease_id)
    return msgspec.structs.replace(given, note=why) if why else given


def _not_done(former: FormerLease) -> FormerLease:
    return msgspec.structs.replace(former, reason="stolen") if former.reason == "done" else former


FORCE_ADVICE = '. A person may take it: --force --reason "…"'


def reserve(
    work: LeaseWork,
    stored: StoredLease | None,
    asker: LeaseRequester,
    present: MachineState,
    seconds: float,
    lease_id: str,
) -> Lease:
    """Return a reservation of work for an agent, which the agent takes with its next call."""
    given = give_lease(work, stored, asker, present, LeaseTerms(seconds), lease_id)
    return msgspec.structs.replace(given, state="reserved")


def refuse_lost(leases: Leases, lease: Lease, remote: str, *, is_new: bool) -> None:
    """Raise LeaseRefusedError if a lease is no longer the last of its item, because the remote has a different one.

    A lease that its holder has ended may be followed by a different one.
    """
    stored = leases[lease_key_of(lease)]
    after = stored.lease
    if after is None:
        raise LeaseRefusedError(
            f"{lease.id} of {name_of(lease)} is lost: the remote {remote} has {stored.why}", "waiting"
        )
    if after.id == lease.id:
        if after.state == "ended" and lease.state != "ended":
            raise LeaseRefusedError(ended_elsewhere_message(after), "waiting")
        return
    former = next((one for one in after.former if one.id == lease.id), former_lease(lease))
    if lease.state == "ended" and former.reason == lease.reason:
        return
    if is_new:
        raise LeaseRefusedError(
            f"{lease.id} of {name_of(lease)} is lost: {after.agent} on {after.host} has leased it through {remote} "
            f"until {after.until}. Ask again for a different step",
            "waiting",
        )
    raise LeaseRefusedError(lost_lease_message(stored, former), "waiting")


def _current(leases: Leases, lease_id: str) -> StoredLease:
    """Return the lease with an id. Raises LeaseRefusedError if a later lease has replaced it, or if there is none."""
    found: tuple[StoredLease, FormerLease | None] | None = find_lease(leases.values(), lease_id)
    if found is None:
        raise LeaseRefusedError(f"there is no lease {lease_id} here (planmark lease list --all)", "usage")
    stored, former = found
    if former is not None:
        raise LeaseRefusedError(lost_lease_message(stored, former), "waiting")
    return stored


def _lease(stored: StoredLease) -> Lease:
    if stored.lease is None:
        raise LeaseRefusedError(stored.why, "waiting")
    return stored.lease
