"""Rules that compare GRAMMAPLANs with the plans that they list."""

from __future__ import annotations

from collections.abc import Iterator

from planmark.diagnostics.rule_inputs import WorkspaceInput
from planmark.diagnostics.rules import Topic
from planmark.formats.planmark.workflow.grammaplan import GrammaplanRow, claims_progress, grammaplans, rows
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, RelatedPlace, Severity, replacement_fix
from planmark.plans.phrases import plan_state_label, progress_counts
from planmark.workspace.settings import vocabulary_of

GRAMMAPLAN_STALE = DiagnosticCode(
    "grammaplan-stale", "warning", "a GRAMMAPLAN whose table contradicts the files of its plans"
)


def stale_rows(workspace: WorkspaceInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each row of a GRAMMAPLAN that names a missing plan, or that the plan's files contradict."""
    snapshot, vocabulary = workspace.snapshot, vocabulary_of(workspace.snapshot.settings)
    for document in grammaplans(snapshot):
        for row in rows(snapshot, workspace.evaluations, document, vocabulary):
            line = document.line(row.child.position)
            if row.state is None:
                severity: Severity | None = None if claims_progress(row.child, vocabulary) else "hint"
                message = f"there is no PLAN_{row.child.feature}.md: create it (planmark new {row.child.feature}), or correct this row"
                feature = row.child.feature
                yield GRAMMAPLAN_STALE.at(document.path, line, message, target_text=feature, severity=severity)
            elif row.wrong_cell:
                yield _wrong_row_diagnostic(document.path, line, row)


def _wrong_row_diagnostic(path: str, line: int, row: GrammaplanRow) -> Diagnostic:
    """Return the diagnostic of a row whose progress or status contradicts the files of its plan; `line` is 1-based."""
    state = row.state
    assert state is not None
    done_count, total, dropped_count = progress_counts(state)
    remark = f" ({dropped_count} dropped)" if dropped_count else ""
    progress_text = f"{done_count} of {total} achievements of {state.feature} are approved{remark}"
    message = f"{progress_text}, and its state is {plan_state_label(state)}: write `{row.correct_cell}` here"
    related_places = (RelatedPlace(state.path, 1, "the plan"),)
    return GRAMMAPLAN_STALE.at(
        path,
        line,
        message,
        related_places,
        target_text=row.wrong_cell,
        fix=replacement_fix(row.correct_cell, is_safe=True),
    )


TOPIC = Topic(
    codes=(GRAMMAPLAN_STALE,), workspace=((stale_rows, lambda snapshot: (snapshot.plans, *grammaplans(snapshot))),)
)
