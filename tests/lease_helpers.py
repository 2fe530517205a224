"""Leases for tests: work, an agent that asks, and a present whose clock the test sets."""

from __future__ import annotations

from collections.abc import Iterable

from planmark.coordination.lease import Lease, LeaseProcess, StoredLease
from planmark.coordination.lease_names import LeaseKey
from planmark.coordination.lease_rules import (
    DEFAULT_LEASE_TERMS,
    LeaseRefusal,
    LeaseRequester,
    LeaseTerms,
    LeaseWork,
    MachineState,
    give_lease,
    lease_key_of,
    refusal,
)
from planmark.storage.timestamps import utc_seconds

PLAN_PATH = "work-space/plans/PAY/PLAN_PAY.md"
START = utc_seconds("2026-11-29T01:00:00Z")
HOST = "build-1"
DEAD = LeaseProcess(99, 1.0, "here")
ALIVE = LeaseProcess(7, 2.0, "here")
OTHER = LeaseProcess(8, 3.0, "here")

Stored = dict[LeaseKey, StoredLease]


def work(item: str = "1.1", *files: str, role: str = "executor", round: int = 0, plan: str = PLAN_PATH) -> LeaseWork:  # noqa: A002
    """Return work on an item."""
    step = {"executor": "create_execution", "reviewer": "request_review", "designer": "create_subplan"}[role]
    return LeaseWork(plan, item, step, role, files, round)  # type: ignore[arg-type]


def asker(
    agent: str = "ada", process: LeaseProcess | None = None, host: str = HOST, tree: str = "/repo"
) -> LeaseRequester:
    """Return an agent that asks."""
    return LeaseRequester(agent, host, tree, process)


def at(seconds: float = 0, host: str = HOST) -> MachineState:
    """Return the present, `seconds` after START."""
    return MachineState(START + seconds, host, lambda process: process == DEAD)


def stored(leases: Iterable[Lease], written: float = START) -> Stored:
    """Return leases as they were read."""
    return {lease_key_of(one): StoredLease(lease_key_of(one), one, written, one.generation) for one in leases}


def take(
    leases: Stored,
    wanted: LeaseWork,
    by: LeaseRequester,
    present: MachineState | None = None,
    terms: LeaseTerms = DEFAULT_LEASE_TERMS,
    lease_id: str = "lse_00000000000000aa",
) -> Lease | LeaseRefusal:
    """Let an agent take work, as the store would: put the lease into `leases` and return it, or return the refusal."""
    present = present or at()
    if refused := refusal(wanted, leases, by, present, terms):
        return refused
    lease = give_lease(wanted, leases.get(wanted.key), by, present, terms, lease_id)
    leases[wanted.key] = StoredLease(wanted.key, lease, present.now, lease.generation)
    return lease


def taken(
    leases: Stored,
    wanted: LeaseWork,
    by: LeaseRequester,
    present: MachineState | None = None,
    terms: LeaseTerms = DEFAULT_LEASE_TERMS,
) -> Lease:
    """Return the lease of work that the agent must get."""
    lease = take(leases, wanted, by, present, terms)
    assert isinstance(lease, Lease), lease
    return lease


def refused(
    leases: Stored,
    wanted: LeaseWork,
    by: LeaseRequester,
    present: MachineState | None = None,
    terms: LeaseTerms = DEFAULT_LEASE_TERMS,
) -> LeaseRefusal:
    """Return why the agent must not get the work."""
    reason = take(leases, wanted, by, present, terms)
    assert isinstance(reason, LeaseRefusal), reason
    return reason
