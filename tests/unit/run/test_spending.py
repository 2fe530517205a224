"""The budget of a run: never more than the limit, whatever attempts report."""

from __future__ import annotations

import pytest

from planmark.run.attempts import AgentTokens
from planmark.run.spending import (
    NOTHING_SPENT,
    Limits,
    Reserve,
    Spending,
    reserve_for_next,
    spending_after,
    total_tokens,
    why_budget_unchecked,
)

CENT = 0.01


def test_attempts_that_start_at_once_share_what_is_left() -> None:
    limits = Limits(cost_usd=10)
    first = reserve_for_next(limits, NOTHING_SPENT, (), slots=4, prompt_tokens=100, is_capped=True)
    assert first == Reserve(2.5, 100)


def test_an_agent_that_takes_no_cap_runs_alone() -> None:
    limits = Limits(cost_usd=10)
    first = reserve_for_next(limits, NOTHING_SPENT, (), slots=4, prompt_tokens=100, is_capped=False)
    assert first is not None and first.cost_usd == 10
    assert reserve_for_next(limits, NOTHING_SPENT, [first], slots=3, prompt_tokens=100, is_capped=True) is None


def test_an_agent_that_takes_no_cap_needs_room_for_the_dearest_attempt_so_far() -> None:
    spent = spending_after(NOTHING_SPENT, None, 0.25, Reserve())
    for limit, is_started in ((0.49, False), (0.51, True)):
        reserve = reserve_for_next(Limits(cost_usd=limit), spent, (), slots=1, prompt_tokens=1, is_capped=False)
        assert (reserve is not None) is is_started


def test_what_runs_counts_at_its_cap() -> None:
    limits, spent = Limits(cost_usd=10), Spending(cost_usd=6)
    assert reserve_for_next(limits, spent, [Reserve(4, 0)], slots=1, prompt_tokens=1, is_capped=True) is None


def test_a_cost_that_no_agent_gave_counts_as_its_cap() -> None:
    assert spending_after(NOTHING_SPENT, None, None, Reserve(2.5, 700)) == Spending(2.5, 700, 0.0, 700)


def test_tokens_of_a_running_attempt_count_as_the_largest_one_so_far() -> None:
    spent = spending_after(NOTHING_SPENT, AgentTokens(900, 50, 50), 0.1, Reserve())
    assert reserve_for_next(Limits(tokens=1_999), spent, (), slots=1, prompt_tokens=10, is_capped=True) is None
    assert reserve_for_next(Limits(tokens=2_000), spent, (), slots=1, prompt_tokens=10, is_capped=True) is not None


def test_a_missing_figure_is_not_zero() -> None:
    assert total_tokens(None) is None
    assert total_tokens(AgentTokens()) is None
    assert total_tokens(AgentTokens(output=0)) == 0


@pytest.mark.parametrize(
    ("form", "limits", "is_kept"),
    [
        ("claude-json", Limits(1, None), True),
        ("codex-jsonl", Limits(1, None), False),
        ("codex-jsonl", Limits(1, 100), True),
        ("exit", Limits(None, 100), False),
        ("exit", Limits(), True),
        ("none", Limits(1, None), False),
    ],
)
def test_a_budget_that_would_do_nothing_is_refused(form: str, limits: Limits, is_kept: bool) -> None:
    assert (why_budget_unchecked(form, limits) == "") is is_kept  # type: ignore[arg-type]
