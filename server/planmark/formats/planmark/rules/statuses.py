"""Rules for the Status of a PLAN, SUBPLAN or EXECUTION_TASK: contradicted by files, unknown, missing, withdrawn."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.diagnostics.rule_inputs import DocumentInput
from planmark.diagnostics.rules import Topic
from planmark.formats.planmark.documents.execution_task import ExecutionTask
from planmark.formats.planmark.documents.statuses import header_status
from planmark.formats.planmark.documents.subplan import Subplan
from planmark.formats.planmark.documents.vocabulary import status_of
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.decision_table import AchievementInputs, subplan_facts, task_facts
from planmark.markdown.parsed_source import Quote, quote_at
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, RelatedPlace, replacement_fix
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import SETTLED_STATES, AchievementState
from planmark.plans.phrases import item_state_sentence
from planmark.plans.vocabulary import Status
from planmark.text.similarity import misspelled_phrase
from planmark.workspace.snapshot import Snapshot

STATUS_CONTRADICTS_FILES = DiagnosticCode("status-contradicts-files", "warning", "a status that contradicts the files")
STATUS_UNKNOWN = DiagnosticCode("status-unknown", "hint", "a status word that is not in the vocabulary")
STATUS_MISSING = DiagnosticCode("status-missing", "hint", "a SUBPLAN or an EXECUTION_TASK without a readable status")
SUBPLAN_WITHDRAWN = DiagnosticCode(
    "subplan-withdrawn", "warning", "a SUBPLAN that does not count because its Status withdraws it"
)

COMPLETE, IN_PROGRESS = "✅ Complete", "🚧 In Progress"
EXAMPLE_STATUSES = ("Planning", "In Progress", "Blocked", "Complete")
"""Statuses that the message about an unknown status suggests."""
STATUSES_BEFORE_WORK: tuple[Status, ...] = ("planning", "not_started", "ready")
"""Statuses that say that no work has begun."""


def contradicted_statuses(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each Status of a PLAN, SUBPLAN or EXECUTION_TASK that the files contradict."""
    yield from _plan_status_diagnostics(plan, evaluation)
    for achievement in evaluation.state.achievements:
        inputs = evaluation.inputs[achievement.id]
        yield from _subplan_status_diagnostics(achievement, inputs)
        yield from _task_status_diagnostics(achievement, inputs)


def _plan_status_diagnostics(plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic if the states of the achievements contradict the Status of the PLAN."""
    status, status_word, state = plan.facts.status, plan.facts.status_word, evaluation.state
    if status is None or state.state == "no_achievements":
        return
    line, value = plan.document.line(status.position), field_value_of(status)
    total = len(state.achievements) - state.counts.get("dropped", 0)
    open_count = total - state.counts.get("approved", 0)
    if status_word == "complete" and state.state != "complete" and plan.verdicts:
        message = f"the Status says complete, but {open_count} of {total} achievements are not approved: set the Status"
        yield STATUS_CONTRADICTS_FILES.at(plan.path, line, message, target_text=value, fix=replacement_fix(IN_PROGRESS))
    elif (
        status_word in STATUSES_BEFORE_WORK
        and state.state in ("in_progress", "needs_attention")
        and (plan.subplans or plan.executions)
    ):
        begun_count = sum(
            achievement.state not in ("no_subplan", "blocked", "dropped") for achievement in state.achievements
        )
        if begun_count:
            message = f"the Status says `{value}`, but {begun_count} of {total} achievements are begun or done: set the Status"
            yield STATUS_CONTRADICTS_FILES.at(
                plan.path, line, message, target_text=value, fix=replacement_fix(IN_PROGRESS, is_safe=True)
            )


def _subplan_status_diagnostics(achievement: AchievementState, inputs: AchievementInputs) -> Iterator[Diagnostic]:
    """Yield a diagnostic if the executions or the approval of an achievement contradict the Status of the SUBPLAN."""
    subplan = inputs.subplan
    facts = subplan_facts(subplan) if subplan else None
    if subplan is None or facts is None or facts.status is None:
        return
    line, value = subplan.line(facts.status.position), field_value_of(facts.status)
    open_executions = [execution for execution in inputs.executions if execution.outcome in ("open", "blocked")]
    if facts.status_word == "complete" and open_executions and achievement.state not in SETTLED_STATES:
        related_places = tuple(RelatedPlace(e.path, e.evidence.line, e.evidence.says) for e in open_executions)
        names = ", ".join(_file_name(execution.path) for execution in open_executions)
        message = f"the Status says complete, but {names} {'is' if len(open_executions) == 1 else 'are'} not: set the Status, or close what is open"
        yield STATUS_CONTRADICTS_FILES.at(
            subplan.path, line, message, related_places, target_text=value, fix=replacement_fix(IN_PROGRESS)
        )
    elif achievement.state == "approved" and facts.status_word not in ("complete", None):
        related_places = (RelatedPlace(achievement.verdict, 1, "the verdict"),) if achievement.verdict else ()
        message = f"{achievement.id} is approved: set the Status to {COMPLETE}"
        yield STATUS_CONTRADICTS_FILES.at(
            subplan.path,
            line,
            message,
            related_places,
            target_text=value,
            fix=replacement_fix(COMPLETE, is_safe=True),
            severity="hint",
        )


def _task_status_diagnostics(achievement: AchievementState, inputs: AchievementInputs) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each EXECUTION_TASK whose header has an outdated Status.

    The execution is done, or it is still open although its achievement is approved.
    """
    for task, execution in zip(inputs.tasks, inputs.executions, strict=True):
        facts = task_facts(task)
        if facts.header is None or facts.header_word in ("complete", None):
            continue
        related_places: tuple[RelatedPlace, ...] = ()
        if execution.outcome == "done":
            message = (
                f"this execution is done (line {execution.evidence.line}): set the Status of the header to {COMPLETE}"
            )
            related_places = (RelatedPlace(task.path, execution.evidence.line, execution.evidence.says),)
        elif achievement.state == "approved" and execution.outcome == "open":
            message = f"{achievement.id} is approved, and this execution was never closed: set the Status to {COMPLETE}"
            related_places = (RelatedPlace(achievement.verdict, 1, "the verdict"),) if achievement.verdict else ()
        else:
            continue
        yield STATUS_CONTRADICTS_FILES.at(
            task.path,
            task.line(facts.header.position),
            message,
            related_places,
            target_text=field_value_of(facts.header),
            fix=replacement_fix(COMPLETE, is_safe=True),
            severity="hint",
        )


def unknown_statuses(document_input: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic if the Status in the header does not begin with a word of the vocabulary."""
    if document_input.kind not in ("plan", "subplan", "execution_task"):
        return
    field = header_status(document_input.source, document_input.vocabulary)
    if field is None or status_of(field.value, document_input.vocabulary):
        return
    similar_phrase = misspelled_phrase(field.value, [phrase for phrase, _ in document_input.vocabulary.statuses])
    hint = (
        f"did you mean `{similar_phrase.title()}`?"
        if similar_phrase
        else f"use, for example, {', '.join(EXAMPLE_STATUSES)}, or add a word with `vocabulary.statuses`"
    )
    status_quote = quote_at(document_input.source, field.position)
    yield STATUS_UNKNOWN.at(
        document_input.document.path,
        document_input.document.line(field.position),
        f"`{field.value}` is not a known status: {hint}",
        target_text=field_value_of(status_quote),
        fix=replacement_fix(similar_phrase.title() if similar_phrase else None),
    )


def missing_statuses(document_input: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for a SUBPLAN or an open EXECUTION_TASK without a readable Status.

    A Status that is still a placeholder of a template gets no diagnostic here.
    """
    facts = document_input.document.facts
    if not isinstance(facts, (Subplan, ExecutionTask)) or facts.status is not None:
        return
    if isinstance(facts, ExecutionTask) and facts.outcome != "open":
        return
    if any("status" in line.text.casefold() for line in document_input.document.unfilled_quotes):
        return
    counts_as = "counts as open" if isinstance(facts, ExecutionTask) else "counts as a design to be executed"
    message = f"no status can be read, so this {counts_as}: write `**Status**: …` below the title, without indentation"
    yield STATUS_MISSING.at(document_input.document.path, 1, message)


def withdrawn_subplans(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each SUBPLAN whose Status withdraws it, unless the achievement is approved or dropped."""
    for achievement in evaluation.state.achievements:
        document = evaluation.inputs[achievement.id].withdrawn_subplan
        status = subplan_facts(document).status if document else None
        if document is None or status is None or achievement.state in SETTLED_STATES:
            continue
        message = (
            f"the Status withdraws this SUBPLAN, so {achievement.id} has none: write the new design here and set the Status, "
            f"or drop the achievement (planmark drop @{plan.feature} {achievement.id} --note TEXT)"
        )
        related_places = (
            RelatedPlace(achievement.path, achievement.line, item_state_sentence(achievement.id, achievement)),
        )
        yield SUBPLAN_WITHDRAWN.at(
            document.path, document.line(status.position), message, related_places, target_text=status.text
        )


def field_value_of(line: Quote) -> str:
    """Return the value of the field, or of the table row, on a line; "" if the line has no value."""
    field_match = re.search(r"[:：]\s*\**\s*(?P<value>\S.*)$", line.text)
    row_match = re.fullmatch(r"\|?[^|]*\|\s*(?P<value>[^|]*[^|\s])\s*\|?", line.text)
    return (row_match or field_match or {"value": ""})["value"]


def _file_name(path: str) -> str:
    """Return the file name at the end of a path."""
    return path.rpartition("/")[2]


TOPIC = Topic(
    codes=(STATUS_CONTRADICTS_FILES, STATUS_UNKNOWN, STATUS_MISSING, SUBPLAN_WITHDRAWN),
    document=(unknown_statuses, missing_statuses),
    plan=(contradicted_statuses, withdrawn_subplans),
)
