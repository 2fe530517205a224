"""One of several processes that work on one folder of leases. It obeys the lines of its standard input.

    python lease_process.py NUMBER

Each line is a JSON list. It answers each with a line of JSON.

| line | answer |
| --- | --- |
| `["race", FOLDER, KEYS]` | the numbers of the keys that it won, and the errors |
| `["churn", FOLDER, KEYS, TURNS]` | how often it changed a lease, and the errors |
| `["read", FOLDER, TURNS]` | how many leases it read, and how many of them were not whole |
| `["race_remote", FOLDER, KEYS]` | the numbers of the keys that its clone won on the remote, those it lost there, and the errors |
| `["killed", FOLDER, EVERY]` | what each process left that was killed at one of its steps, one step in EVERY |
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from planmark.coordination.lease import Lease
from planmark.coordination.lease_acts import LeaseRefusedError, refuse_lost_lease, release
from planmark.coordination.lease_rules import DEFAULT_LEASE_TERMS, LeaseRequester, LeaseWork, give_lease, refusal
from planmark.coordination.lease_store import Leases, LeaseStore, current_machine_state
from planmark.coordination.remote_leases import remote_leases
from planmark.storage.lease_files import LeaseBusyError

NUMBER = int(sys.argv[1]) if __name__ == "__main__" else 0
PLAN = "work-space/plans/PAY/PLAN_PAY.md"


def store_in(folder: str) -> LeaseStore:
    """Return the leases of a folder without git."""
    return LeaseStore(Path(folder))


def work(key: int) -> LeaseWork:
    """Return the work of a key."""
    return LeaseWork(PLAN, f"1.{key}", "create_execution", "executor", (f"src/{key}.py",))


@contextmanager
def _changing(store: LeaseStore) -> Iterator[Leases]:
    """Hold the lock of a store. On a busy machine a holder may need longer than a command waits, so ask again."""
    with ExitStack() as held:
        while True:
            with suppress(LeaseBusyError):
                leases = held.enter_context(store.locked_leases())
                break
        yield leases


def take(store: LeaseStore, key: int, agent: str) -> Lease | None:
    """Lease a key, or return None if a different agent holds it."""
    present, asker = current_machine_state(), LeaseRequester(agent, current_machine_state().host, "/repo")
    with _changing(store) as leases:
        wanted = work(key)
        if refusal(wanted, leases, asker, present, DEFAULT_LEASE_TERMS._replace(per_agent=1_000)):
            return None
        number = int.from_bytes(os.urandom(8), "big")
        lease = give_lease(wanted, leases.get(wanted.key), asker, present, DEFAULT_LEASE_TERMS, f"lse_{number:016x}")
        store.write(leases, lease)
        return lease


def race(folder: str, keys: int) -> dict[str, Any]:
    """Try to lease every key once, in an order of its own."""
    store, won, errors = store_in(folder), [], []
    order = list(range(keys))
    random.Random(NUMBER).shuffle(order)
    for key in order:
        try:
            if take(store, key, f"agent-{NUMBER}"):
                won.append(key)
        except Exception as error:
            errors.append(repr(error))
    return {"won": won, "errors": errors}


def race_remote(folder: str, keys: int) -> dict[str, Any]:
    """Try to lease every key once, without a look at the remote before, so that the remote alone decides."""
    store = store_in(folder)
    remote = remote_leases(store)
    won, lost, errors = [], [], []
    order = list(range(keys))
    random.Random(NUMBER).shuffle(order)
    for key in order:
        try:
            lease = take(store, key, f"agent-{NUMBER}")
            if lease is None or remote is None:
                continue
            remote.push(current_machine_state())
            refuse_lost_lease(store.read(), lease, "origin", is_new=True)
            won.append(key)
        except LeaseRefusedError:
            lost.append(key)
        except Exception as error:
            errors.append(repr(error))
    return {"won": won, "lost": lost, "errors": errors}


def churn(folder: str, keys: int, turns: int) -> dict[str, Any]:
    """Lease and release keys. Each change must find the lease as this process left it, or taken by a later generation."""
    store, changes, errors = store_in(folder), 0, []
    chance = random.Random(NUMBER)
    for _ in range(turns):
        key = chance.randrange(keys)
        try:
            lease = take(store, key, f"agent-{NUMBER}")
            if lease is None:
                continue
            with _changing(store) as leases:
                now = leases[work(key).key].lease
                if now is None or now.id != lease.id:
                    errors.append(f"{key} was taken away from {lease.id} by {now}")
                    continue
                store.write(leases, release(leases, lease.id, current_machine_state()))
            changes += 2
        except Exception as error:
            errors.append(repr(error))
    return {"changes": changes, "errors": errors}


def read(folder: str, turns: int) -> dict[str, Any]:
    """Read all leases again and again, each time without what was read before."""
    seen = torn = 0
    while seen < turns:
        leases = store_in(folder).read()
        seen += max(1, len(leases))
        torn += sum(stored.lease is None for stored in leases.values())
    return {"seen": seen, "torn": torn}


def killed(folder: str, every: int) -> list[dict[str, Any]]:
    """Lease the key 0 in subprocesses, each killed some steps later, until one ends by itself."""
    found: list[dict[str, Any]] = []
    after, is_killed = 0, True
    while is_killed:
        child = os.fork()
        if not child:
            _dying(after, lambda: take(store_in(folder), 0, "mortal"))
            os._exit(0)
        is_killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        stored = store_in(folder).read().get(work(0).key)
        # The next agent gets the step, or is told that the dead one holds it, without waiting for the lock.
        with store_in(folder).locked_leases():
            pass
        beside = take(store_in(folder), 1, f"next-{after}")
        lease = stored.lease if stored else None
        found.append({"lease": lease.agent if lease else None, "torn": stored is not None and lease is None})
        found[-1] |= {"beside": beside is not None, "killed": is_killed}
        for path in store_in(folder).place.folder.glob("*/*.json"):
            path.unlink()
        after += every
    return found


def _dying(after: int, act: Callable[[], Any]) -> None:
    """Run an act, and kill this process after some calls of C functions, which include every system call."""
    left = after

    def step(_frame: FrameType, event: str, _about: object) -> None:
        nonlocal left
        if event in ("c_call", "c_return"):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(step)
    try:
        act()
    finally:
        sys.setprofile(None)


COMMANDS: dict[str, Callable[..., Any]] = {
    "race": race,
    "race_remote": race_remote,
    "churn": churn,
    "read": read,
    "killed": killed,
}

if __name__ == "__main__":
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(COMMANDS[name](*arguments)), flush=True)
