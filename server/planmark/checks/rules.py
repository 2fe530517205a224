"""The rules of the catalogue by what each looks at, and so by what makes it look again.

A section's rules run when the section changes, a document's when the document does, a plan's when one of its documents
does, a workspace's at every change: those only look up what the others have found, or the names of files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from planmark.checks import form, graph, identity, references, state, structure, truth, work
from planmark.checks.diagnostic import Diagnostic
from planmark.checks.written import Spot, Workspace, Written
from planmark.syntax.sections import Section
from planmark.workflow.plan import Judged
from planmark.workspace.snapshot import PlanFiles, Snapshot

SECTION_RULES: tuple[Callable[[Section], Iterator[Spot]], ...] = (form.conflicts, form.checkboxes)
DOCUMENT_RULES: tuple[Callable[[Written], Iterator[Diagnostic]], ...] = (
    form.encoding,
    form.unclosed_fences,
    form.broken_tables,
    form.conflicts_in_json,
    structure.missing_sections,
    structure.size,
    truth.unknown_statuses,
    identity.empty_verdicts,
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
    truth.statistics,
    truth.stored_statuses,
    identity.numbers,
    identity.copies,
    identity.features,
    work.placeholders,
    work.executions_missing,
    work.subplans_missing,
    work.synthesis_missing,
    work.deliverables_missing,
    graph.dependencies,
    graph.parallel_of_plan,
)
WORKSPACE_RULES: tuple[Callable[[Workspace], Iterator[Diagnostic]], ...] = (
    identity.unreadable,
    identity.configuration,
    identity.not_plans,
    identity.features_without_plan,
    identity.ambiguous_verdicts,
    identity.misnamed_verdicts,
    identity.misplaced_verdicts,
    references.stale_ranges,
)
