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

    `unreadable` is the reason why its dependencies are unknown. `withdrawn_subplan` is a SUBPLAN that its own Status
    withdraws. `dropped` is the line of the PLAN that drops the achievement. `plan_line` is the 1-based line of its
    definition. `feedbacks` is the folder in which its verdicts count.
    """

    achievement: str
    plan_path: str
    plan_line: int
    feedbacks: str
    subplan: Document | None
    tasks: tuple[Document, ...]
    executions: tuple[Execution, ...]
    reviews: Reviews
    open_dependencies: tuple[Dependency, ...]
    unreadable: Evidence | None = None
    withdrawn_subplan: Document | None = None
    dropped: Evidence | None = None

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


class Match(NamedTuple):
    """The result of a row: whether the row matches, the evidence, the next step, and the document of that step."""

    matches: bool
    evidence: tuple[Evidence, ...]
    step: Step | None = None
    file: str | None = None


class DecisionRow(NamedTuple):
    """A row of the decision table."""

    letter: str
    state: State
    says: str
    match: Callable[[AchievementInputs], Match]


def file_evidence(document: Document, says: str = "") -> Evidence:
    """Return evidence that a file exists; `says` replaces the default text."""
    return Evidence(document.path, 1, says or f"{document.path.rpartition('/')[2]} exists")


def no_match(*evidence: Evidence) -> Match:
    """Return a result that says that the row does not match, with the evidence."""
    return Match(False, evidence)


def _match_approved(s: AchievementInputs) -> Match:
    if s.approved is None:
        return no_match(*s.reviews.doubts or (_missing(s, f"no APPROVED file for {s.achievement} in {s.feedbacks}/"),))
    if s.reviews.stands:
        return no_match(file_evidence(s.approved), *_reopening_evidence(s))
    return Match(True, (_verdict_evidence(s, s.approved), *_superseded_evidence(s)), None, s.approved.path)


def _match_dropped(s: AchievementInputs) -> Match:
    """Match a dropped achievement.

    The row follows the rows of an approval, because an approval stays valid. It precedes the rows of a FIX, because
    unwanted work needs no fix.
    """
    if s.dropped is None:
        return no_match(_missing(s, f"the PLAN wants {s.achievement}"))
    return Match(True, (s.dropped,))


def _needs_fix(s: AchievementInputs) -> Match:
    if s.fix is None or not s.reviews.stands:
        return no_match(*_fix_is_absent(s))
    if s.resolution is not None and s.reviews.is_answered:
        return no_match(_verdict_evidence(s, s.fix), file_evidence(s.resolution, "a RESOLUTION answers the FIX"))
    return Match(
        True,
        (_verdict_evidence(s, s.fix), *_reopening_evidence(s), *_earlier_verdict_evidence(s)),
        "address_fix",
        s.fix.path,
    )


def _fix_resolved(s: AchievementInputs) -> Match:
    if s.fix is None or not s.reviews.stands:
        return no_match(*_fix_is_absent(s))
    if s.resolution is None:
        return no_match(file_evidence(s.fix, "no RESOLUTION answers the FIX"))
    if not s.reviews.is_answered:
        return no_match(*_date_evidence(s.fix, "is dated later than the RESOLUTION"))
    return Match(
        True,
        (_verdict_evidence(s, s.fix), file_evidence(s.resolution), *_earlier_verdict_evidence(s)),
        "re_review",
        s.resolution.path,
    )


def _design_placeholder(s: AchievementInputs) -> Match:
    if executions := _executions_with_outcome(s, "done"):
        return no_match(*_outcomes(executions))
    if s.subplan is not None:
        facts = subplan_facts(s.subplan)
        if facts.placeholders:
            evidence = tuple(Evidence(s.subplan.path, s.subplan.line(q.position), q.text) for q in facts.placeholders)
            return Match(True, evidence, "fill_subplan", s.subplan.path)
        if not facts.objective and not facts.approach:
            says = "neither an Objective nor an Approach is filled in"
            return Match(True, (Evidence(s.subplan.path, 1, says),), "fill_subplan", s.subplan.path)
    for task, execution in zip(s.tasks, s.executions, strict=True):
        unfilled_quotes = task_facts(task).placeholders
        if execution.outcome == "open" and unfilled_quotes:
            evidence = tuple(Evidence(task.path, task.line(q.position), q.text) for q in unfilled_quotes)
            return Match(True, evidence, "fill_execution", task.path)
    return no_match(
        file_evidence(s.subplan, "nothing is left to be filled in")
        if s.subplan
        else _missing(s, "nothing is left to be filled in")
    )


def _execution_blocked(s: AchievementInputs) -> Match:
    blocked, opened_executions = _executions_with_outcome(s, "blocked"), _executions_with_outcome(s, "open")
    if not blocked or opened_executions:
        return no_match(*_outcomes(opened_executions or s.executions) or _no_tasks(s))
    return Match(True, _outcomes(blocked), "unblock", blocked[0].path)


def _active_execution(s: AchievementInputs) -> Match:
    opened_executions = _executions_with_outcome(s, "open")
    if not opened_executions:
        return no_match(*_outcomes(s.executions) or _no_tasks(s))
    return Match(True, _outcomes(opened_executions), "continue_execution", opened_executions[0].path)


def _next_execution(s: AchievementInputs) -> Match:
    executions, planned_execution = _executions_with_outcome(s, "done"), _planned_execution(s)
    if executions and (failed := _last_failed_execution(s)):
        return Match(True, _outcomes((*failed, *executions)), "next_execution", s.subplan.path if s.subplan else None)
    if not executions or planned_execution is None or len(executions) >= planned_execution[0]:
        return no_match(*_outcomes(executions) or _no_tasks(s), *((planned_execution[1],) if planned_execution else ()))
    return Match(
        True, (*_outcomes(executions), planned_execution[1]), "next_execution", s.subplan.path if s.subplan else None
    )


def _match_awaiting_review(s: AchievementInputs) -> Match:
    executions = _executions_with_outcome(s, "done")
    if not executions:
        return no_match(*_outcomes(s.executions) or _no_tasks(s))
    if s.subplan is not None and len(executions) > 1 and subplan_facts(s.subplan).synthesis != "filled":
        says = f"Execution Results Synthesis is {subplan_facts(s.subplan).synthesis}"
        return Match(True, (*_outcomes(executions), Evidence(s.subplan.path, 1, says)), "synthesize", s.subplan.path)
    return Match(True, _outcomes(executions), "request_review", executions[-1].path)


def _no_execution(s: AchievementInputs) -> Match:
    if s.subplan is None:
        return no_match(_no_subplan_evidence(s))
    return Match(True, (*_outcomes(s.executions), file_evidence(s.subplan)), "create_execution", s.subplan.path)


def _match_blocked(s: AchievementInputs) -> Match:
    if s.unreadable is not None:
        return Match(True, (s.unreadable,), file=s.unreadable.path)
    if not s.open_dependencies:
        return no_match(_no_subplan_evidence(s))
    return Match(True, tuple(dict.fromkeys(dependency.reason for dependency in s.open_dependencies)))


def _no_subplan(s: AchievementInputs) -> Match:
    return Match(True, (_no_subplan_evidence(s),), "create_subplan", None)


TABLE: tuple[DecisionRow, ...] = (
    DecisionRow("A", "approved", "an APPROVED file that approves, and no FIX after it", _match_approved),
    DecisionRow(
        "L", "dropped", "the PLAN strikes it through, marks it, or its Status says that it is dropped", _match_dropped
    ),
    DecisionRow("B", "needs_fix", "a FIX that no APPROVED closes, with no RESOLUTION or one that is older", _needs_fix),
    DecisionRow("C", "fix_resolved", "a FIX that no APPROVED closes, and a RESOLUTION that answers it", _fix_resolved),
    DecisionRow(
        "D", "design_placeholder", "no execution done, and a template that is not filled in", _design_placeholder
    ),
    DecisionRow("E", "execution_blocked", "an execution is blocked, none is open", _execution_blocked),
    DecisionRow("F", "active_execution", "an execution is open", _active_execution),
    DecisionRow(
        "G", "next_execution", "executions are done, fewer than planned, or the last one failed", _next_execution
    ),
    DecisionRow("H", "awaiting_review", "executions are done, none that is planned is missing", _match_awaiting_review),
    DecisionRow("I", "no_execution", "a SUBPLAN without an execution that counts", _no_execution),
    DecisionRow("J", "blocked", "no SUBPLAN, and a dependency is not approved or cannot be read", _match_blocked),
    DecisionRow("K", "no_subplan", "otherwise", _no_subplan),
)


def decide(situation: AchievementInputs) -> Decision:
    """Return the decision of the first row of the table that matches."""
    for rule in TABLE:
        match = rule.match(situation)
        if match.matches:
            return Decision(rule.letter, rule.state, match.step or "wait", match.file, match.evidence)
    raise AssertionError("the last row matches everything")


def subplan_facts(document: Document) -> Subplan:
    """Return the facts of a SUBPLAN document."""
    assert isinstance(document.facts, Subplan)
    return document.facts


def task_facts(document: Document) -> ExecutionTask:
    """Return the facts of an EXECUTION_TASK document."""
    assert isinstance(document.facts, ExecutionTask)
    return document.facts


def _verdict_evidence(s: AchievementInputs, document: Document) -> Evidence:
    """Return evidence that a verdict exists; from the second round on, it names the round of review."""
    evidence = file_evidence(document)
    if s.reviews.round <= FIRST_ROUND:
        return evidence
    return Evidence(evidence.path, evidence.line, f"round {s.reviews.round} of review: {evidence.says}")


def _reopening_evidence(s: AchievementInputs) -> tuple[Evidence, ...]:
    return (s.reviews.reopening,) if s.reviews.reopening else ()


def _earlier_verdict_evidence(s: AchievementInputs) -> tuple[Evidence, ...]:
    return tuple(file_evidence(fix, "another FIX that nothing answers") for fix in s.reviews.other_open_fixes)


def _date_evidence(document: Document | None, says: str) -> tuple[Evidence, ...]:
    dated_quote = verdict_facts(document).date_quote if document else None
    if document is None or dated_quote is None:
        return ()
    return (Evidence(document.path, document.line(dated_quote.position), f"{says}: {dated_quote.text}"),)


def _superseded_evidence(s: AchievementInputs) -> tuple[Evidence, ...]:
    return (file_evidence(s.fix, f"superseded: {s.fix.path.rpartition('/')[2]}"),) if s.fix else ()


def _fix_is_absent(s: AchievementInputs) -> tuple[Evidence, ...]:
    return _superseded_evidence(s) or (_missing(s, f"no FIX file for {s.achievement} in {s.feedbacks}/"),)


def _executions_with_outcome(s: AchievementInputs, outcome: str) -> tuple[Execution, ...]:
    return tuple(execution for execution in s.executions if execution.outcome == outcome)


def _last_failed_execution(s: AchievementInputs) -> tuple[Execution, ...]:
    """Return the execution with the highest number if it failed and all executions are closed; else ()."""
    last = max(s.executions, key=lambda execution: execution.number, default=None)
    is_closed = all(execution.outcome in CLOSED_OUTCOMES for execution in s.executions)
    return (last,) if last is not None and is_closed and last.outcome == "failed" else ()


def _outcomes(executions: tuple[Execution, ...]) -> tuple[Evidence, ...]:
    return tuple(evidence for execution in executions for evidence in (execution.evidence, *execution.disputed))


def _missing(s: AchievementInputs, says: str) -> Evidence:
    """Return evidence that a file or a decision is missing, at the definition of the achievement."""
    return Evidence(s.plan_path, s.plan_line, says)


def _no_tasks(s: AchievementInputs) -> tuple[Evidence, ...]:
    return (_missing(s, f"no EXECUTION_TASK for {s.achievement}"),)


def _no_subplan_evidence(s: AchievementInputs) -> Evidence:
    if s.withdrawn_subplan is not None and (status := subplan_facts(s.withdrawn_subplan).status):
        says = f"a SUBPLAN that counts as none: {status.text}"
        return Evidence(s.withdrawn_subplan.path, s.withdrawn_subplan.line(status.position), says)
    return file_evidence(s.subplan) if s.subplan else _missing(s, f"no SUBPLAN for {s.achievement}")


def _planned_execution(s: AchievementInputs) -> tuple[int, Evidence] | None:
    facts = subplan_facts(s.subplan) if s.subplan else None
    if s.subplan is None or facts is None or facts.planned_executions is None or facts.planned_at is None:
        return None
    quote = facts.planned_at
    says = f"{facts.planned_executions} planned: {quote.text}"
    return facts.planned_executions, Evidence(s.subplan.path, s.subplan.line(quote.position), says)
