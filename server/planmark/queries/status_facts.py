"""The facts of the status of a workspace, before they are converted to the result of `planmark status`.

Two views with equal facts have the same status. The server compares the facts and notifies its client if the plans
changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from planmark.coordination.lease import Lease
from planmark.plans.diagnostic import SEVERITIES, Diagnostic
from planmark.plans.model import PlanState
from planmark.plans.preflight import PreflightFinding
from planmark.queries.grammaplans import GrammaplanResult
from planmark.queries.holders import current_leases_of_plan
from planmark.queries.misnamed import MisnamedResult
from planmark.queries.plan_answers import answer_functions
from planmark.queries.preflight import findings_before_review
from planmark.queries.workspace_view import AnyPlan, View, paths_of_changed_plans, paths_of_changed_sites
from planmark.workspace.left_out import LeftOut
from planmark.workspace.scan import Problem
from planmark.workspace.snapshot import NotPlan, Orphan


class CountedPlan(NamedTuple):
    """A plan, and the number of diagnostics of each severity in its documents.

    `preflight` has the findings of preflight about each item, in the order of the items. They are () for an item that
    does not wait for a review. `holders` maps the name of an item to its lease, if an agent holds the lease.
    """

    state: PlanState
    diagnostics: dict[str, int]
    preflight: tuple[tuple[PreflightFinding, ...], ...]
    holders: dict[str, Lease]


class StatusFacts(NamedTuple):
    """The facts of one workspace. `root` is the absolute path of its folder."""

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


NO_COUNTED_PLANS: Mapping[str, CountedPlan] = MappingProxyType({})


def facts_after(view: View, before: View, facts: StatusFacts, diagnosed_paths: Iterable[str]) -> StatusFacts:
    """Return the facts of `view`, which follows the view `before`. Facts about unchanged plans come from `facts`.

    `facts` are the facts of `before`. `diagnosed_paths` are the paths of files whose diagnostics may differ.
    """
    old_snapshot, new_snapshot = before.snapshot, view.snapshot
    if (
        len(facts.plans) != len(before.plans)
        or old_snapshot.settings is not new_snapshot.settings
        or old_snapshot.present_paths is not new_snapshot.present_paths
    ):
        return status_facts(view)
    affected_paths = {
        *paths_of_changed_plans(before, view),
        *paths_of_changed_sites(before, view),
        *_plans_with_changed_leases(before, view),
    }
    for path in diagnosed_paths:
        for view_with_path in (before, view):
            owner = view_with_path.any_plan_of(path)
            affected_paths |= {plan.path for plan in (*view_with_path.plans_around(path), *([owner] if owner else []))}
    paths_and_plans = zip((plan.path for plan in before.plans), facts.plans, strict=True)
    return status_facts(
        view, counted_plans={path: plan for path, plan in paths_and_plans if path not in affected_paths}
    )


def _plans_with_changed_leases(before: View, view: View) -> Iterator[str]:
    """Yield the paths of the plans that have leases in one of the views.

    Yield nothing if both views have the same leases.
    """
    for lease_look in () if view.leases.has_same_leases(before.leases) else (before.leases, view.leases):
        for path in lease_look.by_plan:
            yield path.removeprefix(lease_look.prefix)


def status_facts(
    view: View, plan_path: str | None = None, counted_plans: Mapping[str, CountedPlan] = NO_COUNTED_PLANS
) -> StatusFacts:
    """Return the facts of a workspace. If `plan_path` is given, the facts about plans are only those of this plan.

    `counted_plans` has the known facts of unchanged plans, by path.
    """
    snapshot = view.snapshot
    return StatusFacts(
        snapshot.root,
        snapshot.complete,
        tuple(
            counted_plans.get(plan.path) or _counted_plan(view, plan)
            for plan in view.plans
            if plan_path in (None, plan.path)
        ),
        snapshot.not_plans,
        snapshot.orphans,
        snapshot.problems,
        answer_functions().misnamed(snapshot, plan_path),
        snapshot.left_out,
        snapshot.checkouts,
        () if plan_path else answer_functions().overviews(view),
    )


def _counted_plan(view: View, plan: AnyPlan) -> CountedPlan:
    state = view.state(plan.path)
    findings_of_items = tuple(findings_before_review(view, plan, item) for item in state.achievements)
    diagnostic_counts = severity_counts(view.diagnostics_of(plan))
    return CountedPlan(state, diagnostic_counts, findings_of_items, current_leases_of_plan(view.leases, state))


def severity_counts(diagnostics: tuple[Diagnostic, ...]) -> dict[str, int]:
    """Return a mapping from each severity to the number of diagnostics with this severity."""
    return {severity: sum(diagnostic.severity == severity for diagnostic in diagnostics) for severity in SEVERITIES}
