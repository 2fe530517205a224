"""The leases of a repository at one moment, for code that shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from planmark.coordination.lease import EndReason, Lease, StoredLease
from planmark.coordination.lease_rules import MachineState, free_reason_of


class UnendedLease(NamedTuple):
    """A lease that has not ended. `free_reason` says why other agents may take its step nevertheless.

    `free_reason` is "" if no other agent may take the step.
    """

    lease: Lease
    free_reason: EndReason


class LeaseLook(NamedTuple):
    """The leases of a repository that have not ended, at the time `now`, in seconds since the epoch.

    `by_plan` maps the path of a plan to its leases. `prefix` is the path of the workspace from the top of its work
    tree: "", or a path with a slash at the end. `unreadable_leases` are the files that cannot be read as leases.
    """

    prefix: str
    now: float
    by_plan: Mapping[str, tuple[UnendedLease, ...]]
    unreadable_leases: tuple[StoredLease, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.by_plan and not self.unreadable_leases

    def has_same_leases(self, other: LeaseLook) -> bool:
        """Tell whether `other` has the same leases. Its time may be different."""
        return self._replace(now=other.now) == other


NO_LEASES = LeaseLook("", 0.0, {}, ())


def make_look(leases: Iterable[StoredLease], prefix: str, machine: MachineState) -> LeaseLook:
    """Return the leases at the time of `machine`, for code that shows them. `prefix` is as in `LeaseLook`."""
    by_plan: dict[str, tuple[UnendedLease, ...]] = {}
    unreadable_leases: list[StoredLease] = []
    for stored_lease in sorted(leases, key=lambda stored_lease: stored_lease.key):
        lease = stored_lease.lease
        if lease is None:
            unreadable_leases.append(stored_lease)
        elif lease.state != "ended":
            seen_lease = UnendedLease(lease, free_reason_of(stored_lease, machine))
            by_plan[lease.plan] = (*by_plan.get(lease.plan, ()), seen_lease)
    return LeaseLook(prefix, machine.now, by_plan, tuple(unreadable_leases))
