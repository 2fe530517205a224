"""The result of a run, made from its journal, and the table that shows the result to a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from planmark.cli.console import Cell, LinePart, line, paragraph, table
from planmark.cli.table import Column
from planmark.queries.run_results import (
    RunResult,
    RunStepResult,
    RunTokens,
    RunTotal,
    run_totals,
    sum_cost,
    sum_tokens,
)
from planmark.run.attempts import LOG_FILE, AgentTokens
from planmark.run.journal import AttemptEnded, AttemptStarted, StepChosen, StepEnded
from planmark.run.run_record import RunRecord
from planmark.text.pluralize import counted_noun

COLUMNS = (
    Column("ITEM"),
    Column("STEP", 4, "prose", 12),
    Column("AGENT", 5, "name", 8),
    Column("CLASS"),
    Column("TRIES", 3),
    Column("IN / CACHED / OUT"),
    Column("COST", 1),
    Column("TIME", 2),
)
TOTAL_COLUMNS = (Column("ROLE"), Column("TIER"), Column("DONE"), Column("TRIES", 2), *COLUMNS[5:])
OPEN_CLASS = "open"
"""The word for the class of a step that has not ended."""
MINUTE, HOUR = 60, 3600
"""The number of seconds in a minute and in an hour."""


def run_result(record: RunRecord, workspace: str, runs: Path, waiting: Sequence[str] = (), why: str = "") -> RunResult:
    """Return the result of a run.

    `runs` is the folder of all runs; the paths of the logs are inside it. `waiting` are the reasons why steps wait.
    `why` says why an open run does not go on.
    """
    steps = tuple(_step_results(record, runs))
    ended = record.ended
    return RunResult(
        workspace=workspace,
        run=record.started.run,
        plan=record.started.plan,
        feature=record.started.feature,
        branch=record.started.branch,
        exit=ended.exit if ended else None,
        why=ended.why if ended else why,
        steps=steps,
        totals=run_totals(steps),
        waiting=tuple(waiting),
    )


def _step_results(record: RunRecord, runs: Path) -> Iterator[RunStepResult]:
    """Yield the results of the steps, in the order of their first attempts.

    A step may have had several leases. A lease begins a new step only if the step of the lease before it has ended as
    done.
    """
    attempts_by_step: dict[tuple[str, str, int], list[AttemptStarted]] = {}
    rounds: dict[tuple[str, str], int] = {}
    for number in sorted(record.attempts):
        attempt = record.attempts[number]
        key = attempt.achievement, attempt.step
        earlier_attempts = attempts_by_step.get((*key, rounds.get(key, 0)), [])
        end = record.step_ends.get(earlier_attempts[-1].lease) if earlier_attempts else None
        if end is not None and end.kind == "ok" and earlier_attempts[-1].lease != attempt.lease:
            rounds[key] = rounds.get(key, 0) + 1
        attempts_by_step.setdefault((*key, rounds.get(key, 0)), []).append(attempt)
    for attempts in attempts_by_step.values():
        yield _step_result(record, runs, attempts)


def _step_result(record: RunRecord, runs: Path, attempts: list[AttemptStarted]) -> RunStepResult:
    """Return the result of a step. `attempts` are all attempts of the step, in their order."""
    ends = [end for attempt in attempts if (end := record.ends.get(attempt.n)) is not None]
    last_attempt = attempts[-1]
    unknown_choice = StepChosen(
        plan=last_attempt.plan, achievement=last_attempt.achievement, step=last_attempt.step, lease=last_attempt.lease
    )
    choice = record.chosen.get(last_attempt.lease, unknown_choice)
    step_end = record.step_ends.get(last_attempt.lease) or _end_without_attempt(record, last_attempt)
    token_figures = [_tokens(attempt_end) for attempt_end in ends]
    commits = [
        attempt_end.commit for attempt in attempts if (attempt_end := record.integrated.get(attempt.n)) is not None
    ]
    log = runs / record.started.run / str(last_attempt.n) / LOG_FILE
    return RunStepResult(
        achievement=last_attempt.achievement,
        step=last_attempt.step,
        role=choice.role,
        agent=last_attempt.agent,
        tier=choice.tier,
        kind=step_end.kind if step_end else OPEN_CLASS,
        attempts=len(attempts),
        tokens=sum_tokens(token_figures),
        cost_usd=sum_cost([attempt_end.cost_usd for attempt_end in ends]),
        seconds=round(sum(attempt_end.seconds for attempt_end in ends), 1),
        is_partial=len(ends) < len(attempts)
        or any(attempt_end.tokens is None or attempt_end.cost_usd is None for attempt_end in ends),
        before=step_end.before if step_end else "",
        after=step_end.after if step_end else "",
        by=step_end.by if step_end else (ends[-1].says if ends else ""),
        commit=commits[-1] if commits else "",
        worktree=last_attempt.worktree if Path(last_attempt.worktree).is_dir() else "",
        log=str(log) if log.is_file() else "",
    )


def _end_without_attempt(record: RunRecord, last_attempt: AttemptStarted) -> StepEnded | None:
    """Return the end of a step that ended after its last attempt; None if the step is open.

    Such an end belongs to a lease that the step got after that attempt, and that had no attempt.
    """
    leases = list(record.chosen)
    later_leases = leases[leases.index(last_attempt.lease) + 1 :] if last_attempt.lease in record.chosen else []
    ends = (record.step_ends.get(lease) for lease in reversed(later_leases))
    return next(
        (end for end in ends if end and (end.achievement, end.step) == (last_attempt.achievement, last_attempt.step)),
        None,
    )


def _tokens(end: AttemptEnded) -> RunTokens:
    tokens = end.tokens or AgentTokens()
    return RunTokens(tokens.input, tokens.cached, tokens.output, tokens.reasoning)


def run_text(result: RunResult) -> str:
    """Return the text for a person: the table of a run, its totals, and the reason of each step that failed."""
    done_count = sum(step.kind == "ok" for step in result.steps)
    parts: list[str] = []
    if result.steps:
        parts.append(f"{table(COLUMNS, [_step_row(step) for step in result.steps])}\n{totals_table(result.totals)}")
    for step in result.steps:
        if step.kind not in ("ok", OPEN_CLASS):
            heading = f"{step.achievement or 'the plan'} {step.kind.replace('_', ' ')}: "
            parts.append(paragraph((heading, "bold"), (step.by or "no reason was given", "")))
            for name, path in (("log", step.log), ("worktree", step.worktree)):
                if path:
                    parts.append(paragraph((f"{name}: {path}", "dim"), indent="  "))
    parts += [paragraph((f"waits: {text}", ""), indent="  ") for text in result.waiting]
    parts.append(paragraph(*_summary_parts(result, done_count)))
    return "".join(parts)


def totals_table(totals: Sequence[RunTotal]) -> str:
    """Return a table of the sums by role and tier. A note below it says that the figures are the agents' own."""
    source_note = line(("Tokens and costs are the agents' own figures; – is a figure that no agent gave.", "dim"))
    return table(TOTAL_COLUMNS, [_total_row(total) for total in totals]) + source_note


def _summary_parts(result: RunResult, done_count: int) -> Iterator[LinePart]:
    """Yield the parts of the last line, which sums up the run. Each part is a text with its style."""
    count_text = f"{done_count} of {counted_noun(len(result.steps), 'step')} done"
    yield (f"{result.run}: {count_text}. {result.why}".rstrip(), "bold")
    if done_count and result.branch:
        yield (f" The work is on the branch {result.branch}: planmark work merge @{result.feature}", "")


def _step_row(step: RunStepResult) -> list[Cell]:
    style = {"ok": "green", OPEN_CLASS: "dim"}.get(step.kind, "red")
    return [
        (step.achievement or "the plan", "bold"),
        (step.step.replace("_", " "), ""),
        (step.agent, ""),
        (step.kind.replace("_", " "), style),
        (str(step.attempts), ""),
        *_usage_cells(step),
    ]


def _usage_cells(sums: RunStepResult | RunTotal) -> list[Cell]:
    """Return three cells: tokens, cost and time.

    If some attempts gave no figures, the sums are lower limits.
    """
    cost = cost_text(sums.cost_usd)
    is_limit = sums.is_partial and sums.cost_usd is not None
    return [(tokens_text(sums.tokens), ""), (f"≥ {cost}" if is_limit else cost, ""), (time_text(sums.seconds), "")]


def _total_row(total: RunTotal) -> list[Cell]:
    return [
        (total.role, "bold"),
        (str(total.tier) if total.tier else "–", ""),
        (f"{total.done}/{total.steps}", ""),
        (str(total.attempts), ""),
        *_usage_cells(total),
    ]


def tokens_text(tokens: RunTokens) -> str:
    """Return the tokens of the input, the cache and the output as one text, such as `2.5k / 6.0k / 92`."""
    return " / ".join(_short_number(count) for count in (tokens.input, tokens.cached, tokens.output))


def _short_number(number: int | None) -> str:
    """Return a number of tokens in short form, such as `92`, `2.5k` or `1.2M`; `–` if the number is unknown."""
    if number is None:
        return "–"
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            return f"{number / size:.1f}{letter}"
    return str(number)


def cost_text(cost: float | None) -> str:
    """Return a cost in US dollars, such as `$0.25`; `–` if the cost is unknown."""
    return "–" if cost is None else f"${cost:.2f}"


def time_text(seconds: float) -> str:
    """Return a time in words, such as `0.4 s`, `12 s`, `3 min 5 s` or `1 h 2 min`."""
    if seconds < MINUTE:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    whole_seconds = round(seconds)
    if whole_seconds < HOUR:
        return f"{whole_seconds // MINUTE} min {whole_seconds % MINUTE} s"
    return f"{whole_seconds // HOUR} h {whole_seconds % HOUR // MINUTE} min"
