"""The answers of the board's server. `ANSWERS` maps the path of an address to the function that returns the answer."""

from __future__ import annotations

import datetime
import hashlib
import time
from collections.abc import Callable, Mapping

import msgspec

from planmark import __version__
from planmark.board.live_workspace import LiveWorkspace
from planmark.cli.console import json_text
from planmark.cli.context import CommandContext, CommandResult
from planmark.cli.dispatch import load_command, options_of_values
from planmark.cli.errors import BAD_USAGE, CommandError, exit_code
from planmark.plans.format import PlanSite
from planmark.prompts.prompt import Tokens
from planmark.queries.api_types import Run, StatusResult
from planmark.queries.authoring import DecisionInput, DecisionRefusedError, authoring, name_for_header
from planmark.queries.graph import graph_result
from planmark.queries.lookup import achievement_named
from planmark.queries.status_result import unread_workspace, workspace_result
from planmark.queries.work_history import history_result, needed_commits
from planmark.queries.workspace_view import AnyPlan, View
from planmark.storage.git_history import read_file_log
from planmark.storage.timestamps import local_day, timestamp_text
from planmark.workspace.index import Index
from planmark.workspace.snapshot import PlanDocuments

MAX_PERSON_NAME_LENGTH = 200
MAX_NOTE_LENGTH = 10_000
"""Maximum number of characters of the note of a verdict. `MAX_PERSON_NAME_LENGTH` is the maximum of the person's name."""

QueryParameters = Mapping[str, str]
"""Mapping from the name of a parameter of an address to its value. A missing parameter is not in the mapping."""


class NotFoundError(Exception):
    """The workspace does not have the plan or the document that a request names. The message contains the path."""


class ApprovalRefusedError(Exception):
    """A page asks for an approval that is not possible. The message says why."""


class About(msgspec.Struct, frozen=True):
    """Facts about the server for its page: whether the server allows verdicts, and the version of Planmark."""

    allows_verdicts: bool
    version: str


class DocumentText(msgspec.Struct, frozen=True):
    """The text of a document."""

    path: str
    text: str


class StepPrompt(msgspec.Struct, frozen=True):
    """The prompt of a step: its text, its number of tokens, and the step in words."""

    text: str
    tokens: int
    step_label: str


class ApprovalTerms(msgspec.Struct, frozen=True):
    """The conditions for the approval of an achievement. `missing` are the conditions that the files do not meet.

    `title` is the title of the achievement. `needs_note` tells whether a note must say why the achievement is approved
    although conditions are missing. `seen` is a digest of `missing`. The request for a verdict repeats the digest,
    which shows that the person has read exactly these conditions.
    """

    title: str
    missing: tuple[str, ...]
    needs_note: bool
    seen: str


class WrittenVerdict(msgspec.Struct, frozen=True):
    """The path of a verdict file that was written."""

    path: str


class VerdictRequest(msgspec.Struct, frozen=True):
    """A person's approval. `by` is the person's name. `seen` is from the `ApprovalTerms` that the person has read."""

    plan: str
    achievement: str
    verdict: str
    by: str
    note: str = ""
    seen: str = ""


class _NextOutput(msgspec.Struct, frozen=True):
    """The members of the JSON of `planmark next --json` that a page shows."""

    prompt: str
    tokens: Tokens
    asks: str


def status_answer(workspace: LiveWorkspace, _query: QueryParameters) -> object:
    """Return the status of the workspace. Before the first scan is complete, return only the progress of this scan."""
    started = time.perf_counter()
    if not workspace.is_read and not workspace.problem:
        progress_result = unread_workspace(str(workspace.root), workspace.read_progress)
        return StatusResult(workspaces=[progress_result], run=Run(0, 0.0, False))
    with workspace.current_view() as view:
        result = workspace_result(view)
        ms = round((time.perf_counter() - started) * 1000, 1)
        return StatusResult(workspaces=[result], run=Run(view.snapshot.revision, ms, True))


def graph_answer(workspace: LiveWorkspace, query: QueryParameters) -> object:
    """Return the graph of the plan that the query names."""
    with workspace.current_view() as view:
        return graph_result(view, _plan_at(view, query.get("plan", "")).path)


def history_answer(workspace: LiveWorkspace, query: QueryParameters) -> object:
    """Return the history of the plan that the query names. If it names no plan, return the history of the workspace."""
    today = local_day()
    with workspace.current_view() as view:
        plan_path = _plan_at(view, query["plan"]).path if query.get("plan") else None
        questions = needed_commits(view, today, plan_path)
    # Git may take seconds. The view is free meanwhile, so that no other answer waits.
    log = read_file_log(workspace.root, *questions)
    with workspace.current_view() as view:
        return history_result(view, today, log, plan_path)


def document_answer(workspace: LiveWorkspace, query: QueryParameters) -> object:
    """Return the text of the document that the query names. Raises NotFoundError if there is no such document."""
    path = query.get("path", "")
    with workspace.current_view() as view:
        known_paths = {*view.snapshot.documents, *view.snapshot.records, *(plan.path for plan in view.plans)}
        if path not in known_paths:
            raise NotFoundError(f"the workspace has no document {path}")
        return DocumentText(path, view.text(path))


def prompt_answer(workspace: LiveWorkspace, query: QueryParameters) -> object:
    """Return the prompt of the next step of a plan.

    If the query names an achievement, return the prompt of the next step of this achievement.
    """
    with workspace.lend_index() as index, workspace.current_view() as view:
        plan = _plan_at(view, query.get("plan", ""))
        achievement = query.get("achievement", "")
        options = ["--json", *([f"--achievement={achievement}"] if achievement else [])]
        result = _run_command(index, "next", [str(workspace.root / plan.path)], options)
        # The code that runs a command adds the last member, `run`, and the closing brace. Both are missing here.
        output = msgspec.json.decode(result.output + "\n}", type=_NextOutput)
    return StepPrompt(output.prompt, output.tokens.total, output.asks)


def approval_answer(workspace: LiveWorkspace, query: QueryParameters) -> object:
    """Return the conditions of an approval that the files of an achievement do not meet.

    Raises ApprovalRefusedError if no approval is possible.
    """
    with workspace.current_view() as view:
        plan = _plan_at(view, query.get("plan", ""))
        if isinstance(plan, PlanSite):
            raise ApprovalRefusedError(f"{plan.path} has no verdicts: its boxes say what is done")
        achievement = achievement_named(view.state(plan.path), query.get("achievement", ""))
        missing_conditions = _missing_conditions(view, plan, achievement.id)
        return ApprovalTerms(
            achievement.title, missing_conditions, bool(missing_conditions), _digest(missing_conditions)
        )


def _missing_conditions(view: View, plan: PlanDocuments, achievement_id: str) -> tuple[str, ...]:
    """Return the conditions of an approval that the files of an achievement do not meet.

    Raises ApprovalRefusedError if no approval is possible.
    """
    trial_input = DecisionInput("Reviewer", timestamp_text(datetime.datetime.now(datetime.timezone.utc)))
    try:
        authoring().record(view, plan, achievement_id, "approve", trial_input, False)
    except DecisionRefusedError as error:
        if not error.missing_proofs:
            raise ApprovalRefusedError(str(error)) from None
        return error.missing_proofs
    return ()


def _digest(missing_conditions: tuple[str, ...]) -> str:
    """Return a digest of the conditions. A page sends the digest to show that a person has read the conditions."""
    return hashlib.sha256("\n".join(missing_conditions).encode("utf-8", "surrogatepass")).hexdigest()


def write_verdict(workspace: LiveWorkspace, body: bytes) -> object:
    """Write the verdict of a person to a file, and return the path of this file. `body` is a `VerdictRequest` as JSON.

    Raises ValidationError if `body` is anything else.
    """
    request = msgspec.json.decode(body, type=VerdictRequest)
    if request.verdict != "approved":
        raise CommandError(
            "a page can only approve: write a FIX in an editor or with `planmark verdict fix`", BAD_USAGE
        )
    if not name_for_header(request.by) or len(request.by) > MAX_PERSON_NAME_LENGTH:
        raise CommandError("the verdict needs the name of a person, in one line", BAD_USAGE)
    if len(request.note) > MAX_NOTE_LENGTH:
        raise CommandError(f"the note is longer than {MAX_NOTE_LENGTH} characters", BAD_USAGE)
    with workspace.lend_index() as index, workspace.current_view() as view:
        plan = _plan_at(view, request.plan)
        achievement = achievement_named(view.state(plan.path), request.achievement)
        options = [f"--reviewer={request.by}", *([f"--note={request.note}"] if request.note.strip() else [])]
        missing_conditions = () if isinstance(plan, PlanSite) else _missing_conditions(view, plan, achievement.id)
        if missing_conditions and request.seen == _digest(missing_conditions):
            options.append("--force")
        arguments = ["approve", str(workspace.root / plan.path), achievement.id]
        result = _run_command(index, "verdict", arguments, options)
    return WrittenVerdict(result.output.strip())


ANSWERS: dict[str, Callable[[LiveWorkspace, QueryParameters], object]] = {
    "/api/status": status_answer,
    "/api/graph": graph_answer,
    "/api/history": history_answer,
    "/api/document": document_answer,
    "/api/prompt": prompt_answer,
    "/api/approval": approval_answer,
}
"""Mapping from the path of an address to the function that returns the answer."""


def about_answer(*, allows_verdicts: bool) -> About:
    """Return the facts that a page needs to know about its server."""
    return About(allows_verdicts, __version__)


def answer_text(value: object) -> str:
    """Return an answer as JSON, with credentials masked."""
    return json_text(value)


def _plan_at(view: View, path: str) -> AnyPlan:
    """Return the plan with the path `path`. Raises NotFoundError if there is no such plan."""
    for plan in view.plans:
        if plan.path == path:
            return plan
    raise NotFoundError(f"the workspace has no plan {path}")


def _run_command(index: Index, command: str, arguments: list[str], options: list[str]) -> CommandResult:
    """Run a command of the command line with an index that is already open. Raises the errors of the command.

    Each of `options` has the form `--option=value`, or `--option` for a flag.
    """
    module = load_command(command)
    return module.run(
        CommandContext(options_of_values(command, module, arguments, options, str(index.root), quiet=True), index)
    )


def http_problem(error: Exception) -> tuple[int, str] | None:
    """Return a tuple for an expected error: the HTTP status, and the message. Return None for a defect of Planmark."""
    if isinstance(error, NotFoundError):
        return 404, str(error)
    if isinstance(error, msgspec.DecodeError):
        return 422, f"the request is not a verdict: {error}"
    if isinstance(error, ApprovalRefusedError):
        return 409, str(error)
    code = exit_code(error)
    if code is None:
        return None
    return (422 if code == BAD_USAGE else 409), str(error)
