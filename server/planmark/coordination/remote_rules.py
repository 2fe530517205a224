"""The rules of leases that machines share through a remote: what a look at the remote changes here, and what is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

import msgspec

from planmark.coordination.lease import MAX_FORMER, Lease, LeaseState, StoredLease
from planmark.coordination.lease_names import LeaseKey
from planmark.coordination.lease_rules import MachineState, end_lease, former_lease, keeps_others_away, lease_key_of

REF_PREFIX = "refs/planmark/"
RefKind = Literal["leases", "ended"]
REF_PATTERN = re.compile(r"refs/planmark/(leases|ended)/([A-Za-z0-9_.%-]{1,100})/([A-Za-z0-9_.%-]{1,100})")
PUSH_SECONDS = 60
"""Minimum time between two renewals of a lease that are sent."""


class SharedLease(msgspec.Struct, frozen=True):
    """The ref of a lease at the last look: its object, and which lease that is; `id` is "" if it is not readable.

    `sent` is when this repository sent or saw it, in seconds since the epoch.
    """

    object: str
    id: str
    renewed: str
    state: LeaseState
    sent: float


class RemoteNotes(msgspec.Struct, frozen=True):
    """The refs of the remote at the last look. `address` is a digest, `form` the kind of object that the remote takes.

    `held` are the refs of leases, `ended` the objects of the last lease of each item that has ended, both by
    `PLAN/ITEM`.
    """

    address: str
    form: Literal["blob", "commit"] = "blob"
    held: dict[str, SharedLease] = {}
    ended: dict[str, str] = {}


class RemoteLease(NamedTuple):
    """A ref of the remote that has changed: its object, the content, and the lease, None if it is not readable."""

    object: str
    data: bytes
    lease: Lease | None


class RemoteLook(NamedTuple):
    """The refs of the remote now: the objects of all, and the changed ones with their leases."""

    held: Mapping[LeaseKey, str]
    ended: Mapping[LeaseKey, str]
    new_held: Mapping[LeaseKey, RemoteLease]
    new_ended: Mapping[LeaseKey, RemoteLease]


def ref_of(kind: RefKind, key: LeaseKey) -> str:
    """Return the name of the ref of a lease."""
    return f"{REF_PREFIX}{kind}/{key.plan}/{key.item}"


def note_of(key: LeaseKey) -> str:
    """Return the name of a lease in the notes."""
    return f"{key.plan}/{key.item}"


def key_of_ref(ref: str) -> tuple[RefKind, LeaseKey] | None:
    """Return the kind and the key of a ref, None if it is of no lease."""
    match = REF_PATTERN.fullmatch(ref)
    if match is None:
        return None
    return ("leases" if match[1] == "leases" else "ended"), LeaseKey(match[2], match[3])


def changes_from_remote(
    look: RemoteLook, notes: RemoteNotes, leases: Mapping[LeaseKey, StoredLease], present: MachineState
) -> Iterator[tuple[LeaseKey, Lease | bytes]]:
    """Yield what a look at the remote changes in the leases of this repository: leases, or bytes that are not a lease.

    The remote decides: a lease of this repository that has a different one there is lost.
    """
    now = {key: stored.lease for key, stored in leases.items()}
    for key, there in look.new_held.items():
        if there.lease is None:
            yield key, there.data
        elif (lease := _after_held(there.lease, now.get(key), present)) is not None:
            now[key] = lease
            yield key, lease
    for key, there in look.new_ended.items():
        here = now.get(key)
        if there.lease is not None and there.lease.state == "ended" and _is_new_end(there.lease, here):
            now[key] = merged(there.lease, here, present)
            yield key, merged(there.lease, here, present)
    for name, seen in notes.held.items():
        key = LeaseKey(*name.split("/", 1))
        here = now.get(key)
        if key not in look.held and here is not None and here.id == seen.id and here.state != "ended":
            # The ref was deleted, by a person or by a program that is not Planmark.
            yield key, end_lease(here, "released", present)


def _after_held(there: Lease, here: Lease | None, present: MachineState) -> Lease | None:
    """Return the lease of an item whose ref has changed to `there`; None if it stays as it is here."""
    if here is None or here.id != there.id:
        return merged(there, here, present)
    if here.state == "ended":
        return None
    is_newer = there.state == "ended" or there.renewed > here.renewed
    return msgspec.structs.replace(there, former=here.former) if is_newer else None


def _is_new_end(there: Lease, here: Lease | None) -> bool:
    """Tell whether a lease that has ended there is the last of its item, and is not ended here."""
    if here is None:
        return True
    if here.id == there.id:
        return here.state != "ended"
    return there.generation >= here.generation and all(one.id != there.id for one in here.former)


def merged(there: Lease, here: Lease | None, present: MachineState) -> Lease:
    """Return the lease of the remote. It remembers the lease of this repository, as lost if that has not ended."""
    if here is None or here.id == there.id:
        return there
    ended = here if here.state == "ended" else end_lease(here, "lost", present)
    there_ids = {there.id, *(one.id for one in there.former)}
    more = [one for one in (*here.former, former_lease(ended)) if one.id not in there_ids]
    former = sorted((*more, *there.former), key=lambda one: one.ended)
    return msgspec.structs.replace(there, former=tuple(former[-MAX_FORMER:]))


def notes_after(look: RemoteLook, notes: RemoteNotes, present: MachineState) -> RemoteNotes:
    """Return the notes after a look at the remote."""
    held: dict[str, SharedLease] = {}
    for key in look.held:
        there, before = look.new_held.get(key), notes.held.get(note_of(key))
        if there is not None:
            held[note_of(key)] = shared_lease(there.object, there.lease, present)
        elif before is not None:
            held[note_of(key)] = before
    return msgspec.structs.replace(notes, held=held, ended={note_of(key): one for key, one in look.ended.items()})


def shared_lease(identity: str, lease: Lease | None, present: MachineState) -> SharedLease:
    """Return the note about the ref of a lease that points to an object now."""
    if lease is None:
        return SharedLease(identity, "", "", "held", present.now)
    return SharedLease(identity, lease.id, lease.renewed, lease.state, present.now)


def leases_to_send(leases: Iterable[StoredLease], notes: RemoteNotes, present: MachineState) -> list[Lease]:
    """Return the leases of which the remote must be told now, each renewal at most once in PUSH_SECONDS."""
    return [
        stored.lease
        for stored in sorted(leases, key=lambda stored: stored.key)
        if stored.lease is not None and _must_push(stored, stored.lease, notes, present)
    ]


def _must_push(stored: StoredLease, lease: Lease, notes: RemoteNotes, present: MachineState) -> bool:
    there = notes.held.get(note_of(lease_key_of(lease)))
    if there is None or there.id != lease.id:
        # A lease of a different machine is that machine's to send.
        return lease.state != "ended" and lease.host == present.host and keeps_others_away(stored, present)
    if lease.state != there.state:
        return True
    is_due = not 0 <= present.now - there.sent < PUSH_SECONDS
    return lease.state != "ended" and lease.renewed > there.renewed and is_due
