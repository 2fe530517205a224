"""The repository and the remote that the steps of one process share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from planmark.cli.lease_access import remote_of
from planmark.coordination.lease import Lease
from planmark.coordination.lease_store import LeaseStore
from planmark.coordination.remote_leases import RemoteLeases
from planmark.run.branches import WorkPlace, is_branch_of, work_place, work_place_of_branch
from planmark.run.reading import ReadWorkspace, read_workspace
from planmark.run.repository import open_repository


class WorkAccess(NamedTuple):
    """The access of one process to the work on a plan. Git is asked for its settings only once.

    `place` is None for work in the workspace itself. `remote` shares leases with other machines, None without one.
    `store_of` returns the store of leases for a workspace. A process that does many steps keeps these stores.
    """

    place: WorkPlace | None
    remote: RemoteLeases | None
    read: ReadWorkspace = read_workspace
    store_of: Callable[[Path], LeaseStore] = LeaseStore


def open_access(root: Path, feature: str, *, has_tree: bool) -> WorkAccess:
    """Return the access to the work on a plan in a workspace (resolved). Raises CommandError."""
    place = work_place(open_repository(root), feature) if has_tree else None
    return WorkAccess(place, remote_of(LeaseStore(root)))


def access_for(root: Path, lease: Lease, access: WorkAccess | None) -> WorkAccess:
    """Return the access to the work of a lease: `access` if it fits, else a new one. Raises CommandError."""
    if access is None or (lease.branch and access.place is None):
        place = work_place_of_branch(open_repository(root), lease.branch) if lease.branch else None
        return WorkAccess(place, remote_of(LeaseStore(root)))
    if access.place is not None and lease.branch and not is_branch_of(access.place, lease.branch):
        return access._replace(place=work_place_of_branch(access.place.repository, lease.branch))
    return access
