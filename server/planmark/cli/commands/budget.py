"""`planmark budget`: the cost of each prompt."""

from __future__ import annotations

import argparse

from planmark.cli.commands.status import open_effort
from planmark.cli.console import Cell, print_line, print_table, print_text, say
from planmark.cli.errors import DONE
from planmark.cli.table import Column
from planmark.cli.workspace_access import find_plan, open_workspace
from planmark.plans.phrases import words
from planmark.queries.budget import Cost, costs, costs_of, tier_shares
from planmark.queries.lookup import urgency

BAR = 12
COLUMNS = (
    Column("PLAN", form="name", least=18),
    Column("ID"),
    Column("STEP", form="text", least=10),
    Column("ROLE", 4),
    Column("TIER", 5),
    Column("TOKENS"),
    Column("OF BUDGET", 2),
    Column("WHOLE", 1),
    Column("SAVED", 3),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "feature",
        nargs="?",
        metavar="@FEATURE",
        help="the achievements of a plan; default: the next prompt of every plan",
    )


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    view = open_workspace(args)
    if args.feature:
        plan = find_plan(view, args.feature)
        found = costs_of(view, plan)
        plans = [plan]
    else:
        plans = sorted(view.plans, key=lambda plan: urgency(view.state(plan.path)))
        found = costs(view, plans)
    print_table(COLUMNS, [_row(cost) for cost in found])
    for cost in found:
        if cost.problem:
            say(f"{cost.feature} {cost.achievement or ''}: {cost.problem}", quiet=False)
    shares = tier_shares(found)
    if shares:
        print_line()
        print_text("Share of each tier: " + ", ".join(f"{tier}: {share:.0%}" for tier, share in shares.items()))
    for files in plans:
        effort = open_effort(view.state(files.path))
        if effort:
            print_line(f"Remaining effort, {files.feature}: {effort}")
    print_text("WHOLE is the prompt with every document that it names, and the PLAN, in full.")
    return DONE


def _row(cost: Cost) -> list[Cell]:
    name, achievement = (cost.feature, ""), (cost.achievement or "", "")
    role: list[Cell] = [(words(cost.step), ""), (cost.role, ""), (str(cost.tier), "")]
    if cost.problem:
        return [name, achievement, *role, ("no prompt", "red"), ("", ""), ("", ""), ("", "")]
    share = cost.total / cost.budget if cost.budget else 1.0
    filled = min(BAR, round(BAR * share))
    style = "red" if share > 1 else "yellow" if cost.total > cost.soft else "green"
    bar = f"{'█' * filled}{'░' * (BAR - filled)} {share:.0%}"
    saved = f"{1 - cost.total / cost.whole:.0%}" if cost.whole else ""
    return [name, achievement, *role, (f"{cost.total:,}", ""), (bar, style), (f"{cost.whole:,}", ""), (saved, "")]
