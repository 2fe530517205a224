"""The commands of the server, and the requests that only Planmark defines."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from lsprotocol import types

from planmark.documents.dates import written
from planmark.documents.verdict import Severity
from planmark.ide.lifecycle import Act
from planmark.lsp import lifecycle
from planmark.lsp.acts import act_on, drop_by_edit
from planmark.lsp.errors import INVALID_PARAMS, RequestError
from planmark.lsp.handlers.plan_requests import (
    adopt,
    choose,
    graph,
    needed,
    next_prompt,
    status,
    why,
)
from planmark.lsp.lsp_ext import encoded, plain
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.readiness import as_on_disk, everything_read
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import Context, can_apply
from planmark.prompts import scaffold
from planmark.prompts.context import Material, material_of
from planmark.prompts.scaffold import DecisionNote, ExistsError, ReportedIssue, person
from planmark.queries.adopt import proposals
from planmark.queries.api_types import PromptResult
from planmark.queries.verdicts import DecisionRefusedError, record, refuse_another
from planmark.queries.workspace_view import View
from planmark.storage.cache_dir import write_cached
from planmark.storage.paths import leaves
from planmark.text.visible import in_line
from planmark.workspace.snapshot import PlanDocuments
from planmark.workspace.workspace_edits import CreateFile

SHOW_SECONDS = 10.0
ANOTHER_FILE = "the file may already exist"

logger = logging.getLogger(__name__)


class IssueParams(msgspec.Struct, frozen=True, rename="camel"):
    """An issue that a reviewer found. Its first line is its title."""

    text: str
    severity: Severity = "critical"


class VerdictParams(PlanParams, frozen=True, rename="camel"):
    """A decision about an achievement, besides the plan and the achievement.

    `adopt` confirms what the text of the PLAN claims, and `resolve` answers a FIX. `force` approves although the files
    do not support it, and needs a `note`.
    """

    decision: Literal["approve", "fix", "resolve", "adopt"] = "approve"
    reviewer: str = ""
    note: str = ""
    issues: tuple[IssueParams, ...] = ()
    force: bool = False


class DropParams(PlanParams, frozen=True, rename="camel"):
    """The reason why an achievement is no longer wanted, besides the plan and the achievement."""

    note: str = ""


class OpenParams(msgspec.Struct, frozen=True, rename="camel"):
    """A document by its path relative to the workspace, and a 1-based line; 0 for the beginning."""

    path: str
    line: int = 0
    workspace: str | None = None


class About(NamedTuple):
    """The plan and achievement that a new file is about."""

    view: View
    plan: PlanDocuments
    achievement: str
    material: Material


class Created(NamedTuple):
    """A file to create, and the edit that creates it."""

    context: Context
    file: CreateFile
    edit: types.WorkspaceEdit


def register(server: Server) -> None:
    """Register `workspace/executeCommand` and the requests `planmark/*`."""

    @server.connection.feature(types.WORKSPACE_EXECUTE_COMMAND)
    async def execute(params: types.ExecuteCommandParams) -> Any:
        run = COMMANDS.get(params.command)
        if run is None:
            known = ", ".join(COMMANDS)
            raise RequestError(f"unknown command {params.command}. Commands: {known}", INVALID_PARAMS)
        arguments = params.arguments or ()
        if len(arguments) > 1 or (arguments and not isinstance(arguments[0], (dict, type(None)))):
            raise RequestError(f"{params.command} takes one object", INVALID_PARAMS)
        return await run(server, arguments[0] if arguments else None)

    for method, answer in REQUESTS.items():
        _register(server, method, answer)


def _register(server: Server, method: str, answer: Answer) -> None:
    @server.connection.feature(method)
    async def handler(params: Any) -> Any:
        return await answer(server, params)


async def _status(server: Server, params: Any) -> Any:
    wanted = read_params(params, PlanParams)
    return await server.answer_all(lambda contexts: encoded(status(contexts, wanted)))


async def _why(server: Server, params: Any) -> Any:
    wanted = read_params(params, PlanParams)
    return await server.answer_all(lambda contexts: encoded(why(contexts, wanted)))


async def _graph(server: Server, params: Any) -> Any:
    wanted = read_params(params, PlanParams)
    return await server.answer_all(lambda contexts: encoded(graph(contexts, wanted)))


async def _adopt(server: Server, params: Any) -> Any:
    wanted = read_params(params, PlanParams)
    await everything_read(server, "a claim may already have a verdict")
    now = written(datetime.datetime.now(datetime.timezone.utc))
    return plain(await server.answer_all(lambda contexts: adopt(contexts, wanted, now)))


async def _prompt(server: Server, params: Any) -> PromptResult:
    wanted = read_params(params, PlanParams)
    await everything_read(server, "a prompt may ask for finished work")
    return await server.answer_all(lambda contexts: next_prompt(contexts, wanted))


async def _next_prompt(server: Server, params: Any) -> Any:
    return plain(await _prompt(server, params))


async def _metrics(server: Server, _params: Any) -> Any:
    return plain(await server.compute(server.metrics))


async def _next_prompt_shown(server: Server, params: Any) -> Any:
    result = await _prompt(server, params)
    if server.client.shows_documents and not server.client.delivers_prompts:
        workspace = hashlib.sha256(result.workspace.encode()).hexdigest()[:8]
        about = "_".join(part for part in (result.feature, result.achievement, result.step) if part)
        try:
            path = write_cached(f"prompts/{workspace}/{about}.md", result.prompt)
        except OSError as error:
            raise RequestError(f"cannot write the prompt to the cache folder: {error.strerror or error}") from None
        await _show(server, path.as_uri(), None)
    return plain(result)


async def _reindex(server: Server, _params: Any) -> Any:
    await lifecycle.reindex(server)
    return await server.answer_all(lambda contexts: encoded(status(contexts, PlanParams())))


async def _create_subplan(server: Server, params: Any) -> Any:
    wanted = read_params(params, PlanParams)
    return await _create(server, wanted, lambda about: scaffold.subplan(about.material), ANOTHER_FILE)


async def _create_execution(server: Server, params: Any) -> Any:
    wanted = read_params(params, PlanParams)
    return await _create(server, wanted, lambda about: scaffold.execution(about.material), ANOTHER_FILE)


async def _record_verdict(server: Server, params: Any) -> Any:
    wanted = read_params(params, VerdictParams)
    if not person(wanted.reviewer) and wanted.decision != "resolve":
        raise RequestError("a verdict needs its `reviewer`: a person decides", INVALID_PARAMS)
    if wanted.decision == "fix" and not wanted.note.strip() and not any(known.text.strip() for known in wanted.issues):
        raise RequestError("say what is wrong, in `note` or in `issues`", INVALID_PARAMS)
    try:
        return await _create(
            server, wanted, lambda about: _verdict(about, wanted), "the achievement may already have a verdict"
        )
    except DecisionRefusedError as error:
        if error.missing:
            return {
                "path": "",
                "uri": "",
                "applied": False,
                "failureReason": in_line(str(error)),
                "missing": [in_line(missing) for missing in error.missing],
            }
        raise RequestError(str(error)) from None


async def _resolve_fix(server: Server, params: Any) -> Any:
    return await _record_verdict(server, {**(params or {}), "decision": "resolve"})


def _verdict(about: About, wanted: VerdictParams) -> CreateFile:
    now = written(datetime.datetime.now(datetime.timezone.utc))
    reviewer = person(wanted.reviewer)
    if wanted.decision == "adopt":
        found = proposals(about.view, about.plan, about.achievement, reviewer, now)
        if not found:
            raise RequestError(
                f"{about.plan.feature} has no claim about {about.achievement} beyond what its files show"
            )
        refuse_another(about.view, about.plan, about.achievement, found[0].file, "approved")
        return found[0].file
    issues = tuple(ReportedIssue(known.text, known.severity) for known in wanted.issues if known.text.strip())
    said = DecisionNote(reviewer, now, wanted.note, issues)
    return record(about.view, about.plan, about.achievement, wanted.decision, said, force=wanted.force).file


async def _open(server: Server, params: Any) -> Any:
    wanted = read_params(params, OpenParams)

    def uri(contexts: Sequence[Context]) -> str:
        for context in contexts:
            known = wanted.workspace in (None, context.folder.uri, context.view.snapshot.root)
            if known and context.view.snapshot.has(wanted.path):
                return context.uri(wanted.path)
        raise RequestError(f"no document {wanted.path} in an open workspace")

    found = await server.answer_all(uri)
    start = types.Position(max(0, wanted.line - 1), 0)
    shown = await _show(server, found, types.Range(start, start) if wanted.line else None)
    return {"uri": found, "line": wanted.line, "shown": shown}


async def _create(server: Server, wanted: PlanParams, make: Callable[[About], CreateFile], else_what: str) -> Any:
    """Create a file by an edit that the client shows, and show the file.

    `else_what` says what could be wrong if the scan of the workspace is incomplete.
    """
    await as_on_disk(server, else_what)
    taken: frozenset[str] = frozenset()

    def created(contexts: Sequence[Context]) -> Created:
        chosen = choose(contexts, wanted)
        context, plan = chosen.context, chosen.plan
        judged, known = context.view.judged[plan.path], needed(chosen, wanted)
        material = material_of(context.view.snapshot, plan, judged, known.id, context.view.text, context.view.exists)
        about = About(context.view, plan, known.id, material)
        try:
            file = _free(context, about._replace(material=material._replace(taken=taken)), make)
        except ExistsError as error:
            raise RequestError(str(error)) from None
        if leaves(context.folder.root, file.path):
            raise RequestError(
                f"{file.path} would be outside {context.folder.root}, because a folder in its path is a symbolic link"
            )
        if not server.client.applies_edits or not can_apply(context.client, [file]):
            raise RequestError(f"this editor cannot create files: create {file.path} on the command line")
        return Created(context, file, context.edit([file]))

    while True:
        context, file, edit = await server.answer_all(created)
        label = f"Create {file.path}"
        result = await server.connection.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
        if result.applied or not os.path.lexists(context.folder.root / file.path):
            break
        # Another process created the file first.
        taken |= {file.path}
    uri = context.uri(file.path)
    if result.applied:
        await _show(server, uri, None)
    return {"path": file.path, "uri": uri, "applied": result.applied, "failureReason": result.failure_reason}


def _free(context: Context, about: About, make: Callable[[About], CreateFile]) -> CreateFile:
    """Return the file that `make` gives, with a name that is free on the disk, which may be newer than the snapshot.

    Raises ExistsError if there is no free name.
    """
    while True:
        file = make(about)
        if not os.path.lexists(context.folder.root / file.path):
            return file
        about = about._replace(material=about.material._replace(taken=about.material.taken | {file.path}))


async def _show(server: Server, uri: str, selection: types.Range | None) -> bool:
    """Ask the client to show a document. Return whether it did."""
    if not server.client.shows_documents:
        return False
    asked = server.connection.window_show_document_async(
        types.ShowDocumentParams(uri, take_focus=True, selection=selection)
    )
    try:
        return bool((await asyncio.wait_for(asked, SHOW_SECONDS)).success)
    except Exception as error:
        logger.warning("cannot show %s: %s", uri, error)
        return False


Answer = Callable[[Server, Any], Awaitable[Any]]


def _act(what: Act) -> Answer:
    async def run(server: Server, params: Any) -> Any:
        wanted = read_params(params, PlanParams)
        await as_on_disk(server, "the edit may affect other plans")
        return await act_on(server, wanted, what)

    return run


async def _drop(server: Server, params: Any) -> Any:
    wanted = read_params(params, DropParams)
    await as_on_disk(server, "the achievement may already have a verdict")
    return await drop_by_edit(server, wanted, wanted.note)


COMMANDS: dict[str, Answer] = {
    "planmark.nextPrompt": _next_prompt_shown,
    "planmark.createSubplan": _create_subplan,
    "planmark.createExecution": _create_execution,
    "planmark.recordVerdict": _record_verdict,
    "planmark.resolveFix": _resolve_fix,
    "planmark.closePlan": _act("close"),
    "planmark.archivePlan": _act("archive"),
    "planmark.pausePlan": _act("pause"),
    "planmark.resumePlan": _act("resume"),
    "planmark.dropAchievement": _drop,
    "planmark.status": _status,
    "planmark.why": _why,
    "planmark.reindex": _reindex,
    "planmark.open": _open,
}
"""Command → the function that runs it; `messages.COMMANDS` describes each."""

REQUESTS: dict[str, Answer] = {
    "planmark/status": _status,
    "planmark/nextPrompt": _next_prompt,
    "planmark/why": _why,
    "planmark/graph": _graph,
    "planmark/adopt": _adopt,
    "planmark/metrics/get": _metrics,
}
"""Planmark's own request → the function that answers it; `messages.TO_SERVER` describes each."""
