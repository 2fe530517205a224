"""The changes of a workspace to send to the client: diagnostics, states, and requests that the client should repeat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from lsprotocol import types

from planmark.lsp.client_diagnostics import DIAGNOSED_SUFFIXES, document_diagnostics, document_only_diagnostics
from planmark.lsp.to_lsp import DocumentVersion, RequestContext
from planmark.queries.state_changes import StateChange, state_changes
from planmark.queries.status_facts import StatusFacts, facts_after, status_facts
from planmark.queries.workspace_view import View
from planmark.workspace.persistent_map import PathMap


class DiagnosticsUpdate(NamedTuple):
    """The changes to publish; `changed_paths` are the documents whose diagnostics may differ from before.

    `status` are the facts of the status; None if the facts are unchanged, or for a client without
    `planmark/plansChanged`.
    """

    context: RequestContext
    changes: list[StateChange]
    changed_paths: list[str]
    status: StatusFacts | None

    def diagnostics(self, paths: Sequence[str]) -> dict[str, list[types.Diagnostic]]:
        """Return the current diagnostics of documents.

        Their texts are released afterwards, because `paths` may be all documents.
        """
        context = self.context.without_cache()
        return {path: document_diagnostics(context, path) for path in paths}


def changes_since(
    context: RequestContext, before: View | None, facts: StatusFacts | None = None
) -> DiagnosticsUpdate | None:
    """Return the changes since `before`, the last view that was published to the client; None without changes.

    `facts` are the facts of the last published status.
    """
    view = context.view
    if before is view:
        return None
    # A client that has sent requests meanwhile has the states of the first complete scan.
    last = context.folder.first_view if before is None else before
    context.folder.first_view = None
    published = before.checked.by_path if before else PathMap()
    # The columns of a diagnostic follow the text of its line. What is shown of a file is therefore a new object
    # whenever the file is.
    changed_paths = view.checked.by_path.differences(published) | (set() if before else context.open_documents.keys())
    status = None
    if context.client.wants_plans_changed:
        status = facts_after(view, before, facts, changed_paths) if before and facts else status_facts(view)
    return DiagnosticsUpdate(
        context,
        state_changes(last, view) if last else [],
        sorted(path for path in changed_paths if path.endswith(DIAGNOSED_SUFFIXES)),
        status if status != facts else None,
    )


def open_document_diagnostics(
    context: RequestContext,
) -> dict[str, tuple[DocumentVersion, list[types.Diagnostic]]]:
    """Return path → open document with the diagnostics that need no other document."""
    return {
        path: (version, document_only_diagnostics(context, document))
        for path, version in context.open_documents.items()
        if (document := context.view.snapshot.documents.get(path))
    }


def state_changed_params(context: RequestContext, changes: list[StateChange]) -> dict[str, Any]:
    """Return the parameters of `planmark/stateChanged`."""
    return {
        "workspace": context.view.snapshot.root,
        "revision": context.view.snapshot.revision,
        "changes": [
            {
                "plan": change.plan,
                "achievement": change.achievement,
                "from": change.before,
                "to": change.after,
                "cause": context.uri(change.cause),
            }
            for change in changes
        ],
    }
