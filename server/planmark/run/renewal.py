"""The renewal of the lease of an attempt. `planmark lease renew` does the same."""

from __future__ import annotations

from pathlib import Path

from planmark.cli.lease_access import lease_terms, share_lease
from planmark.coordination.lease_acts import LeaseRefusedError, renew
from planmark.coordination.lease_rules import lease_key_of
from planmark.coordination.lease_store import LeaseStore, current_machine_state
from planmark.coordination.remote_leases import RemoteRefusedError, remote_leases
from planmark.storage.git import GitError
from planmark.storage.git_remote import RemoteAwayError, RemoteSettingError
from planmark.storage.lease_files import LeaseBusyError, LeaseFolderError
from planmark.workspace.settings import load_settings

TEMPORARY_ERRORS = (LeaseBusyError, LeaseFolderError, RemoteAwayError, RemoteRefusedError, RemoteSettingError, GitError)
"""Errors after which the lease may still be held.

The agent goes on, and its supervisor tries the next renewal.
"""


def renew_lease(workspace: Path, lease_id: str) -> str:
    """Renew a lease. Return "" if the lease is held or may be held, else the reason why it is lost, in words."""
    try:
        store = LeaseStore(workspace)
        terms = lease_terms(load_settings(workspace))
        remote = remote_leases(store)
        with store.locked_leases() as leases:
            lease = renew(leases, lease_id, None, current_machine_state(), terms)
            lease_before = leases[lease_key_of(lease)].lease
            store.write(leases, lease)
        share_lease(store, remote, lease, lease_before)
    except LeaseRefusedError as error:
        return str(error)
    except TEMPORARY_ERRORS:
        return ""
    return ""
