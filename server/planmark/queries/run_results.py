"""The result of `planmark run`: the steps of the run, and the tokens and costs that the agents report."""

from __future__ import annotations

import msgspec


class RunTokens(msgspec.Struct, frozen=True):
    """The tokens that agents report; None for a figure that no agent gave. `input` does not include `cached`."""

    input: int | None = None
    cached: int | None = None
    output: int | None = None
    reasoning: int | None = None


class RunStepResult(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a run: its last class, its attempts, and what became of it.

    `before` and `after` are states; `after` is "" for a step that has not ended. `by` is the evidence, or what an agent
    said. `commit` is on the integration branch. `worktree` and `log` are paths of files that are kept. `seconds` and
    `tokens` are sums over the attempts; `is_partial` tells that an attempt gave no tokens or no cost.
    """

    achievement: str
    step: str
    role: str
    agent: str
    tier: int | None
    kind: str = msgspec.field(name="class")
    attempts: int
    tokens: RunTokens
    cost_usd: float | None
    seconds: float
    is_partial: bool
    before: str
    after: str
    by: str
    commit: str
    worktree: str
    log: str


class RunTotal(msgspec.Struct, frozen=True, kw_only=True):
    """The sums of the steps of one role and tier. `is_partial` is as in RunStepResult."""

    role: str
    tier: int | None
    steps: int
    done: int
    attempts: int
    tokens: RunTokens
    cost_usd: float | None
    seconds: float
    is_partial: bool


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """A run of agents over the steps of a plan. `exit` is None while the run is open."""

    schema: str = "planmark.run/1"
    workspace: str
    run: str
    plan: str
    feature: str
    branch: str
    exit: int | None
    why: str
    steps: tuple[RunStepResult, ...]
    totals: tuple[RunTotal, ...]
    waiting: tuple[str, ...] = ()


class RunsResult(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of a workspace, the newest last. `unreadable` names the runs that cannot be read, each with the reason."""

    schema: str = "planmark.runs/1"
    workspace: str
    runs: tuple[RunResult, ...]
    unreadable: tuple[str, ...] = ()


def sum_tokens(figures: list[RunTokens]) -> RunTokens:
    """Return the sum of each field of `figures`, over the known values. A field without a known value is None."""
    sums: dict[str, int | None] = {}
    for name in RunTokens.__struct_fields__:
        values = [value for run_tokens in figures if (value := getattr(run_tokens, name)) is not None]
        sums[name] = sum(values) if values else None
    return RunTokens(**sums)


def sum_cost(costs: list[float | None]) -> float | None:
    """Return the sum of the known costs in US dollars; None if no cost is known."""
    amounts = [cost for cost in costs if cost is not None]
    return round(sum(amounts), 6) if amounts else None


def run_totals(steps: tuple[RunStepResult, ...]) -> tuple[RunTotal, ...]:
    """Return the sums for each pair of role and tier, in the order of the first step of each pair."""
    steps_by_role_and_tier: dict[tuple[str, int | None], list[RunStepResult]] = {}
    for step in steps:
        steps_by_role_and_tier.setdefault((step.role, step.tier), []).append(step)
    return tuple(
        RunTotal(
            role=role,
            tier=tier,
            steps=len(group_steps),
            done=sum(step.kind == "ok" for step in group_steps),
            attempts=sum(step.attempts for step in group_steps),
            tokens=sum_tokens([step.tokens for step in group_steps]),
            cost_usd=sum_cost([step.cost_usd for step in group_steps]),
            seconds=round(sum(step.seconds for step in group_steps), 1),
            is_partial=any(step.is_partial for step in group_steps),
        )
        for (role, tier), group_steps in steps_by_role_and_tier.items()
    )
