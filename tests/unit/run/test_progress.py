"""Tables of states before and after work: those that are an advance."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from lease_helpers import asker, taken, work
from planmark.coordination.lease import Lease
from planmark.plans.format import PlanSite
from planmark.plans.model import AchievementState, Evidence, Execution, State, Step
from planmark.run.progress import RANK_BY_STATE, progress_of, work_begin_of
from planmark.run.reading import LeasedItem

WHERE = Evidence("PLAN_PAY.md", 3, "it says so")
SITE = PlanSite("openspec", "openspec/changes/a/tasks.md", "openspec/changes/a", "a", "active", ())


def item(
    state: State,
    step: Step = "continue_execution",
    *,
    round: int = 0,  # noqa: A002
    executions: int = 0,
    marker: str = "",
) -> AchievementState:
    done = tuple(Execution(number, "E.md", "done", WHERE) for number in range(executions))
    return AchievementState(
        *("1.1", "A", "1", state, step, "PLAN_PAY.md", 3, None, done, None, (), (), (WHERE,)),
        round=round,
        marker=marker,
    )


def about(one: AchievementState, plan: object = None) -> LeasedItem:
    return LeasedItem(plan, None, one)  # type: ignore[arg-type]


def lease_of(before: AchievementState) -> Lease:
    given = taken({}, work("1.1"), asker())
    return msgspec.structs.replace(given, step=before.step, round=before.round, began=work_begin_of(about(before)))


@pytest.mark.parametrize(
    ("before", "after", "advanced"),
    [
        (item("needs_fix", "address_fix", round=1), item("fix_resolved", "re_review", round=1), True),
        (item("needs_fix", "address_fix", round=1), item("needs_fix", "address_fix", round=1), False),
        (item("needs_fix", "address_fix", round=1), item("needs_fix", "address_fix", round=1, executions=2), False),
        (item("needs_fix", "address_fix", round=2), item("needs_fix", "address_fix", round=1), False),
        (item("needs_fix", "address_fix", round=1), item("awaiting_review", "request_review"), False),
        (item("fix_resolved", "re_review", round=1), item("needs_fix", "address_fix", round=2), True),
        (item("fix_resolved", "re_review", round=1), item("approved", "closed", round=1), True),
        (item("awaiting_review", "request_review"), item("needs_fix", "address_fix", round=1), True),
        (
            item("awaiting_review", "synthesize", executions=2),
            item("awaiting_review", "request_review", executions=2),
            True,
        ),
        (item("awaiting_review", "request_review"), item("active_execution"), False),
        (item("no_subplan", "create_subplan"), item("no_execution", "create_execution"), True),
        (item("no_subplan", "create_subplan"), item("no_subplan", "create_subplan"), False),
        (item("no_execution", "create_execution"), item("active_execution"), True),
        (item("no_execution", "create_execution"), item("awaiting_review", "request_review", executions=1), True),
        (item("no_execution", "create_execution"), item("no_subplan", "create_subplan"), False),
        (item("active_execution"), item("active_execution"), False),
        (item("active_execution"), item("execution_blocked", "unblock"), False),
        (item("execution_blocked", "unblock"), item("active_execution"), True),
        (item("active_execution"), item("next_execution", "next_execution", executions=1), True),
        (item("next_execution", "next_execution", executions=1), item("active_execution", executions=1), True),
        (
            item("next_execution", "next_execution", executions=1),
            item("next_execution", "next_execution", executions=2),
            True,
        ),
        (
            item("next_execution", "next_execution", executions=1),
            item("next_execution", "next_execution", executions=1),
            False,
        ),
        (item("design_placeholder", "fill_subplan"), item("no_execution", "create_execution"), True),
        (item("design_placeholder", "fill_execution"), item("active_execution"), True),
    ],
)
def test_an_advance(before: AchievementState, after: AchievementState, advanced: bool) -> None:
    progress = progress_of(about(after), lease_of(before))
    assert (progress.before, progress.after, progress.has_advanced) == (before.state, after.state, advanced)
    assert progress.by == "PLAN_PAY.md:3: it says so"


@pytest.mark.parametrize(
    ("after", "advanced"), [("done", True), ("open", False), ("in_progress", False), ("unsupported", False)]
)
def test_a_box_counts_only_if_it_is_set(after: State, advanced: bool) -> None:
    before = item("open", "implement_task", marker=" ")
    assert progress_of(about(item(after, marker="x"), SITE), lease_of(before)).has_advanced == advanced


def test_every_state_has_a_rank() -> None:
    assert RANK_BY_STATE.keys() == set(get_args(State))


def test_a_lease_without_a_begin_is_over_with_its_role() -> None:
    before = item("needs_fix", "address_fix", round=1)
    old = msgspec.structs.replace(lease_of(before), began=None)
    assert progress_of(about(item("fix_resolved", "re_review", round=1)), old).has_advanced
    assert not progress_of(about(before), old).has_advanced
    assert not progress_of(about(item("active_execution", round=1)), old).has_advanced
