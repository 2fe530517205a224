"""Three simulated agents on real plans of every format: no order is broken, no file is shared, and time is saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from planmark.cli.workspace_access import fresh_view
from planmark.formats.registered import FORMATS
from planmark.plans.model import PlanState
from planmark.queries.waves import WavesResult, waves_result
from planmark.queries.workspace_view import View
from planmark.workspace.index import Index
from waves_checks import faults, simulate, simulation_faults

AGENTS = 3
LEAST_SAVED = 0.3
"""The share of the estimated hours that three agents save at least."""
OTHER_FORMATS = [known.name for known in FORMATS if known.name != "planmark"]


def plans_of(view: View) -> Iterator[tuple[PlanState, WavesResult]]:
    """Yield the state and the waves of every plan with work that is left."""
    for plan in view.plans:
        result = waves_result(view, plan, AGENTS)
        if result.waves or result.cycle:
            yield view.state(plan.path), result


def wrong_in(state: PlanState, result: WavesResult) -> list[str]:
    files = {member.achievement: member.files for wave in result.waves for member in wave.members}
    done = simulate(result, AGENTS)
    return [f"{state.path}: {fault}" for fault in (*faults(state, result), *simulation_faults(state, files, done))]


def test_three_agents_save_time_and_never_meet(shared: Path) -> None:
    plans = list(plans_of(fresh_view(Index(shared / "context-manager"))))
    assert [wrong for state, result in plans for wrong in wrong_in(state, result)] == []
    measured = [result for _, result in plans if result.hours.sum]
    alone = sum(result.hours.sum or 0.0 for result in measured)
    together = sum(max(work.end for work in simulate(result, AGENTS)) for result in measured)
    assert len(measured) >= 20
    assert together <= (1 - LEAST_SAVED) * alone, f"{together} of {alone} hours"


@pytest.mark.parametrize("name", OTHER_FORMATS)
def test_plans_of_other_formats_keep_their_order(shared: Path, name: str) -> None:
    folder = shared / "formats" / name
    if not folder.is_dir():
        pytest.skip(f"no workspaces of {name}: {folder}")
    plans = [
        (state, result)
        for workspace in sorted(path for path in folder.iterdir() if path.is_dir())
        for state, result in plans_of(fresh_view(Index(workspace)))
    ]
    assert [result.plan for _, result in plans if result.cycle] == []
    assert [wrong for state, result in plans for wrong in wrong_in(state, result)] == []
    assert plans
