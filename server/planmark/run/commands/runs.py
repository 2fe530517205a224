"""`planmark metrics --runs`: the runs of a workspace, and what their agents used."""

from __future__ import annotations

from planmark.cli.console import Cell, json_text, line, table
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import DONE
from planmark.cli.table import Column
from planmark.cli.workspace_access import root_of
from planmark.coordination.lease_store import LeaseStore
from planmark.queries.run_results import RunResult, RunsResult, run_totals, sum_cost, sum_tokens
from planmark.run.run_record import read_runs, runs_folder
from planmark.run.run_table import cost_text, run_result, time_text, tokens_text, totals_table

COLUMNS = (
    Column("RUN"),
    Column("PLAN", 2, "name", 12),
    Column("DONE"),
    Column("EXIT", 3),
    Column("IN / CACHED / OUT"),
    Column("COST"),
    Column("TIME", 1),
)


class Options(CommandOptions):
    """The options of `metrics`."""

    json: bool


def run(context: CommandContext[Options]) -> CommandResult:
    """Return a table of the runs of a workspace, with the newest run last, and a table of sums.

    The sums are by role and tier, over all runs that can be read.
    """
    root = root_of(context.options)
    folder = runs_folder(LeaseStore(root).place)
    records, problems = read_runs(folder)
    notes = tuple(f"not counted: {problem}" for problem in problems)
    runs = tuple(run_result(record, str(root), folder) for record in records)
    if context.options.json:
        return CommandResult(DONE, json_text(RunsResult(workspace=str(root), runs=runs, unreadable=notes)), notes=notes)
    if not runs:
        return CommandResult(DONE, line(f"no runs of {root}: planmark run @FEATURE"), notes=notes)
    totals = run_totals(tuple(step for run in runs for step in run.steps))
    return CommandResult(DONE, f"{table(COLUMNS, [_row(run) for run in runs])}\n{totals_table(totals)}", notes=notes)


def _row(run: RunResult) -> list[Cell]:
    done_count = sum(step.kind == "ok" for step in run.steps)
    return [
        (run.run, "bold"),
        (f"@{run.feature}", ""),
        (f"{done_count}/{len(run.steps)}", ""),
        ("open" if run.exit is None else str(run.exit), "dim" if run.exit is None else ""),
        (tokens_text(sum_tokens([step.tokens for step in run.steps])), ""),
        (cost_text(sum_cost([step.cost_usd for step in run.steps])), ""),
        (time_text(sum(step.seconds for step in run.steps)), ""),
    ]
