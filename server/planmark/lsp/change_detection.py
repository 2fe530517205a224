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
    """The changes of states to publish: each state that differs from its last published state."""

    context: RequestContext
    changes: list[StateChange]


class LastPublications(NamedTuple):
    """The last publications: the last view, the facts of its status, and the last view with all its diagnostics.

    `status` is None before the first publication, and for a client without `planmark/plansChanged`. The two views
    differ while a publication of diagnostics is under way, or after an edit has interrupted the publication.
    """

    view: View | None = None
    status: StatusFacts | None = None
    diagnosed_view: View | None = None


class DiagnosticsUpdate(NamedTuple):
    """The changes to publish; `changed_paths` are the documents whose diagnostics may have changed.

    `status` are the facts of the status; None if the facts are unchanged, or for a client without
    `planmark/plansChanged`.
    """

    context: RequestContext
    changed_paths: list[str]
    status: StatusFacts | None

    def diagnostics(self, paths: Sequence[str]) -> dict[str, list[types.Diagnostic]]:
        """Return the current diagnostics of documents.

        The texts of the documents are not cached, because `paths` may be all documents.
        """
        context = self.context.without_cache()
        return {path: document_diagnostics(context, path) for path in paths}


def states_since(context: RequestContext, published_view: View | None) -> StatesUpdate | None:
    """Return the states that changed since `published_view`, the view of the last published states; None without a new view.

    States need no diagnostics, so that a client has them before the documents are checked.
    """
    if published_view is context.view:
        return None
    # Before the first publication, answers to requests may have shown the states of the first complete scan.
    old_view = context.folder.first_view if published_view is None else published_view
    context.folder.first_view = None
    return StatesUpdate(context, state_changes(old_view, context.view) if old_view else [])


def diagnostics_since(context: RequestContext, last_publications: LastPublications) -> DiagnosticsUpdate | None:
    """Return the changes of diagnostics and of the status since the last publications; None without a new view."""
    view = context.view
    if last_publications.diagnosed_view is view:
        return None
    # The columns of a diagnostic depend on the text of its line. Therefore each new version of a file has a new object
    # of visible diagnostics, even if its diagnostics are equal.
    published_map = last_publications.diagnosed_view.checked.by_path if last_publications.diagnosed_view else PathMap()
    changed_paths = view.checked.by_path.differences(published_map)
    status = None
    if context.client.wants_plans_changed:
        if last_publications.view and last_publications.status:
            has_one_view = last_publications.view is last_publications.diagnosed_view
            paths_since_view = (
                changed_paths
                if has_one_view
                else view.checked.by_path.differences(last_publications.view.checked.by_path)
            )
            status = facts_after(view, last_publications.view, last_publications.status, paths_since_view)
        else:
            status = status_facts(view)
    if last_publications.diagnosed_view is None:
        changed_paths |= context.open_documents.keys()
    return DiagnosticsUpdate(
        context,
        sorted(path for path in changed_paths if path.endswith(DIAGNOSED_SUFFIXES)),
        status if status != last_publications.status else None,
    )


def open_document_diagnostics(
    context: RequestContext,
) -> dict[str, tuple[DocumentVersion, list[types.Diagnostic]]]:
    """Return the path of each open document → its version, and its diagnostics that need no other document."""
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
