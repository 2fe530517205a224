"""The status of a workspace as the result of `status --json`. It contains states and steps in words for clients."""

from __future__ import annotations

from msgspec.structs import replace

from planmark.plans.phrases import next_label, plan_state_label, state_label
from planmark.plans.roles import task_in_words
from planmark.plans.standing import standing_of
from planmark.queries.adoptable import adoptable_ids
from planmark.queries.api_types import AchievementResult, ExecutionResult, PlanResult, ReadProgress, WorkspaceResult
from planmark.queries.holders import holder_result
from planmark.queries.item_order import item_name
from planmark.queries.open_steps import name_for_next_step
from planmark.queries.status_facts import CountedPlan, status_facts
from planmark.queries.workspace_view import View


def plan_result(plan: CountedPlan) -> PlanResult:
    """Return a plan as part of the result of `status --json`."""
    state = plan.state
    return PlanResult(
        path=state.path,
        feature=state.feature,
        lifecycle=state.lifecycle,
        lifecycle_by=state.lifecycle_by,
        lifecycle_evidence=state.lifecycle_evidence,
        legacy=state.legacy,
        state=state.state,
        closed=state.next.step == "closed",
        priority=state.priority,
        counts=state.counts,
        next=replace(state.next, label=next_label(state)),
        also_ready=tuple(replace(ready, label=task_in_words(ready.step, state.format)) for ready in state.also_ready),
        claims=state.claims,
        adoptable=len(adoptable_ids(state)),
        diagnostics=plan.diagnostics,
        achievements=[
            AchievementResult(
                id=item.id,
                title=item.title,
                priority=item.priority,
                state=item.state,
                path=item.path,
                line=item.line,
                subplan=item.subplan,
                executions=[
                    ExecutionResult(execution.number, execution.path, execution.outcome)
                    for execution in item.executions
                ],
                verdict=item.verdict,
                depends_on=item.depends_on,
                blocked_by=item.blocked_by,
                evidence=item.evidence,
                round=item.round,
                ref=item.ref,
                parent=item.parent,
                level=item.level,
                kind=item.kind,
                group=item.group,
                optional=item.optional,
                parallel=item.parallel,
                leaf=item.leaf,
                marker=item.marker,
                listed=item.listed,
                state_label=state_label(item),
                preflight=findings,
                holder=holder_result(plan.holders.get(item_name(item))),
            )
            for item, findings in zip(state.achievements, plan.preflight, strict=True)
        ],
        notes=state.notes,
        format=state.format,
        groups=state.groups,
        progress=state.progress,
        evidence=state.built_files,
        standing=standing_of(state),
        state_label=plan_state_label(state),
        holder=holder_result(
            None if state.next.ref or state.next.achievement else plan.holders.get(name_for_next_step(state))
        ),
    )


def workspace_result(view: View, plan_path: str | None = None) -> WorkspaceResult:
    """Return a workspace as part of the result of `status --json`.

    If `plan_path` is given, the result contains only the plan at this path.
    """
    facts = status_facts(view, plan_path)
    plans = [plan_result(plan) for plan in facts.plans]
    return WorkspaceResult(**{**facts._asdict(), "plans": plans})


def unread_workspace(root: str, reading: ReadProgress) -> WorkspaceResult:
    """Return the status of a workspace that is not yet read completely.

    The result has only the progress of reading, because facts about plans could still be wrong.
    """
    return WorkspaceResult(root, False, [], (), (), (), reading=reading)
