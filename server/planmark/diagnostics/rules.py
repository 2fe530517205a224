"""The rules of the catalogue by scope, which decides when a rule runs again.

A section's rules run when the section changes, a document's rules when the document changes, and a plan's rules when
one of its documents changes. A workspace rule runs when one of the objects that it reads is replaced. If that costs
more to find out than the rule itself, it runs at every change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from planmark.diagnostics import (
    form,
    grammaplans,
    graph,
    identity,
    lookalikes,
    naming,
    set_aside,
    state,
    structure,
    truth,
    verdicts,
    work,
)
from planmark.diagnostics.diagnostic import Diagnostic
from planmark.diagnostics.written import Spot, Workspace, Written
from planmark.markdown.sections import Section
from planmark.workflow.grammaplan import grammaplans as listed
from planmark.workflow.plan_state import Judged
from planmark.workspace.snapshot import PlanFiles, Snapshot

LooksAt = Callable[[Snapshot], tuple[object, ...]]


def at_every_change(_: Snapshot) -> tuple[object, ...]:
    """Return no objects, so that the rule runs at every change.

    Such a rule reads only the few files with known problems.
    """
    return ()


SECTION_RULES: tuple[Callable[[Section], Iterator[Spot]], ...] = (
    form.unread_sections,
    form.conflicts,
    form.checkboxes,
    lookalikes.deceptive,
)
DOCUMENT_RULES: tuple[Callable[[Written], Iterator[Diagnostic]], ...] = (
    form.encoding,
    form.unclosed_fences,
    form.broken_tables,
    form.conflicts_in_json,
    lookalikes.wide_ids,
    structure.missing_sections,
    structure.size,
    truth.unknown_statuses,
    set_aside.missing_statuses,
    identity.empty_verdicts,
    verdicts.unread_dates,
    graph.invalid_json,
    graph.asymmetric,
)
PLAN_RULES: tuple[Callable[[Snapshot, PlanFiles, Judged], Iterator[Diagnostic]], ...] = (
    state.claimed,
    state.no_achievements,
    state.verdicts,
    state.review_missing,
    state.plan_complete,
    state.blocked_work,
    structure.unread,
    structure.formats,
    structure.index,
    structure.effort,
    truth.index_ticks,
    truth.stale_handoffs,
    truth.statuses,
    set_aside.withdrawn,
    set_aside.dropped_dependencies,
    set_aside.struck_in_index,
    truth.statistics,
    truth.stored_statuses,
    identity.numbers,
    identity.copies,
    identity.features,
    naming.misnamed,
    naming.out_of_sight,
    verdicts.other_plans,
    verdicts.other_titles,
    verdicts.without_work,
    work.placeholders,
    work.executions_missing,
    work.subplans_missing,
    work.synthesis_missing,
    work.deliverables_missing,
    graph.dependencies,
    graph.unread,
    graph.too_wide,
    graph.parallel_of_plan,
)
WORKSPACE_RULES: tuple[tuple[Callable[[Workspace], Iterator[Diagnostic]], LooksAt], ...] = (
    (identity.unreadable, lambda snapshot: (snapshot.problems,)),
    (identity.configuration, at_every_change),
    (naming.not_plans, lambda snapshot: (snapshot.table,)),
    (naming.misnamed_without_plan, lambda snapshot: (snapshot.misnamed, snapshot.table, snapshot.names)),
    (identity.features_without_plan, lambda snapshot: (snapshot.orphans, snapshot.table)),
    (grammaplans.stale_rows, lambda snapshot: (snapshot.plans, *listed(snapshot))),
    (identity.plans_twice, lambda snapshot: (snapshot.plans,)),
    (identity.ambiguous_verdicts, lambda snapshot: (snapshot.plans,)),
    (identity.misplaced_verdicts, at_every_change),
)
