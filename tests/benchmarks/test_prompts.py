"""The cost of prompts can be measured on any workspace."""

from __future__ import annotations

from benchmarks.prompts import measure, table
from conftest import REPOSITORY


def test_the_table_has_a_row_for_each_step_that_is_asked_for() -> None:
    costs = measure(REPOSITORY / "examples" / "workspace")
    shown = table(costs)
    assert costs
    assert all(f"| {cost.step.replace('_', ' ')} |" in shown for cost in costs)
