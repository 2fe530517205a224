"""Random workspaces: Planmark finds the planted states."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.workspaces.small import workspace
from benchmarks.workspaces.spellings import STATES
from fixture import write_files
from planmark.formats.planmark.workflow.plan_state import evaluate
from planmark.workspace.index import load_snapshot


@settings(max_examples=250)
@given(st.integers(0, 2**32))
def test_planted_states_come_back(tmp_path_factory: object, seed: int) -> None:
    root: Path = tmp_path_factory.mktemp("planted")  # type: ignore[attr-defined]
    planted = workspace(seed)
    write_files(root, planted.files)
    snapshot = load_snapshot(root)
    found = {plan.path: evaluate(plan) for plan in snapshot.plans}
    assert set(found) == set(planted.expected)
    for path, expected in planted.expected.items():
        state = found[path]
        assert {known.id: known.state for known in state.achievements} == expected.states, seed
        assert [known.id for known in state.achievements] == list(expected.states), seed
        assert (state.next.step, state.next.achievement) == expected.next, seed
    assert snapshot.orphans == ()


def test_every_state_is_planted() -> None:
    planted = {
        state for seed in range(60) for plan in workspace(seed).expected.values() for state in plan.states.values()
    }
    assert planted == set(STATES)


def test_a_seed_always_gives_the_same_workspace() -> None:
    assert workspace(7) == workspace(7)
