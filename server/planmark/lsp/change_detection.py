"""The changes of states, diagnostics and status that the server sends to the client."""

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
    """The states to publish: `changes` has each state that differs from the state that was published last."""

    context: RequestContext
    changes: list[StateChange]


class LastPublications(NamedTuple):
    """The views that were published to the client last, and the status that was published last.

    `status` holds the facts of the status of `view`. It is None before the first publication, and if the client does
    not ask for `planmark/plansChanged`. `diagnosed_view` is the last view of which all diagnostics were published. The
    two views differ while a publication of diagnostics is under way, or after an edit has interrupted such a
    publication.
    """

    view: View | None = None
    status: StatusFacts | None = None
    diagnosed_view: View | None = None


class DiagnosticsUpdate(NamedTuple):
    """The diagnostics and the status to publish.

    `changed_paths` are the documents whose diagnostics may have changed. `status` holds the facts of the status. It is
    None if the facts are unchanged, or if the client does not ask for `planmark/plansChanged`.
    """

    context: RequestContext
    changed_paths: list[str]
    status: StatusFacts | None

    def diagnostics(self, paths: Sequence[str]) -> dict[str, list[types.Diagnostic]]:
        """Return a mapping from each path in `paths` to the diagnostics of the document.

        The texts of the documents are not cached, because `paths` may contain all documents of the workspace, and their
        texts need much memory.
        """
        context = self.context.without_cache()
        return {path: document_diagnostics(context, path) for path in paths}


def states_since(context: RequestContext, published_view: View | None) -> StatesUpdate | None:
    """Return the states that changed since `published_view`; None if there is no newer view.

    `published_view` is the view whose states were published last. It is None before the first publication. A client
    receives the states before the documents are checked, because states do not depend on diagnostics.
    """
    if published_view is context.view:
        return None
    # Before the first publication, answers to requests may have shown the states of the first complete scan.
    old_view = context.folder.first_view if published_view is None else published_view
    context.folder.first_view = None
    return StatesUpdate(context, state_changes(old_view, context.view) if old_view else [])


def diagnostics_since(context: RequestContext, last_publications: LastPublications) -> DiagnosticsUpdate | None:
    """Return the changes of diagnostics and status since `last_publications`; None if there is no newer view."""
    view = context.view
    if last_publications.diagnosed_view is view:
        return None
    # The columns of a diagnostic depend on the text of its line. Therefore each new version of a file has a new object
    # of visible diagnostics, even if its diagnostics are equal.
    published_diagnostics = (
        last_publications.diagnosed_view.checked.by_path if last_publications.diagnosed_view else PathMap()
    )
    changed_paths = view.checked.by_path.differences(published_diagnostics)
    status = None
    if context.client.wants_plans_changed:
        if last_publications.view and last_publications.status:
            is_last_view_diagnosed = last_publications.view is last_publications.diagnosed_view
            paths_since_view = (
                changed_paths
                if is_last_view_diagnosed
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
    """Return a mapping from the path of each open document to a tuple: the version and the diagnostics of the document.
    These are only the diagnostics that need no other document of the workspace.
    """
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
