"""The next step of a plan, from a table of choices; the first choice that returns a step decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from planmark.formats.planmark.documents.plan import Reason
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.markdown.parsed_source import Quote
from planmark.plans.evaluation import Decision, decided_step
from planmark.plans.model import (
    NOT_WORKABLE,
    AchievementState,
    ClaimLine,
    Evidence,
    NextStep,
    Skipped,
    State,
    Step,
)
from planmark.plans.roles import step_about

FIXES_FIRST: tuple[State, ...] = ("needs_fix", "fix_resolved")
CLAIMABLE_STATES: tuple[State, ...] = ("no_subplan", "no_execution")
"""States in which a claim in the PLAN's text stops the work until a person decides about the claim."""


_MESSAGES: dict[Reason, str] = {
    "repeated": "{} is defined twice",
    "look-alike": "it only looks like {}",
    "form": "{} is named in a form that defines nothing",
    "hidden": "{} is named in code, a comment or HTML, where nothing is read",
}
"""Reason why a line does not define the achievement that it seems to define → the message, with `{}` for the id.

A line with any other reason is a definition outside the index.
"""


class UnsettledLine(NamedTuple):
    """A line of a PLAN because of which unfinished work may exist, and the problem of the line."""

    line: Quote
    says: str


def unsettled_definitions(plan: PlanDocuments) -> list[UnsettledLine]:
    """Return the definitions outside the index and the ids that two achievements share, sorted by line."""
    repeated_unsettled_lines = [
        UnsettledLine(quote, f"the index lists {achievement_id} a second time")
        for achievement_id, quote in plan.facts.repeated_lines
    ]
    unread_unsettled_lines = [
        UnsettledLine(line.line, _MESSAGES.get(line.reason, "{} is defined outside the index").format(line.id))
        for line in plan.facts.unread
        if line.prevents_completion
    ]
    return sorted(
        [*repeated_unsettled_lines, *unread_unsettled_lines], key=lambda unsettled_line: unsettled_line.line.position
    )


class StepInputs(NamedTuple):
    """The input of the choices.

    `claims` is empty if claims are ignored. `unreadable` maps the id of each waiting achievement to its unreadable
    declaration of dependencies; the key None means all achievements. `unknown_places` are the unknown files and folders that
    may contain unfinished work.
    """

    plan: PlanDocuments
    achievements: Sequence[AchievementState]
    decisions: Mapping[str, Decision]
    claims: Sequence[ClaimLine]
    unreadable: Mapping[str | None, Evidence]
    unknown_places: Sequence[Skipped] = ()


Choice = Callable[[StepInputs], NextStep | None]


def _define_achievements(c: StepInputs) -> NextStep | None:
    if c.achievements:
        return None
    return plan_step("define_achievements", c.plan.path, "no achievement can be read in the PLAN")


def _fill_plan_step(c: StepInputs) -> NextStep | None:
    """Return the step that fills in the placeholders of the template, which precedes all work; else None."""
    files, left_quotes = c.plan, c.plan.facts.placeholders
    if not left_quotes or files.subplans or files.executions or files.verdicts:
        return None
    places = f"{len(left_quotes)} places are" if len(left_quotes) > 1 else "1 place is"
    return plan_step(
        "fill_plan", files.path, f"{places} left to be filled in, the first in line {_line(c, left_quotes[0])}"
    )


def _fixes(c: StepInputs) -> NextStep | None:
    """Return the step of the first achievement that needs a fix or another review; else None."""
    achievement = next((achievement for achievement in c.achievements if achievement.state in FIXES_FIRST), None)
    return decided_step(achievement, c.decisions[achievement.id]) if achievement else None


def _workable_achievement_step(c: StepInputs) -> NextStep | None:
    """Return the step of the first achievement that can be worked on, or the step that must precede it; else None."""
    achievement = next((achievement for achievement in c.achievements if achievement.state not in NOT_WORKABLE), None)
    if achievement is None:
        return None
    return (
        _rename_document(c, achievement)
        or _confirm_state(c, achievement)
        or decided_step(achievement, c.decisions[achievement.id])
    )


def _rename_document(c: StepInputs, achievement: AchievementState) -> NextStep | None:
    decision = c.decisions[achievement.id]
    return decided_step(achievement, decision) if decision.step == "rename_document" else None


def _misnamed_fix(c: StepInputs) -> NextStep | None:
    """Return the step that renames a misnamed FIX of the first approved achievement that it may reopen; else None."""
    renamings = (_rename_document(c, achievement) for achievement in c.achievements if achievement.state == "approved")
    return next((step for step in renamings if step is not None), None)


def _confirm_state(c: StepInputs, achievement: AchievementState) -> NextStep | None:
    claimed_lines = [claim for claim in c.claims if claim.achievement == achievement.id]
    if not claimed_lines or achievement.state not in CLAIMABLE_STATES:
        return None
    says = f"the PLAN says that {achievement.id} is done (line {claimed_lines[0].line}), and no file supports it"
    return step_about("confirm_state", achievement.id, c.plan.path, says)


def _unblock(c: StepInputs) -> NextStep | None:
    achievement = next(
        (achievement for achievement in c.achievements if achievement.state == "execution_blocked"), None
    )
    return decided_step(achievement, c.decisions[achievement.id]) if achievement else None


def _wait(c: StepInputs) -> NextStep | None:
    waiting = next((achievement for achievement in c.achievements if achievement.state == "blocked"), None)
    if waiting is None:
        return None
    if mend := c.unreadable.get(None) or c.unreadable.get(waiting.id):
        return plan_step("wait", mend.path, f"{mend.says}. Mend it: until then {waiting.id} cannot begin")
    dropped = {achievement.id for achievement in c.achievements if achievement.state == "dropped"}
    names = (
        f"{needed_id}, which is dropped" if needed_id in dropped else needed_id for needed_id in waiting.blocked_by
    )
    return plan_step("wait", c.plan.path, f"{waiting.id} waits for {', '.join(names)}")


def _update_index(c: StepInputs) -> NextStep | None:
    """Return the step that corrects the index, if lines outside the index or shared ids may be unfinished work."""
    lines = unsettled_definitions(c.plan)
    if not lines:
        return None
    first, more = lines[0], f", and {len(lines) - 1} more" if len(lines) > 1 else ""
    return plan_step("update_index", c.plan.path, f"line {_line(c, first.line)}: {first.says}{more}")


def _unknown_work_step(c: StepInputs) -> NextStep | None:
    """Return a question for a person if unknown files may contain unfinished work."""
    if not c.unknown_places:
        return None
    first, more = c.unknown_places[0], len(c.unknown_places) - 1
    and_more = f" (and {more} more)" if more else ""
    says = f"{first.path} {first.why}{and_more}, so the files do not show whether {_all_done(c)}"
    return plan_step("confirm_state", c.plan.path, says)


def _closed_plan_step(c: StepInputs) -> NextStep | None:
    status = c.plan.facts.status
    if status is None or c.plan.facts.status_word != "complete":
        return None
    return plan_step("closed", c.plan.path, f"{_all_done(c)}, and the Status says so (line {_line(c, status)})")


def _complete_plan(c: StepInputs) -> NextStep | None:
    return plan_step("complete_plan", c.plan.path, _all_done(c))


def _all_done(c: StepInputs) -> str:
    dropped = sum(achievement.state == "dropped" for achievement in c.achievements)
    approved = len(c.achievements) - dropped
    all_of_them = f"all {approved} achievements are" if approved > 1 else "the only achievement is"
    says = f"{all_of_them} approved" if approved else "no achievement is left"
    return says + (f", {dropped} dropped" if dropped else "")


def _line(c: StepInputs, quote: Quote) -> int:
    return c.plan.document.line(quote.position)


CHOICES: tuple[Choice, ...] = (
    _define_achievements,
    _fill_plan_step,
    _fixes,
    _workable_achievement_step,
    _unblock,
    _wait,
    _misnamed_fix,
    _update_index,
    _unknown_work_step,
    _closed_plan_step,
    _complete_plan,
)
"""Choices for the next step of a plan, in order. The last choice always returns a step."""


def choose(choosing: StepInputs) -> NextStep:
    """Return the next step of a plan."""
    steps = (choice(choosing) for choice in CHOICES)
    return next(step for step in steps if step is not None)


def plan_step(step: Step, file: str, reason: str) -> NextStep:
    """Return a step about the plan as a whole, not about one achievement."""
    return step_about(step, None, file, reason)
