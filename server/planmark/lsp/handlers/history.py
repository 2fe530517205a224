"""`planmark/history`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from planmark.lsp.lsp_ext import RawJson, to_raw_json
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.plan_lookup import contexts_of_workspace, find_plan
from planmark.lsp.readiness import wait_for_all_scans
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.queries.lookup import NoAnswerError
from planmark.queries.work_history import HistoryResult, NeededCommits, history_result, needed_commits
from planmark.storage.git_history import FileLog, read_file_log
from planmark.storage.timestamps import local_day


class _HistorySubject(NamedTuple):
    """A workspace, the path of the plan that the parameters name (or None), and the files whose commits are needed."""

    root: str
    plan: str | None
    questions: NeededCommits


async def handle(server: Server, raw_params: Any) -> RawJson:
    """Return the history of a workspace or of one plan: approvals over time, rounds of review, and what waits."""
    params = read_params(raw_params, PlanParams)
    await wait_for_all_scans(server, "the history could be wrong")
    today = local_day()
    subject = await server.run_for_all(lambda contexts: _history_subject(contexts, params, today))
    # Git may take seconds, so neither the event loop nor the engine waits for git.
    log = await asyncio.to_thread(read_file_log, Path(subject.root), *subject.questions)
    return await server.run_for_all(lambda contexts: to_raw_json(_history(contexts, params, today, log)))


def _history_subject(contexts: Sequence[RequestContext], params: PlanParams, today: str) -> _HistorySubject:
    context, plan = _workspace_and_plan(contexts, params)
    return _HistorySubject(context.view.snapshot.root, plan, needed_commits(context.view, today, plan))


def _history(contexts: Sequence[RequestContext], params: PlanParams, today: str, log: FileLog) -> HistoryResult:
    context, plan = _workspace_and_plan(contexts, params)
    return history_result(context.view, today, log, plan)


def _workspace_and_plan(contexts: Sequence[RequestContext], params: PlanParams) -> tuple[RequestContext, str | None]:
    """Return a tuple: the context of the workspace, and the path of the plan that the parameters name, or None.

    Raises NoAnswerError unless the parameters name exactly one workspace.
    """
    if params.plan or params.feature or params.uri:
        resolved_plan = find_plan(contexts, params)
        return resolved_plan.context, resolved_plan.plan.path
    chosen_contexts = contexts_of_workspace(contexts, params.workspace)
    if len(chosen_contexts) != 1:
        roots = ", ".join(context.view.snapshot.root for context in chosen_contexts)
        message = f"{len(chosen_contexts)} workspaces are open; choose one with `workspace`: {roots}"
        raise NoAnswerError(
            message if chosen_contexts else "no workspace is open", "usage" if chosen_contexts else "unreadable"
        )
    return chosen_contexts[0], None
