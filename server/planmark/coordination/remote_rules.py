"""The rules of leases that machines share through a remote.

They decide which leases of this repository change after a look at the remote, and which leases are sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

import msgspec

from planmark.coordination.lease import MAX_FORMER_LEASES, Lease, LeaseState, StoredLease
from planmark.coordination.lease_names import LeaseKey
from planmark.coordination.lease_rules import MachineState, end_lease, former_lease, keeps_others_away, lease_key_of
from planmark.text.lazy_pattern import lazy_pattern

REF_PREFIX = "refs/planmark/"
RefKind = Literal["leases", "ended"]
REF_PATTERN = lazy_pattern(r"refs/planmark/(leases|ended)/([A-Za-z0-9_.%-]{1,100})/([A-Za-z0-9_.%-]{1,100})")
MIN_RENEWAL_PUSH_SECONDS = 60
"""Minimum number of seconds between two renewals of a lease that are sent to the remote."""


class LeaseRefNote(msgspec.Struct, frozen=True):
    """The note about the ref of a lease, from the last look at the remote.

    `object` is the id of the object to which the ref points. `id`, `renewed` and `state` are those of the lease in the
    object. `id` is "" if the lease is not readable. `sent` is the time when this repository sent or read the object, in
    seconds since the epoch.
    """

    object: str
    id: str
    renewed: str
    state: LeaseState
    sent: float


class RemoteNotes(msgspec.Struct, frozen=True):
    """The notes about the refs of a remote, from the last look at the remote.

    `address` is the digest of the remote's address. `form` is the kind of object that the remote accepts. `held` maps
    `PLAN/ITEM` to the note about the ref of the lease. `ended` maps `PLAN/ITEM` to the id of the object with the last
    ended lease.
    """

    address: str
    form: Literal["blob", "commit"] = "blob"
    held: dict[str, LeaseRefNote] = {}
    ended: dict[str, str] = {}


class ChangedLeaseRef(NamedTuple):
    """A ref of the remote that has changed: the id of its object, the content of the object, and the lease.

    `lease` is None if the content is not a readable lease.
    """

    object_id: str
    data: bytes
    lease: Lease | None


class RemoteLook(NamedTuple):
    """The refs of the remote at one moment. `held` and `ended` map the key of each lease to the id of its object.

    `new_held` and `new_ended` contain only the refs that have changed since the last look, with their leases.
    """

    held: Mapping[LeaseKey, str]
    ended: Mapping[LeaseKey, str]
    new_held: Mapping[LeaseKey, ChangedLeaseRef]
    new_ended: Mapping[LeaseKey, ChangedLeaseRef]


def ref_of(kind: RefKind, key: LeaseKey) -> str:
    """Return the name of the ref of a lease."""
    return f"{REF_PREFIX}{kind}/{key.plan}/{key.item}"


def note_key_of(key: LeaseKey) -> str:
    """Return the name under which the notes contain a lease."""
    return f"{key.plan}/{key.item}"


def key_of_ref(ref: str) -> tuple[RefKind, LeaseKey] | None:
    """Return a tuple of the kind and the key of a ref; None if the ref is not the ref of a lease."""
    match = REF_PATTERN.fullmatch(ref)
    if match is None:
        return None
    return ("leases" if match[1] == "leases" else "ended"), LeaseKey(match[2], match[3])


def changes_from_remote(
    look: RemoteLook, notes: RemoteNotes, leases: Mapping[LeaseKey, StoredLease], machine: MachineState
) -> Iterator[tuple[LeaseKey, Lease | bytes]]:
    """Yield a tuple for each lease of this repository that changes because of a look at the remote.

    The tuple holds the key and the new content: a lease, or bytes that are not a lease. If the remote has a different
    lease of an item, the lease of this repository is lost. `notes` are the notes before the look.
    """
    lease_by_key = {key: stored_lease.lease for key, stored_lease in leases.items()}
    for key, remote_lease in look.new_held.items():
        if remote_lease.lease is None:
            yield key, remote_lease.data
        elif (lease := _lease_after_change(remote_lease.lease, lease_by_key.get(key), machine)) is not None:
            lease_by_key[key] = lease
            yield key, lease
    for key, remote_lease in look.new_ended.items():
        local_lease = lease_by_key.get(key)
        if (
            remote_lease.lease is not None
            and remote_lease.lease.state == "ended"
            and _is_new_end(remote_lease.lease, local_lease)
        ):
            lease_by_key[key] = merged_lease(remote_lease.lease, local_lease, machine)
            yield key, merged_lease(remote_lease.lease, local_lease, machine)
    for name, lease_note in notes.held.items():
        key = LeaseKey(*name.split("/", 1))
        local_lease = lease_by_key.get(key)
        if (
            key not in look.held
            and local_lease is not None
            and local_lease.id == lease_note.id
            and local_lease.state != "ended"
        ):
            # The ref was deleted, by a person or by a program that is not Planmark.
            yield key, end_lease(local_lease, "released", machine)


def _lease_after_change(lease_of_remote: Lease, local_lease: Lease | None, machine: MachineState) -> Lease | None:
    """Return the new lease of an item, after its ref has changed; None if `local_lease` stays as it is.

    `lease_of_remote` is the lease to which the ref points now.
    """
    if local_lease is None or local_lease.id != lease_of_remote.id:
        return merged_lease(lease_of_remote, local_lease, machine)
    if local_lease.state == "ended":
        return None
    is_newer = lease_of_remote.state == "ended" or lease_of_remote.renewed > local_lease.renewed
    return msgspec.structs.replace(lease_of_remote, former=local_lease.former) if is_newer else None


def _is_new_end(lease_of_remote: Lease, local_lease: Lease | None) -> bool:
    """Tell whether `lease_of_remote`, which has ended, is the last lease of its item.

    The result is False if this repository already knows that the lease has ended.
    """
    if local_lease is None:
        return True
    if local_lease.id == lease_of_remote.id:
        return local_lease.state != "ended"
    return lease_of_remote.generation >= local_lease.generation and all(
        former_lease.id != lease_of_remote.id for former_lease in local_lease.former
    )


def merged_lease(lease_of_remote: Lease, local_lease: Lease | None, machine: MachineState) -> Lease:
    """Return the lease of the remote. Its `former` also contains the lease of this repository.

    If the lease of this repository has not ended, it ends as lost.
    """
    if local_lease is None or local_lease.id == lease_of_remote.id:
        return lease_of_remote
    ended_lease = local_lease if local_lease.state == "ended" else end_lease(local_lease, "lost", machine)
    remote_ids = {lease_of_remote.id, *(lease.id for lease in lease_of_remote.former)}
    missing_leases = [lease for lease in (*local_lease.former, former_lease(ended_lease)) if lease.id not in remote_ids]
    former = sorted((*missing_leases, *lease_of_remote.former), key=lambda lease: lease.ended)
    return msgspec.structs.replace(lease_of_remote, former=tuple(former[-MAX_FORMER_LEASES:]))


def notes_after_look(look: RemoteLook, notes: RemoteNotes, machine: MachineState) -> RemoteNotes:
    """Return the notes after a look at the remote. `notes` are the notes before the look."""
    held_notes: dict[str, LeaseRefNote] = {}
    for key in look.held:
        remote_lease, note_before = look.new_held.get(key), notes.held.get(note_key_of(key))
        if remote_lease is not None:
            held_notes[note_key_of(key)] = lease_ref_note(remote_lease.object_id, remote_lease.lease, machine)
        elif note_before is not None:
            held_notes[note_key_of(key)] = note_before
    return msgspec.structs.replace(
        notes, held=held_notes, ended={note_key_of(key): object_id for key, object_id in look.ended.items()}
    )


def lease_ref_note(object_id: str, lease: Lease | None, machine: MachineState) -> LeaseRefNote:
    """Return the note about the ref of a lease that now points to the object `object_id`."""
    if lease is None:
        return LeaseRefNote(object_id, "", "", "held", machine.now)
    return LeaseRefNote(object_id, lease.id, lease.renewed, lease.state, machine.now)


def leases_to_send(leases: Iterable[StoredLease], notes: RemoteNotes, machine: MachineState) -> list[Lease]:
    """Return the leases that must be sent to the remote now.

    A renewal is sent at most once in MIN_RENEWAL_PUSH_SECONDS.
    """
    return [
        stored_lease.lease
        for stored_lease in sorted(leases, key=lambda stored_lease: stored_lease.key)
        if stored_lease.lease is not None and _must_push(stored_lease, stored_lease.lease, notes, machine)
    ]


def _must_push(stored_lease: StoredLease, lease: Lease, notes: RemoteNotes, machine: MachineState) -> bool:
    """Tell whether a lease has changed since it was last sent, and must be sent now."""
    lease_note = notes.held.get(note_key_of(lease_key_of(lease)))
    if lease_note is None or lease_note.id != lease.id:
        # Each machine sends only its own leases.
        return lease.state != "ended" and lease.host == machine.host and keeps_others_away(stored_lease, machine)
    if lease.state != lease_note.state:
        return True
    is_due = not 0 <= machine.now - lease_note.sent < MIN_RENEWAL_PUSH_SECONDS
    return lease.state != "ended" and lease.renewed > lease_note.renewed and is_due
