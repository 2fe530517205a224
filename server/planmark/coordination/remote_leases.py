"""The leases that machines share through the refs of a git remote.

`refs/planmark/leases/PLAN/ITEM` is the lease of an item, and is there while an agent holds it.
`refs/planmark/ended/PLAN/ITEM` is the last lease that has ended, so that generations grow on all machines and finished
work is not given once more. Each ref changes only from the object that was seen before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from typing import Literal

import msgspec

from planmark.coordination.lease import Lease, lease_bytes, stored_lease
from planmark.coordination.lease_names import LeaseKey
from planmark.coordination.lease_rules import MachineState, lease_key_of
from planmark.coordination.lease_store import LeaseStore
from planmark.coordination.remote_rules import (
    REF_PREFIX,
    RefKind,
    RemoteLease,
    RemoteLook,
    RemoteNotes,
    changes_from_remote,
    key_of_ref,
    leases_to_send,
    note_of,
    notes_after,
    ref_of,
    shared_lease,
)
from planmark.storage.git import GitMissingError, repository
from planmark.storage.git_checkout import checkout_of
from planmark.storage.git_remote import (
    OFFLINE_KEY,
    RefChange,
    Remote,
    RemoteAwayError,
    RemoteSettingError,
    fetch_objects,
    list_refs,
    push_refs,
    remote_named,
    remote_settings,
    store_blob,
    store_commit,
)
from planmark.storage.lease_files import MAX_BYTES, LeaseFile, lock_remote, read_remote_notes, write_remote_notes

MAX_TRIES = 5
"""Maximum number of looks at the remote for one act. Each but the first means that a ref has just changed."""
OfflinePolicy = Literal["refuse", "local"]


class RemoteRefusedError(Exception):
    """The remote answers, and does not accept the refs of leases."""


class RemoteLeases:
    """The leases of a repository on its remote. One process of the repository works with the remote at a time.

    `offline` tells what an act does without an answer of the remote: it refuses, or goes on with this machine alone.
    """

    def __init__(self, store: LeaseStore, remote: Remote, offline: OfflinePolicy) -> None:
        self.remote = remote
        self._store = store
        self._offline = offline
        self._address = hashlib.sha256(remote.address.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    def pull(self, machine: MachineState) -> bool:
        """Take over what the remote has. Return whether it has answered.

        Raises RemoteAwayError if it does not answer and leases are refused then, LeaseBusyError, LeaseFolderError, and
        GitError.
        """
        try:
            with lock_remote(self._store.place.folder):
                self._fetch_leases(machine)
        except RemoteAwayError:
            if self._offline == "refuse":
                raise
            return False
        return True

    def push(self, machine: MachineState) -> bool:
        """Send all unsent changes of leases to the remote in one call.

        Return True if the remote has answered, or if no change is unsent. A lease ends here as lost if the remote has a
        different lease of its item. Raises as `pull` does, and RemoteRefusedError.
        """
        try:
            with lock_remote(self._store.place.folder):
                self._push(machine)
        except RemoteAwayError:
            if self._offline == "refuse":
                raise
            return False
        return True

    def _fetch_leases(self, machine: MachineState) -> None:
        notes = self._notes()
        for _ in range(MAX_TRIES):
            look = self._look(notes)
            if look is not None:
                with self._store.locked_leases() as leases:
                    for key, change in changes_from_remote(look, notes, leases, machine):
                        if isinstance(change, bytes):
                            self._store.write_foreign_content(leases, key, change)
                        else:
                            self._store.write(leases, change)
                self._write(notes_after(look, notes, machine))
                return
        raise RemoteAwayError(f"the remote {self.remote.name} changes faster than it can be read: try again")

    def _look(self, notes: RemoteNotes) -> RemoteLook | None:
        """Return the refs of the remote; None if they changed meanwhile."""
        objects: dict[RefKind, dict[LeaseKey, str]] = {"leases": {}, "ended": {}}
        changed_refs: dict[str, str] = {}
        for ref, identity in list_refs(self.remote, REF_PREFIX).items():
            named = key_of_ref(ref)
            if named is not None:
                kind, key = named
                objects[kind][key] = identity
                before = notes.ended.get(note_of(key), "") if kind == "ended" else _object_of(notes, key)
                if identity != before:
                    changed_refs[ref] = identity
        contents = fetch_objects(self.remote, changed_refs) if changed_refs else {}
        if contents is None:
            return None
        of_kind: dict[RefKind, dict[LeaseKey, RemoteLease]] = {"leases": {}, "ended": {}}
        for ref, identity in changed_refs.items():
            if (named := key_of_ref(ref)) is not None:
                kind, key = named
                of_kind[kind][key] = _remote_lease(key, identity, contents[identity])
        return RemoteLook(objects["leases"], objects["ended"], of_kind["leases"], of_kind["ended"])

    def _push(self, machine: MachineState) -> None:
        notes = self._notes()
        form, is_kept = notes.form, False
        for _ in range(MAX_TRIES):
            sent_leases = leases_to_send(self._store.read().values(), notes, machine)
            if not sent_leases:
                return
            store = store_commit if form == "commit" else store_blob
            objects = {lease_key_of(lease): store(self.remote.repository, lease_bytes(lease)) for lease in sent_leases}
            refused = self._send(sent_leases, objects, notes, is_kept=is_kept)
            before = _after_push(notes, sent_leases, objects, refused, machine, is_kept=is_kept)
            if any(ref_of("leases", key) not in refused for key in objects):
                before = msgspec.structs.replace(before, form=form)
            self._write(before)
            if not refused:
                return
            self._fetch_leases(machine)
            notes = self._notes()
            rejected_refs = self._rejected_refs(refused, before, notes, machine)
            if not rejected_refs:
                continue
            ended_refs = {ref_of("leases", lease_key_of(lease)) for lease in sent_leases if lease.state == "ended"}
            if not is_kept and ended_refs.issuperset(rejected_refs):
                is_kept = True
            elif form == "blob":
                form, is_kept = "commit", False
            else:
                raise RemoteRefusedError(
                    f"the remote {self.remote.name} refuses {rejected_refs[0]}, as a blob and as a commit: {refused[rejected_refs[0]]}"
                )
        raise RemoteAwayError(f"the remote {self.remote.name} changes faster than leases can be sent: try again")

    def _send(
        self, sent_leases: Iterable[Lease], objects: Mapping[LeaseKey, str], notes: RemoteNotes, *, is_kept: bool
    ) -> dict[str, str]:
        """Change the refs of leases, and return the refused ones with the reasons. `is_kept` is as in `_ref_changes_of_end`."""
        held_lease_keys = [lease_key_of(lease) for lease in sent_leases if lease.state != "ended"]
        changes = [RefChange(ref_of("leases", key), _object_of(notes, key), objects[key]) for key in held_lease_keys]
        refused = push_refs(self.remote, changes)
        for lease in sent_leases:
            if lease.state == "ended":
                changes = _ref_changes_of_end(lease_key_of(lease), objects, notes, is_kept=is_kept)
                refused.update(push_refs(self.remote, changes, is_atomic=True))
        return refused

    def _rejected_refs(
        self, refused: Iterable[str], before: RemoteNotes, notes: RemoteNotes, machine: MachineState
    ) -> list[str]:
        """Return the refs that the remote does not accept although no different lease is in the way."""
        leases = leases_to_send(self._store.read().values(), notes, machine)
        keys = [lease_key_of(lease) for lease in leases if ref_of("leases", lease_key_of(lease)) in refused]
        return [ref_of("leases", key) for key in keys if _object_of(notes, key) == _object_of(before, key)]

    def _notes(self) -> RemoteNotes:
        """Return the notes about this remote, empty ones for a different remote or without readable ones."""
        try:
            notes = msgspec.json.decode(read_remote_notes(self._store.place.folder), type=RemoteNotes)
        except (ValueError, RecursionError):
            return RemoteNotes(self._address)
        return notes if notes.address == self._address else RemoteNotes(self._address)

    def _write(self, notes: RemoteNotes) -> None:
        write_remote_notes(self._store.place.folder, msgspec.json.format(msgspec.json.encode(notes), indent=1) + b"\n")


def remote_leases(store: LeaseStore) -> RemoteLeases | None:
    """Return the remote through which the user's git shares leases, None without one.

    Raises RemoteSettingError, and GitError if git refuses to read its configuration.
    """
    tree = store.place.tree
    if checkout_of(tree) is None:
        return None
    try:
        git_repository = repository(tree)
    except GitMissingError:
        # Without the program git, no machine can share leases.
        return None
    name, offline = remote_settings(git_repository)
    if not name:
        return None
    if offline not in ("", "refuse", "local"):
        raise RemoteSettingError(f"git config {OFFLINE_KEY} is `{offline}`: it takes refuse or local")
    return RemoteLeases(store, remote_named(git_repository, name), "local" if offline == "local" else "refuse")


def _ref_changes_of_end(
    key: LeaseKey, objects: Mapping[LeaseKey, str], notes: RemoteNotes, *, is_kept: bool
) -> list[RefChange]:
    """Return the changes of refs that end a lease. `is_kept` tells that the remote deletes no ref."""
    return [
        RefChange(ref_of("ended", key), notes.ended.get(note_of(key), ""), objects[key]),
        RefChange(ref_of("leases", key), _object_of(notes, key), objects[key] if is_kept else ""),
    ]


def _after_push(
    notes: RemoteNotes,
    sent_leases: Iterable[Lease],
    objects: Mapping[LeaseKey, str],
    refused: Collection[str],
    machine: MachineState,
    *,
    is_kept: bool,
) -> RemoteNotes:
    """Return the notes after a push that changed all refs but the refused ones."""
    held_notes, ended_notes = dict(notes.held), dict(notes.ended)
    for lease in sent_leases:
        key = lease_key_of(lease)
        if lease.state == "ended" and ref_of("ended", key) not in refused:
            ended_notes[note_of(key)] = objects[key]
        if ref_of("leases", key) in refused:
            continue
        if lease.state == "ended" and not is_kept:
            held_notes.pop(note_of(key), None)
        else:
            held_notes[note_of(key)] = shared_lease(objects[key], lease, machine)
    return msgspec.structs.replace(notes, held=held_notes, ended=ended_notes)


def _object_of(notes: RemoteNotes, key: LeaseKey) -> str:
    shared_lease = notes.held.get(note_of(key))
    return shared_lease.object if shared_lease is not None else ""


def _remote_lease(key: LeaseKey, identity: str, data: bytes) -> RemoteLease:
    """Return the content of a ref; it is not a lease if it cannot be read, or if it is of a different item."""
    lease = stored_lease(LeaseFile(key, (0, 0, 0), 0.0, data[:MAX_BYTES], is_settled=True)).lease
    is_of_key = lease is not None and lease_key_of(lease) == key
    return RemoteLease(identity, data[:MAX_BYTES], lease if is_of_key else None)
