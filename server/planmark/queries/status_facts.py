"""Everything that the status of a workspace says, before it takes the form of a result.

Two views with equal facts have the same status. The server compares them to tell its client when the plans changed.
"""

from __future__ import annotations

from typing import NamedTuple

from planmark.plans.diagnostic import SEVERITIES, Diagnostic
from planmark.plans.model import PlanState
from planmark.plans.preflight import PreflightFinding
from planmark.queries.grammaplans import GrammaplanResult
from planmark.queries.misnamed import MisnamedResult
from planmark.queries.plan_answers import plan_answers
from planmark.queries.preflight import preflight_due
from planmark.queries.workspace_view import AnyPlan, View
from planmark.workspace.left_out import LeftOut
from planmark.workspace.scan import Problem
from planmark.workspace.snapshot import NotPlan, Orphan


class CountedPlan(NamedTuple):
    """A plan, and the number of diagnostics of each severity in its documents.

    `preflight` has what files prove against each of its items that wait for a review, in the order of the items.
    """

    state: PlanState
    diagnostics: dict[str, int]
    preflight: tuple[tuple[PreflightFinding, ...], ...]


class StatusFacts(NamedTuple):
    """The facts of one workspace; `root` is absolute."""

    root: str
    complete: bool
    plans: tuple[CountedPlan, ...]
    not_plans: tuple[NotPlan, ...]
    orphans: tuple[Orphan, ...]
    problems: tuple[Problem, ...]
    misnamed: tuple[MisnamedResult, ...]
    left_out: tuple[LeftOut, ...]
    checkouts: tuple[str, ...]
    grammaplans: tuple[GrammaplanResult, ...]


def status_facts(view: View, only: str | None = None) -> StatusFacts:
    """Return the facts of a workspace; with `only`, just those of the plan at that path."""
    snapshot = view.snapshot
    return StatusFacts(
        snapshot.root,
        snapshot.complete,
        tuple(_counted(view, plan) for plan in view.plans if only in (None, plan.path)),
        snapshot.not_plans,
        snapshot.orphans,
        snapshot.problems,
        plan_answers().misnamed(snapshot, only),
        snapshot.left_out,
        snapshot.checkouts,
        () if only else plan_answers().overviews(view),
    )


def _counted(view: View, plan: AnyPlan) -> CountedPlan:
    state = view.state(plan.path)
    preflight = tuple(preflight_due(view, plan, item) for item in state.achievements)
    return CountedPlan(state, severity_counts(view.diagnostics_of(plan)), preflight)


def severity_counts(diagnostics: tuple[Diagnostic, ...]) -> dict[str, int]:
    """Return the number of diagnostics of each severity."""
    return {severity: sum(d.severity == severity for d in diagnostics) for severity in SEVERITIES}
