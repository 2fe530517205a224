"""The public results of the CLI and the server. Lines and columns are 1-based."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from planmark import __version__
from planmark.coordination.lease import Lease, LeaseState
from planmark.plans.diagnostic import Diagnostic, columns
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
    """The agent that holds a step, or for which it is reserved. Times are in UTC, such as `2026-11-29T01:02:03Z`."""

    agent: str
    host: str
    lease: str
    state: LeaseState
    role: Role
    since: str
    until: str


class ExecutionResult(msgspec.Struct, frozen=True):
    number: int
    path: str
    outcome: str


class AchievementResult(msgspec.Struct, frozen=True):
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
    """The progress of reading a workspace: `done` of `of` documents. `of` is 0 before the files are listed."""

    done: int
    of: int


class WorkspaceResult(msgspec.Struct, frozen=True):
    """The plans of a workspace.

    While `complete` is false, the result has no facts about plans; `reading` then is the progress of reading documents.
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
    schema: str = "planmark.status/1"
    planmark: str = __version__
    workspaces: list[WorkspaceResult]
    run: Run


class RuleResult(msgspec.Struct, frozen=True):
    rule: str
    state: State
    says: str
    matched: bool
    evidence: tuple[Evidence, ...]


class NextRelation(msgspec.Struct, frozen=True):
    is_next: bool
    says: str


class WhyResult(msgspec.Struct, frozen=True, kw_only=True):
    schema: str = "planmark.why/1"
    workspace: str
    plan: str
    feature: str
    achievement: str
    state: State
    step: Step
    rules: list[RuleResult]
    claims: list[ClaimLine]
    next: NextRelation
    round: int
    notes: tuple[str, ...] = ()
    state_label: str = ""


class Position(msgspec.Struct, frozen=True):
    line: int
    column: int


class Range(msgspec.Struct, frozen=True):
    start: Position
    end: Position


class RelatedResult(msgspec.Struct, frozen=True):
    path: str
    line: int
    message: str


class DiagnosticResult(msgspec.Struct, frozen=True):
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

    `line` is the line of its diagnostic. `lines` are the changed lines. Both count the lines before any fix.
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
    """`fixed` and `left_out` are the fixes that `--fix` applied and skipped; `diff` is the diff that `--diff` shows.

    `error` says that no plan was found; null if a plan was found.
    """

    schema: str = "planmark.check/1"
    workspace: str
    diagnostics: list[DiagnosticResult]
    fixed: list[FixResult] = []
    left_out: list[LeftOutResult] = []
    diff: str | None = None
    error: Failure | None = None


class StepOnDemand(msgspec.Struct, frozen=True):
    """A step that only a person can ask for, and its task in words. `achievement` is the id of its achievement."""

    step: Step
    asks: str
    achievement: str | None = None


class PromptResult(msgspec.Struct, frozen=True, kw_only=True):
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
    schema: str = "planmark.adopt/1"
    workspace: str
    plan: str
    feature: str
    proposals: list[ProposalResult]


class Delivery(NamedTuple):
    """The id of a delivered prompt, "" if it is not kept, and its difference from an earlier one."""

    id: str
    since: Since | None = None


NO_DELIVERY = Delivery("")


def prompt_result(
    root: str,
    prompt: Prompt,
    run: Run,
    steps: Iterable[Step] = (),
    plan_format: str = "planmark",
    lease: Lease | None = None,
    delivery: Delivery = NO_DELIVERY,
) -> PromptResult:
    """Return a prompt as the result of `next --json`. `steps` may be asked for instead."""
    return PromptResult(
        workspace=root,
        run=run,
        asks=task_in_words(prompt.step, plan_format),
        on_demand=(
            *(StepOnDemand(step, task_in_words(step, plan_format)) for step in steps),
            *_finishing_step(prompt),
        ),
        lease=lease,
        id=delivery.id,
        since=delivery.since,
        **msgspec.structs.asdict(prompt),
    )


def _finishing_step(prompt: Prompt) -> Iterator[StepOnDemand]:
    """Yield the step that fixes the findings of preflight, if the prompt has findings."""
    if prompt.preflight and prompt.step != "finish_execution":
        yield StepOnDemand("finish_execution", STEP_ROLES["finish_execution"].asks, prompt.achievement)


def diagnostic_result(view: View, diagnostic: Diagnostic) -> DiagnosticResult:
    """Return a diagnostic as part of the result of `check --format json`.

    The fingerprint does not change when lines above the diagnostic do.
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
    """Return the fixes of a diagnostic in the terms of the public contract."""
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
    if isinstance(change, CreateFile):
        return {"create": change.path, "text": change.text}
    if isinstance(change, RenamePath):
        return {"rename": change.old, "to": change.new}
    last_line = change.line + change.lines
    start = _position(view, change.path, change.line, change.start)
    edit_range = Range(start, _position(view, change.path, last_line, change.end))
    return {"path": change.path, "range": msgspec.to_builtins(edit_range), "newText": change.text}


def range_of(view: View, diagnostic: Diagnostic) -> Range:
    """Return the range of a diagnostic: 1-based, columns in UTF-16 units, end exclusive."""
    start, end = columns(_line(view, diagnostic.path, diagnostic.line - 1), diagnostic.target_text)
    line = diagnostic.line - 1
    return Range(*(_position(view, diagnostic.path, line, column) for column in (start, end)))


def _position(view: View, path: str, line: int, column: int) -> Position:
    return Position(line + 1, to_units(_line(view, path, line), column, "utf-16") + 1)


def _line(view: View, path: str, number: int) -> str:
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
    schema: str = "planmark.cache/1"
    planmark: str = __version__
    folder: str
    stores: list[StoreResult]
    records_bytes: int
