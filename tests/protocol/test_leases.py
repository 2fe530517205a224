"""Many processes on one folder of leases: one winner for each step, whole files, and no lock that a dead one keeps.

The usual run has few processes and one round; `make soak` has 20 processes, 200 keys and 20 rounds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from conftest import REPOSITORY
from fixture import write_files
from lease_process import store_in, work
from lease_processes import SOAK, answer, processes, tell

EVERY = 1 if SOAK else 23
"""Steps between two kills."""


class Scale(NamedTuple):
    """The numbers of processes, keys and acts of a run."""

    processes: int
    keys: int
    rounds: int
    turns: int
    reads: int


SCALE = Scale(20, 200, 20, 2_000, 100_000) if SOAK else Scale(4, 25, 1, 60, 2_000)

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the processes are killed, which Windows does differently"
)


def test_each_key_has_one_winner(tmp_path: Path) -> None:
    with processes(SCALE.processes) as running:
        for turn in range(SCALE.rounds):
            folder = tmp_path / str(turn)
            for process in running:
                tell(process, "race", str(folder), SCALE.keys)
            answers = [answer(process) for process in running]
            assert [one["errors"] for one in answers] == [[]] * len(running)
            winners = Counter(key for one in answers for key in one["won"])
            assert winners == Counter(range(SCALE.keys))
            leases = store_in(str(folder)).read()
            for number, one in enumerate(answers):
                for key in one["won"]:
                    lease = leases[work(key).key].lease
                    assert lease is not None
                    assert (lease.agent, lease.generation) == (f"agent-{number}", 1)


def test_no_change_is_lost_and_no_reader_sees_half_a_lease(tmp_path: Path) -> None:
    keys = 5
    with processes(SCALE.processes) as running:
        readers = running[: max(1, len(running) // 4)]
        for process in running:
            if process in readers:
                tell(process, "read", str(tmp_path), SCALE.reads // len(readers))
            else:
                tell(process, "churn", str(tmp_path), keys, SCALE.turns)
        answers = [answer(process) for process in running]
    reads = [one for one in answers if "torn" in one]
    writes = [one for one in answers if "changes" in one]
    assert [one["errors"] for one in writes] == [[]] * len(writes)
    assert sum(one["torn"] for one in reads) == 0
    assert sum(one["seen"] for one in reads) >= SCALE.reads
    leases = [stored.lease for stored in store_in(str(tmp_path)).read().values()]
    made = sum(one["changes"] for one in writes)
    # Each pair of changes is a new generation of a key.
    assert sum(lease.generation for lease in leases if lease) == made / 2
    assert all(lease and (lease.state, lease.reason) == ("ended", "released") for lease in leases)


def test_every_death_leaves_an_old_or_a_new_lease_and_no_lock(tmp_path: Path) -> None:
    with processes(1) as (process,):
        tell(process, "killed", str(tmp_path), EVERY)
        deaths = answer(process)
    assert len(deaths) > 200 // EVERY
    assert {one["lease"] for one in deaths} <= {None, "mortal"}
    assert deaths[0]["lease"] is None and deaths[-1] == {
        "lease": "mortal",
        "torn": False,
        "beside": True,
        "killed": False,
    }
    assert not any(one["torn"] for one in deaths)
    assert all(one["beside"] for one in deaths)


def test_commands_that_run_at_once_give_each_step_once(tmp_path: Path) -> None:
    agents = 8 if SOAK else 3
    ids = [f"1.{number}" for number in range(1, agents + 1)]
    index = "".join(f"- Achievement {known}: Part {known}\n" for known in ids)
    bodies = "".join(f"**Achievement {known}**: Part {known}\n\n" for known in ids)
    root = tmp_path.resolve() / "ws"
    text = f"# PLAN: P\n\n**Status**: In Progress\n\n## Achievement Index\n\n{index}\n{bodies}\n## Goal\n\nx\n"
    write_files(root, {"work-space/plans/P/PLAN_P.md": text})
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    command = [sys.executable, "-m", "planmark", "--workspace", str(root), "next", "--lease", "--json"]
    running = [
        subprocess.Popen(
            [*command, "--agent", f"agent-{n}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY / "server")},
        )
        for n in range(agents)
    ]
    outputs = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * agents, outputs
    given = [json.loads(out)["lease"] for out, _ in outputs]
    assert sorted(lease["achievement"] for lease in given) == ids
    assert len({lease["id"] for lease in given}) == agents
