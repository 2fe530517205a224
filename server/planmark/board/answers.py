"""The answers of the board: each address of its server with the function that returns its JSON document."""

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
from planmark.queries.work_history import history_questions, history_result
from planmark.queries.workspace_view import AnyPlan, View
from planmark.storage.git_history import read_file_log
from planmark.storage.timestamps import local_day, timestamp_text
from planmark.workspace.index import Index
from planmark.workspace.snapshot import PlanDocuments

MAX_NAME_LENGTH = 200
MAX_NOTE_LENGTH = 10_000
"""Maximum lengths, in characters, of what a person writes for a verdict."""

Query = Mapping[str, str]
"""The parameters of an address, by name; a parameter that is missing has no entry."""


class NotFoundError(Exception):
    """The workspace has no such plan, achievement or document; the message says which."""


class RefusedError(Exception):
    """The request is understood, but its result cannot be given; the message says why."""


class About(msgspec.Struct, frozen=True):
    """The facts about a server that its page shows."""

    allows_verdicts: bool
    version: str


class DocumentText(msgspec.Struct, frozen=True):
    """The text of a document."""

    path: str
    text: str


class StepPrompt(msgspec.Struct, frozen=True):
    """The prompt of a step, with its size in tokens and the name of the step in words."""

    text: str
    tokens: int
    step_label: str


class ApprovalTerms(msgspec.Struct, frozen=True):
    """The conditions of an approval that the files do not meet, and whether a note must say why it is approved anyway.

    `seen` is a digest of these conditions. The request for a verdict repeats the digest, which shows that the person has
    read these conditions and no older ones.
    """

    title: str
    missing: tuple[str, ...]
    needs_note: bool
    seen: str


class WrittenVerdict(msgspec.Struct, frozen=True):
    """The path of a verdict file that was written."""

    path: str


class VerdictRequest(msgspec.Struct, frozen=True):
    """A person's approval. `by` is the person's name. `seen` is copied from the `ApprovalTerms` that the person has read."""

    plan: str
    achievement: str
    verdict: str
    by: str
    note: str = ""
    seen: str = ""


class _NextOutput(msgspec.Struct, frozen=True):
    """The members of the output of `planmark next --json` that a page shows."""

    prompt: str
    tokens: Tokens
    asks: str


def status_answer(workspace: LiveWorkspace, _query: Query) -> object:
    """Return the status of the workspace; before the first complete scan, only the progress."""
    started = time.perf_counter()
    if not workspace.is_read and not workspace.problem:
        progress_result = unread_workspace(str(workspace.root), workspace.read_progress)
        return StatusResult(workspaces=[progress_result], run=Run(0, 0.0, False))
    with workspace.current_view() as view:
        result = workspace_result(view)
        ms = round((time.perf_counter() - started) * 1000, 1)
        return StatusResult(workspaces=[result], run=Run(view.snapshot.revision, ms, True))


def graph_answer(workspace: LiveWorkspace, query: Query) -> object:
    """Return the graph of a plan."""
    with workspace.current_view() as view:
        return graph_result(view, _plan_at(view, query.get("plan", "")).path)


def history_answer(workspace: LiveWorkspace, query: Query) -> object:
    """Return the history of the workspace, or of one plan."""
    today = local_day()
    with workspace.current_view() as view:
        plan = _plan_at(view, query["plan"]).path if query.get("plan") else None
        questions = history_questions(view, today, plan)
    # Git may take seconds: no other answer waits for it.
    log = read_file_log(workspace.root, *questions)
    with workspace.current_view() as view:
        return history_result(view, today, log, plan)


def document_answer(workspace: LiveWorkspace, query: Query) -> object:
    """Return the text of a document of the workspace."""
    path = query.get("path", "")
    with workspace.current_view() as view:
        known_paths = {*view.snapshot.documents, *view.snapshot.records, *(plan.path for plan in view.plans)}
        if path not in known_paths:
            raise NotFoundError(f"the workspace has no document {path}")
        return DocumentText(path, view.text(path))


def prompt_answer(workspace: LiveWorkspace, query: Query) -> object:
    """Return the prompt of a plan's next step, or of the next step of an achievement."""
    with workspace.lend_index() as index, workspace.current_view() as view:
        plan = _plan_at(view, query.get("plan", ""))
        achievement = query.get("achievement", "")
        options = ["--json", *([f"--achievement={achievement}"] if achievement else [])]
        result = _run_command(index, "next", [str(workspace.root / plan.path)], options)
        # The runner adds the last member, `run`.
        output = msgspec.json.decode(result.output + "\n}", type=_NextOutput)
    return StepPrompt(output.prompt, output.tokens.total, output.asks)


def approval_answer(workspace: LiveWorkspace, query: Query) -> object:
    """Return the conditions that an approval of an achievement lacks. Raises RefusedError if no approval is possible."""
    with workspace.current_view() as view:
        plan = _plan_at(view, query.get("plan", ""))
        if isinstance(plan, PlanSite):
            raise RefusedError(f"{plan.path} has no verdicts: its boxes say what is done")
        achievement = achievement_named(view.state(plan.path), query.get("achievement", ""))
        missing_conditions = _missing_conditions(view, plan, achievement.id)
        return ApprovalTerms(
            achievement.title, missing_conditions, bool(missing_conditions), _digest(missing_conditions)
        )


def _missing_conditions(view: View, plan: PlanDocuments, achievement: str) -> tuple[str, ...]:
    """Return the conditions of an approval that the files do not meet.

    Raises RefusedError if no approval is possible.
    """
    trial_input = DecisionInput("Reviewer", timestamp_text(datetime.datetime.now(datetime.timezone.utc)))
    try:
        authoring().record(view, plan, achievement, "approve", trial_input, False)
    except DecisionRefusedError as error:
        if not error.missing_proofs:
            raise RefusedError(str(error)) from None
        return error.missing_proofs
    return ()


def _digest(missing_conditions: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(missing_conditions).encode("utf-8", "surrogatepass")).hexdigest()


def write_verdict(workspace: LiveWorkspace, body: bytes) -> object:
    """Write the verdict of a person, and return its path. Raises ValidationError for a body that is no verdict."""
    request = msgspec.json.decode(body, type=VerdictRequest)
    if request.verdict != "approved":
        raise CommandError(
            "a page can only approve: write a FIX in an editor or with `planmark verdict fix`", BAD_USAGE
        )
    if not name_for_header(request.by) or len(request.by) > MAX_NAME_LENGTH:
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


ANSWERS: dict[str, Callable[[LiveWorkspace, Query], object]] = {
    "/api/status": status_answer,
    "/api/graph": graph_answer,
    "/api/history": history_answer,
    "/api/document": document_answer,
    "/api/prompt": prompt_answer,
    "/api/approval": approval_answer,
}
"""Address → the function that returns its answer."""


def about_answer(*, allows_verdicts: bool) -> About:
    """Return what a page needs to know about its server."""
    return About(allows_verdicts, __version__)


def answer_text(value: object) -> str:
    """Return an answer as JSON, with credentials masked."""
    return json_text(value)


def _plan_at(view: View, path: str) -> AnyPlan:
    for plan in view.plans:
        if plan.path == path:
            return plan
    raise NotFoundError(f"the workspace has no plan {path}")


def _run_command(index: Index, command: str, arguments: list[str], options: list[str]) -> CommandResult:
    """Run a command of the command line on an open index. Raises the errors of the command."""
    module = load_command(command)
    return module.run(
        CommandContext(options_of_values(command, module, arguments, options, str(index.root), quiet=True), index)
    )


def http_problem(error: Exception) -> tuple[int, str] | None:
    """Return the HTTP status and the message of an expected error; None for a defect."""
    if isinstance(error, NotFoundError):
        return 404, str(error)
    if isinstance(error, msgspec.DecodeError):
        return 422, f"the request is not a verdict: {error}"
    if isinstance(error, RefusedError):
        return 409, str(error)
    code = exit_code(error)
    if code is None:
        return None
    return (422 if code == BAD_USAGE else 409), str(error)
