"""One agent of the scenario `coordination`, a process of its own: `python -m benchmarks.coordination_agent NUMBER`.

Each line of its input is a JSON list; it answers each with a line of JSON.

| line | answer |
| --- | --- |
| `["pull", ROOT, SECONDS]` | takes steps of the workspace until none is left, and works for SECONDS on each |
| `["changes", FOLDER, KEYS, RATE, SECONDS]` | makes RATE changes of leases a second for SECONDS |
| `["hold", FOLDER]` | answers once it changes a lease, and goes on until it is killed |
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from planmark.cli.errors import DONE, NOTHING_TO_DO
from planmark.cli.main import main
from planmark.coordination.lease_acts import release
from planmark.coordination.lease_rules import LeaseRequester, LeaseTerms, LeaseWork, give_lease, refusal
from planmark.coordination.lease_store import LeaseStore, current_machine_state

PAUSE_SECONDS = 0.2
"""Time after which an agent that got nothing asks again."""
TERMS = LeaseTerms(per_agent=1_000)


def pull(root: str, seconds: float) -> dict[str, Any]:
    """Lease a step, work on it, and write its verdict, until nothing is left. Return the items and the seconds of each lease."""
    items: list[str] = []
    took: list[float] = []
    errors: list[str] = []
    _run("--workspace", root, "next", "--list")  # An agent that works has imported everything.
    while True:
        started = time.perf_counter()
        code, out = _run("--workspace", root, "next", "--lease", "--json", "--agent", f"agent-{NUMBER}")
        elapsed = time.perf_counter() - started
        if code == NOTHING_TO_DO:
            return {"items": items, "took": took, "errors": errors}
        if code == DONE:
            took.append(elapsed)
            lease = json.loads(out)["lease"]
            items.append(lease["achievement"])
            time.sleep(seconds)
            _approve(Path(root), lease)
        elif "lease" in out:
            time.sleep(PAUSE_SECONDS)
        else:
            errors.append(out)
            time.sleep(PAUSE_SECONDS)


def _approve(root: Path, lease: dict[str, Any]) -> None:
    folder = (root / lease["plan"]).parent / "execution/feedbacks"
    folder.mkdir(parents=True, exist_ok=True)
    number = lease["achievement"].replace(".", "")
    (folder / f"APPROVED_{number}.md").write_text("**Review Date**: 2026-01-02\n", encoding="utf-8")


def _run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = main(arguments)
    return code, out.getvalue()


def changes(folder: str, keys: int, rate: float, seconds: float) -> dict[str, Any]:
    """Lease and release keys in turn. Return the seconds of each change since it was due, and what went wrong."""
    store, chance = LeaseStore(Path(folder)), random.Random(NUMBER)
    took: list[float] = []
    errors: list[str] = []
    # A writer that runs has imported everything.
    own = keys + NUMBER
    held = {own: take(store, own)}
    due = time.perf_counter()
    for _ in range(int(rate * seconds)):
        due += 1 / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        try:
            key = next(iter(held), None)
            if key is not None:
                with store.locked_leases() as leases:
                    store.write(leases, release(leases, held.pop(key), current_machine_state()))
            else:
                key = chance.randrange(keys)
                if lease_id := take(store, key):
                    held[key] = lease_id
        except Exception as error:
            errors.append(repr(error))
        took.append(time.perf_counter() - due)
    for lease_id in held.values():
        with store.locked_leases() as leases:
            store.write(leases, release(leases, lease_id, current_machine_state()))
    return {"took": took, "errors": errors}


def hold(folder: str) -> None:
    """Answer while the lock of the leases is held, and never let it go."""
    with LeaseStore(Path(folder)).locked_leases():
        print("{}", flush=True)
        while True:
            time.sleep(1)


def take(store: LeaseStore, key: int) -> str:
    """Lease a key, and return the id of the lease; "" if a different agent holds it."""
    work = LeaseWork("plans/P/PLAN_P.md", f"1.{key}", "create_execution", "executor", (f"src/{key}.py",))
    present = current_machine_state()
    asker = LeaseRequester(f"agent-{NUMBER}", present.host, "/repo")
    with store.locked_leases() as leases:
        if refusal(work, leases, asker, present, TERMS):
            return ""
        number = int.from_bytes(os.urandom(8), "big")
        lease = give_lease(work, leases.get(work.key), asker, present, TERMS, f"lse_{number:016x}")
        store.write(leases, lease)
        return lease.id


COMMANDS: dict[str, Callable[..., dict[str, Any] | None]] = {"pull": pull, "changes": changes, "hold": hold}
NUMBER = 0

if __name__ == "__main__":
    NUMBER = int(sys.argv[1])
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(COMMANDS[name](*arguments)), flush=True)
