"""The lease of an agent on a step, and its form as the content of a file."""

from __future__ import annotations

import re
from typing import Annotated, Literal, NamedTuple

import msgspec

from planmark.coordination.lease_names import LeaseKey
from planmark.plans.model import Role, Step
from planmark.storage.lease_files import LeaseFile
from planmark.storage.timestamps import utc_seconds

LEASE_SCHEMA: Literal["planmark.lease/1"] = "planmark.lease/1"
MAX_FORMER_LEASES = 20
"""Maximum number of earlier leases that a lease contains. The newest is the last."""
UtcTime = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ$")]
"""A time in UTC, such as `2026-11-29T01:02:03Z`."""
LeaseState = Literal["held", "reserved", "ended"]
EndReason = Literal["", "done", "released", "expired", "dead", "stolen", "lost"]
GENERATION_PATTERN = re.compile(rb'"generation"\s*:\s*(\d{1,15})\b')
"""Pattern of the member `generation` in a file that is not a readable lease."""


class LeaseProcess(msgspec.Struct, frozen=True):
    """The process of a holder; see `ProcessIdentity`."""

    pid: int
    started: float
    space: str = ""


class FormerLease(msgspec.Struct, frozen=True):
    """An earlier lease of the same item. `ended` is the time of its end, and `reason` is the reason of the end.

    `ended_in` is the work tree in which the lease ended.
    """

    id: str
    generation: int
    agent: str
    host: str
    role: Role
    reason: EndReason
    ended: UtcTime
    ended_in: str = ""
    worktree: str = ""
    round: int = 0


class WorkBegin(msgspec.Struct, frozen=True):
    """The item when the work on it began: its `state`, and the number of its `executions` that were done."""

    state: str
    executions: int = 0


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """The hold of an agent on a step.

    `plan` is the path of the plan from the top of the repository. `achievement` is the ref of the item; "" is a step
    about the whole plan, and `#ID` a step about a group. `generation` only grows, over all leases of the item. `round`
    is the round of the last review when the lease began. `files` are the files that the work changes, relative to the
    top of the repository, if `files_known`. `worktree` is the top of the work tree that the holder works in. `branch`
    is the branch of a work tree that `planmark work` made. `base` is the commit where this branch began. `began` is the
    state of the item when the work began.

    If the item is free, `state` is `ended`. Then `reason` says why the lease ended, `ended` says when, and `ended_in`
    says in which work tree. A `reserved` lease waits for its agent. `former` are the earlier leases of the item, the
    newest last.
    """

    schema: Literal["planmark.lease/1"] = LEASE_SCHEMA
    id: Annotated[str, msgspec.Meta(pattern=r"^lse_[0-9a-f]{16}$")]
    generation: Annotated[int, msgspec.Meta(ge=1)]
    plan: str
    achievement: str
    step: Step
    role: Role
    agent: str
    host: str
    process: LeaseProcess | None = None
    since: UtcTime
    renewed: UtcTime
    until: UtcTime
    state: LeaseState
    reason: EndReason = ""
    ended: UtcTime | None = None
    ended_in: str = ""
    worktree: str = ""
    branch: str = ""
    base: str = ""
    began: WorkBegin | None = None
    files: tuple[str, ...] = ()
    files_known: bool = False
    round: int = 0
    note: str = ""
    former: tuple[FormerLease, ...] = ()


class StoredLease(NamedTuple):
    """The file of a lease. `write_time` is the time when the file was written, in seconds since the epoch.

    If the file is not a readable lease, `lease` is None and `problem` is the reason. `generation` is then the highest
    generation that the file names, or 0.
    """

    key: LeaseKey
    lease: Lease | None
    write_time: float
    generation: int
    problem: str = ""


def stored_lease(file: LeaseFile) -> StoredLease:
    """Return the stored lease of a file. Raises no error: `problem` says why a file is not a lease."""
    key, data = LeaseKey(*file.name), file.data
    if data is None:
        return StoredLease(key, None, file.write_time, 0, "it is not a readable file")
    try:
        lease = msgspec.json.decode(data, type=Lease)
        for time in (
            lease.since,
            lease.renewed,
            lease.until,
            lease.ended,
            *(former_lease.ended for former_lease in lease.former),
        ):
            utc_seconds(time or lease.since)
    except (ValueError, RecursionError) as error:
        generations = [int(digits) for digits in GENERATION_PATTERN.findall(data)]
        return StoredLease(
            key, None, file.write_time, max(generations, default=0), _unreadable_reason(data, str(error))
        )
    return StoredLease(key, lease, file.write_time, lease.generation)


def _unreadable_reason(data: bytes, error: str) -> str:
    """Return the reason why a file is not a lease. If a newer version wrote the file, the reason names its schema."""
    schema = re.search(rb'"schema"\s*:\s*"([\w./-]{1,60})"', data)
    if schema and schema[1].decode() != LEASE_SCHEMA:
        return f"its schema is {schema[1].decode()}, and this version reads {LEASE_SCHEMA}"
    return f"it is not a lease: {error}"


def lease_bytes(lease: Lease) -> bytes:
    """Return the content of the file of a lease."""
    return msgspec.json.format(msgspec.json.encode(lease), indent=1) + b"\n"
