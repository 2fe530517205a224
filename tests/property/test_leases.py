"""Leases against a model: whatever agents do, in whatever order, no item has two holders and no id comes back."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lease_helpers import HOST, START, work
from planmark.coordination.file_overlap import FileClaims
from planmark.coordination.lease import Lease, LeaseProcess
from planmark.coordination.lease_acts import LeaseRefusedError, release, renew, steal, take_first_allowed
from planmark.coordination.lease_rules import LeaseRequester, LeaseTerms, MachineState, held_leases, lease_key_of
from planmark.coordination.lease_store import LeaseStore
from planmark.storage.timestamps import utc_seconds

AGENTS = ("ada", "bob", "cyd")
ITEMS = {"1.1": ("a.py",), "1.2": ("a.py", "b.py"), "1.3": ("c.py",), "1.4": ()}
TERMS = LeaseTerms(duration=100, per_agent=2)


class Leasing(RuleBasedStateMachine):
    """Three agents, each a process that may die, on one folder of leases, with a clock that the machine moves."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = LeaseStore(Path(self.folder.name).resolve())
        self.store.place = self.store.place._replace(folder=Path(self.folder.name) / "leases")
        self.now = START
        self.ended: set[int] = set()
        self.processes = {agent: number for number, agent in enumerate(AGENTS, 1)}
        self.number = 0
        # The model: item → the id that holds it, its agent, the second until which it does, and its process (0: none).
        self.holder: dict[str, tuple[str, str, float, int]] = {}
        self.generations = dict.fromkeys(ITEMS, 0)
        self.over: set[str] = set()

    def teardown(self) -> None:
        self.folder.cleanup()

    @property
    def present(self) -> MachineState:
        return MachineState(self.now, HOST, lambda process: process.pid in self.ended)

    def asker(self, agent: str) -> LeaseRequester:
        if self.processes[agent] in self.ended:
            # An agent that acts again is a new process.
            self.processes[agent] = max((*self.processes.values(), *self.ended)) + 1
        return LeaseRequester(agent, HOST, "/repo", LeaseProcess(self.processes[agent], 1.0, "here"))

    def fresh_id(self) -> str:
        self.number += 1
        return f"lse_{self.number:016x}"

    def model_holds(self, item: str) -> bool:
        if item not in self.holder:
            return False
        _, _, until, process = self.holder[item]
        return self.now <= until and process not in self.ended

    def given(self, lease: Lease) -> None:
        """Record a lease that an agent got, and check that the model allows it."""
        item = lease.achievement
        before = self.holder.get(item)
        if before is not None and self.model_holds(item) and before[0] != lease.id:
            raise AssertionError(f"{item} is held by {before} and given as {lease.id}")
        if before is None or before[0] != lease.id:
            assert lease.generation > self.generations[item]
            assert lease.id not in self.over
            if before is not None:
                self.over.add(before[0])
        self.generations[item] = lease.generation
        self.holder[item] = self.as_held(lease)

    def as_held(self, lease: Lease) -> tuple[str, str, float, int]:
        return lease.id, lease.agent, utc_seconds(lease.until), lease.process.pid if lease.process else 0

    @rule(agent=st.sampled_from(AGENTS), items=st.permutations(list(ITEMS)), is_named=st.booleans())
    def take(self, agent: str, items: list[str], is_named: bool) -> None:
        works = [work(item, *ITEMS[item]) for item in (items[:1] if is_named else items)]
        with self.store.locked_leases() as leases:
            taken = take_first_allowed(
                works, leases, {}, self.asker(agent), self.present, TERMS, self.fresh_id(), is_named=is_named
            )
            assert not taken.ended_leases
            if taken.lease is not None:
                self.store.write(leases, taken.lease)
                self.given(taken.lease)
        if taken.lease is None and not is_named:
            own = [item for item in ITEMS if self.model_holds(item) and self.holder[item][1] == agent]
            free = [item for item in ITEMS if not self.model_holds(item)]
            claims = FileClaims()
            claims.add(0, [path for item in ITEMS if self.model_holds(item) for path in ITEMS[item]])
            assert not own or len(own) < TERMS.per_agent, "an agent at its limit gets its own lease"
            assert all(claims.conflicts_with(ITEMS[item]) for item in free), "a free item was not given"

    @rule(data=st.data())
    @precondition(lambda self: self.holder)
    def renew(self, data: st.DataObject) -> None:
        item = data.draw(st.sampled_from(sorted(self.holder)))
        lease_id = self.holder[item][0]
        with self.store.locked_leases() as leases:
            try:
                lease = renew(leases, lease_id, None, self.present, TERMS)
            except LeaseRefusedError as error:
                is_over = not self.model_holds(item) or lease_id in self.over
                assert is_over, error  # noqa: PT017
                return
            self.store.write(leases, lease)
        assert lease.process is None or lease.process.pid not in self.ended
        assert lease_id not in self.over
        self.holder[item] = self.as_held(lease)

    @rule(data=st.data())
    @precondition(lambda self: self.over)
    def renew_or_release_what_is_over(self, data: st.DataObject) -> None:
        lease_id = data.draw(st.sampled_from(sorted(self.over)))
        with self.store.locked_leases() as leases:
            for act in (
                lambda: renew(leases, lease_id, None, self.present, TERMS),
                lambda: release(leases, lease_id, self.present),
            ):
                try:
                    act()
                except LeaseRefusedError:
                    continue
                raise AssertionError(f"{lease_id} is over")

    @rule(data=st.data())
    @precondition(lambda self: self.holder)
    def release(self, data: st.DataObject) -> None:
        item = data.draw(st.sampled_from(sorted(self.holder)))
        with self.store.locked_leases() as leases:
            lease = release(leases, self.holder[item][0], self.present)
            self.store.write(leases, lease)
        self.over.add(self.holder.pop(item)[0])

    @rule(agent=st.sampled_from(AGENTS), item=st.sampled_from(list(ITEMS)), why=st.sampled_from(["", "stuck"]))
    def steal(self, agent: str, item: str, why: str) -> None:
        with self.store.locked_leases() as leases:
            try:
                lease = steal(
                    work(item, *ITEMS[item]), leases, self.asker(agent), self.present, TERMS, self.fresh_id(), why=why
                )
            except LeaseRefusedError:
                return
            self.store.write(leases, lease)
        if why and item in self.holder and self.holder[item][0] != lease.id:
            self.over.add(self.holder.pop(item)[0])
        self.given(lease)

    @rule(agent=st.sampled_from(AGENTS))
    def die(self, agent: str) -> None:
        self.ended.add(self.processes[agent])

    @rule(seconds=st.sampled_from([1, 50, 99, 101, 1000]))
    def tick(self, seconds: int) -> None:
        self.now += seconds

    @invariant()
    def the_files_say_what_the_model_says(self) -> None:
        leases = LeaseStore.__new__(LeaseStore)
        leases.__dict__.update({**self.store.__dict__, "_files": {}, "_leases": {}})
        read = leases.read()
        held = list(held_leases(read.values(), self.present))
        assert {lease.achievement for lease in held} == {item for item in ITEMS if self.model_holds(item)}
        assert {lease.id for lease in held} == {self.holder[lease.achievement][0] for lease in held}
        for at, lease in enumerate(held):
            claims = FileClaims()
            claims.add(0, lease.files)
            assert not any(claims.conflicts_with(other.files) for other in held[at + 1 :]), "two leases share a file"
        for agent in AGENTS:
            assert sum(lease.agent == agent for lease in held) <= TERMS.per_agent
        assert {key for key, one in read.items() if one.lease is None} == set()
        assert all(lease_key_of(one.lease) == key for key, one in read.items() if one.lease is not None)


TestLeasing = Leasing.TestCase
TestLeasing.settings = settings(stateful_step_count=30)
