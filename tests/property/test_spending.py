"""The agents of a run never cost more than its limit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planmark.run.spending import (
    NOTHING_SPENT,
    Limits,
    Reserve,
    reserve_for_next,
    spending_after,
    why_over_budget,
)

amounts = st.floats(0, 5, allow_nan=False) | st.none()


events = st.lists(st.tuples(st.sampled_from(["start", "end"]), st.integers(0, 5), amounts, st.booleans()), max_size=40)


@given(limit=st.floats(0.02, 20), attempts=events)
def test_started_caps_and_ended_costs_never_pass_the_limit(
    limit: float, attempts: list[tuple[str, int, float | None, bool]]
) -> None:
    """Agents that keep to their caps never cost more than the limit in all, in any order of starts and ends."""
    limits, spent = Limits(cost_usd=limit), NOTHING_SPENT
    running: list[Reserve] = []
    for what, at, share, is_capped in attempts:
        if what == "start":
            reserve = reserve_for_next(limits, spent, running, slots=3, prompt_tokens=1, is_capped=is_capped)
            if reserve is not None and not why_over_budget(limits, spent):
                running.append(reserve)
        elif running:
            reserve = running.pop(at % len(running))
            cost = None if share is None else reserve.cost_usd * share / 5
            spent = spending_after(spent, None, cost, reserve)
        assert spent.cost_usd + sum(one.cost_usd for one in running) <= limit + 1e-9
