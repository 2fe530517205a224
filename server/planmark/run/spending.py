"""The budget of a run: the cost of ended attempts, and the cost that running attempts may still cause."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from planmark.run.attempts import AgentTokens, ResultForm

FORMS_WITH_COST: frozenset[ResultForm] = frozenset({"claude-json", "opencode-jsonl"})
"""The forms of results that contain the cost in US dollars."""
FORMS_WITH_TOKENS: frozenset[ResultForm] = FORMS_WITH_COST | {"codex-jsonl", "gemini-json"}
"""The forms of results that contain numbers of tokens."""
MIN_ATTEMPT_USD = 0.01
"""The minimum in US dollars that an attempt must be allowed to cost. With less, no attempt is started."""


class Limits(NamedTuple):
    """The budget of a run, in US dollars and in tokens. None means no limit."""

    cost_usd: float | None = None
    tokens: int | None = None


class Reserve(NamedTuple):
    """The maximum cost of an attempt, in US dollars and in tokens.

    While the attempt runs, the budget counts its reserve. If the agent then gives no figure, the reserve still counts.
    """

    cost_usd: float = 0.0
    tokens: int = 0


class Spending(NamedTuple):
    """The cost and the number of tokens of all ended attempts together.

    `largest_usd` and `largest_tokens` are the largest cost and the largest number of tokens of a single attempt.
    """

    cost_usd: float = 0.0
    tokens: int = 0
    largest_usd: float = 0.0
    largest_tokens: int = 0


NOTHING_RESERVED, NOTHING_SPENT = Reserve(), Spending()


def total_tokens(tokens: AgentTokens | None) -> int | None:
    """Return the sum of all tokens of an attempt; None if the agent gives no number."""
    if tokens is None:
        return None
    figures = [count for count in (tokens.input, tokens.cached, tokens.output, tokens.reasoning) if count is not None]
    return sum(figures) if figures else None


def spending_after(
    spending: Spending, tokens: AgentTokens | None, cost_usd: float | None, reserve: Reserve
) -> Spending:
    """Return the spending with one more attempt.

    If the agent gives no figure, the figure of `reserve` counts in its place.
    """
    used_tokens = total_tokens(tokens)
    counted_tokens = reserve.tokens if used_tokens is None else used_tokens
    counted_usd = reserve.cost_usd if cost_usd is None else cost_usd
    largest_values = max(spending.largest_usd, cost_usd or 0.0), max(spending.largest_tokens, counted_tokens)
    return Spending(spending.cost_usd + counted_usd, spending.tokens + counted_tokens, *largest_values)


def reserve_for_next(
    limits: Limits,
    spending: Spending,
    reserves: Iterable[Reserve],
    *,
    slots: int,
    prompt_tokens: int,
    is_capped: bool,
) -> Reserve | None:
    """Return the reserve for the next attempt; None if the budget does not allow a further attempt now.

    `reserves` are the reserves of the running attempts. `slots` is the number of attempts that may still start at the
    same time, including the next one. Each of them gets an equal share of the dollars that are left. If `is_capped` is
    False, the agent takes no maximum cost. So its attempt may cost all dollars that are left, and runs alone. It is
    allowed only if these dollars cover the most expensive attempt so far.
    """
    running_reserves = list(reserves)
    reserved_usd, reserved_tokens = 0.0, max(prompt_tokens, spending.largest_tokens)
    if limits.cost_usd is not None:
        dollars_left = limits.cost_usd - spending.cost_usd - sum(reserve.cost_usd for reserve in running_reserves)
        reserved_usd = dollars_left / max(1, slots) if is_capped else dollars_left
        if reserved_usd < MIN_ATTEMPT_USD or (not is_capped and dollars_left < spending.largest_usd):
            return None
    if limits.tokens is not None:
        tokens_left = limits.tokens - spending.tokens - sum(reserve.tokens for reserve in running_reserves)
        if reserved_tokens > tokens_left or tokens_left <= 0:
            return None
    return Reserve(reserved_usd, reserved_tokens)


def why_over_budget(limits: Limits, spending: Spending) -> str:
    """Return a text that names the limit that ended attempts have reached; "" if they have reached no limit."""
    if limits.cost_usd is not None and spending.cost_usd >= limits.cost_usd:
        return f"the budget of ${limits.cost_usd:.2f} is spent (${spending.cost_usd:.2f})"
    if limits.tokens is not None and spending.tokens >= limits.tokens:
        return f"the budget of {limits.tokens:,} tokens is spent ({spending.tokens:,})"
    return ""


def why_budget_unchecked(result: ResultForm, limits: Limits) -> str:
    """Return the reason why a budget cannot be checked with a form of results; "" if the form has the figures that
    `limits` needs.

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
