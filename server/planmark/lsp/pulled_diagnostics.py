"""The record of the diagnostics that one client has pulled.

With the record, the server can remove the diagnostics of a deleted document from the editor. Clients forget the ids of
results: VS Code forgets an id when a document is closed, and discards the last answer for the document. Therefore the
server records the documents for which the client may still show diagnostics.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from lsprotocol import types

from planmark.diagnostics.engine import VisibleDiagnostics
from planmark.lsp.client_diagnostics import document_diagnostics, paths_with_diagnostics
from planmark.lsp.to_lsp import RequestContext, fingerprint
from planmark.lsp.uris import relative_path
from planmark.workspace.persistent_map import PathMap

WorkspaceReport = types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport
"""The report about one document in the answer to `workspace/diagnostic`."""


class PulledDiagnostics:
    """The record of the diagnostics that a client has pulled.

    A stream is a request `workspace/diagnostic` that stays open and sends each change. The event loop changes the
    record; the engine's thread only reads it.
    """

    def __init__(self) -> None:
        self.shown_uris: set[str] = set()
        """URIs that the client may show diagnostics of."""
        self.doubted_uris: set[str] = set()
        """URIs whose diagnostics an open stream must report again."""
        self._closing_uris: set[str] = set()
        """URIs of closed documents whose diagnostics the client may pull once more."""
        self.change_event = asyncio.Event()
        """An event that is set when a stream may have new reports."""
        self.has_ended = False
        """Whether no request may stay open any more."""
        self._salts: dict[str, int] = {}
        """Mapping from a URI to the number of calls of `doubt` for it.

        This number is a part of the ids of its results.
        """
        self._versions: dict[str, int] = {}
        """Mapping from the URI of an open document to the version whose diagnostics the server sent last."""

    def result_id(self, uri: str, items: list[types.Diagnostic]) -> str:
        """Return the id of the diagnostics `items` of a document. Equal diagnostics have the same id until `doubt` is
        called for the document.
        """
        salt = self._salts.get(uri)
        return fingerprint(items) if salt is None else f"{fingerprint(items)}-{salt}"

    def doubt(self, uri: str) -> None:
        """Record that the client perhaps does not show the diagnostics of a document that were reported last.

        The same diagnostics get a new id, so that the server reports them again.
        """
        self._salts[uri] = self._salts.get(uri, 0) + 1
        self.doubted_uris.add(uri)
        self.change_event.set()

    def close(self, uri: str) -> None:
        """Record that a document was closed. VS Code then pulls its diagnostics once more, and discards the answer."""
        self._closing_uris.add(uri)
        self._versions.pop(uri, None)
        self.doubt(uri)

    def record_answer(self, uri: str, version: int | None, *, is_full: bool, has_items: bool) -> None:
        """Record that the server has sent the diagnostics of a document at a version to the client.

        `is_full` tells whether the answer contained the diagnostics, and not only the information that they are
        unchanged. `has_items` tells whether the answer contained at least one diagnostic.

        VS Code discards an answer if no tab shows the document, for example a document that an extension keeps open.
        Later, VS Code pulls again for the same version, without an edit. Therefore, `doubt` is called after a second
        full answer for the same version.
        """
        if has_items:
            self.shown_uris.add(uri)
        if uri in self._closing_uris or (is_full and version is not None and self._versions.get(uri) == version):
            self._closing_uris.discard(uri)
            self.doubt(uri)
        if is_full and version is not None:
            self._versions[uri] = version

    def end(self) -> None:
        """Let every open stream end."""
        self.has_ended = True
        self.change_event.set()


class LastReport:
    """The last reports of one request: `ids` maps the URI of a document to the id of its last report."""

    def __init__(self, ids: dict[str, str]) -> None:
        self.ids = ids
        self.compared_maps: dict[str, PathMap[VisibleDiagnostics]] | None = None
        """Mapping from the URI of a folder to its diagnostics by path at the last comparison; None before the first."""


def reports_since(
    contexts: Sequence[RequestContext],
    pulled_diagnostics: PulledDiagnostics,
    last_report: LastReport,
    doubted_uris: Iterable[str] = (),
) -> list[WorkspaceReport]:
    """Return a report for each document whose diagnostics may differ from the last report, sorted by URI.

    The first call of a request, and the first call after a change of folders, report all documents. The call updates
    `last_report`. `doubted_uris` are always reported. A folder that is not completely read has no diagnostics.
    """
    contexts = [context for context in contexts if context.folder.is_complete]
    diagnostics_by_folder = {context.folder.uri: context.view.checked.by_path for context in contexts}
    wanted_uris: dict[str, tuple[RequestContext, str] | None] = {}
    compared_maps = last_report.compared_maps
    if compared_maps is None or diagnostics_by_folder.keys() != compared_maps.keys():
        wanted_uris = dict.fromkeys((*last_report.ids, *pulled_diagnostics.shown_uris))
        wanted_uris |= {c.uri(path): (c, path) for c in contexts for path in paths_with_diagnostics(c)}
    else:
        for context in contexts:
            changed_paths = diagnostics_by_folder[context.folder.uri].differences(compared_maps[context.folder.uri])
            wanted_uris |= {context.uri(path): (context, path) for path in changed_paths}
    wanted_uris |= {uri: None for uri in doubted_uris if wanted_uris.get(uri) is None}
    last_report.compared_maps = dict(diagnostics_by_folder)
    return [
        _report(contexts, pulled_diagnostics, last_report, uri, context_and_path)
        for uri, context_and_path in sorted(wanted_uris.items(), key=lambda item: item[0])
    ]


def _report(
    contexts: Sequence[RequestContext],
    pulled_diagnostics: PulledDiagnostics,
    last_report: LastReport,
    uri: str,
    context_and_path: tuple[RequestContext, str] | None,
) -> WorkspaceReport:
    """Return the report of a document, and record its id in `last_report`."""
    context_and_path = context_and_path or _context_and_path(contexts, uri)
    current_diagnostics = (
        document_diagnostics(context_and_path[0].without_cache(), context_and_path[1]) if context_and_path else []
    )
    result_id = pulled_diagnostics.result_id(uri, current_diagnostics)
    previous_id, last_report.ids[uri] = last_report.ids.get(uri), result_id
    document = context_and_path[0].open_documents.get(context_and_path[1]) if context_and_path else None
    version = document.version if document else None
    if previous_id == result_id:
        return types.WorkspaceUnchangedDocumentDiagnosticReport(uri, result_id, version)
    return types.WorkspaceFullDocumentDiagnosticReport(uri, current_diagnostics, version, result_id=result_id)


def _context_and_path(contexts: Sequence[RequestContext], uri: str) -> tuple[RequestContext, str] | None:
    """Return a tuple for a URI: the context of the folder that contains it, and the path in that folder.

    Return None if the document now has a different URI, or is in no folder.
    """
    for context in contexts:
        open_paths = (path for path, document in context.open_documents.items() if document.uri == uri)
        path = next(open_paths, None) or relative_path(context.folder.uri, uri)
        if path:
            return (context, path) if context.uri(path) == uri else None
    return None
