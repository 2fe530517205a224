"""The budget of a run: what ended attempts have cost, and what running attempts may still cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from planmark.run.attempts import AgentTokens, ResultForm

FORMS_WITH_COST: frozenset[ResultForm] = frozenset({"claude-json", "opencode-jsonl"})
"""The forms of results that have a cost in US dollars."""
FORMS_WITH_TOKENS: frozenset[ResultForm] = FORMS_WITH_COST | {"codex-jsonl", "gemini-json"}
"""The forms of results that have numbers of tokens."""
LEAST_USD = 0.01
"""The smallest cap that an attempt is started with."""


class Limits(NamedTuple):
    """The budget of a run, in US dollars and in tokens; None for no limit."""

    cost_usd: float | None = None
    tokens: int | None = None


class Reserve(NamedTuple):
    """The most that an attempt may cost. It counts in full while the attempt runs, and later if the agent gave no figure."""

    cost_usd: float = 0.0
    tokens: int = 0


class Spending(NamedTuple):
    """The sums of ended attempts, and the largest cost and the largest number of tokens of a single attempt."""

    cost_usd: float = 0.0
    tokens: int = 0
    largest_usd: float = 0.0
    largest: int = 0


NOTHING_RESERVED, NOTHING_SPENT = Reserve(), Spending()


def total_tokens(tokens: AgentTokens | None) -> int | None:
    """Return all tokens of an attempt; None if the agent gives no figure."""
    if tokens is None:
        return None
    figures = [count for count in (tokens.input, tokens.cached, tokens.output, tokens.reasoning) if count is not None]
    return sum(figures) if figures else None


def spend(spending: Spending, tokens: AgentTokens | None, cost_usd: float | None, reserve: Reserve) -> Spending:
    """Return the sums with one more attempt. A missing figure counts as the attempt's reserve."""
    used_tokens = total_tokens(tokens)
    amount = reserve.tokens if used_tokens is None else used_tokens
    cost = reserve.cost_usd if cost_usd is None else cost_usd
    largest = max(spending.largest_usd, cost_usd or 0.0), max(spending.largest, amount)
    return Spending(spending.cost_usd + cost, spending.tokens + amount, *largest)


def reserve_for_next(
    limits: Limits, spending: Spending, running: Iterable[Reserve], *, slots: int, prompt_tokens: int, is_capped: bool
) -> Reserve | None:
    """Return what the next attempt may cost; None if the budget does not allow one more beside those that run.

    `slots` is the number of attempts that may still start at once, this one included: each gets an equal share. An
    agent that takes no cap (not `is_capped`) may cost all that is left, so it runs alone. It runs only if the dearest
    attempt so far would fit.
    """
    running_reserves = list(running)
    cost, tokens = 0.0, max(prompt_tokens, spending.largest)
    if limits.cost_usd is not None:
        dollars_left = limits.cost_usd - spending.cost_usd - sum(reserve.cost_usd for reserve in running_reserves)
        cost = dollars_left / max(1, slots) if is_capped else dollars_left
        if cost < LEAST_USD or (not is_capped and dollars_left < spending.largest_usd):
            return None
    if limits.tokens is not None:
        left_tokens = limits.tokens - spending.tokens - sum(reserve.tokens for reserve in running_reserves)
        if tokens > left_tokens or left_tokens <= 0:
            return None
    return Reserve(cost, tokens)


def over_budget(limits: Limits, spending: Spending) -> str:
    """Return which limit ended attempts have reached; "" for none."""
    if limits.cost_usd is not None and spending.cost_usd >= limits.cost_usd:
        return f"the budget of ${limits.cost_usd:.2f} is spent (${spending.cost_usd:.2f})"
    if limits.tokens is not None and spending.tokens >= limits.tokens:
        return f"the budget of {limits.tokens:,} tokens is spent ({spending.tokens:,})"
    return ""


def why_not_counted(result: ResultForm, limits: Limits) -> str:
    """Return why a budget cannot be kept with a form of results; "" if it can.

    A limit that silently does nothing is worse than no limit.
    """
    if limits.tokens is not None and result not in FORMS_WITH_TOKENS:
        return f"its result ({result}) has no number of tokens, so that --max-tokens would do nothing"
    if limits.cost_usd is not None and limits.tokens is None and result not in FORMS_WITH_COST:
        return (
            f"its result ({result}) has no cost, so that a limit in dollars would do nothing: give --max-tokens, or "
            "remove max_cost_usd and --max-cost"
        )
    return ""
