"""`textDocument/diagnostic` and `workspace/diagnostic`: diagnostics that the client pulls."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from planmark.lsp.client_diagnostics import document_diagnostics, document_only_diagnostics
from planmark.lsp.lsp_ext import RawJson
from planmark.lsp.pulled_diagnostics import LastReport, PulledDiagnostics, WorkspaceReport, reports_since
from planmark.lsp.server import Server
from planmark.lsp.slow_requests import IDLE_PART
from planmark.lsp.to_lsp import RequestContext
from planmark.metrics.trace import Timer

DocumentReport = types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport
"""The report in the answer to `textDocument/diagnostic`."""


async def handle_document(server: Server, params: types.DocumentDiagnosticParams) -> Any:
    """Return the diagnostics of a document.

    Before the end of the first scan, a client that accepts refresh requests receives only diagnostics that need no
    other document.
    """
    uri, pulled_diagnostics = params.text_document.uri, server.pulled_diagnostics
    file = server.workspace.locate(uri)
    if file is None:
        report: DocumentReport | None = types.RelatedFullDocumentDiagnosticReport([])
    else:
        if not server.client.refreshes_diagnostics:
            await file.folder.wait_ready()
        report = await server.run_for_document(
            uri, lambda context, path: document_report(context, path, params, pulled_diagnostics)
        )
    document = server.workspace.documents.get(uri)
    reported_diagnostics = report.items if isinstance(report, types.RelatedFullDocumentDiagnosticReport) else None
    pulled_diagnostics.record_answer(
        uri,
        document.version if document else None,
        is_full=reported_diagnostics is not None,
        has_items=bool(reported_diagnostics),
    )
    return report


async def handle_workspace(server: Server, params: types.WorkspaceDiagnosticParams) -> RawJson:
    """Return the diagnostics of all documents, after the first scan of every folder.

    If the parameters have a token for partial results, the request stays open until the server shuts down. The server
    then sends each change immediately.
    """
    last_report = LastReport(
        {previous_result.uri: previous_result.value for previous_result in params.previous_result_ids}
    )
    if params.partial_result_token is not None:
        await _stream_reports(server, params.partial_result_token, last_report)
        return server.protocol.raw_json(types.WorkspaceDiagnosticReport([]))
    await server.wait_ready()
    previous_ids = dict(last_report.ids)
    reports = await server.run_for_all(lambda contexts: reports_since(contexts, server.pulled_diagnostics, last_report))
    for report in reports:
        if _is_empty_report(report, server.pulled_diagnostics):
            # A client that sends the id of an empty result shows no diagnostics of the document.
            if previous_ids.get(report.uri) == report.result_id:
                server.pulled_diagnostics.shown_uris.discard(report.uri)
        else:
            server.pulled_diagnostics.shown_uris.add(report.uri)
    return await server.run_for_all(lambda _: server.protocol.raw_json(types.WorkspaceDiagnosticReport(reports)))


async def _stream_reports(server: Server, token: types.ProgressToken, last_report: LastReport) -> None:
    """Send the reports of all documents. Then send a report whenever the diagnostics of a document change."""
    pulled_diagnostics = server.pulled_diagnostics
    while not pulled_diagnostics.has_ended:
        await server.wait_ready()
        pulled_diagnostics.change_event.clear()
        doubted_uris, pulled_diagnostics.doubted_uris = pulled_diagnostics.doubted_uris, set()

        def changed_reports(
            contexts: list[RequestContext], doubted_uris: set[str] = doubted_uris
        ) -> tuple[list[WorkspaceReport], RawJson]:
            reports = [
                report
                for report in reports_since(contexts, pulled_diagnostics, last_report, doubted_uris)
                if isinstance(report, types.WorkspaceFullDocumentDiagnosticReport)
            ]
            return list(reports), server.protocol.raw_json(types.WorkspaceDiagnosticReportPartialResult(reports))

        reports, partial_result = await server.run_for_all(changed_reports)
        if reports:
            server.protocol.send_partial_result(token, partial_result)
        for report in reports:
            if _is_empty_report(report, pulled_diagnostics):
                pulled_diagnostics.shown_uris.discard(report.uri)
                last_report.ids.pop(report.uri, None)
            else:
                pulled_diagnostics.shown_uris.add(report.uri)
        with Timer(IDLE_PART):
            await pulled_diagnostics.change_event.wait()


def _is_empty_report(report: WorkspaceReport, pulled_diagnostics: PulledDiagnostics) -> bool:
    return report.result_id == pulled_diagnostics.result_id(report.uri, [])


def document_report(
    context: RequestContext, path: str, params: types.DocumentDiagnosticParams, pulled_diagnostics: PulledDiagnostics
) -> DocumentReport:
    """Return the diagnostics of a document, or only an "unchanged" report if the client already has them.

    Until all documents are read, return the diagnostics that need no other document. Such a report has no id, so that
    the client pulls again.
    """
    if not context.folder.is_complete:
        document = context.view.snapshot.documents.get(path)
        current_diagnostics = document_only_diagnostics(context, document) if document else []
        return types.RelatedFullDocumentDiagnosticReport(current_diagnostics)
    current_diagnostics = document_diagnostics(context, path)
    result_id = pulled_diagnostics.result_id(params.text_document.uri, current_diagnostics)
    if params.previous_result_id == result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id)
    return types.RelatedFullDocumentDiagnosticReport(current_diagnostics, result_id=result_id)
