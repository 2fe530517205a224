"""The public results of the CLI and the server. Lines and columns are 1-based."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from planmark import __version__
from planmark.coordination.lease import Lease, LeaseState
from planmark.plans.diagnostic import Diagnostic, columns_or_whole_line
from planmark.plans.model import (
    Built,
    ClaimLine,
    Evidence,
    Group,
    Lifecycle,
    LifecycleSource,
    NextStep,
    PlanCondition,
    Progress,
    Ready,
    Role,
    State,
    Step,
)
from planmark.plans.preflight import PreflightFinding
from planmark.plans.priority import Priority
from planmark.plans.roles import STEP_ROLES, task_in_words
from planmark.plans.standing import Standing
from planmark.prompts.budget import Dropped
from planmark.prompts.delta import Since
from planmark.prompts.learned import CaseReference, PatternReference
from planmark.prompts.prompt import Prompt, QuotedLines, ReadLines, Tokens
from planmark.queries.grammaplans import GrammaplanResult
from planmark.queries.misnamed import MisnamedResult
from planmark.queries.workspace_view import View
from planmark.text.encodings import to_units
from planmark.text.lines import line_index
from planmark.workspace.left_out import LeftOut
from planmark.workspace.scan import Problem
from planmark.workspace.snapshot import NotPlan, Orphan
from planmark.workspace.workspace_edits import Change, CreateFile, RenamePath, in_order


class Run(msgspec.Struct, frozen=True):
    """The values that may differ between two runs on the same files."""

    revision: int
    ms: float
    cached: bool


class HolderResult(msgspec.Struct, frozen=True):
    """The agent that holds a step, or that a step is reserved for. Times are in UTC, such as `2026-11-29T01:02:03Z`."""

    agent: str
    host: str
    lease: str
    state: LeaseState
    role: Role
    since: str
    until: str


class ExecutionResult(msgspec.Struct, frozen=True):
    """An execution of an achievement: its number, the path of its document, and the outcome that the document states."""

    number: int
    path: str
    outcome: str


class AchievementResult(msgspec.Struct, frozen=True):
    """An achievement, or a task of another format, with its state and the evidence of the state.

    `line` (1-based) is the line of its definition in `path`. `ref` names it in commands. `blocked_by` are its open
    dependencies. `round` is the number of the current round of review.
    """

    id: str
    title: str
    priority: str
    state: State
    path: str
    line: int
    subplan: str | None
    executions: list[ExecutionResult]
    verdict: str | None
    depends_on: tuple[str, ...]
    blocked_by: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    round: int
    ref: str = ""
    parent: str | None = None
    level: int = 0
    kind: str = "task"
    group: str | None = None
    optional: bool = False
    parallel: bool = False
    leaf: bool = True
    marker: str = ""
    listed: bool = False
    preflight: tuple[PreflightFinding, ...] = ()
    state_label: str = ""
    """The state in words; for a waiting achievement, with its open dependencies."""
    holder: HolderResult | None = None


class PlanResult(msgspec.Struct, frozen=True):
    """A plan with its state, its next step and its achievements. `counts` maps a state to its number of achievements.

    `diagnostics` maps a severity to its number of diagnostics. `claims` are the lines that claim finished work.
    """

    path: str
    feature: str
    lifecycle: Lifecycle
    lifecycle_by: LifecycleSource | None
    lifecycle_evidence: Evidence | None
    legacy: bool
    state: PlanCondition
    closed: bool
    priority: Priority | None
    counts: dict[State, int]
    next: NextStep
    also_ready: tuple[Ready, ...]
    claims: tuple[ClaimLine, ...]
    diagnostics: dict[str, int]
    achievements: list[AchievementResult]
    notes: tuple[str, ...] = ()
    format: str = "planmark"
    groups: tuple[Group, ...] = ()
    progress: Progress | None = None
    evidence: Built | None = None
    standing: Standing = "active"
    adoptable: int = 0
    """The number of achievements that the PLAN claims to be done and that have no verdict."""
    state_label: str = ""
    """The state in words: "closed" for a complete plan whose Status says so."""
    holder: HolderResult | None = None
    """The agent that holds the step about the whole plan, or about its current group."""


class ReadProgress(msgspec.Struct, frozen=True):
    """The progress of reading a workspace: the number of documents that are read (`done`), and of all documents (`of`).

    `of` is 0 before the files are listed.
    """

    done: int
    of: int


class WorkspaceResult(msgspec.Struct, frozen=True):
    """The plans of a workspace.

    While `complete` is false, the result has no facts about plans, and `reading` is the progress of reading documents.
    """

    root: str
    complete: bool
    plans: list[PlanResult]
    not_plans: tuple[NotPlan, ...]
    orphans: tuple[Orphan, ...]
    problems: tuple[Problem, ...]
    misnamed: tuple[MisnamedResult, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    checkouts: tuple[str, ...] = ()
    grammaplans: tuple[GrammaplanResult, ...] = ()
    reading: ReadProgress | None = None


class StatusResult(msgspec.Struct, frozen=True, kw_only=True):
    """The plans of the workspaces."""

    schema: str = "planmark.status/1"
    planmark: str = __version__
    workspaces: list[WorkspaceResult]
    run: Run


class Position(msgspec.Struct, frozen=True):
    """A place in a text: its line (1-based), and its column (1-based, in UTF-16 units)."""

    line: int
    column: int


class Range(msgspec.Struct, frozen=True):
    """A range of a text; `end` is exclusive."""

    start: Position
    end: Position


class RelatedResult(msgspec.Struct, frozen=True):
    """A place that a diagnostic refers to, with a message about it. `line` is 1-based."""

    path: str
    line: int
    message: str


class DiagnosticResult(msgspec.Struct, frozen=True):
    """A diagnostic with its fixes. `docs` is the address of the page about its code.

    `fingerprint` identifies the diagnostic. It stays the same if only the line of the diagnostic moves.
    """

    path: str
    range: Range
    severity: str
    code: str
    message: str
    docs: str
    related: list[RelatedResult]
    fingerprint: str
    fixes: list[dict[str, Any]]


class FixResult(msgspec.Struct, frozen=True):
    """An applied fix.

    `line` is the line of its diagnostic. `lines` are the changed lines. All line numbers are those of the file before
    the fixes.
    """

    path: str
    line: int
    lines: tuple[int, ...]
    code: str
    title: str


class LeftOutResult(FixResult, frozen=True):
    """A skipped fix, and the reason."""

    reason: str


class Failure(msgspec.Struct, frozen=True):
    """The reason why a command has no answer or an incomplete one, and its exit code."""

    message: str
    exit_code: int


class ErrorResult(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON output of a command that has no answer."""

    schema: str = "planmark.error/1"
    planmark: str = __version__
    error: Failure


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """The diagnostics of a workspace, and what `--fix` did.

    `fixed` are the fixes that `--fix` applied, and `left_out` are the fixes that it skipped. `diff` is the diff that
    `--diff` shows. `error` says that no plan was found; null if a plan was found.
    """

    schema: str = "planmark.check/1"
    workspace: str
    diagnostics: list[DiagnosticResult]
    fixed: list[FixResult] = []
    left_out: list[LeftOutResult] = []
    diff: str | None = None
    error: Failure | None = None


class StepOnDemand(msgspec.Struct, frozen=True):
    """A step that only a person can ask for. `asks` is its task in words, and `achievement` the id of its achievement."""

    step: Step
    asks: str
    achievement: str | None = None


class PromptResult(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt for a step. `read` are the lines to read, and `writes` are the files that the agent creates or changes.

    `dropped` are the lines that were left out to fit `budget`. `tier` is the tier of model that the step needs.
    """

    schema: str = "planmark.prompt/1"
    workspace: str
    plan: str
    feature: str
    achievement: str | None
    step: Step
    role: Role
    tier: int
    reason: str
    prompt: str
    tokens: Tokens
    budget: int
    read: tuple[ReadLines, ...]
    do_not_read: tuple[str, ...]
    writes: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    notes: tuple[str, ...]
    run: Run
    ref: str | None = None
    group: str | None = None
    part: str | None = None
    preflight: tuple[PreflightFinding, ...] = ()
    similar: tuple[CaseReference, ...] = ()
    """Similar earlier work that the prompt refers to."""
    patterns: tuple[PatternReference, ...] = ()
    """Known failures that the prompt names."""
    quoted: tuple[QuotedLines, ...] = ()
    through: tuple[Step, ...] = ()
    """With `--through`: the steps that one agent does with the prompt."""
    asks: str = ""
    """The task of the step, in words."""
    on_demand: tuple[StepOnDemand, ...] = ()
    """The steps that a person may ask for instead."""
    lease: Lease | None = None
    """The lease of the step, with `--lease`."""
    id: str = ""
    """The id of the whole prompt, for `--since`; "" if it is not kept."""
    since: Since | None = None
    """With `--since`: what the recipient has already, and what changed."""


class ProposalResult(msgspec.Struct, frozen=True):
    """A verdict to write, and the lines of the PLAN that claim the achievement to be done."""

    achievement: str
    title: str
    state: State
    claims: tuple[ClaimLine, ...]
    path: str
    text: str
    state_label: str = ""


class AdoptResult(msgspec.Struct, frozen=True, kw_only=True):
    """The verdicts that are proposed for claimed achievements without a verdict."""

    schema: str = "planmark.adopt/1"
    workspace: str
    plan: str
    feature: str
    proposals: list[ProposalResult]


class Delivery(NamedTuple):
    """A delivery of a prompt.

    `id` is the id of the prompt; "" if the prompt is not kept. `since` is the difference from an earlier prompt of the
    same recipient; None if the recipient names no earlier prompt.
    """

    id: str
    since: Since | None = None


NO_DELIVERY = Delivery("")
"""The delivery of a prompt that is not kept."""


def prompt_result(
    root: str,
    prompt: Prompt,
    run: Run,
    on_demand_steps: Iterable[Step] = (),
    plan_format: str = "planmark",
    lease: Lease | None = None,
    delivery: Delivery = NO_DELIVERY,
) -> PromptResult:
    """Return a prompt as the result of `next --json`. `root` is the folder of the workspace.

    `on_demand_steps` are the steps that a person may ask for instead. `plan_format` is the name of the format of the
    plan.
    """
    return PromptResult(
        workspace=root,
        run=run,
        asks=task_in_words(prompt.step, plan_format),
        on_demand=(
            *(StepOnDemand(step, task_in_words(step, plan_format)) for step in on_demand_steps),
            *_finishing_step(prompt),
        ),
        lease=lease,
        id=delivery.id,
        since=delivery.since,
        **msgspec.structs.asdict(prompt),
    )


def _finishing_step(prompt: Prompt) -> Iterator[StepOnDemand]:
    """Yield the step `finish_execution`, which fixes findings of preflight, if `prompt` has such findings.

    Yield nothing if `prompt` is already for the step `finish_execution`.
    """
    if prompt.preflight and prompt.step != "finish_execution":
        yield StepOnDemand("finish_execution", STEP_ROLES["finish_execution"].asks, prompt.achievement)


def diagnostic_result(view: View, diagnostic: Diagnostic) -> DiagnosticResult:
    """Return a diagnostic as part of the result of `check --format json`.

    The fingerprint identifies the diagnostic. It does not depend on the line, so it stays the same if the line moves.
    """
    identity = f"{diagnostic.path}\0{diagnostic.code}\0{diagnostic.message}"
    return DiagnosticResult(
        path=diagnostic.path,
        range=range_of(view, diagnostic),
        severity=diagnostic.severity,
        code=diagnostic.code,
        message=diagnostic.message,
        docs=f"docs/diagnostics/{diagnostic.code}.md",
        related=[
            RelatedResult(related_place.path, related_place.line, related_place.message)
            for related_place in diagnostic.related
        ],
        fingerprint=hashlib.sha256(identity.encode()).hexdigest()[:16],
        fixes=_fixes(view, diagnostic),
    )


def _fixes(view: View, diagnostic: Diagnostic) -> list[dict[str, Any]]:
    """Return the fixes of a diagnostic in the form of `DiagnosticResult.fixes`."""
    from planmark.diagnostics.fixes import fixes_for

    return [
        {
            "title": fix.title,
            "preferred": fix.is_preferred,
            "edits": [_edit(view, change) for change in in_order(fix.changes)],
        }
        for fix in fixes_for(view.snapshot, diagnostic, view.text)
    ]


def _edit(view: View, change: Change) -> dict[str, Any]:
    """Return a change of a fix as an entry of `edits` in `DiagnosticResult.fixes`."""
    if isinstance(change, CreateFile):
        return {"create": change.path, "text": change.text}
    if isinstance(change, RenamePath):
        return {"rename": change.old, "to": change.new}
    last_line = change.line + change.lines
    start = _position(view, change.path, change.line, change.start)
    edit_range = Range(start, _position(view, change.path, last_line, change.end))
    return {"path": change.path, "range": msgspec.to_builtins(edit_range), "newText": change.text}


def range_of(view: View, diagnostic: Diagnostic) -> Range:
    """Return the range of a diagnostic.

    Lines and columns are 1-based. Columns count UTF-16 units. The end is exclusive.
    """
    start, end = columns_or_whole_line(_line(view, diagnostic.path, diagnostic.line - 1), diagnostic.target_text)
    line = diagnostic.line - 1
    return Range(*(_position(view, diagnostic.path, line, column) for column in (start, end)))


def _position(view: View, path: str, line: int, column: int) -> Position:
    """Return the 1-based position for a `line` and a `column`, which are 0-based. `column` counts characters."""
    return Position(line + 1, to_units(_line(view, path, line), column, "utf-16") + 1)


def _line(view: View, path: str, number: int) -> str:
    """Return the text of a line of the document at `path`; "" if there is no such line. `number` is 0-based."""
    lines = line_index(view.text(path))
    return lines.line(number) if number < len(lines) else ""


class StoreResult(msgspec.Struct, frozen=True):
    """A store: the SQLite file with the parsed facts of a workspace.

    `here` tells whether the store belongs to the current workspace. `problem` is the reason why the store cannot be
    read, or "".
    """

    file: str
    workspace: str
    here: bool
    bytes: int
    documents: int
    answers: int
    age_seconds: int
    problem: str


class CacheResult(msgspec.Struct, frozen=True, kw_only=True):
    """The stores in the cache folder `folder`, and the bytes of the records of metrics."""

    schema: str = "planmark.cache/1"
    planmark: str = __version__
    folder: str
    stores: list[StoreResult]
    records_bytes: int
