"""The savings of prompts can be measured on any workspace."""

from __future__ import annotations

from benchmarks.prompt_savings import (
    achievements_of,
    batches,
    designs_of_a_big_plan,
    hand_offs,
    next_reductions,
    next_steps,
    roles_within,
    table,
    view_of,
    whole_session,
)
from conftest import REPOSITORY
from planmark.workspace.index import Index


def test_a_table_has_a_row_for_each_figure() -> None:
    view = view_of(Index(REPOSITORY / "examples" / "workspace"))
    every = achievements_of(view)
    rows = [
        next_steps(view, "create_subplan", "create_execution"),
        whole_session([next_steps(view, "create_subplan", "create_execution")] * 2),
        batches(view, 2),
        *hand_offs(view),
        *roles_within(every),
    ]
    written = table(rows)
    assert all(f"| {row.what} | {row.cases} |" in written for row in rows)
    for row in rows:
        # A share within the budget is better if it is higher; tokens and hand-offs are better if there are fewer.
        assert row.after >= row.before if row.what.endswith("in %") else row.after <= row.before, row
    assert next_reductions(every).startswith("| over 8,000 tokens")


def test_a_plan_of_twenty_needs_a_fifth_of_the_design_prompts() -> None:
    row = designs_of_a_big_plan()
    assert (row.before, row.after) == (20, 4)
