"""`planmark/find`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from planmark.lsp.lsp_ext import RawJson, to_raw_json
from planmark.lsp.params import read_params
from planmark.lsp.plan_lookup import contexts_of_workspace
from planmark.lsp.readiness import wait_for_all_scans
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.queries.find import DEFAULT_MAX_MATCHES, FindResult, find_result
from planmark.queries.lookup import NoAnswerError


class FindParams(msgspec.Struct, frozen=True):
    """A query.

    `limit` is the maximum number of matches in each workspace; 0 for all matches. If `workspace` is given, only this
    workspace is searched.
    """

    query: str = ""
    limit: int = DEFAULT_MAX_MATCHES
    workspace: str | None = None


async def handle(server: Server, raw_params: Any) -> RawJson:
    """Return the documents and items that match a query."""
    params = read_params(raw_params, FindParams)
    await wait_for_all_scans(server, "matches may be missed")
    return await server.run_for_all(lambda contexts: to_raw_json(_find_result(contexts, params)))


def _find_result(contexts: Sequence[RequestContext], params: FindParams) -> FindResult:
    views = [context.view for context in contexts_of_workspace(contexts, params.workspace)]
    if not views:
        raise NoAnswerError("no workspace is open", "unreadable")
    return find_result(views, params.query, params.limit)
