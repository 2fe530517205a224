"""The leases at one moment, for code that only shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from planmark.coordination.lease import EndReason, Lease, StoredLease
from planmark.coordination.lease_rules import MachineState, free_reason_of


class SeenLease(NamedTuple):
    """A lease that has not ended. `free_reason` says why it no longer keeps other agents away, "" while it does."""

    lease: Lease
    free_reason: EndReason


class LeaseLook(NamedTuple):
    """The leases of a repository that have not ended, by the path of their plan, at `now` (seconds since the epoch).

    `prefix` is the path of the workspace below the top of its work tree, with a slash at the end, or "".
    `unreadable_leases` are the files that cannot be read as leases.
    """

    prefix: str
    now: float
    by_plan: Mapping[str, tuple[SeenLease, ...]]
    unreadable_leases: tuple[StoredLease, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be shown."""
        return not self.by_plan and not self.unreadable_leases

    def same_as(self, other: LeaseLook) -> bool:
        """Tell whether a look at a different time shows the same leases."""
        return self._replace(now=other.now) == other


NO_LEASES = LeaseLook("", 0.0, {}, ())


def make_look(leases: Iterable[StoredLease], prefix: str, machine: MachineState) -> LeaseLook:
    """Return what stored leases show at present."""
    by_plan: dict[str, tuple[SeenLease, ...]] = {}
    unreadable_leases: list[StoredLease] = []
    for stored_lease in sorted(leases, key=lambda stored_lease: stored_lease.key):
        lease = stored_lease.lease
        if lease is None:
            unreadable_leases.append(stored_lease)
        elif lease.state != "ended":
            seen_lease = SeenLease(lease, free_reason_of(stored_lease, machine))
            by_plan[lease.plan] = (*by_plan.get(lease.plan, ()), seen_lease)
    return LeaseLook(prefix, machine.now, by_plan, tuple(unreadable_leases))
