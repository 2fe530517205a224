"""The operations: the same for a seed, spread over time; each step of a life leads to its stated state."""

from __future__ import annotations

from pathlib import Path

from benchmarks.operations import KINDS, LIFE, operations, take_turn, targets
from benchmarks.workspaces.large import of_tasks, write
from planmark.formats.planmark.workflow.plan_state import evaluate
from planmark.workspace.index import Index


def test_each_turn_leads_to_its_state(tmp_path: Path) -> None:
    expected = write(of_tasks(60), tmp_path).expected
    index = Index(tmp_path)
    index.refresh()
    target = targets(expected)[0]
    for turn in range(2 * len(LIFE)):
        state, paths = take_turn(tmp_path, target, turn)
        index.mark_stale(paths)
        plan = next(plan for plan in index.snapshot().plans if plan.path == target.plan)
        found = {known.id: known.state for known in evaluate(plan).achievements}
        assert found[target.achievement] == state, turn
    assert found == expected[target.plan].states


def test_operations_are_the_same_for_a_seed_and_keep_their_rate(tmp_path: Path) -> None:
    over = targets(write(of_tasks(60), tmp_path).expected)
    one, same, other = (operations(over, 500, 5.0, seed) for seed in (1, 1, 2))
    assert one == same != other
    assert one[-1].at == 499 / 5.0
    assert {operation.kind for operation in one} == set(KINDS)
    assert {operation.target for operation in one} <= set(over)
