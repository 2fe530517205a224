"""The access of a process to the repository, the remote and the leases. A process opens it once for all its steps."""

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
    """The access of one process to the work on a plan. It holds the settings of git, which are read only once.

    `place` is the place of the work trees; None if the agent works in the workspace itself. `remote` shares leases with
    other machines; None if no remote is set. `read` is a function that scans the workspace in a folder. `store_of` is a
    function that returns the store of leases of a workspace. A process that does many steps passes a function that
    returns the same stores again.
    """

    place: WorkPlace | None
    remote: RemoteLeases | None
    read: ReadWorkspace = read_workspace
    store_of: Callable[[Path], LeaseStore] = LeaseStore


def open_access(root: Path, feature: str, *, has_tree: bool) -> WorkAccess:
    """Return the access to the work on a plan. Raises CommandError.

    `root` is the resolved path of the workspace. If `has_tree` is False, the agent works in the workspace itself, and
    not in a work tree.
    """
    place = work_place(open_repository(root), feature) if has_tree else None
    return WorkAccess(place, remote_of(LeaseStore(root)))


def access_for(root: Path, lease: Lease, access: WorkAccess | None) -> WorkAccess:
    """Return the access to the work of a lease, in the workspace `root`. Raises CommandError.

    The result is `access` if `access` fits the branch of the lease. Any access fits a lease without a branch. Otherwise
    the result is a new access.
    """
    if access is None or (lease.branch and access.place is None):
        place = work_place_of_branch(open_repository(root), lease.branch) if lease.branch else None
        return WorkAccess(place, remote_of(LeaseStore(root)))
    if access.place is not None and lease.branch and not is_branch_of(access.place, lease.branch):
        return access._replace(place=work_place_of_branch(access.place.repository, lease.branch))
    return access
