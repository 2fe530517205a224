"""The decision table for the state of an achievement (the methodology, §3.3), as data.

The first row that matches decides. Each row returns the evidence for its decision.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from planmark.formats.planmark.documents.execution_task import ExecutionTask
from planmark.formats.planmark.documents.subplan import Subplan
from planmark.formats.planmark.workflow.verdicts import FIRST_ROUND, Reviews, verdict_facts
from planmark.plans.document import Document
from planmark.plans.evaluation import Decision
from planmark.plans.model import Dependency, Evidence, Execution, Outcome, State, Step

CLOSED_OUTCOMES: tuple[Outcome, ...] = ("done", "stopped", "failed")
"""Outcomes of executions that need no more work."""


class AchievementInputs(NamedTuple):
    """The input of the decision table: the documents and dependencies of one achievement.

    `tasks` are the EXECUTION_TASKs, and `executions` are the executions that they describe, in the same order.
    `plan_line` is the 1-based line that defines the achievement. Only verdicts in `feedback_folder` count.
    `unreadable_evidence` shows that a dependency cannot be read. `withdrawn_subplan` is a SUBPLAN whose Status
    withdraws it. `drop_evidence` is the line of the PLAN that drops the achievement.
    """

    achievement: str
    plan_path: str
    plan_line: int
    feedback_folder: str
    subplan: Document | None
    tasks: tuple[Document, ...]
    executions: tuple[Execution, ...]
    reviews: Reviews
    open_dependencies: tuple[Dependency, ...]
    unreadable_evidence: Evidence | None = None
    withdrawn_subplan: Document | None = None
    drop_evidence: Evidence | None = None

    @property
    def approved(self) -> Document | None:
        """The APPROVED that closes the last FIX, else the last APPROVED."""
        return self.reviews.approved

    @property
    def fix(self) -> Document | None:
        """The last FIX, whether an APPROVED closes it or not."""
        return self.reviews.fix

    @property
    def resolution(self) -> Document | None:
        """The RESOLUTION of the last FIX."""
        return self.reviews.resolution


class RowResult(NamedTuple):
    """The result of a row: whether the row matches, the evidence, the next step, and the file of that step."""

    is_match: bool
    evidence: tuple[Evidence, ...]
    step: Step | None = None
    step_file: str | None = None


class DecisionRow(NamedTuple):
    """A row of the decision table: its letter in the methodology, its state, its condition in words, and its function."""

    letter: str
    state: State
    condition: str
    match: Callable[[AchievementInputs], RowResult]


def file_evidence(document: Document, text: str = "") -> Evidence:
    """Return evidence that the file of `document` exists. If `text` is not empty, it replaces the default text."""
    return Evidence(document.path, 1, text or f"{document.path.rpartition('/')[2]} exists")


def no_match(*evidence: Evidence) -> RowResult:
    """Return the result of a row that does not match; `evidence` shows why it does not match."""
    return RowResult(False, evidence)


def _match_approved(inputs: AchievementInputs) -> RowResult:
    """Match an achievement that an APPROVED approves."""
    if inputs.approved is None:
        return no_match(
            *inputs.reviews.doubts
            or (_absence_evidence(inputs, f"no APPROVED file for {inputs.achievement} in {inputs.feedback_folder}/"),)
        )
    if inputs.reviews.is_fix_open:
        return no_match(file_evidence(inputs.approved), *_reopening_evidence(inputs))
    return RowResult(
        True, (_verdict_evidence(inputs, inputs.approved), *_superseded_evidence(inputs)), None, inputs.approved.path
    )


def _match_dropped(inputs: AchievementInputs) -> RowResult:
    """Match a dropped achievement.

    In the table, this row comes after the row of an approval, because an approval stays valid. It comes before the rows
    of a FIX, because unwanted work needs no fix.
    """
    if inputs.drop_evidence is None:
        return no_match(_absence_evidence(inputs, f"the PLAN wants {inputs.achievement}"))
    return RowResult(True, (inputs.drop_evidence,))


def _match_needs_fix(inputs: AchievementInputs) -> RowResult:
    """Match an achievement with an open FIX that no RESOLUTION answers."""
    if inputs.fix is None or not inputs.reviews.is_fix_open:
        return no_match(*_no_fix_evidence(inputs))
    if inputs.resolution is not None and inputs.reviews.is_answered:
        return no_match(
            _verdict_evidence(inputs, inputs.fix), file_evidence(inputs.resolution, "a RESOLUTION answers the FIX")
        )
    return RowResult(
        True,
        (_verdict_evidence(inputs, inputs.fix), *_reopening_evidence(inputs), *_other_fix_evidence(inputs)),
        "address_fix",
        inputs.fix.path,
    )


def _match_fix_resolved(inputs: AchievementInputs) -> RowResult:
    """Match an achievement with an open FIX that a RESOLUTION answers."""
    if inputs.fix is None or not inputs.reviews.is_fix_open:
        return no_match(*_no_fix_evidence(inputs))
    if inputs.resolution is None:
        return no_match(file_evidence(inputs.fix, "no RESOLUTION answers the FIX"))
    if not inputs.reviews.is_answered:
        return no_match(*_date_evidence(inputs.fix, "is dated later than the RESOLUTION"))
    return RowResult(
        True,
        (_verdict_evidence(inputs, inputs.fix), file_evidence(inputs.resolution), *_other_fix_evidence(inputs)),
        "re_review",
        inputs.resolution.path,
    )


def _match_design_placeholder(inputs: AchievementInputs) -> RowResult:
    """Match an achievement whose SUBPLAN or open EXECUTION_TASK still has placeholders."""
    if executions := _executions_with_outcome(inputs, "done"):
        return no_match(*_outcome_evidence(executions))
    if inputs.subplan is not None:
        facts = subplan_facts(inputs.subplan)
        if facts.placeholders:
            evidence = tuple(
                Evidence(inputs.subplan.path, inputs.subplan.line(q.position), q.text) for q in facts.placeholders
            )
            return RowResult(True, evidence, "fill_subplan", inputs.subplan.path)
        if not facts.objective and not facts.approach:
            text = "neither an Objective nor an Approach is filled in"
            return RowResult(True, (Evidence(inputs.subplan.path, 1, text),), "fill_subplan", inputs.subplan.path)
    for task, execution in zip(inputs.tasks, inputs.executions, strict=True):
        unfilled_quotes = task_facts(task).placeholders
        if execution.outcome == "open" and unfilled_quotes:
            evidence = tuple(Evidence(task.path, task.line(q.position), q.text) for q in unfilled_quotes)
            return RowResult(True, evidence, "fill_execution", task.path)
    return no_match(
        file_evidence(inputs.subplan, "nothing is left to be filled in")
        if inputs.subplan
        else _absence_evidence(inputs, "nothing is left to be filled in")
    )


def _match_execution_blocked(inputs: AchievementInputs) -> RowResult:
    """Match an achievement with a blocked execution and no open execution."""
    blocked_executions, open_executions = (
        _executions_with_outcome(inputs, "blocked"),
        _executions_with_outcome(inputs, "open"),
    )
    if not blocked_executions or open_executions:
        return no_match(*_outcome_evidence(open_executions or inputs.executions) or _no_task_evidence(inputs))
    return RowResult(True, _outcome_evidence(blocked_executions), "unblock", blocked_executions[0].path)


def _match_active_execution(inputs: AchievementInputs) -> RowResult:
    """Match an achievement with an open execution."""
    open_executions = _executions_with_outcome(inputs, "open")
    if not open_executions:
        return no_match(*_outcome_evidence(inputs.executions) or _no_task_evidence(inputs))
    return RowResult(True, _outcome_evidence(open_executions), "continue_execution", open_executions[0].path)


def _match_next_execution(inputs: AchievementInputs) -> RowResult:
    """Match an achievement with a finished execution, if a planned execution is missing, or the last execution failed."""
    executions, planned_count_and_evidence = _executions_with_outcome(inputs, "done"), _planned_executions(inputs)
    if executions and (failed_executions := _last_failed_execution(inputs)):
        return RowResult(
            True,
            _outcome_evidence((*failed_executions, *executions)),
            "next_execution",
            inputs.subplan.path if inputs.subplan else None,
        )
    if not executions or planned_count_and_evidence is None or len(executions) >= planned_count_and_evidence[0]:
        return no_match(
            *_outcome_evidence(executions) or _no_task_evidence(inputs),
            *((planned_count_and_evidence[1],) if planned_count_and_evidence else ()),
        )
    return RowResult(
        True,
        (*_outcome_evidence(executions), planned_count_and_evidence[1]),
        "next_execution",
        inputs.subplan.path if inputs.subplan else None,
    )


def _match_awaiting_review(inputs: AchievementInputs) -> RowResult:
    """Match an achievement with an execution that is done.

    If a planned execution is missing, an earlier row of the table matches instead.
    """
    executions = _executions_with_outcome(inputs, "done")
    if not executions:
        return no_match(*_outcome_evidence(inputs.executions) or _no_task_evidence(inputs))
    if inputs.subplan is not None and len(executions) > 1 and subplan_facts(inputs.subplan).synthesis != "filled":
        text = f"Execution Results Synthesis is {subplan_facts(inputs.subplan).synthesis}"
        return RowResult(
            True,
            (*_outcome_evidence(executions), Evidence(inputs.subplan.path, 1, text)),
            "synthesize",
            inputs.subplan.path,
        )
    return RowResult(True, _outcome_evidence(executions), "request_review", executions[-1].path)


def _match_no_execution(inputs: AchievementInputs) -> RowResult:
    """Match an achievement with a SUBPLAN.

    If an execution is open, blocked or done, an earlier row of the table matches instead.
    """
    if inputs.subplan is None:
        return no_match(_subplan_evidence(inputs))
    return RowResult(
        True,
        (*_outcome_evidence(inputs.executions), file_evidence(inputs.subplan)),
        "create_execution",
        inputs.subplan.path,
    )


def _match_blocked(inputs: AchievementInputs) -> RowResult:
    """Match an achievement with an open or unreadable dependency.

    If there is a SUBPLAN, an earlier row of the table matches instead.
    """
    if inputs.unreadable_evidence is not None:
        return RowResult(True, (inputs.unreadable_evidence,), step_file=inputs.unreadable_evidence.path)
    if not inputs.open_dependencies:
        return no_match(_subplan_evidence(inputs))
    return RowResult(True, tuple(dict.fromkeys(dependency.reason for dependency in inputs.open_dependencies)))


def _match_no_subplan(inputs: AchievementInputs) -> RowResult:
    """Match every achievement, because this is the last row."""
    return RowResult(True, (_subplan_evidence(inputs),), "create_subplan", None)


DECISION_TABLE: tuple[DecisionRow, ...] = (
    DecisionRow("A", "approved", "an APPROVED file that approves, and no FIX after it", _match_approved),
    DecisionRow(
        "L", "dropped", "the PLAN strikes it through or marks it as dropped, or its Status says so", _match_dropped
    ),
    DecisionRow(
        "B", "needs_fix", "a FIX that no APPROVED closes, with no RESOLUTION or only an older one", _match_needs_fix
    ),
    DecisionRow(
        "C", "fix_resolved", "a FIX that no APPROVED closes, and a RESOLUTION that answers it", _match_fix_resolved
    ),
    DecisionRow(
        "D", "design_placeholder", "no execution done, and a template that is not filled in", _match_design_placeholder
    ),
    DecisionRow("E", "execution_blocked", "an execution is blocked, none is open", _match_execution_blocked),
    DecisionRow("F", "active_execution", "an execution is open", _match_active_execution),
    DecisionRow(
        "G",
        "next_execution",
        "executions are done, but fewer than planned, or the last one failed",
        _match_next_execution,
    ),
    DecisionRow(
        "H", "awaiting_review", "executions are done, and no planned execution is missing", _match_awaiting_review
    ),
    DecisionRow("I", "no_execution", "a SUBPLAN without an execution that counts", _match_no_execution),
    DecisionRow("J", "blocked", "no SUBPLAN, and a dependency is not approved or cannot be read", _match_blocked),
    DecisionRow("K", "no_subplan", "otherwise", _match_no_subplan),
)
"""The rows, in the order in which `decide` tries them."""


def decide(inputs: AchievementInputs) -> Decision:
    """Return the decision of the first row of the table that matches."""
    for row in DECISION_TABLE:
        match = row.match(inputs)
        if match.is_match:
            return Decision(row.letter, row.state, match.step or "wait", match.step_file, match.evidence)
    raise AssertionError("the last row matches everything")


def subplan_facts(document: Document) -> Subplan:
    """Return the facts of a SUBPLAN document."""
    assert isinstance(document.facts, Subplan)
    return document.facts


def task_facts(document: Document) -> ExecutionTask:
    """Return the facts of an EXECUTION_TASK document."""
    assert isinstance(document.facts, ExecutionTask)
    return document.facts


def _verdict_evidence(inputs: AchievementInputs, document: Document) -> Evidence:
    """Return evidence that the verdict `document` exists. From the second round on, the text names the round."""
    evidence = file_evidence(document)
    if inputs.reviews.round <= FIRST_ROUND:
        return evidence
    return Evidence(evidence.path, evidence.line, f"round {inputs.reviews.round} of review: {evidence.says}")


def _reopening_evidence(inputs: AchievementInputs) -> tuple[Evidence, ...]:
    """Return the evidence why a FIX is open although an APPROVED exists; () if there is no such FIX."""
    return (inputs.reviews.reopening,) if inputs.reviews.reopening else ()


def _other_fix_evidence(inputs: AchievementInputs) -> tuple[Evidence, ...]:
    """Return evidence of each FIX that no APPROVED closes and no RESOLUTION answers, except the last FIX."""
    return tuple(file_evidence(fix, "another FIX that nothing answers") for fix in inputs.reviews.other_open_fixes)


def _date_evidence(document: Document | None, text: str) -> tuple[Evidence, ...]:
    """Return evidence that quotes the date of a verdict after `text`; () if the verdict has no date."""
    dated_quote = verdict_facts(document).date_quote if document else None
    if document is None or dated_quote is None:
        return ()
    return (Evidence(document.path, document.line(dated_quote.position), f"{text}: {dated_quote.text}"),)


def _superseded_evidence(inputs: AchievementInputs) -> tuple[Evidence, ...]:
    """Return evidence of the FIX that an APPROVED closes; () if there is no FIX."""
    return (file_evidence(inputs.fix, f"superseded: {inputs.fix.path.rpartition('/')[2]}"),) if inputs.fix else ()


def _no_fix_evidence(inputs: AchievementInputs) -> tuple[Evidence, ...]:
    """Return evidence that no FIX is open: the evidence of a closed FIX, else evidence that there is no FIX."""
    return _superseded_evidence(inputs) or (
        _absence_evidence(inputs, f"no FIX file for {inputs.achievement} in {inputs.feedback_folder}/"),
    )


def _executions_with_outcome(inputs: AchievementInputs, outcome: str) -> tuple[Execution, ...]:
    """Return the executions of an achievement that have the outcome `outcome`."""
    return tuple(execution for execution in inputs.executions if execution.outcome == outcome)


def _last_failed_execution(inputs: AchievementInputs) -> tuple[Execution, ...]:
    """Return the execution with the highest number, if it failed and no execution is open or blocked; else ()."""
    last_execution = max(inputs.executions, key=lambda execution: execution.number, default=None)
    are_all_closed = all(execution.outcome in CLOSED_OUTCOMES for execution in inputs.executions)
    return (
        (last_execution,)
        if last_execution is not None and are_all_closed and last_execution.outcome == "failed"
        else ()
    )


def _outcome_evidence(executions: tuple[Execution, ...]) -> tuple[Evidence, ...]:
    """Return the evidence for the outcomes of executions, including evidence that disputes an outcome."""
    return tuple(evidence for execution in executions for evidence in (execution.evidence, *execution.disputed))


def _absence_evidence(inputs: AchievementInputs, text: str) -> Evidence:
    """Return evidence that something is missing. The evidence points to the definition of the achievement; `text` says
    what is missing.
    """
    return Evidence(inputs.plan_path, inputs.plan_line, text)


def _no_task_evidence(inputs: AchievementInputs) -> tuple[Evidence, ...]:
    """Return evidence that the achievement has no EXECUTION_TASK."""
    return (_absence_evidence(inputs, f"no EXECUTION_TASK for {inputs.achievement}"),)


def _subplan_evidence(inputs: AchievementInputs) -> Evidence:
    """Return evidence that the SUBPLAN of an achievement is withdrawn, that it exists, or that it is missing."""
    if inputs.withdrawn_subplan is not None and (status := subplan_facts(inputs.withdrawn_subplan).status):
        text = f"a withdrawn SUBPLAN, which does not count: {status.text}"
        return Evidence(inputs.withdrawn_subplan.path, inputs.withdrawn_subplan.line(status.position), text)
    return (
        file_evidence(inputs.subplan)
        if inputs.subplan
        else _absence_evidence(inputs, f"no SUBPLAN for {inputs.achievement}")
    )


def _planned_executions(inputs: AchievementInputs) -> tuple[int, Evidence] | None:
    """Return a pair: the number of executions that the SUBPLAN plans, and the evidence.

    Return None if there is no SUBPLAN, or if the SUBPLAN states no number.
    """
    facts = subplan_facts(inputs.subplan) if inputs.subplan else None
    if inputs.subplan is None or facts is None or facts.planned_executions is None or facts.planned_at is None:
        return None
    quote = facts.planned_at
    text = f"{facts.planned_executions} planned: {quote.text}"
    return facts.planned_executions, Evidence(inputs.subplan.path, inputs.subplan.line(quote.position), text)
