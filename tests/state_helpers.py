"""States of a fixture, in the form that the tests of the workflow compare."""

from __future__ import annotations

from pathlib import Path

from fixture import files, write_files
from planmark.formats.planmark.workflow.plan_state import evaluate
from planmark.plans.model import PlanState
from planmark.workspace.index import load_snapshot
from planmark.workspace.snapshot import Snapshot


def snapshot_of(root: Path, fixture: str | dict[str, str]) -> Snapshot:
    """Return the snapshot of a fixture, after writing it under `root`."""
    write_files(root, files(fixture) if isinstance(fixture, str) else fixture)
    return load_snapshot(root)


def judged(root: Path, fixture: str | dict[str, str], feature: str = "PAY") -> PlanState:
    """Return the state of the one plan of `feature`."""
    (plan,) = [plan for plan in snapshot_of(root, fixture).plans if plan.feature == feature]
    return evaluate(plan)


def states(plan: PlanState) -> dict[str, str]:
    """Return id → state."""
    return {known.id: known.state for known in plan.achievements}


def next_of(plan: PlanState) -> tuple[str, str | None]:
    """Return (step, achievement) of the plan's next step."""
    return plan.next.step, plan.next.achievement


def why(plan: PlanState) -> str:
    """Return the state of every achievement with its evidence, as `planmark why` shows it, for a failing test."""
    return "\n".join(
        f"{known.id} {known.state}: {evidence.path}:{evidence.line}  {evidence.says}"
        for known in plan.achievements
        for evidence in known.evidence
    )
