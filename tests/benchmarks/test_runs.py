"""The scenario about runs: it sees a task that began too early."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.scenarios.runs import GROUP, out_of_order


def started(item: str) -> dict[str, Any]:
    return {"type": "attempt.started", "achievement": item}


def ended(item: str, kind: str = "ok") -> dict[str, Any]:
    return {"type": "step.ended", "achievement": item, "class": kind}


FIRST = [f"1.{number}" for number in range(1, GROUP + 1)]


@pytest.mark.parametrize(
    ("ends", "wrong"),
    [
        ([ended(item) for item in FIRST], 0),
        ([ended(item) for item in FIRST[1:]], 1),
        ([*(ended(item) for item in FIRST[1:]), ended("1.1", "crashed")], 1),
    ],
)
def test_a_task_waits_for_every_task_of_the_groups_before(ends: list[dict[str, Any]], wrong: int) -> None:
    assert out_of_order([*map(started, FIRST), *ends, started("2.1")]) == wrong
