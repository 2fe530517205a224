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


async def handle(server: Server, raw_params: Any) -> RawJson:
    """Return the status of every workspace or of one plan."""
    return await status_json(server, read_params(raw_params, PlanParams))


async def status_json(server: Server, params: PlanParams) -> RawJson:
    """Return the status that `params` ask for, as JSON. The folders are in the order in which the client lists them.

    A request for one plan waits until all documents are read.
    """
    if params.feature or params.plan or params.uri:
        await wait_for_all_scans(server, "the status could be wrong")
    position_by_root = {root_uri: position for position, root_uri in enumerate(server.workspace.roots)}

    def status(contexts: Sequence[RequestContext]) -> RawJson:
        sorted_contexts = sorted(
            contexts, key=lambda context: position_by_root.get(context.folder.uri, len(position_by_root))
        )
        return to_raw_json(_status(sorted_contexts, params))

    return await server.run_for_all(status)


def _status(contexts: Sequence[RequestContext], params: PlanParams) -> StatusResult:
    start_time = time.perf_counter()
    if params.feature or params.plan or params.uri:
        resolved_plan = find_plan(contexts, params)
        workspace_results = [workspace_result(resolved_plan.context.view, resolved_plan.plan.path)]
        revision = resolved_plan.context.view.snapshot.revision
    else:
        request_contexts = contexts_of_workspace(contexts, params.workspace)
        workspace_results = [_workspace_status(context) for context in request_contexts]
        revision = max((context.view.snapshot.revision for context in request_contexts), default=0)
    return StatusResult(workspaces=workspace_results, run=run_details(revision, start_time))


def _workspace_status(context: RequestContext) -> WorkspaceResult:
    """Return the status of a workspace. Before the end of the first scan, return only the progress of the scan."""
    folder = context.folder
    return (
        workspace_result(context.view)
        if folder.is_complete
        else unread_workspace(str(folder.root), folder.read_progress)
    )


def run_details(revision: int, start_time: float) -> Run:
    """Return the details of this request that may differ between equal requests: the revision, and the milliseconds
    since `start_time`.

    `start_time` is a value of `time.perf_counter`.
    """
    return Run(revision, round((time.perf_counter() - start_time) * 1000, 1), True)
