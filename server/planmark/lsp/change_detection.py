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


class StatesUpdate(NamedTuple):
    """The states to publish: those that differ from the last published ones."""

    context: RequestContext
    changes: list[StateChange]


class Announced(NamedTuple):
    """The last publications: the last view, the facts of its status, and the last view with all its diagnostics.

    `status` is None before the first publication, and for a client without `planmark/plansChanged`. The views differ
    while a publication of diagnostics is under way, or after an edit has interrupted it.
    """

    view: View | None = None
    status: StatusFacts | None = None
    diagnosed: View | None = None


class DiagnosticsUpdate(NamedTuple):
    """The changes to publish; `changed_paths` are the documents whose diagnostics may differ from before.

    `status` are the facts of the status; None if the facts are unchanged, or for a client without
    `planmark/plansChanged`.
    """

    context: RequestContext
    changed_paths: list[str]
    status: StatusFacts | None

    def diagnostics(self, paths: Sequence[str]) -> dict[str, list[types.Diagnostic]]:
        """Return the current diagnostics of documents.

        Their texts are released afterwards, because `paths` may be all documents.
        """
        context = self.context.without_cache()
        return {path: document_diagnostics(context, path) for path in paths}


def states_since(context: RequestContext, before: View | None) -> StatesUpdate | None:
    """Return the states that changed since `before`, the view of the last published states; None without a new view.

    States need no diagnostics, so that a client has them before the documents are checked.
    """
    if before is context.view:
        return None
    # A client that has sent requests meanwhile has the states of the first complete scan.
    last = context.folder.first_view if before is None else before
    context.folder.first_view = None
    return StatesUpdate(context, state_changes(last, context.view) if last else [])


def diagnostics_since(context: RequestContext, told: Announced) -> DiagnosticsUpdate | None:
    """Return the changes of diagnostics and of the status since the last publications; None without a new view."""
    view = context.view
    if told.diagnosed is view:
        return None
    # The columns of a diagnostic follow the text of its line. What is shown of a file is therefore a new object
    # whenever the file is.
    published = told.diagnosed.checked.by_path if told.diagnosed else PathMap()
    changed_paths = view.checked.by_path.differences(published)
    status = None
    if context.client.wants_plans_changed:
        if told.view and told.status:
            is_same = told.view is told.diagnosed
            since = changed_paths if is_same else view.checked.by_path.differences(told.view.checked.by_path)
            status = facts_after(view, told.view, told.status, since)
        else:
            status = status_facts(view)
    if told.diagnosed is None:
        changed_paths |= context.open_documents.keys()
    return DiagnosticsUpdate(
        context,
        sorted(path for path in changed_paths if path.endswith(DIAGNOSED_SUFFIXES)),
        status if status != told.status else None,
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
