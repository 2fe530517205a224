"""`planmark/status` and the command `planmark.status`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from planmark.lsp.lsp_ext import RawJson, to_raw_json
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.plan_lookup import contexts_of_workspace, find_plan
from planmark.lsp.readiness import wait_for_all_scans
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.queries.api_types import Run, StatusResult, WorkspaceResult
from planmark.queries.status_result import unread_workspace, workspace_result


async def handle(server: Server, raw: Any) -> RawJson:
    """Return the status of every workspace or of one plan."""
    return await send_status(server, read_params(raw, PlanParams))


async def send_status(server: Server, params: PlanParams) -> RawJson:
    """Return the status that parameters ask for, with the folders in the order of the client.

    A request for one plan waits until all documents are read.
    """
    if params.feature or params.plan or params.uri:
        await wait_for_all_scans(server, "the status could be wrong")
    order = {uri: number for number, uri in enumerate(server.workspace.roots)}

    def status(contexts: Sequence[RequestContext]) -> RawJson:
        in_order = sorted(contexts, key=lambda context: order.get(context.folder.uri, len(order)))
        return to_raw_json(_status(in_order, params))

    return await server.run_for_all(status)


def _status(contexts: Sequence[RequestContext], params: PlanParams) -> StatusResult:
    started = time.perf_counter()
    if params.feature or params.plan or params.uri:
        resolved = find_plan(contexts, params)
        results = [workspace_result(resolved.context.view, resolved.plan.path)]
        revision = resolved.context.view.snapshot.revision
    else:
        request_contexts = contexts_of_workspace(contexts, params.workspace)
        results = [_workspace_status(context) for context in request_contexts]
        revision = max((context.view.snapshot.revision for context in request_contexts), default=0)
    return StatusResult(workspaces=results, run=run_of(revision, started))


def _workspace_status(context: RequestContext) -> WorkspaceResult:
    """Return the status of a workspace; before the first complete scan, only the progress."""
    folder = context.folder
    return workspace_result(context.view) if folder.complete else unread_workspace(str(folder.root), folder.reading)


def run_of(revision: int, started: float) -> Run:
    """Return the values that differ between runs: the revision, and the milliseconds since `started` (`perf_counter`)."""
    return Run(revision, round((time.perf_counter() - started) * 1000, 1), True)
