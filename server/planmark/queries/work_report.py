"""The report of a workspace: approvals since a day, steps that wait for their role, risks, and progress of plans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from planmark.plans.diagnostic import Diagnostic
from planmark.plans.model import DONE_STATES, AchievementState, Lifecycle, PlanState, Role, Step
from planmark.queries.approval_times import time_sort_key
from planmark.queries.item_order import item_name
from planmark.queries.lease_check import lease_diagnostics
from planmark.queries.status_facts import severity_counts
from planmark.queries.work_history import HistoryPoint, HistoryResult, HistorySource, PlanHistory
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.pluralize import counted_noun
from planmark.text.visible import visible_in_one_line

_MARKDOWN_MARKS = lazy_pattern(r"[*`]+")
"""Marks of Markdown for bold text and code. They are removed from the text of a risk."""
RiskKind = Literal["errors", "blocked", "failed", "unsupported", "lease"]
REPORTED_LIFECYCLES: tuple[Lifecycle, ...] = ("active", "backlog", "paused")
"""The lifecycles of plans whose risks a report names."""


class ReportedItem(msgspec.Struct, frozen=True):
    """An achievement that was approved, or reopened, at a time since the first day of the report."""

    plan: str
    feature: str
    achievement: str
    title: str
    at: str
    by: str
    rounds: int


class ReportedWait(msgspec.Struct, frozen=True):
    """A step that waits. `achievement` is "" for a step about the plan. `days` is null if `since` is unknown."""

    plan: str
    feature: str
    achievement: str
    title: str
    step: Step
    step_label: str
    role: Role
    since: str
    days: int | None


class ReportedRisk(msgspec.Struct, frozen=True):
    """A risk, with `says` in words. `achievement` and `title` are "" for a risk of the whole plan."""

    kind: RiskKind
    plan: str
    feature: str
    achievement: str
    title: str
    says: str


class ReportedPlan(msgspec.Struct, frozen=True):
    """The progress of a plan. `change` is the change of the number of approvals since the first day of the report.

    Approvals of an unknown time are not part of `change`; `undated` is their number.
    """

    plan: str
    feature: str
    lifecycle: Lifecycle
    closed: bool
    approved: int
    of: int
    change: int
    undated: int
    format: str


class ReportResult(msgspec.Struct, frozen=True, kw_only=True):
    """The report of a workspace, or of the plan `only`, from the day `since` to the day `today`, both inclusive."""

    schema: str = "planmark.report/1"
    workspace: str
    only: str | None
    since: str
    today: str
    source: HistorySource
    approved: list[ReportedItem]
    reopened: list[ReportedItem]
    waiting: list[ReportedWait]
    risks: list[ReportedRisk]
    plans: list[ReportedPlan]
    notes: list[str]


def report_result(view: View, history: HistoryResult, since: str, plan_path: str | None = None) -> ReportResult:
    """Return the report of a workspace from its history. `since` is the first day, such as `2026-11-24`.

    Each list has its own order. The newest approvals come first. The steps that have waited longest come first. The
    plans with most new approvals come first.
    """
    approved, reopened = (
        list(_reported_items(history.plans, since, "approved")),
        list(_reported_items(history.plans, since, "reopened")),
    )
    plans = [_reported_plan(plan, since) for plan in history.plans]
    reported_paths = {plan.plan for plan in history.plans}
    return ReportResult(
        workspace=history.workspace,
        only=plan_path,
        since=since,
        today=history.today,
        source=history.source,
        approved=sorted(approved, key=lambda item: time_sort_key(item.at), reverse=True),
        reopened=sorted(reopened, key=lambda item: time_sort_key(item.at), reverse=True),
        waiting=sorted(_reported_waits(history.plans), key=lambda wait: (wait.days is None, -(wait.days or 0))),
        risks=list(_risks(view, [plan for plan in view.plans if plan.path in reported_paths])),
        plans=sorted(plans, key=lambda plan: (plan.change == 0, -plan.change, plan.lifecycle != "active")),
        notes=[*history.notes, *(f"@{plan.feature}: {note}" for plan in history.plans for note in plan.notes)],
    )


def _reported_items(
    plans: Iterable[PlanHistory], since: str, kind: Literal["approved", "reopened"]
) -> Iterator[ReportedItem]:
    """Yield the achievements that were approved, or reopened, on the day `since` or later."""
    for plan in plans:
        for item in plan.reviews:
            time = item.approved_at if kind == "approved" else item.reopened_at
            if time[:10] >= since:
                yield ReportedItem(plan.plan, plan.feature, item.achievement, item.title, time, item.by, item.rounds)


def _reported_waits(plans: Iterable[PlanHistory]) -> Iterator[ReportedWait]:
    for plan in plans:
        for step in plan.waiting:
            yield ReportedWait(
                plan.plan,
                plan.feature,
                step.achievement,
                step.title,
                step.step,
                step.step_label,
                step.role,
                step.since,
                step.days,
            )


def _reported_plan(plan: PlanHistory, since: str) -> ReportedPlan:
    """Return the progress of a plan, and the change of the number of approvals since the day `since`."""
    approval_change = _approved_at_end(plan.points) - _approved_at_end(
        [point for point in plan.points if point.at[:10] < since]
    )
    return ReportedPlan(
        plan.plan,
        plan.feature,
        plan.lifecycle,
        plan.closed,
        plan.approved,
        plan.of,
        approval_change,
        plan.undated,
        plan.format,
    )


def _approved_at_end(points: Sequence[HistoryPoint]) -> int:
    """Return the number of approved achievements at the last of `points`; 0 if `points` is empty."""
    return points[-1].approved if points else 0


def _risks(view: View, plans: Sequence[AnyPlan]) -> Iterator[ReportedRisk]:
    """Yield the risks of `plans`.

    They are errors in documents, blocked or failed work, ticked items without their files, and leases that cannot be
    used.
    """
    lease_diagnostics_by_path: dict[str, list[Diagnostic]] = {}
    for diagnostic in lease_diagnostics(view):
        lease_diagnostics_by_path.setdefault(diagnostic.path, []).append(diagnostic)
    for plan in plans:
        state = view.state(plan.path)
        if state.lifecycle not in REPORTED_LIFECYCLES or state.next.step == "closed":
            continue
        if error_count := severity_counts(view.diagnostics_of(plan))["error"]:
            says = f"{counted_noun(error_count, 'error')} in its documents: planmark check @{state.feature}"
            yield ReportedRisk("errors", state.path, state.feature, "", "", visible_in_one_line(says))
        yield from _risks_of_items(state)
        items = {(item.path, item.line): item for item in state.achievements}
        for path in sorted({state.path, *(path for path, _ in items)}) if lease_diagnostics_by_path else ():
            for diagnostic in lease_diagnostics_by_path.get(path, ()):
                yield _risk("lease", state, items.get((path, diagnostic.line)), diagnostic.message)


def _risks_of_items(state: PlanState) -> Iterator[ReportedRisk]:
    """Yield the risks of the items of a plan: a risk for each item whose work is blocked or failed.

    All ticked items without their files are one risk of the plan.
    """
    for item in state.achievements:
        if item.state in DONE_STATES or item.listed:
            continue
        last_execution = max(item.executions, key=lambda execution: execution.number, default=None)
        if item.state == "execution_blocked" and item.evidence:
            yield _risk("blocked", state, item, _MARKDOWN_MARKS.sub("", item.evidence[0].says))
        elif last_execution is not None and last_execution.outcome == "failed":
            yield _risk("failed", state, item, f"its last execution failed: {last_execution.path}")
    if unsupported_items := [
        item for item in state.achievements if item.state == "unsupported" and item.leaf and item.evidence
    ]:
        problem = counted_noun(len(unsupported_items), "ticked task lacks its file", "ticked tasks lack their files")
        yield _risk(
            "unsupported",
            state,
            None,
            f"{problem}: {unsupported_items[0].evidence[0].path}{', …' if unsupported_items[1:] else ''}",
        )


def _risk(kind: RiskKind, state: PlanState, item: AchievementState | None, says: str) -> ReportedRisk:
    """Return a risk of an item; if `item` is None, a risk of the whole plan. `says` is the risk in words."""
    return ReportedRisk(
        kind,
        state.path,
        state.feature,
        item_name(item) if item else "",
        item.title if item else "",
        visible_in_one_line(says),
    )
