"""The leases that machines share through the refs of a git remote.

`refs/planmark/leases/PLAN/ITEM` is the lease of an item. It exists while an agent holds the item.
`refs/planmark/ended/PLAN/ITEM` is the last lease of the item that has ended. This ref lets the generation of an item
grow on all machines, and prevents that an agent gets finished work again. A ref is changed only if it still points to
the object that was last read.
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
    ChangedLeaseRef,
    RefKind,
    RemoteLook,
    RemoteNotes,
    changes_from_remote,
    key_of_ref,
    lease_ref_note,
    leases_to_send,
    note_key_of,
    notes_after_look,
    ref_of,
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

MAX_LOOKS_PER_ACT = 5
"""Maximum number of looks at the remote for one act.

A second look is necessary only if a ref has changed during the first.
"""
OfflinePolicy = Literal["refuse", "local"]


class RemoteRefusedError(Exception):
    """The remote answers, but refuses the refs of leases."""


class RemoteLeases:
    """The leases of a repository on its remote. One process of the repository works with the remote at a time.

    `offline` tells what an act does if the remote does not answer. With `refuse`, the act fails. With `local`, the act
    goes on with the leases of this repository alone.
    """

    def __init__(self, store: LeaseStore, remote: Remote, offline: OfflinePolicy) -> None:
        self.remote = remote
        self._store = store
        self._offline = offline
        self._address = hashlib.sha256(remote.address.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    def pull(self, machine: MachineState) -> bool:
        """Take over the leases of the remote. Return whether the remote has answered.

        Raises RemoteAwayError if the remote does not answer and `offline` is `refuse`. Raises also LeaseBusyError,
        LeaseFolderError, and GitError.
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
        """Send all unsent changes of leases to the remote. Return False if the remote does not answer, else True.

        If the remote has a different lease of an item, the lease of this repository ends as lost. Raises the errors of
        `pull`, and RemoteRefusedError.
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
        """Take over the leases of the remote. The caller holds the lock of `lock_remote`."""
        notes = self._read_notes()
        for _ in range(MAX_LOOKS_PER_ACT):
            look = self._look(notes)
            if look is not None:
                with self._store.locked_leases() as leases:
                    for key, change in changes_from_remote(look, notes, leases, machine):
                        if isinstance(change, bytes):
                            self._store.write_foreign_content(leases, key, change)
                        else:
                            self._store.write(leases, change)
                self._write_notes(notes_after_look(look, notes, machine))
                return
        raise RemoteAwayError(f"the remote {self.remote.name} changes faster than it can be read: try again")

    def _look(self, notes: RemoteNotes) -> RemoteLook | None:
        """Return the refs of the remote, and the leases of the refs that differ from `notes`.

        Return None if a ref has changed during the call.
        """
        object_ids: dict[RefKind, dict[LeaseKey, str]] = {"leases": {}, "ended": {}}
        refs_to_fetch: dict[str, str] = {}
        for ref, object_id in list_refs(self.remote, REF_PREFIX).items():
            kind_and_key = key_of_ref(ref)
            if kind_and_key is not None:
                kind, key = kind_and_key
                object_ids[kind][key] = object_id
                known_id = notes.ended.get(note_key_of(key), "") if kind == "ended" else _known_object_id(notes, key)
                if object_id != known_id:
                    refs_to_fetch[ref] = object_id
        contents = fetch_objects(self.remote, refs_to_fetch) if refs_to_fetch else {}
        if contents is None:
            return None
        changed_leases: dict[RefKind, dict[LeaseKey, ChangedLeaseRef]] = {"leases": {}, "ended": {}}
        for ref, object_id in refs_to_fetch.items():
            if (kind_and_key := key_of_ref(ref)) is not None:
                kind, key = kind_and_key
                changed_leases[kind][key] = _remote_lease(key, object_id, contents[object_id])
        return RemoteLook(object_ids["leases"], object_ids["ended"], changed_leases["leases"], changed_leases["ended"])

    def _push(self, machine: MachineState) -> None:
        """Send the unsent changes of leases to the remote. The caller holds the lock of `lock_remote`."""
        notes = self._read_notes()
        form, keeps_refs = notes.form, False
        for _ in range(MAX_LOOKS_PER_ACT):
            sent_leases = leases_to_send(self._store.read().values(), notes, machine)
            if not sent_leases:
                return
            store_object = store_commit if form == "commit" else store_blob
            object_ids = {
                lease_key_of(lease): store_object(self.remote.repository, lease_bytes(lease)) for lease in sent_leases
            }
            refusals = self._send(sent_leases, object_ids, notes, keeps_refs=keeps_refs)
            sent_notes = _notes_after_push(notes, sent_leases, object_ids, refusals, machine, keeps_refs=keeps_refs)
            if any(ref_of("leases", key) not in refusals for key in object_ids):
                sent_notes = msgspec.structs.replace(sent_notes, form=form)
            self._write_notes(sent_notes)
            if not refusals:
                return
            self._fetch_leases(machine)
            notes = self._read_notes()
            rejected_refs = self._rejected_refs(refusals, sent_notes, notes, machine)
            if not rejected_refs:
                continue
            ended_refs = {ref_of("leases", lease_key_of(lease)) for lease in sent_leases if lease.state == "ended"}
            if not keeps_refs and ended_refs.issuperset(rejected_refs):
                keeps_refs = True
            elif form == "blob":
                form, keeps_refs = "commit", False
            else:
                raise RemoteRefusedError(
                    f"the remote {self.remote.name} refuses {rejected_refs[0]}, as a blob and as a commit: {refusals[rejected_refs[0]]}"
                )
        raise RemoteAwayError(f"the remote {self.remote.name} changes faster than leases can be sent: try again")

    def _send(
        self, sent_leases: Iterable[Lease], object_ids: Mapping[LeaseKey, str], notes: RemoteNotes, *, keeps_refs: bool
    ) -> dict[str, str]:
        """Change the refs of leases on the remote. Return a mapping from each refused ref to the reason.

        `object_ids` maps the key of a lease to the id of its object. `keeps_refs` is as in `_ref_changes_of_end`.
        """
        held_lease_keys = [lease_key_of(lease) for lease in sent_leases if lease.state != "ended"]
        changes = [
            RefChange(ref_of("leases", key), _known_object_id(notes, key), object_ids[key]) for key in held_lease_keys
        ]
        refusals = push_refs(self.remote, changes)
        for lease in sent_leases:
            if lease.state == "ended":
                changes = _ref_changes_of_end(lease_key_of(lease), object_ids, notes, keeps_refs=keeps_refs)
                refusals.update(push_refs(self.remote, changes, is_atomic=True))
        return refusals

    def _rejected_refs(
        self, refused_refs: Iterable[str], sent_notes: RemoteNotes, notes: RemoteNotes, machine: MachineState
    ) -> list[str]:
        """Return the refs that the remote refuses although no different lease of the item is on the remote.

        `sent_notes` are the notes after the push. `notes` are the notes after the look at the remote that followed.
        """
        unsent_leases = leases_to_send(self._store.read().values(), notes, machine)
        keys = [lease_key_of(lease) for lease in unsent_leases if ref_of("leases", lease_key_of(lease)) in refused_refs]
        return [
            ref_of("leases", key) for key in keys if _known_object_id(notes, key) == _known_object_id(sent_notes, key)
        ]

    def _read_notes(self) -> RemoteNotes:
        """Return the notes about the refs of the remote.

        They are empty if the file is unreadable, or is about a different remote.
        """
        try:
            notes = msgspec.json.decode(read_remote_notes(self._store.place.folder), type=RemoteNotes)
        except (ValueError, RecursionError):
            return RemoteNotes(self._address)
        return notes if notes.address == self._address else RemoteNotes(self._address)

    def _write_notes(self, notes: RemoteNotes) -> None:
        write_remote_notes(self._store.place.folder, msgspec.json.format(msgspec.json.encode(notes), indent=1) + b"\n")


def remote_leases(store: LeaseStore) -> RemoteLeases | None:
    """Return the leases on the remote that git's configuration names; None if it names no remote.

    Return None also if git or the repository is missing. Raises RemoteSettingError, and GitError if git refuses to read
    its configuration.
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
    key: LeaseKey, object_ids: Mapping[LeaseKey, str], notes: RemoteNotes, *, keeps_refs: bool
) -> list[RefChange]:
    """Return the changes of refs that end a lease on the remote.

    If `keeps_refs` is True, no ref is deleted, because the remote refuses that.
    """
    return [
        RefChange(ref_of("ended", key), notes.ended.get(note_key_of(key), ""), object_ids[key]),
        RefChange(ref_of("leases", key), _known_object_id(notes, key), object_ids[key] if keeps_refs else ""),
    ]


def _notes_after_push(
    notes: RemoteNotes,
    sent_leases: Iterable[Lease],
    object_ids: Mapping[LeaseKey, str],
    refused_refs: Collection[str],
    machine: MachineState,
    *,
    keeps_refs: bool,
) -> RemoteNotes:
    """Return the notes after a push. It has changed the refs of all sent leases, except `refused_refs`."""
    held_notes, ended_notes = dict(notes.held), dict(notes.ended)
    for lease in sent_leases:
        key = lease_key_of(lease)
        if lease.state == "ended" and ref_of("ended", key) not in refused_refs:
            ended_notes[note_key_of(key)] = object_ids[key]
        if ref_of("leases", key) in refused_refs:
            continue
        if lease.state == "ended" and not keeps_refs:
            held_notes.pop(note_key_of(key), None)
        else:
            held_notes[note_key_of(key)] = lease_ref_note(object_ids[key], lease, machine)
    return msgspec.structs.replace(notes, held=held_notes, ended=ended_notes)


def _known_object_id(notes: RemoteNotes, key: LeaseKey) -> str:
    """Return the id of the object to which the ref of a lease pointed at the last look.

    Return "" if there was no ref.
    """
    lease_note = notes.held.get(note_key_of(key))
    return lease_note.object if lease_note is not None else ""


def _remote_lease(key: LeaseKey, object_id: str, data: bytes) -> ChangedLeaseRef:
    """Return the lease in the content of a ref, with the content and the id of its object.

    `lease` is None if the content is not a readable lease, or is the lease of a different item.
    """
    lease = stored_lease(LeaseFile(key, (0, 0, 0), 0.0, data[:MAX_BYTES], is_settled=True)).lease
    is_of_key = lease is not None and lease_key_of(lease) == key
    return ChangedLeaseRef(object_id, data[:MAX_BYTES], lease if is_of_key else None)
