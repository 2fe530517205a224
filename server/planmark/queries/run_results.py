"""The result of `planmark run`: its steps, and what their agents used, by the agents' own figures."""

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
    """The runs of a workspace, the newest last. `unreadable` says which others cannot be read, and why."""

    schema: str = "planmark.runs/1"
    workspace: str
    runs: tuple[RunResult, ...]
    unreadable: tuple[str, ...] = ()


def sum_tokens(figures: list[RunTokens]) -> RunTokens:
    """Return the sums of tokens, by kind; None for a kind without any figure."""
    sums: dict[str, int | None] = {}
    for name in RunTokens.__struct_fields__:
        values = [value for run_tokens in figures if (value := getattr(run_tokens, name)) is not None]
        sums[name] = sum(values) if values else None
    return RunTokens(**sums)


def sum_cost(costs: list[float | None]) -> float | None:
    """Return the sum of costs in US dollars; None if no cost is known."""
    amounts = [cost for cost in costs if cost is not None]
    return round(sum(amounts), 6) if amounts else None


def run_totals(steps: tuple[RunStepResult, ...]) -> tuple[RunTotal, ...]:
    """Return the sums by role and tier, in the order of their first steps."""
    groups: dict[tuple[str, int | None], list[RunStepResult]] = {}
    for step in steps:
        groups.setdefault((step.role, step.tier), []).append(step)
    return tuple(
        RunTotal(
            role=role,
            tier=tier,
            steps=len(group),
            done=sum(step.kind == "ok" for step in group),
            attempts=sum(step.attempts for step in group),
            tokens=sum_tokens([step.tokens for step in group]),
            cost_usd=sum_cost([step.cost_usd for step in group]),
            seconds=round(sum(step.seconds for step in group), 1),
            is_partial=any(step.is_partial for step in group),
        )
        for (role, tier), group in groups.items()
    )
