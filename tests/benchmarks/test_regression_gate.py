"""The gate: what it accepts, what it rejects, and whether the slowdown that it plants takes effect."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import regression_gate
from benchmarks.intervals import Interval
from benchmarks.regression_gate import DELAY, PAIRS, SLOWED, NotComparedError, Side, slower, worktree
from benchmarks.workspaces.large import of_tasks, write
from conftest import REPOSITORY


def test_only_what_is_surely_slower_is_stopped() -> None:
    ratios = {
        "parse": Interval(1.11, 1.2, 1.3),
        "state": Interval(1.09, 1.2, 1.5),
        "prompt": Interval(0.9, 1.0, 1.1),
    }
    assert slower(ratios) == ["parse"]


def test_there_are_at_least_fifteen_pairs() -> None:
    assert PAIRS >= 15
    assert PAIRS % regression_gate.ROUNDS == 0


@pytest.mark.parametrize("work", SLOWED)
def test_a_planted_delay_takes_effect(work: str) -> None:
    path, name = SLOWED[work]
    source = (REPOSITORY / "server" / "planmark" / path).read_text(encoding="utf-8")
    assert f"\ndef {name}(" in source
    space = {name: lambda: "done"}
    exec(DELAY.format(share=0.2, name=name), space)
    assert space[name]() == "done"
    assert space[name].__wrapped__


def test_both_sides_run_the_code_that_they_are_given(tmp_path: Path) -> None:
    write(of_tasks(20), tmp_path)
    side = Side((REPOSITORY / "server").resolve(), tmp_path)
    try:
        side.begin()
        assert all(side.seconds(work) > 0 for work in SLOWED)
    finally:
        side.end()


def test_code_that_cannot_do_the_work_is_not_compared(tmp_path: Path) -> None:
    (tmp_path / "planmark").mkdir()
    (tmp_path / "planmark" / "__init__.py").write_text("", encoding="utf-8")
    side = Side(tmp_path, tmp_path)
    try:
        with pytest.raises(NotComparedError, match="planmark"):
            side.begin()
    finally:
        side.end()


def test_a_commit_that_is_not_there_is_a_reason() -> None:
    with pytest.raises(NotComparedError, match="there is no commit"), worktree("no-such-revision"):
        pass


def test_the_proof_is_what_is_promised() -> None:
    proof = json.loads((regression_gate.RESULTS / "gate.json").read_text(encoding="utf-8"))
    assert proof["times"] == 10
    assert proof["unchanged"]["right"] == 10
    assert all(proof[work]["right"] >= 9 for work in SLOWED)
    for name in ("unchanged", *SLOWED):
        found = [slower({w: Interval(*i) for w, i in run["ratios"].items()}) for run in proof[name]["runs"]]
        assert sum((name in one) if name in SLOWED else not one for one in found) == proof[name]["right"]
