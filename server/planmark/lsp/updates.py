"""What changes of a workspace mean for the client: findings, states, and what it should ask for again."""

from __future__ import annotations

from typing import NamedTuple

from lsprotocol import types

from planmark.answers.changes import StateChange, changed_paths, state_changes
from planmark.answers.view import View
from planmark.checks.diagnostic import Diagnostic
from planmark.lsp.context import Context
from planmark.lsp.features.diagnostics import of_document, with_findings


class Announced(NamedTuple):
    """What the client has been told of a workspace: the view, and the findings by path."""

    view: View
    findings: dict[str, tuple[Diagnostic, ...]]


class Update(NamedTuple):
    """What to tell now. `findings` holds the documents whose findings are others than before."""

    context: Context
    announced: Announced
    changes: list[StateChange]
    findings: dict[str, list[types.Diagnostic]]


def update_of(context: Context, before: Announced | None) -> Update | None:
    """What is new since `before`; None where nothing is."""
    view = context.view
    if before is not None and before.view is view:
        return None
    findings = {path: view.diagnostics_at[path] for path in with_findings(context)}
    known = before.findings if before else {}
    # The columns of a finding follow the text of its line, which may be another one although the finding is the same.
    touched = changed_paths(before.view.snapshot, view.snapshot) if before else set()
    different = [p for p in {*known, *findings} if known.get(p) != findings.get(p) or (p in touched and p in findings)]
    return Update(
        context,
        Announced(view, findings),
        state_changes(before.view, view) if before else [],
        {path: of_document(context, path) for path in sorted(different)},
    )
