"""The rules of the methodology, composed from the topics."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from planmark.diagnostics.rule_inputs import WorkspaceInput
from planmark.diagnostics.rules import LooksAt, ReferenceRules, Rules
from planmark.formats.planmark.rules import (
    consistency,
    dependencies,
    finished,
    fixes,
    formatting,
    grammaplans,
    lookalikes,
    naming,
    progress,
    references,
    set_aside,
    state,
    structure,
    unread,
    verdicts,
)
from planmark.plans.diagnostic import Diagnostic
from planmark.workflow.grammaplan import grammaplans as listed
from planmark.workspace.snapshot import Snapshot


def always(_: Snapshot) -> tuple[object, ...]:
    """Return no objects, so that the rule runs at every change.

    Such a rule reads only the few files with known problems.
    """
    return ()


SECTION = (
    formatting.unread_sections,
    formatting.conflicts,
    formatting.checkboxes,
    lookalikes.deceptive,
)
DOCUMENT = (
    formatting.encoding,
    formatting.unclosed_fences,
    formatting.broken_tables,
    formatting.conflicts_in_json,
    lookalikes.wide_ids,
    structure.missing_sections,
    structure.size,
    consistency.unknown_statuses,
    set_aside.missing_statuses,
    naming.empty_verdicts,
    verdicts.unread_dates,
    dependencies.invalid_json,
    dependencies.asymmetric,
)
PLAN = (
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
    consistency.index_ticks,
    consistency.stale_handoffs,
    consistency.statuses,
    set_aside.withdrawn,
    set_aside.dropped_dependencies,
    set_aside.struck_in_index,
    consistency.statistics,
    consistency.stored_statuses,
    naming.numbers,
    naming.copies,
    naming.features,
    unread.misnamed,
    unread.out_of_sight,
    verdicts.other_plans,
    verdicts.other_titles,
    verdicts.without_work,
    progress.placeholders,
    progress.executions_missing,
    progress.subplans_missing,
    progress.synthesis_missing,
    progress.deliverables_missing,
    dependencies.dependencies,
    dependencies.unread,
    dependencies.too_wide,
    dependencies.parallel_of_plan,
)
WORKSPACE: tuple[tuple[Callable[[WorkspaceInput], Iterator[Diagnostic]], LooksAt], ...] = (
    (naming.unreadable, lambda snapshot: (snapshot.problems,)),
    (naming.configuration, always),
    (unread.not_plans, lambda snapshot: (snapshot.table,)),
    (unread.misnamed_without_plan, lambda snapshot: (snapshot.misnamed, snapshot.table, snapshot.names)),
    (naming.features_without_plan, lambda snapshot: (snapshot.orphans, snapshot.table)),
    (grammaplans.stale_rows, lambda snapshot: (snapshot.plans, *listed(snapshot))),
    (naming.plans_twice, lambda snapshot: (snapshot.plans,)),
    (naming.ambiguous_verdicts, lambda snapshot: (snapshot.plans,)),
    (naming.misplaced_verdicts, always),
)

RULES = Rules(
    SECTION,
    DOCUMENT,
    PLAN,
    WORKSPACE,
    ReferenceRules(references.absent, references.named_in, references.missing, references.stale_ranges),
    finished.finished,
    finished.matters,
    fixes.FIXES,
)
