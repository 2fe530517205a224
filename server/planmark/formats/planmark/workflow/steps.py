"""The next step of a plan, from a table of choices; the first choice that returns a step decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from planmark.formats.planmark.documents.plan import UnreadReason
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.markdown.parsed_source import Quote
from planmark.plans.evaluation import Decision, decided_step
from planmark.plans.model import (
    NOT_WORKABLE_STATES,
    AchievementState,
    ClaimLine,
    Evidence,
    NextStep,
    Skipped,
    State,
    Step,
)
from planmark.plans.roles import step_about

FIX_STATES: tuple[State, ...] = ("needs_fix", "fix_resolved")
"""States whose steps precede all other work. These steps address or review a fix."""
CLAIMABLE_STATES: tuple[State, ...] = ("no_subplan", "no_execution")
"""States in which a claim in the PLAN's text stops the work until a person decides about the claim."""


_UNREAD_LINE_MESSAGES: dict[UnreadReason, str] = {
    "repeated": "{} is defined twice",
    "look-alike": "it only looks like {}",
    "form": "{} is named in a form that defines nothing",
    "hidden": "{} is named in code, a comment or HTML, where nothing is read",
}
"""Reason why a line does not define the achievement that it seems to define → the message, with `{}` for the id.

A line with any other reason is a definition outside the index.
"""


class UnsettledLine(NamedTuple):
    """A line of a PLAN that may stand for unfinished work, and the problem of the line."""

    line: Quote
    problem: str


def unsettled_definitions(plan: PlanDocuments) -> list[UnsettledLine]:
    """Return the lines of a PLAN that may stand for unfinished work, in the order of the text.

    Such a line repeats an id in the index, or seems to define an achievement but does not count.
    """
    repeated_unsettled_lines = [
        UnsettledLine(quote, f"the index lists {achievement_id} a second time")
        for achievement_id, quote in plan.facts.repeated_lines
    ]
    unread_unsettled_lines = [
        UnsettledLine(
            line.line, _UNREAD_LINE_MESSAGES.get(line.reason, "{} is defined outside the index").format(line.id)
        )
        for line in plan.facts.unread
        if line.prevents_completion
    ]
    return sorted(
        [*repeated_unsettled_lines, *unread_unsettled_lines], key=lambda unsettled_line: unsettled_line.line.position
    )


class StepInputs(NamedTuple):
    """The inputs for the choice of a plan's next step.

    `claims` is empty if claims are ignored. `unreadable_evidence` maps the id of each waiting achievement to its unreadable
    declaration of dependencies; the key None means all achievements. `unknown_places` are the files and folders that
    are not read, or do not count, and may contain unfinished work.
    """

    plan: PlanDocuments
    achievements: Sequence[AchievementState]
    decisions: Mapping[str, Decision]
    claims: Sequence[ClaimLine]
    unreadable_evidence: Mapping[str | None, Evidence]
    unknown_places: Sequence[Skipped] = ()


Choice = Callable[[StepInputs], NextStep | None]
"""Function that returns the next step of a plan, or None if a later choice decides."""


def _step_to_define_achievements(inputs: StepInputs) -> NextStep | None:
    """Return the step that defines achievements, if the PLAN has no achievements; else None."""
    if inputs.achievements:
        return None
    return plan_step("define_achievements", inputs.plan.path, "no achievement can be read in the PLAN")


def _step_to_fill_plan(inputs: StepInputs) -> NextStep | None:
    """Return the step that fills in the placeholders of the PLAN, if there are any and no work has begun; else None."""
    plan, placeholders = inputs.plan, inputs.plan.facts.placeholders
    if not placeholders or plan.subplans or plan.executions or plan.verdicts:
        return None
    count_text = f"{len(placeholders)} places are" if len(placeholders) > 1 else "1 place is"
    return plan_step(
        "fill_plan",
        plan.path,
        f"{count_text} left to be filled in, the first in line {_line_number(inputs, placeholders[0])}",
    )


def _fix_step(inputs: StepInputs) -> NextStep | None:
    """Return the step of the first achievement that needs a fix or another review; else None."""
    achievement = next((achievement for achievement in inputs.achievements if achievement.state in FIX_STATES), None)
    return decided_step(achievement, inputs.decisions[achievement.id]) if achievement else None


def _workable_achievement_step(inputs: StepInputs) -> NextStep | None:
    """Return the step of the first achievement that can be worked on; None if there is no such achievement.

    The renaming of a misnamed file, and a question for a person about a claim, come before any other step.
    """
    achievement = next(
        (achievement for achievement in inputs.achievements if achievement.state not in NOT_WORKABLE_STATES), None
    )
    if achievement is None:
        return None
    return (
        _step_to_rename_document(inputs, achievement)
        or _step_to_confirm_state(inputs, achievement)
        or decided_step(achievement, inputs.decisions[achievement.id])
    )


def _step_to_rename_document(inputs: StepInputs, achievement: AchievementState) -> NextStep | None:
    """Return the step of the decision about `achievement`, if the step renames a misnamed file; else None."""
    decision = inputs.decisions[achievement.id]
    return decided_step(achievement, decision) if decision.step == "rename_document" else None


def _misnamed_fix_step(inputs: StepInputs) -> NextStep | None:
    """Return the step that renames a misnamed FIX, if the FIX may reopen an approved achievement; else None.

    If there are several such achievements, return the step of the first achievement.
    """
    renaming_steps = (
        _step_to_rename_document(inputs, achievement)
        for achievement in inputs.achievements
        if achievement.state == "approved"
    )
    return next((step for step in renaming_steps if step is not None), None)


def _step_to_confirm_state(inputs: StepInputs, achievement: AchievementState) -> NextStep | None:
    """Return a question for a person, if the PLAN claims that `achievement` is done but no file shows work; else None."""
    claimed_lines = [claim for claim in inputs.claims if claim.achievement == achievement.id]
    if not claimed_lines or achievement.state not in CLAIMABLE_STATES:
        return None
    reason = f"the PLAN says that {achievement.id} is done (line {claimed_lines[0].line}), and no file supports it"
    return step_about("confirm_state", achievement.id, inputs.plan.path, reason)


def _step_to_unblock(inputs: StepInputs) -> NextStep | None:
    """Return the step of the first achievement whose execution is blocked; else None."""
    achievement = next(
        (achievement for achievement in inputs.achievements if achievement.state == "execution_blocked"), None
    )
    return decided_step(achievement, inputs.decisions[achievement.id]) if achievement else None


def _step_to_wait(inputs: StepInputs) -> NextStep | None:
    """Return the step that waits for the dependencies of the first blocked achievement; else None."""
    waiting_achievement = next(
        (achievement for achievement in inputs.achievements if achievement.state == "blocked"), None
    )
    if waiting_achievement is None:
        return None
    if unreadable_evidence := inputs.unreadable_evidence.get(None) or inputs.unreadable_evidence.get(
        waiting_achievement.id
    ):
        return plan_step(
            "wait",
            unreadable_evidence.path,
            f"{unreadable_evidence.says}. Mend it: until then {waiting_achievement.id} cannot begin",
        )
    dropped_ids = {achievement.id for achievement in inputs.achievements if achievement.state == "dropped"}
    names = (
        f"{needed_id}, which is dropped" if needed_id in dropped_ids else needed_id
        for needed_id in waiting_achievement.blocked_by
    )
    return plan_step("wait", inputs.plan.path, f"{waiting_achievement.id} waits for {', '.join(names)}")


def _step_to_update_index(inputs: StepInputs) -> NextStep | None:
    """Return the step that corrects the index, if `unsettled_definitions` returns a line; else None."""
    lines = unsettled_definitions(inputs.plan)
    if not lines:
        return None
    first_line, more_text = lines[0], f", and {len(lines) - 1} more" if len(lines) > 1 else ""
    return plan_step(
        "update_index",
        inputs.plan.path,
        f"line {_line_number(inputs, first_line.line)}: {first_line.problem}{more_text}",
    )


def _unknown_work_step(inputs: StepInputs) -> NextStep | None:
    """Return a question for a person, if files that are not read or do not count may contain work; else None."""
    if not inputs.unknown_places:
        return None
    first_place, more_count = inputs.unknown_places[0], len(inputs.unknown_places) - 1
    more_text = f" (and {more_count} more)" if more_count else ""
    reason = (
        f"{first_place.path} {first_place.why}{more_text}, so the files do not show whether {_completion_text(inputs)}"
    )
    return plan_step("confirm_state", inputs.plan.path, reason)


def _closed_plan_step(inputs: StepInputs) -> NextStep | None:
    """Return the step `closed` if the Status of the PLAN says complete; else None."""
    status = inputs.plan.facts.status
    if status is None or inputs.plan.facts.status_word != "complete":
        return None
    return plan_step(
        "closed",
        inputs.plan.path,
        f"{_completion_text(inputs)}, and the Status says so (line {_line_number(inputs, status)})",
    )


def _step_to_complete_plan(inputs: StepInputs) -> NextStep | None:
    """Return the step that completes a plan whose achievements are all approved or dropped."""
    return plan_step("complete_plan", inputs.plan.path, _completion_text(inputs))


def _completion_text(inputs: StepInputs) -> str:
    """Return how many achievements are approved and dropped, in words."""
    dropped_count = sum(achievement.state == "dropped" for achievement in inputs.achievements)
    approved_count = len(inputs.achievements) - dropped_count
    subject = f"all {approved_count} achievements are" if approved_count > 1 else "the only achievement is"
    text = f"{subject} approved" if approved_count else "no achievement is left"
    return text + (f", {dropped_count} dropped" if dropped_count else "")


def _line_number(inputs: StepInputs, quote: Quote) -> int:
    """Return the 1-based line of a quotation from the PLAN."""
    return inputs.plan.document.line(quote.position)


CHOICES: tuple[Choice, ...] = (
    _step_to_define_achievements,
    _step_to_fill_plan,
    _fix_step,
    _workable_achievement_step,
    _step_to_unblock,
    _step_to_wait,
    _misnamed_fix_step,
    _step_to_update_index,
    _unknown_work_step,
    _closed_plan_step,
    _step_to_complete_plan,
)
"""Choices for the next step of a plan, in order. The last choice always returns a step."""


def choose_next_step(inputs: StepInputs) -> NextStep:
    """Return the next step of a plan."""
    steps = (choice(inputs) for choice in CHOICES)
    return next(step for step in steps if step is not None)


def plan_step(step: Step, file: str, reason: str) -> NextStep:
    """Return a step about the plan as a whole, not about one achievement."""
    return step_about(step, None, file, reason)
