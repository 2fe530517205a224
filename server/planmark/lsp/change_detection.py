"""The changes of a workspace that the client must know: diagnostics, states, and what it should request again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lsprotocol import types

from planmark.lsp.client_diagnostics import SHOWN_IN, of_document, of_document_alone
from planmark.lsp.to_lsp import RequestContext
from planmark.queries.state_changes import StateChange, state_changes
from planmark.queries.workspace_view import View
from planmark.workspace.persistent_map import PathMap


class Update(NamedTuple):
    """The changes to publish; `different` are the documents whose diagnostics may differ from before."""

    context: RequestContext
    changes: list[StateChange]
    different: list[str]

    def findings(self, paths: Sequence[str]) -> dict[str, list[types.Diagnostic]]:
        """Return the current diagnostics of documents.

        Their texts are released afterwards, because `paths` may be all documents.
        """
        context = self.context.afresh()
        return {path: of_document(context, path) for path in paths}


def update_of(context: RequestContext, before: View | None) -> Update | None:
    """Return the changes since `before`, the last view that the client was told of; None if there are none."""
    view = context.view
    if before is view:
        return None
    # A client that has asked meanwhile knows the states as of the first complete scan.
    known = context.folder.first_view if before is None else before
    context.folder.first_view = None
    told = before.checked.files if before else PathMap()
    # The columns of a diagnostic follow the text of its line. What is shown of a file is therefore a new object
    # whenever the file is.
    different = view.checked.files.differences(told) | (set() if before else context.open.keys())
    return Update(
        context,
        state_changes(known, view) if known else [],
        sorted(path for path in different if path.endswith(SHOWN_IN)),
    )


def first_findings(context: RequestContext) -> list[tuple[str, int, list[types.Diagnostic]]]:
    """Return URI, version and diagnostics of the open documents, each checked alone."""
    found = []
    for path, opened in context.open.items():
        if document := context.view.snapshot.documents.get(path):
            found.append((opened.uri, opened.version, of_document_alone(context, document)))
    return found
