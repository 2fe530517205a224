"""The rules of leases: who gets a step, for how long, and what ends a lease."""

from __future__ import annotations

import msgspec
import pytest

from lease_helpers import ALIVE, DEAD, HOST, OTHER, START, Stored, asker, at, refused, stored, take, taken, work
from planmark.coordination.lease import Lease, LeaseProcess, StoredLease
from planmark.coordination.lease_rules import (
    ItemStanding,
    LeaseTerms,
    end_lease,
    find_lease,
    finished_leases,
    free_reason_of,
    is_step_over,
    lost_lease_message,
    reason_not_renewable,
    renewed_lease,
)
from planmark.plans.model import Role


def test_one_agent_gets_a_step_and_the_next_is_told_who_holds_it() -> None:
    leases: Stored = {}
    lease = taken(leases, work("1.2", "a.py"), asker())
    assert (lease.generation, lease.agent, lease.until) == (1, "ada", "2026-11-29T01:15:00Z")
    reason = refused(leases, work("1.2"), asker("bob"))
    assert (reason.kind, reason.says) == ("held", "held by ada until 2026-11-29T01:15:00Z")


def test_the_same_agent_gets_the_same_lease_renewed() -> None:
    leases: Stored = {}
    first = taken(leases, work(), asker())
    again = taken(leases, work(), asker(), at(60))
    assert (again.id, again.generation, again.since) == (first.id, 1, first.since)
    assert again.until == "2026-11-29T01:16:00Z"


def test_the_same_name_on_a_different_machine_is_a_different_agent() -> None:
    leases: Stored = {}
    taken(leases, work(), asker())
    assert refused(leases, work(), asker(host="build-2"), at(host="build-2")).kind == "held"


@pytest.mark.parametrize("wanted", ["1.1", "1.2"])
def test_a_living_process_of_the_same_name_gets_nothing(wanted: str) -> None:
    leases: Stored = {}
    taken(leases, work(), asker(process=ALIVE))
    terms = LeaseTerms(per_agent=2)
    reason = refused(leases, work(wanted), asker(process=OTHER), terms=terms)
    assert reason.kind == "same_name"
    assert "give each agent a name of its own" in reason.says
    assert taken(leases, work(wanted), asker(process=ALIVE), terms=terms)


@pytest.mark.parametrize(("seconds", "reason"), [(900, ""), (901, "expired")])
def test_a_lease_ends_with_its_time(seconds: float, reason: str) -> None:
    leases: Stored = {}
    lease = taken(leases, work(), asker())
    assert free_reason_of(leases[work().key], at(seconds)) == reason
    bob = take(leases, work(), asker("bob"), at(seconds))
    assert isinstance(bob, Lease) == bool(reason)
    if isinstance(bob, Lease):
        assert (bob.generation, bob.former[-1].id, bob.former[-1].reason) == (2, lease.id, "expired")


def test_a_dead_process_ends_its_lease_at_once() -> None:
    leases: Stored = {}
    taken(leases, work(), asker(process=DEAD))
    bob = taken(leases, work(), asker("bob"), at(1))
    assert (bob.generation, bob.former[-1].reason) == (2, "dead")


def test_a_process_of_a_different_machine_is_not_looked_at() -> None:
    leases: Stored = {}
    taken(leases, work(), asker(process=DEAD, host="build-2"), at(host="build-2"))
    assert refused(leases, work(), asker("bob"), at(1)).kind == "held"


@pytest.mark.parametrize(
    ("skew", "seconds", "is_free"),
    [(0, 960, False), (0, 961, True), (600, 1560, False), (600, 1561, True), (-600, 960, False), (-600, 961, True)],
)
def test_a_lease_of_a_different_machine_is_held_whatever_its_clock_says(
    skew: float, seconds: float, is_free: bool
) -> None:
    """Set the clock of the holder ahead or back; that of the disk is right."""
    leases: Stored = {}
    lease = taken(leases, work(), asker(host="build-2"), at(skew, "build-2"))
    assert (free_reason_of(stored([lease], START)[work().key], at(seconds)) != "") == is_free


@pytest.mark.parametrize(("seconds", "is_free"), [(900, False), (901, True)])
def test_a_lease_that_cannot_be_read_is_held_for_a_time(seconds: float, is_free: bool) -> None:
    leases = {work().key: StoredLease(work().key, None, START, 6, "it is not a lease")}
    got = take(leases, work(), asker(), at(seconds))
    assert (got.generation == 7) if isinstance(got, Lease) else got.kind == "unreadable" and not is_free


def test_generations_only_grow() -> None:
    leases: Stored = {}
    numbers = []
    for turn, agent in enumerate("abcabc"):
        numbers.append(taken(leases, work(), asker(agent), at(turn * 1000)).generation)
    assert numbers == [1, 2, 3, 4, 5, 6]
    kept = leases[work().key].lease
    assert kept is not None and [one.generation for one in kept.former] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("role", "round_", "standing", "over"),
    [
        ("executor", 0, ItemStanding("executor", 0, True), False),
        ("executor", 0, ItemStanding("reviewer", 0, True), True),
        ("executor", 0, ItemStanding("reviewer", 0, False), True),
        ("reviewer", 0, ItemStanding("executor", 1, True), True),
        ("executor", 1, ItemStanding("reviewer", 1, True), True),
        ("designer", 0, ItemStanding("executor", 0, True), True),
        ("executor", 0, ItemStanding("designer", 0, True), False),
        ("reviewer", 1, ItemStanding("reviewer", 0, True), False),
        ("executor", 0, ItemStanding("planner", 0, True), False),
        ("executor", 0, None, False),
    ],
)
def test_a_lease_ends_as_done_when_its_item_has_gone_on(
    role: Role, round_: int, standing: ItemStanding | None, over: bool
) -> None:
    leases: Stored = {}
    lease = taken(leases, work(role=role, round=round_), asker())
    assert is_step_over(lease, standing) == over
    standings = {work().key: standing} if standing else {}
    ended = finished_leases(leases.values(), standings, asker("bob", tree="/w"), at(5))
    assert [(one.state, one.reason, one.ended_in) for one in ended] == [("ended", "done", f"{HOST}:/w")] * over


def done_in(tree: str, role: Role, round_: int = 0) -> Stored:
    leases: Stored = {}
    lease = taken(leases, work(role=role, round=round_), asker(tree=tree))
    return stored([end_lease(lease, "done", at(60), asker(tree=tree))])


@pytest.mark.parametrize(
    ("role", "round_", "is_given"),
    [
        ("designer", 0, False),
        ("executor", 0, False),
        ("reviewer", 0, True),
        ("executor", 1, True),
        ("planner", 0, False),
    ],
)
def test_what_was_done_in_a_different_tree_is_not_done_again(role: Role, round_: int, is_given: bool) -> None:
    wanted = work()._replace(role=role, round=round_)
    got = take(done_in("/w", "executor"), wanted, asker("bob", tree="/repo"), at(100))
    assert isinstance(got, Lease) == is_given
    if not isinstance(got, Lease):
        assert (got.kind, got.says) == (
            "done_elsewhere",
            "ada has done it in /w, which this tree does not show: merge that first",
        )
    # The tree in which it was done shows the newest state.
    assert isinstance(take(done_in("/repo", "executor"), wanted, asker("bob"), at(100)), Lease)


@pytest.mark.parametrize(
    ("mine", "theirs", "meets"),
    [
        (["a.py"], ["a.py"], True),
        (["src"], ["src/a.py"], True),
        (["a.py"], ["b.py"], False),
        ([], ["a.py"], False),
        ([], [], False),
    ],
)
def test_leases_whose_files_meet_are_never_held_at_once(mine: list[str], theirs: list[str], meets: bool) -> None:
    leases: Stored = {}
    taken(leases, work("2.1", *theirs, plan="other/PLAN_X.md"), asker("bob"))
    got = take(leases, work("1.1", *mine), asker())
    assert isinstance(got, Lease) != meets
    if not isinstance(got, Lease):
        assert got.kind == "overlap"
        assert "as @X 2.1 does, which bob holds" in got.says


@pytest.mark.parametrize(("mine", "theirs", "given"), [([], ["a"], False), (["a"], [], False), (["a"], ["b"], True)])
def test_unknown_files_run_alone_if_the_workspace_says_so(mine: list[str], theirs: list[str], given: bool) -> None:
    leases: Stored = {}
    taken(leases, work("2.1", *theirs), asker("bob"))
    assert (
        isinstance(take(leases, work("1.1", *mine), asker(), terms=LeaseTerms(unknown_files="alone")), Lease) == given
    )


def test_nothing_runs_beside_an_unreadable_lease_if_unknown_files_run_alone() -> None:
    leases = {work("2.1").key: StoredLease(work("2.1").key, None, START, 0, "it is not a lease")}
    assert refused(leases, work("1.1", "a"), asker(), terms=LeaseTerms(unknown_files="alone")).kind == "alone"
    assert taken(leases, work("1.1", "a"), asker())


@pytest.mark.parametrize("most", [1, 2, 3])
def test_an_agent_holds_no_more_than_its_number(most: int) -> None:
    leases: Stored = {}
    terms = LeaseTerms(per_agent=most)
    for number in range(most):
        taken(leases, work(f"1.{number}"), asker(), terms=terms)
    reason = refused(leases, work("2.1"), asker(), terms=terms)
    assert (reason.kind, reason.says) == ("full", "ada already holds @PAY 1.0; end or release that first")
    assert taken(leases, work("1.0"), asker(), terms=terms)
    assert taken(leases, work("2.1"), asker(), at(1000), terms)


def test_an_executor_does_not_review_its_own_work() -> None:
    leases = done_in("/repo", "executor")
    review = work(role="reviewer")
    assert refused(leases, review, asker("ADA"), at(100)).kind == "own_review"
    assert isinstance(take(dict(leases), review, asker("ada"), at(100), LeaseTerms(own_review=True)), Lease)
    assert taken(leases, review, asker("bob"), at(100)).generation == 2


def test_an_executor_named_by_the_documents_does_not_review() -> None:
    review = work(role="reviewer")._replace(executors=frozenset({"Ada"}))
    assert refused({}, review, asker()).kind == "own_review"
    assert taken({}, work()._replace(executors=frozenset({"Ada"})), asker())


def test_an_agent_that_only_released_may_review() -> None:
    leases: Stored = {}
    lease = taken(leases, work(), asker())
    leases = stored([end_lease(lease, "released", at(5))])
    assert taken(leases, work(role="reviewer"), asker(), at(10))


def test_an_executor_of_an_earlier_round_does_not_review() -> None:
    leases: Stored = {}
    taken(leases, work(), asker())
    taken(leases, work(round=1), asker("bob"), at(1000))
    assert refused(leases, work(role="reviewer", round=1), asker(), at(2000)).kind == "own_review"


def test_a_clock_that_was_set_back_never_ends_a_lease_before_it_began() -> None:
    leases: Stored = {}
    lease = taken(leases, work(), asker())
    again = taken(leases, work(), asker(), at(-3600))
    assert (again.since, again.until) == (lease.since, lease.since)
    assert refused(leases, work(), asker("bob"), at(-3600)).kind == "held"


def reserved(lease: Lease) -> Stored:
    return stored([msgspec.structs.replace(lease, state="reserved", until="2026-11-30T01:00:00Z")])


def test_a_reserved_step_waits_for_its_agent_and_blocks_no_file() -> None:
    leases = reserved(taken({}, work("1.1", "a.py"), asker()))
    assert refused(leases, work("1.1"), asker("bob")).says == "reserved for ada until 2026-11-30T01:00:00Z"
    assert taken(leases, work("1.2", "a.py"), asker("bob"))
    assert refused(leases, work("1.1", "a.py"), asker(), at(60)).kind == "overlap"
    lease = taken(leases, work("1.1", "b.py", role="reviewer"), asker(), at(60))
    assert (lease.state, lease.generation, lease.since, lease.role) == ("held", 1, "2026-11-29T01:01:00Z", "reviewer")
    assert lease.until == "2026-11-29T01:16:00Z"


def test_a_reservation_ends_with_its_time_or_its_item() -> None:
    leases = reserved(taken({}, work(), asker()))
    assert taken(dict(leases), work(), asker("bob"), at(90_000)).generation == 2
    assert finished_leases(leases.values(), {work().key: ItemStanding("reviewer", 0, True)}, asker(), at()) == []
    assert finished_leases(leases.values(), {work().key: ItemStanding("reviewer", 0, False)}, asker(), at())


def test_a_lapsed_lease_is_renewed_only_if_nothing_was_given_in_its_way() -> None:
    leases: Stored = {}
    lease = taken(leases, work("1.1", "a.py"), asker())
    mine = leases[work().key]
    assert reason_not_renewable(mine, leases, at(1000), LeaseTerms()) == ""
    taken(leases, work("1.2", "a.py"), asker("bob"), at(1000))
    assert reason_not_renewable(mine, leases, at(1000), LeaseTerms()) == (
        f"{lease.id} of @PAY 1.1 was not renewed before it ended at 2026-11-29T01:15:00Z, and changes a.py, as @PAY 1.2 does, "
        "which bob holds. Stop; commit nothing. Your work is in /repo."
    )


def test_an_ended_lease_is_never_renewed() -> None:
    lease = taken({}, work(), asker())
    leases = stored([end_lease(lease, "released", at(5))])
    assert "is over since 2026-11-29T01:00:05Z: released" in reason_not_renewable(
        leases[work().key], leases, at(6), LeaseTerms()
    )


def test_the_former_holder_is_told_who_took_it() -> None:
    leases: Stored = {}
    lease = taken(leases, work(), asker(tree="/w"))
    found = find_lease(leases.values(), lease.id)
    assert found is not None and found[1] is None
    bob = take(leases, work(), asker("bob"), at(1000), lease_id="lse_00000000000000bb")
    assert isinstance(bob, Lease)
    found = find_lease(leases.values(), lease.id)
    assert found is not None and found[1] is not None
    assert lost_lease_message(*found) == (
        f"{lease.id} of @PAY 1.1 was taken by bob at 2026-11-29T01:16:40Z, because it was not renewed. "
        "Stop; commit nothing. Your work is in /w."
    )
    assert find_lease(leases.values(), "lse_0000000000000000") is None


def test_a_renewal_replaces_a_dead_process() -> None:
    lease = taken({}, work(), asker(process=DEAD))
    assert renewed_lease(lease, None, at(5), LeaseTerms()).process is None
    assert renewed_lease(lease, ALIVE, at(5), LeaseTerms()).process == ALIVE
    alive = msgspec.structs.replace(lease, process=LeaseProcess(1, 1.0))
    assert renewed_lease(alive, None, at(5), LeaseTerms()).process == alive.process
