"""`textDocument/diagnostic` and `workspace/diagnostic`: diagnostics that the client pulls."""

from __future__ import annotations

from lsprotocol import types

from planmark.lsp.client_diagnostics import of_document, of_document_alone, with_findings
from planmark.lsp.to_lsp import Context, fingerprint


def pulled_alone(context: Context, path: str) -> types.RelatedFullDocumentDiagnosticReport:
    """Return the diagnostics of a document alone. The report has no result id, so that the client asks again."""
    document = context.view.snapshot.documents.get(path)
    return types.RelatedFullDocumentDiagnosticReport(of_document_alone(context, document) if document else [])


def pulled(
    context: Context, path: str, params: types.DocumentDiagnosticParams
) -> types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport:
    """Return the diagnostics of a document, or only an "unchanged" report if the client already has them."""
    items = of_document(context, path)
    identity = fingerprint(items)
    if params.previous_result_id == identity:
        return types.RelatedUnchangedDocumentDiagnosticReport(identity)
    return types.RelatedFullDocumentDiagnosticReport(items, result_id=identity)


def pulled_of_workspace(
    context: Context, known: dict[str, str]
) -> list[types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport]:
    """Return the diagnostics of every document.

    `known` are the results (URI → id) that the client has of this workspace.
    """
    reports: list[types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport] = []
    found = {context.uri(path): path for path in with_findings(context)}
    versions = {document.uri: document.version for document in context.open.values()}
    for uri in sorted({*found, *known}):
        items = of_document(context.afresh(), found[uri]) if uri in found else []
        identity = fingerprint(items)
        if known.get(uri) == identity:
            reports.append(types.WorkspaceUnchangedDocumentDiagnosticReport(uri, identity, versions.get(uri)))
        else:
            reports.append(
                types.WorkspaceFullDocumentDiagnosticReport(uri, items, versions.get(uri), result_id=identity)
            )
    return reports
