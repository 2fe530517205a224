"""The request `planmark/draftFix`."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from planmark.lsp.errors import INVALID_PARAMS, RequestError
from planmark.lsp.handlers.create import new_file
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.readiness import wait_and_rescan
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.queries.authoring import DecisionInput, DecisionRefusedError, NewFileContext, authoring, name_for_header
from planmark.storage.timestamps import timestamp_text
from planmark.workspace.workspace_edits import CreateFile


class DraftParams(PlanParams, frozen=True, rename="camel"):
    """An achievement, and the person who writes the FIX."""

    reviewer: str = ""


async def handle(server: Server, raw_params: Any) -> Any:
    """Return the draft of a FIX with space for its issues. The editor shows the draft; no file is written.

    Raises RequestError, with the reason, if a FIX is not allowed.
    """
    params = read_params(raw_params, DraftParams)
    reviewer = name_for_header(params.reviewer)
    if not reviewer:
        raise RequestError("a verdict needs its `reviewer`: a person decides", INVALID_PARAMS)
    await wait_and_rescan(server, "the achievement may already have a verdict")
    decision = DecisionInput(reviewer, timestamp_text(datetime.datetime.now(datetime.timezone.utc)), is_draft=True)

    def make_fix(file_context: NewFileContext) -> CreateFile:
        return (
            authoring()
            .record(file_context.view, file_context.plan, file_context.achievement, "fix", decision, False)
            .file
        )

    def draft(contexts: Sequence[RequestContext]) -> dict[str, Any]:
        context, file = new_file(contexts, params, make_fix)
        line = authoring().first_issue(file.text)
        return {"path": file.path, "uri": context.uri(file.path), "text": file.text, "line": line}

    try:
        return await server.run_for_all(draft)
    except DecisionRefusedError as error:
        raise RequestError(str(error)) from None
