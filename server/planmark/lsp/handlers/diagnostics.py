"""Diagnostics, pushed and pulled."""

from __future__ import annotations

from lsprotocol import types

from planmark.diagnostics.engine import found_in
from planmark.documents.document import Document
from planmark.lsp.to_lsp import Context, fingerprint

SHOWN_IN = (".md", ".json", ".toml")
"""The kinds of files that can show diagnostics.

Those of a folder have no document; the status of the server shows them.
"""


def of_document(context: Context, path: str) -> list[types.Diagnostic]:
    """Return the diagnostics of a document."""
    if not _enabled(context):
        return []
    return [context.diagnostic(diagnostic) for diagnostic in context.view.diagnostics_at(path)]


def with_findings(context: Context) -> list[str]:
    """Return the files with diagnostics to show."""
    return [path for path in context.view.checked.files if is_shown(context, path)]


def of_document_alone(context: Context, document: Document) -> list[types.Diagnostic]:
    """Return the diagnostics of a document that need no other document.

    They are known before the other documents are read.
    """
    if not _enabled(context):
        return []
    found = found_in(document, context.view.text(document.path), context.view.snapshot.settings)
    return [context.diagnostic(diagnostic) for diagnostic in found]


def is_shown(context: Context, path: str) -> bool:
    """Tell whether a file has diagnostics to show."""
    return path.endswith(SHOWN_IN) and _enabled(context) and bool(context.view.diagnostics_at(path))


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


def _enabled(context: Context) -> bool:
    return bool(context.view.snapshot.settings["diagnostics.enable"])
