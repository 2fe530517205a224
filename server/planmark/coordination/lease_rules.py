"""The rules of leases. The functions get the stored leases as values, and read no file, no clock and no process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from planmark.coordination.file_overlap import FileClaims
from planmark.coordination.lease import MAX_FORMER_LEASES, EndReason, FormerLease, Lease, LeaseProcess, StoredLease
from planmark.coordination.lease_names import LeaseKey, lease_key
from planmark.plans.model import Role, Step
from planmark.storage.timestamps import utc_seconds, utc_text

UNREADABLE_HOLD_SECONDS = 900
"""Number of seconds for which an unreadable lease counts as held, from the time when its file was written."""
CLOCK_SKEW_SECONDS = 60
"""Number of seconds that a lease of a different machine is held longer, because clocks differ."""
ROLE_ORDER: Mapping[Role, int] = {"strategist": 0, "planner": 0, "designer": 1, "executor": 2, "reviewer": 3}
"""Mapping from a role to its place in the order of the work in one round."""
TAKEOVER_REASON_TEXTS: Mapping[EndReason, str] = {
    "expired": ", because it was not renewed",
    "dead": ", because its process had ended",
    "stolen": " by force",
    "lost": ", because its lease was first on the remote",
}
RefusalKind = Literal["held", "unreadable", "overlap", "alone", "own_review", "done_elsewhere", "full", "same_name"]


class LeaseWork(NamedTuple):
    """A step that is ready, as the files of one work tree show it.

    `plan`, `item` and `files` are as in `Lease`. `files` is empty if no document names the files. `executors` are the
    agents that the documents name as executors of the item.
    """

    plan: str
    item: str
    step: Step
    role: Role
    files: tuple[str, ...] = ()
    round: int = 0
    executors: frozenset[str] = frozenset()

    @property
    def key(self) -> LeaseKey:
        """The key of the lease for this work."""
        return lease_key(self.plan, self.item)


class ItemStanding(NamedTuple):
    """The role and round of an item's next step, as one work tree shows them. `is_open` is False if no work is left."""

    role: Role
    round: int
    is_open: bool


class LeaseRequester(NamedTuple):
    """The agent that asks for a lease, with its machine and its process. `tree` is the top of its work tree."""

    agent: str
    host: str
    tree: str
    process: LeaseProcess | None = None

    @property
    def place(self) -> str:
        """The machine and the work tree of the agent, as one text."""
        return f"{self.host}:{self.tree}"


class MachineState(NamedTuple):
    """The time in seconds since the epoch, the machine's name, and a function that tells whether a process has ended.

    `is_cut_off` tells that the remote does not answer. Leases of other machines may then have been renewed.
    """

    now: float
    host: str
    has_ended: Callable[[LeaseProcess], bool]
    is_cut_off: bool = False


class LeaseTerms(NamedTuple):
    """The settings of leases. `duration` is in seconds. `per_agent` is the maximum number of leases of one agent."""

    duration: float = 900
    unknown_files: Literal["allow", "alone"] = "allow"
    per_agent: int = 1
    own_review: bool = False


DEFAULT_LEASE_TERMS = LeaseTerms()


class LeaseRefusal(NamedTuple):
    """The reason why an agent gets no lease. `blocking_lease` is the readable lease in the way, or None."""

    kind: RefusalKind
    says: str
    blocking_lease: Lease | None = None


def free_reason_of(stored_lease: StoredLease, machine: MachineState) -> EndReason:
    """Return why other agents may take the step of a lease; "" if they may not. A reserved lease keeps them away, too."""
    lease = stored_lease.lease
    if lease is None:
        return "expired" if machine.now > stored_lease.write_time + UNREADABLE_HOLD_SECONDS else ""
    if lease.state == "ended":
        return lease.reason or "released"
    until = utc_seconds(lease.until)
    if lease.host == machine.host:
        if lease.process is not None and machine.has_ended(lease.process):
            return "dead"
        return "expired" if machine.now > until else ""
    if machine.is_cut_off:
        return ""
    # The clock of the other machine may differ by more than the skew. The file's time is by the clock of this disk.
    until_by_file = stored_lease.write_time + until - utc_seconds(lease.renewed)
    return "expired" if machine.now > max(until, until_by_file) + CLOCK_SKEW_SECONDS else ""


def keeps_others_away(stored_lease: StoredLease, machine: MachineState) -> bool:
    """Tell whether a lease keeps other agents away from its step."""
    return not free_reason_of(stored_lease, machine)


def held_leases(leases: Iterable[StoredLease], machine: MachineState) -> Iterator[Lease]:
    """Yield the leases that agents hold now. Reserved leases are left out."""
    for stored_lease in leases:
        if (
            stored_lease.lease is not None
            and stored_lease.lease.state == "held"
            and keeps_others_away(stored_lease, machine)
        ):
            yield stored_lease.lease


def is_lease_of(lease: Lease, requester: LeaseRequester) -> bool:
    """Tell whether a lease belongs to the agent that asks. The same name on two machines stands for two agents."""
    return lease.agent == requester.agent and lease.host == requester.host


def is_step_over(lease: Lease, standing: ItemStanding | None) -> bool:
    """Tell whether a leased step is over: its item is done, or is now at a later role or in a later round.

    `standing` is the standing of the item in a work tree. It is None if the work tree does not show the item. Then the
    step is not over, because its work may be in a different work tree.
    """
    if lease.state == "ended" or standing is None:
        return False
    if not standing.is_open:
        return True
    return lease.state == "held" and _round_and_role(standing) > _round_and_role(lease)


def _round_and_role(work: ItemStanding | LeaseWork | Lease | FormerLease) -> tuple[int, int]:
    """Return a tuple: the round of a step, and the place of its role in the round. Later steps have larger tuples."""
    return work.round, ROLE_ORDER[work.role]


def finished_leases(
    leases: Iterable[StoredLease],
    standings: Mapping[LeaseKey, ItemStanding],
    requester: LeaseRequester,
    machine: MachineState,
) -> list[Lease]:
    """Return the leases whose steps are over by the agent's work tree, as leases that end now with the reason `done`."""
    return [
        end_lease(stored_lease.lease, "done", machine, requester)
        for stored_lease in leases
        if stored_lease.lease is not None and is_step_over(stored_lease.lease, standings.get(stored_lease.key))
    ]


def refusal(
    work: LeaseWork,
    leases: Mapping[LeaseKey, StoredLease],
    requester: LeaseRequester,
    machine: MachineState,
    terms: LeaseTerms,
) -> LeaseRefusal | None:
    """Return why an agent does not get a step, else None. Its own lease of the item is never the reason."""
    stored_lease = leases.get(work.key)
    if stored_lease is not None and (reason := _refusal_of_item_lease(stored_lease, work, requester, machine)):
        return reason
    held = list(held_leases(leases.values(), machine))
    for lease in held:
        if is_lease_of(lease, requester) and _is_of_other_process(lease, requester):
            says = f"a different process named {requester.agent} holds {plan_and_item_of(lease)}: give each agent a name of its own"
            return LeaseRefusal("same_name", says, lease)
    if reason := _own_review_refusal(work, stored_lease, requester, terms):
        return reason
    return _refusal_by_other_items(work, held, leases, requester, machine, terms)


def _refusal_by_other_items(
    work: LeaseWork,
    held: Iterable[Lease],
    leases: Mapping[LeaseKey, StoredLease],
    requester: LeaseRequester,
    machine: MachineState,
    terms: LeaseTerms,
) -> LeaseRefusal | None:
    """Return why the leases of other items prevent a lease, else None. `held` are the leases that agents hold."""
    own_key = work.key
    other_leases = [lease for lease in held if lease_key_of(lease) != own_key]
    own_leases = [lease for lease in other_leases if is_lease_of(lease, requester)]
    if len(own_leases) >= terms.per_agent:
        return LeaseRefusal(
            "full",
            f"{requester.agent} already holds {plan_and_item_of(own_leases[0])}; end or release that first",
            own_leases[0],
        )
    return _overlap_refusal(work, other_leases, terms) or _unreadable_lease_refusal(work, leases, machine, terms)


def _refusal_of_item_lease(
    stored_lease: StoredLease, work: LeaseWork, requester: LeaseRequester, machine: MachineState
) -> LeaseRefusal | None:
    """Return why the lease of the item itself prevents a new lease, else None."""
    lease = stored_lease.lease
    if lease is None:
        if not keeps_others_away(stored_lease, machine):
            return None
        until = utc_text(stored_lease.write_time + UNREADABLE_HOLD_SECONDS)
        return LeaseRefusal(
            "unreadable", f"its lease cannot be read ({stored_lease.problem}), and counts as held until {until}"
        )
    if lease.state != "ended":
        if is_lease_of(lease, requester) or not keeps_others_away(stored_lease, machine):
            return None
        hold_words = "reserved for" if lease.state == "reserved" else "held by"
        return LeaseRefusal("held", f"{hold_words} {lease.agent} until {lease.until}", lease)
    return _refusal_if_done_elsewhere(lease, work, requester)


def _refusal_if_done_elsewhere(lease: Lease, work: LeaseWork, requester: LeaseRequester) -> LeaseRefusal | None:
    """Return a refusal if a different work tree has the finished step and the agent's work tree does not, else None."""
    former_leases = [
        former_lease
        for former_lease in _unreleased_ended_leases(lease)
        if former_lease.reason == "done" and _round_and_role(former_lease) >= _round_and_role(work)
    ]
    if not former_leases or any(former_lease.ended_in == requester.place for former_lease in former_leases):
        return None
    last_lease = former_leases[-1]
    place_text = last_lease.worktree or last_lease.ended_in
    return LeaseRefusal(
        "done_elsewhere",
        f"{last_lease.agent} has done it in {place_text}, which this tree does not show: merge that first",
        lease,
    )


def _own_review_refusal(
    work: LeaseWork, stored_lease: StoredLease | None, requester: LeaseRequester, terms: LeaseTerms
) -> LeaseRefusal | None:
    if work.role != "reviewer" or terms.own_review:
        return None
    executors = {name.casefold() for name in work.executors}
    if stored_lease is not None and stored_lease.lease is not None:
        executors |= {
            former_lease.agent.casefold()
            for former_lease in _unreleased_ended_leases(stored_lease.lease)
            if former_lease.role == "executor"
        }
    if requester.agent.casefold() in executors:
        return LeaseRefusal(
            "own_review", f"{requester.agent} executed it, and a different agent reviews it (leases.ownReview)"
        )
    return None


def _unreleased_ended_leases(lease: Lease) -> Iterator[FormerLease]:
    """Yield the ended leases of an item that were not released: `lease.former`, and `lease` itself if it has ended."""
    for other_lease in (*lease.former, *([former_lease(lease)] if lease.state == "ended" else [])):
        if other_lease.reason != "released":
            yield other_lease


def _is_of_other_process(lease: Lease, requester: LeaseRequester) -> bool:
    """Tell whether the lease and the requester have different processes. The result is False if one is unknown."""
    return None not in (lease.process, requester.process) and lease.process != requester.process


def _overlap_refusal(work: LeaseWork, other_leases: Sequence[Lease], terms: LeaseTerms) -> LeaseRefusal | None:
    claims = FileClaims()
    for index, lease in enumerate(other_leases):
        claims.add(index, lease.files)
    for index, shared_paths in sorted(claims.conflicts_with(work.files).items()):
        other_lease = other_leases[index]
        return LeaseRefusal(
            "overlap",
            f"changes {shared_paths[0]}, as {plan_and_item_of(other_lease)} does, which {other_lease.agent} holds",
            other_lease,
        )
    if terms.unknown_files == "alone":
        for other_lease in other_leases:
            if not work.files or not other_lease.files_known:
                unknown_text = (
                    "its files are" if not work.files else f"the files of {plan_and_item_of(other_lease)} are"
                )
                return LeaseRefusal(
                    "alone",
                    f"{unknown_text} unknown, so that it runs alone; {other_lease.agent} holds {plan_and_item_of(other_lease)}",
                    other_lease,
                )
    return None


def _unreadable_lease_refusal(
    work: LeaseWork, leases: Mapping[LeaseKey, StoredLease], machine: MachineState, terms: LeaseTerms
) -> LeaseRefusal | None:
    if terms.unknown_files == "alone":
        for key, stored_lease in leases.items():
            if stored_lease.lease is None and key != work.key and keeps_others_away(stored_lease, machine):
                return LeaseRefusal(
                    "alone", f"the lease {key.plan}/{key.item} cannot be read, so that nothing runs beside it"
                )
    return None


def plan_and_item_of(lease: Lease) -> str:
    """Return the plan and the item of a lease for a message, such as `@CHECKOUT 1.2`."""
    return f"@{plan_name(lease.plan)} {lease.achievement}".rstrip()


def plan_name(plan: str) -> str:
    """Return the name of a plan for a message, from its file; from its folder if the file is a task list."""
    folder, _, name = plan.rpartition("/")
    name = name.removesuffix(".md").removeprefix("PLAN_")
    return folder.rpartition("/")[2] if name == "tasks" and folder else name


def minutes_held(lease: Lease, now: float) -> int:
    """Return the minutes for which an agent has held a lease at the time `now`, in seconds since the epoch."""
    return max(0, int(now - utc_seconds(lease.since)) // 60)


def lease_key_of(lease: Lease) -> LeaseKey:
    """Return the key of a lease."""
    return lease_key(lease.plan, lease.achievement)


def give_lease(
    work: LeaseWork,
    stored_lease: StoredLease | None,
    requester: LeaseRequester,
    machine: MachineState,
    terms: LeaseTerms,
    lease_id: str,
) -> Lease:
    """Return the lease for work that `refusal` allows: the agent's own lease, renewed, or else a new lease.

    A new lease has the id `lease_id` and the next generation. Its `former` contains the lease before it.
    """
    previous_lease = stored_lease.lease if stored_lease is not None else None
    if (
        previous_lease is not None
        and stored_lease is not None
        and keeps_others_away(stored_lease, machine)
        and is_lease_of(previous_lease, requester)
    ):
        # A lease with a branch keeps its own work tree, even if it is renewed in a different one.
        tree = previous_lease.worktree if previous_lease.branch else requester.tree
        kept_lease = msgspec.structs.replace(
            previous_lease, step=work.step, files=work.files, files_known=bool(work.files), worktree=tree
        )
        if previous_lease.state == "reserved":
            now = utc_text(machine.now)
            kept_lease = msgspec.structs.replace(kept_lease, state="held", since=now, role=work.role, round=work.round)
        return renewed_lease(kept_lease, requester.process, machine, terms)
    former = previous_lease.former if previous_lease is not None else ()
    if previous_lease is not None:
        ended_lease = previous_lease
        if previous_lease.state != "ended" and stored_lease is not None:
            ended_lease = end_lease(previous_lease, free_reason_of(stored_lease, machine) or "stolen", machine)
        former = (*former, former_lease(ended_lease))[-MAX_FORMER_LEASES:]
    now = utc_text(machine.now)
    return Lease(
        id=lease_id,
        generation=(stored_lease.generation if stored_lease is not None else 0) + 1,
        plan=work.plan,
        achievement=work.item,
        step=work.step,
        role=work.role,
        agent=requester.agent,
        host=requester.host,
        process=requester.process,
        since=now,
        renewed=now,
        until=utc_text(machine.now + terms.duration),
        state="held",
        worktree=requester.tree,
        files=work.files,
        files_known=bool(work.files),
        round=work.round,
        former=former,
    )


def renewed_lease(lease: Lease, process: LeaseProcess | None, machine: MachineState, terms: LeaseTerms) -> Lease:
    """Return a lease with a new end. `until` is never before `since`, even if the clock was set back."""
    kept_process = process or lease.process
    if process is None and kept_process is not None and lease.host == machine.host and machine.has_ended(kept_process):
        kept_process = None
    since = utc_seconds(lease.since)
    return msgspec.structs.replace(
        lease,
        process=kept_process,
        renewed=utc_text(max(machine.now, since)),
        until=utc_text(max(machine.now + terms.duration, since)),
    )


def end_lease(lease: Lease, reason: EndReason, machine: MachineState, requester: LeaseRequester | None = None) -> Lease:
    """Return a lease that ends now, for a reason. `requester` is the agent whose work tree shows the end, if known."""
    place = requester.place if requester is not None else ""
    return msgspec.structs.replace(lease, state="ended", reason=reason, ended=utc_text(machine.now), ended_in=place)


def former_lease(lease: Lease) -> FormerLease:
    """Return an ended lease in the form in which the later leases of its item contain it."""
    return FormerLease(
        lease.id,
        lease.generation,
        lease.agent,
        lease.host,
        lease.role,
        lease.reason,
        lease.ended or lease.until,
        lease.ended_in,
        lease.worktree,
        lease.round,
    )


def find_lease(leases: Iterable[StoredLease], lease_id: str) -> tuple[StoredLease, FormerLease | None] | None:
    """Return (lease, None) for the id of a lease, (later lease, former lease) for that of a former lease, else None."""
    stored_leases = list(leases)
    for stored_lease in stored_leases:
        if stored_lease.lease is not None and stored_lease.lease.id == lease_id:
            return stored_lease, None
    for stored_lease in stored_leases:
        for former_lease in stored_lease.lease.former if stored_lease.lease is not None else ():
            if former_lease.id == lease_id:
                return stored_lease, former_lease
    return None


def reason_not_renewable(
    stored_lease: StoredLease, leases: Mapping[LeaseKey, StoredLease], machine: MachineState, terms: LeaseTerms
) -> str:
    """Return the reason why a lease cannot be renewed, in words; "" if it can be renewed.

    A lease that has expired can be renewed only if no lease of a different item prevents the renewal.
    """
    lease = stored_lease.lease
    if lease is None:
        return stored_lease.problem
    if lease.state != "held":
        return f"{lease.id} of {plan_and_item_of(lease)} is {_state_in_words(lease)}"
    if keeps_others_away(stored_lease, machine):
        return ""
    work = LeaseWork(lease.plan, lease.achievement, lease.step, lease.role, lease.files)
    requester = LeaseRequester(lease.agent, lease.host, lease.worktree)
    held = held_leases(leases.values(), machine)
    lease_refusal = _refusal_by_other_items(work, held, leases, requester, machine, terms)
    if lease_refusal is None:
        return ""
    return f"{lease.id} of {plan_and_item_of(lease)} was not renewed before it ended at {lease.until}, and {lease_refusal.says}. {_stop_message(lease.worktree)}"


def _state_in_words(lease: Lease) -> str:
    if lease.state == "reserved":
        return f"reserved for {lease.agent}, and not taken yet"
    return f"over since {lease.ended}: {lease.reason}"


def ended_elsewhere_message(lease: Lease) -> str:
    """Return the message to the holder of a lease that ended on a different machine."""
    return f"{lease.id} of {plan_and_item_of(lease)} is {_state_in_words(lease)}. {_stop_message(lease.worktree)}"


def lost_lease_message(stored_lease: StoredLease, former: FormerLease) -> str:
    """Return the message to the holder of a former lease, which `stored_lease` has replaced."""
    lease = stored_lease.lease
    if lease is None:
        return stored_lease.problem
    end_words = f"was taken by {lease.agent} at {lease.since}{TAKEOVER_REASON_TEXTS.get(former.reason, '')}"
    if former.reason in ("done", "released"):
        end_words = f"ended at {former.ended}: {former.reason}"
    return f"{former.id} of {plan_and_item_of(lease)} {end_words}. {_stop_message(former.worktree)}"


def _stop_message(worktree: str) -> str:
    return "Stop; commit nothing." + (f" Your work is in {worktree}." if worktree else "")
