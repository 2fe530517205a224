"""`textDocument/diagnostic` and `workspace/diagnostic`: diagnostics that the client pulls."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from planmark.lsp.client_diagnostics import document_diagnostics, document_only_diagnostics, paths_with_diagnostics
from planmark.lsp.lsp_ext import RawJson
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext, fingerprint


async def handle_document(server: Server, params: types.DocumentDiagnosticParams) -> Any:
    """Return the diagnostics of a document.

    Before the first scan, a client that accepts refresh requests gets those that need no other document.
    """
    file = server.workspace.locate(params.text_document.uri)
    if file is None:
        return types.RelatedFullDocumentDiagnosticReport([])
    if server.client.refreshes_diagnostics and not file.folder.is_ready:
        return await server.run_for_document(params.text_document.uri, pull_document_only)
    await file.folder.wait_ready()
    return await server.run_for_document(params.text_document.uri, lambda c, path: pull(c, path, params))


async def handle_workspace(server: Server, params: types.WorkspaceDiagnosticParams) -> RawJson:
    """Return the diagnostics of all documents, after the first scan of every folder."""
    previous_ids: dict[str, dict[str, str]] = {}
    for previous in params.previous_result_ids:
        if file := server.workspace.locate(previous.uri):
            previous_ids.setdefault(file.folder.uri, {})[previous.uri] = previous.value
    for session in list(server.workspace.folders.values()):
        await session.wait_ready()

    def pulled(contexts: list[RequestContext]) -> RawJson:
        reports = [
            report
            for context in contexts
            for report in pull_workspace(context, previous_ids.get(context.folder.uri, {}))
        ]
        return server.protocol.raw_json(types.WorkspaceDiagnosticReport(reports))

    return await server.run_for_all(pulled)


def pull_document_only(context: RequestContext, path: str) -> types.RelatedFullDocumentDiagnosticReport:
    """Return the diagnostics of a document alone. The report has no result id, so that the client asks again."""
    document = context.view.snapshot.documents.get(path)
    return types.RelatedFullDocumentDiagnosticReport(document_only_diagnostics(context, document) if document else [])


def pull(
    context: RequestContext, path: str, params: types.DocumentDiagnosticParams
) -> types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport:
    """Return the diagnostics of a document, or only an "unchanged" report if the client already has them."""
    items = document_diagnostics(context, path)
    identity = fingerprint(items)
    if params.previous_result_id == identity:
        return types.RelatedUnchangedDocumentDiagnosticReport(identity)
    return types.RelatedFullDocumentDiagnosticReport(items, result_id=identity)


def pull_workspace(
    context: RequestContext, previous_ids: dict[str, str]
) -> list[types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport]:
    """Return the diagnostics of every document.

    `previous_ids` are the results (URI → id) that the client has of this workspace.
    """
    reports: list[types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport] = []
    paths = {context.uri(path): path for path in paths_with_diagnostics(context)}
    versions = {document.uri: document.version for document in context.open_documents.values()}
    for uri in sorted({*paths, *previous_ids}):
        items = document_diagnostics(context.without_cache(), paths[uri]) if uri in paths else []
        identity = fingerprint(items)
        if previous_ids.get(uri) == identity:
            reports.append(types.WorkspaceUnchangedDocumentDiagnosticReport(uri, identity, versions.get(uri)))
        else:
            reports.append(
                types.WorkspaceFullDocumentDiagnosticReport(uri, items, versions.get(uri), result_id=identity)
            )
    return reports
