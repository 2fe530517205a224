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
from planmark.queries.work_history import HistoryQuestions, HistoryResult, history_questions, history_result
from planmark.storage.git_history import FileLog, read_file_log
from planmark.storage.timestamps import local_day


class _Subject(NamedTuple):
    """A workspace, the path of a plan in it if the parameters name one, and the files whose commits are needed."""

    root: str
    plan: str | None
    questions: HistoryQuestions


async def handle(server: Server, raw: Any) -> RawJson:
    """Return the approvals over time, the rounds of review and what waits, in a workspace or in one plan."""
    params = read_params(raw, PlanParams)
    await wait_for_all_scans(server, "the history could be wrong")
    today = local_day()
    subject = await server.run_for_all(lambda contexts: _subject(contexts, params, today))
    # Git may take seconds: neither the loop nor the engine waits for it.
    log = await asyncio.to_thread(read_file_log, Path(subject.root), *subject.questions)
    return await server.run_for_all(lambda contexts: to_raw_json(_history(contexts, params, today, log)))


def _subject(contexts: Sequence[RequestContext], params: PlanParams, today: str) -> _Subject:
    context, plan = _named(contexts, params)
    return _Subject(context.view.snapshot.root, plan, history_questions(context.view, today, plan))


def _history(contexts: Sequence[RequestContext], params: PlanParams, today: str, log: FileLog) -> HistoryResult:
    context, plan = _named(contexts, params)
    return history_result(context.view, today, log, plan)


def _named(contexts: Sequence[RequestContext], params: PlanParams) -> tuple[RequestContext, str | None]:
    """Return the workspace and the plan that the parameters name. Raises NoAnswerError unless it is one workspace."""
    if params.plan or params.feature or params.uri:
        resolved = find_plan(contexts, params)
        return resolved.context, resolved.plan.path
    chosen = contexts_of_workspace(contexts, params.workspace)
    if len(chosen) != 1:
        roots = ", ".join(context.view.snapshot.root for context in chosen)
        message = f"{len(chosen)} workspaces are open; choose one with `workspace`: {roots}"
        raise NoAnswerError(message if chosen else "no workspace is open", "usage" if chosen else "unreadable")
    return chosen[0], None
