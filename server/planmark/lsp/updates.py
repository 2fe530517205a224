"""What changes of a workspace mean for the client: findings, states, and what it should ask for again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lsprotocol import types

from planmark.answers.changes import StateChange, state_changes
from planmark.answers.view import View
from planmark.lsp.context import Context
from planmark.lsp.features.diagnostics import SHOWN_IN, of_document, of_document_alone
from planmark.workspace.path_map import PathMap


class Update(NamedTuple):
    """What to tell now; `different` are the documents whose findings may be others than before."""

    context: Context
    changes: list[StateChange]
    different: list[str]

    def findings(self, paths: Sequence[str]) -> dict[str, list[types.Diagnostic]]:
        """What there is to be shown about documents now. Their texts are let go afterwards: they may be all there are."""
        context = self.context.afresh()
        return {path: of_document(context, path) for path in paths}


def update_of(context: Context, before: View | None) -> Update | None:
    """What is new since `before`, of which the client was told last; None where nothing is."""
    view = context.view
    if before is view:
        return None
    # Who has asked meanwhile knows what was there when all was read for the first time.
    known = context.folder.first if before is None else before
    context.folder.first = None
    told = before.checked.files if before else PathMap()
    # The columns of a finding follow the text of its line, so what is shown of a file is another object whenever the file is.
    different = view.checked.files.differences(told) | (set() if before else context.open.keys())
    return Update(
        context,
        state_changes(known, view) if known else [],
        sorted(path for path in different if path.endswith(SHOWN_IN)),
    )


def first_findings(context: Context) -> list[tuple[str, int, list[types.Diagnostic]]]:
    """URI, version and findings of the documents that are open, as each is found alone."""
    found = []
    for path, opened in context.open.items():
        if document := context.view.snapshot.documents.get(path):
            found.append((opened.uri, opened.version, of_document_alone(context, document)))
    return found
