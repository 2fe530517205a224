"""The commands `planmark.recordVerdict` and `planmark.resolveFix`."""

from __future__ import annotations

import datetime
from typing import Any, Literal

import msgspec

from planmark.lsp.errors import INVALID_PARAMS, RequestError
from planmark.lsp.handlers.create import create_file
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.server import Server
from planmark.plans.vocabulary import IssueSeverity
from planmark.queries.authoring import (
    DecisionInput,
    DecisionRefusedError,
    NewFileContext,
    ReportedIssue,
    authoring,
    name_for_header,
)
from planmark.storage.timestamps import timestamp_text
from planmark.text.visible import visible_in_one_line
from planmark.workspace.workspace_edits import CreateFile


class IssueParams(msgspec.Struct, frozen=True, rename="camel"):
    """An issue that a reviewer found. Its first line is its title."""

    text: str
    severity: IssueSeverity = "critical"


class VerdictParams(PlanParams, frozen=True, rename="camel"):
    """The parameters of a decision, in addition to the plan and the achievement.

    The decision `adopt` confirms the claims of the PLAN, and `resolve` answers a FIX. `force` approves the achievement
    although the files do not prove it, and needs a `note`.
    """

    decision: Literal["approve", "fix", "resolve", "adopt"] = "approve"
    reviewer: str = ""
    note: str = ""
    issues: tuple[IssueParams, ...] = ()
    force: bool = False


async def handle(server: Server, raw_params: Any) -> Any:
    """Create an APPROVED, a FIX or a RESOLUTION file. Raises RequestError, with the reason, if the file is not allowed."""
    params = read_params(raw_params, VerdictParams)
    if not name_for_header(params.reviewer) and params.decision != "resolve":
        raise RequestError("a verdict needs its `reviewer`: a person decides", INVALID_PARAMS)
    if params.decision == "fix" and not params.note.strip() and not any(issue.text.strip() for issue in params.issues):
        raise RequestError("say what is wrong, in `note` or in `issues`", INVALID_PARAMS)
    try:
        return await create_file(
            server,
            params,
            lambda file_context: _verdict_file(file_context, params),
            "the achievement may already have a verdict",
        )
    except DecisionRefusedError as error:
        if error.missing_proofs:
            return {
                "path": "",
                "uri": "",
                "applied": False,
                "failureReason": visible_in_one_line(str(error)),
                "missing": [visible_in_one_line(missing_text) for missing_text in error.missing_proofs],
            }
        raise RequestError(str(error)) from None


async def resolve_fix(server: Server, raw_params: Any) -> Any:
    """Create the RESOLUTION of a FIX, with an entry for each issue."""
    return await handle(server, {**(raw_params or {}), "decision": "resolve"})


def _verdict_file(file_context: NewFileContext, params: VerdictParams) -> CreateFile:
    now = current_time_text()
    reviewer = name_for_header(params.reviewer)
    if params.decision == "adopt":
        proposals = authoring().proposals(file_context.view, file_context.plan, file_context.achievement, reviewer, now)
        if not proposals:
            raise RequestError(
                f"{file_context.plan.feature} has no claim about {file_context.achievement} beyond what its files show"
            )
        authoring().refuse_other_state(
            file_context.view, file_context.plan, file_context.achievement, proposals[0].file, "approved"
        )
        return proposals[0].file
    issues = tuple(ReportedIssue(issue.text, issue.severity) for issue in params.issues if issue.text.strip())
    decision = DecisionInput(reviewer, now, params.note, issues)
    return (
        authoring()
        .record(file_context.view, file_context.plan, file_context.achievement, params.decision, decision, params.force)
        .file
    )


def current_time_text() -> str:
    """Return the current time in the format of documents."""
    return timestamp_text(datetime.datetime.now(datetime.timezone.utc))
