"""The public results about leases: the holder of each step, the steps that are ready, and the list of leases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from planmark.coordination.lease import EndReason, Lease, StoredLease
from planmark.coordination.lease_look import LeaseLook
from planmark.coordination.lease_names import LeaseKey
from planmark.coordination.lease_rules import (
    ItemStanding,
    LeaseRequester,
    LeaseTerms,
    MachineState,
    free_reason_of,
    is_step_over,
    keeps_others_away,
    lease_key_of,
    minutes_held,
    refusal,
)
from planmark.plans.model import PlanState, Role, Step
from planmark.plans.roles import STEP_ROLES
from planmark.queries.api_types import HolderResult
from planmark.queries.open_steps import LeasedNames, OpenStep, plan_standings

ANONYMOUS_REQUESTER = LeaseRequester("", "", "")
"""A requester without a name and without leases. It is for a query about steps that does not come from an agent."""


class ReadyStepResult(msgspec.Struct, frozen=True, kw_only=True):
    """A step that is ready by the files. `waits` names in words the lease that keeps agents away, or is ""."""

    plan: str
    feature: str
    achievement: str | None
    ref: str
    title: str
    step: Step
    label: str
    role: Role
    tier: int
    files: tuple[str, ...]
    files_known: bool
    holder: HolderResult | None
    waits: str


class ReadyResult(msgspec.Struct, frozen=True, kw_only=True):
    """The steps that are ready in a workspace, of all plans."""

    schema: str = "planmark.ready/1"
    workspace: str
    steps: list[ReadyStepResult]


class LeaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """A lease and its current state. `free` is the reason why the lease no longer holds its item; "" while the lease
    holds the item.

    `orphan` is true if this workspace has no such item, for example after its PLAN was renamed.
    """

    lease: Lease
    free: EndReason
    orphan: bool


class UnreadableLeaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """A file that cannot be read as a lease. Its item counts as held until the time `until`."""

    path: str
    why: str
    until: str
    held: bool


class LeasesResult(msgspec.Struct, frozen=True, kw_only=True):
    """The leases of a workspace. `folder` holds their files. `unreadable` are files that cannot be read as leases."""

    schema: str = "planmark.leases/1"
    workspace: str
    folder: str
    leases: list[LeaseResult]
    unreadable: list[UnreadableLeaseResult]


def holder_result(lease: Lease | None) -> HolderResult | None:
    """Return the holder of a lease as a public result; None if `lease` is None."""
    if lease is None:
        return None
    return HolderResult(lease.agent, lease.host, lease.id, lease.state, lease.role, lease.since, lease.until)


def current_leases_of_plan(lease_look: LeaseLook, state: PlanState) -> dict[str, Lease]:
    """Return a mapping from the name of an item to its lease, for the leases of a plan that hold now.

    A lease whose step is over is left out. The name is "" for a step about the whole plan, and `#ID` for a step about
    the group with this id. `lease_look` holds all leases of the work tree.
    """
    seen_leases = lease_look.by_plan.get(f"{lease_look.prefix}{state.path}", ())
    if not seen_leases:
        return {}
    names = LeasedNames(lease_look.prefix, [seen_lease.lease for seen_lease in seen_leases])
    standings = plan_standings(state, names)
    current_names = {leased_id: name for name, leased_id in names.leased_name_by_name(state).items()}
    result: dict[str, Lease] = {}
    for seen_lease in seen_leases:
        name = current_names.get(seen_lease.lease.achievement, seen_lease.lease.achievement)
        if not seen_lease.free_reason and not is_step_over(
            seen_lease.lease, standings.get(lease_key_of(seen_lease.lease))
        ):
            result[name] = seen_lease.lease
    return result


def holder_in_words(lease: Lease, now: float) -> str:
    """Return the holder of a lease in words: `claude-7, 12 min`; `now` is in seconds since the epoch."""
    reserve_note = "reserved for " if lease.state == "reserved" else ""
    return f"{reserve_note}{lease.agent}, {minutes_held(lease, now)} min"


def holder_and_end_in_words(lease: Lease) -> str:
    """Return the holder and the end of a lease in words: `held by claude-7 until 01:27 UTC`.

    The words do not contain a duration, so they stay true as time passes.
    """
    relation = "reserved for" if lease.state == "reserved" else "held by"
    day = "" if lease.until[:10] == lease.renewed[:10] else f"{lease.until[:10]} "
    return f"{relation} {lease.agent} until {day}{lease.until[11:16]} UTC"


def current_leases(
    leases: Mapping[LeaseKey, StoredLease], standings: Mapping[LeaseKey, ItemStanding], machine: MachineState
) -> dict[LeaseKey, Lease]:
    """Return the leases that hold now and whose step is not over, by key. `standings` decide whether a step is over."""
    return {
        key: stored_lease.lease
        for key, stored_lease in leases.items()
        if stored_lease.lease is not None
        and keeps_others_away(stored_lease, machine)
        and not is_step_over(stored_lease.lease, standings.get(key))
    }


def ready_steps(
    steps: Iterable[OpenStep],
    leases: Mapping[LeaseKey, StoredLease],
    holder_leases: Mapping[LeaseKey, Lease],
    requester: LeaseRequester,
    machine: MachineState,
    terms: LeaseTerms,
) -> list[ReadyStepResult]:
    """Return the steps that are ready by the files, each with its holder, in the order of `steps`.

    `holder_leases` is the result of `current_leases`. `requester` is the agent that looks for a step.
    """
    relevant_leases = {
        key: stored_lease
        for key, stored_lease in leases.items()
        if stored_lease.lease is None or key in holder_leases or not keeps_others_away(stored_lease, machine)
    }
    results = []
    for step in steps:
        if step.wait_reason:
            continue
        lease = holder_leases.get(step.work.key)
        lease_refusal = refusal(step.work, relevant_leases, requester, machine, terms)
        item = step.item
        results.append(
            ReadyStepResult(
                plan=step.plan.path,
                feature=step.feature,
                achievement=item.id or None if item else None,
                ref=step.work.item,
                title=item.title if item else "",
                step=step.step,
                label=step.label,
                role=step.role,
                tier=STEP_ROLES[step.step].tier,
                files=step.work.files,
                files_known=bool(step.work.files),
                holder=holder_result(lease),
                waits=""
                if lease_refusal is None or (lease and lease_refusal.blocking_lease == lease)
                else lease_refusal.says,
            )
        )
    return results


def lease_results(
    leases: Mapping[LeaseKey, StoredLease],
    standings: Mapping[LeaseKey, ItemStanding],
    machine: MachineState,
    prefix: str,
    *,
    includes_ended: bool,
) -> list[LeaseResult]:
    """Return the leases that hold now, sorted by plan and item. If `includes_ended`, add the ended leases.

    `prefix` is the folder of the workspace in its work tree. A lease is an orphan if its plan is in this folder, but
    the workspace has no such item.
    """
    results = []
    for _, stored_lease in sorted(leases.items()):
        lease = stored_lease.lease
        if lease is None:
            continue
        free_reason: EndReason = free_reason_of(stored_lease, machine)
        standing = standings.get(lease_key_of(lease))
        if not free_reason and is_step_over(lease, standing):
            free_reason = "done"
        if includes_ended or not free_reason:
            is_orphan = standing is None and lease.state != "ended" and lease.plan.startswith(prefix)
            results.append(LeaseResult(lease=lease, free=free_reason, orphan=is_orphan))
    return results
